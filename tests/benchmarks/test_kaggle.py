"""The benchmark of a submission to Kaggle."""

import numpy as np

from benchmarks.kaggle import Submitted, all_images, divided, submitted_digits, table, write_csv
from handwriting.data.kaggle_csv import kaggle_csv, kaggle_test_csv
from handwriting.submit.submission import write_submission


def test_the_files_hold_all_images_once(digits_file, tmp_path):
    images = all_images(digits_file)
    train, test = divided(images, 500)
    assert (len(images), len(train), len(test)) == (800, 500, 300)
    ink = np.concatenate([train.images, test.images]).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(np.sort(ink), np.sort(images.images.sum(axis=(1, 2, 3))))
    np.testing.assert_array_equal(divided(images, 500)[1].images, test.images)

    write_csv(tmp_path / "train.csv", train, with_labels=True)
    write_csv(tmp_path / "test.csv", test, with_labels=False)
    read = kaggle_csv(tmp_path / "train.csv").training
    np.testing.assert_array_equal(read.labels, train.labels)
    np.testing.assert_array_equal(read.images, train.images)
    np.testing.assert_array_equal(kaggle_test_csv(tmp_path / "test.csv"), test.images)


def test_the_table_counts_misses(tmp_path):
    write_submission(tmp_path / "submission.csv", [7, 0, 9])
    np.testing.assert_array_equal(submitted_digits(tmp_path / "submission.csv"), [7, 0, 9])
    said = table(Submitted("accuracy 99.50%", 140, 28_000, 271.4))
    assert said.splitlines()[-1].split() == ["accuracy", "99.50%", "99.50%", "140/28000", "271"]
