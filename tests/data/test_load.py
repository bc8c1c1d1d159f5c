"""What --data names is loaded, and split into training, validation and test images."""

import gzip

import numpy as np
import pytest
from PIL import Image

from handwriting import console
from handwriting.data import picture_folder
from handwriting.data.load import OfflineSizes, load
from handwriting.data.sets import fixed_order
from handwriting.pictures import files
from tests.helpers import draw_strokes, written_images


def save_idx(path, array, opener=open):
    """Writes an array of bytes as an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    with opener(path, "wb") as file:
        file.write(header + array.astype(np.uint8).tobytes())


def images_of(data):
    """All training images in the order in which they were split."""
    return np.concatenate([data.validation.images, data.training.images])


def test_npz_is_split_into_three_sets(digits_file):
    data = load(str(digits_file))
    assert (len(data.training), len(data.validation), len(data.test)) == (540, 60, 200)
    for labelled in (data.training, data.validation, data.test):
        assert labelled.images.shape[1:] == (28, 28, 1)
        assert labelled.images.dtype == np.float32
        assert labelled.images.min() == 0
        assert labelled.images.max() == 1


def test_split_is_always_the_same_and_limit_takes_its_beginning(digits_file):
    order = fixed_order(600)
    whole, again = load(str(digits_file)), load(str(digits_file))
    np.testing.assert_array_equal(whole.validation.images, again.validation.images)
    limited = load(str(digits_file), limit=200)
    assert (len(limited.training), len(limited.validation), len(limited.test)) == (180, 20, 200)
    pixels = np.load(digits_file)["x_train"][order[:200]]
    np.testing.assert_array_equal((images_of(limited)[..., 0] * 255).round(), pixels)


@pytest.mark.parametrize("gzipped", [False, True])
def test_idx_folder(tmp_path, sets, gzipped):
    names = [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ]
    for name, array in zip(names, sets, strict=True):
        if gzipped:
            save_idx(tmp_path / f"{name}.gz", array, gzip.open)
        else:
            save_idx(tmp_path / name, array)
    data = load(str(tmp_path))
    assert (len(data.training), len(data.validation), len(data.test)) == (540, 60, 200)
    np.testing.assert_array_equal(data.test.labels, sets[3])


def test_kaggle_csv_without_test_images_gives_a_tenth_for_the_test(tmp_path, sets):
    pixels, labels = sets[:2]
    header = ",".join(["label", *(f"pixel{number}" for number in range(784))])
    rows = np.column_stack([labels, pixels.reshape(len(pixels), -1)])
    np.savetxt(tmp_path / "train.csv", rows, "%d", ",", header=header, comments="")
    data = load(str(tmp_path / "train.csv"))
    assert (len(data.training), len(data.validation), len(data.test)) == (486, 54, 60)


def picture_folder_with(folder, count):
    """Digit images of 7s, labelled by name, and of 1s, labelled by folder. Returns the folder."""
    (folder / "1").mkdir(parents=True)
    pairs = zip(written_images(7, count // 2), written_images(1, count // 2), strict=True)
    for number, (seven, one) in enumerate(pairs):
        Image.fromarray(seven).save(folder / f"7-{number}.png")
        Image.fromarray(one).save(folder / "1" / f"scan{number}.png")
    return folder


def test_folder_of_labelled_pictures(tmp_path, capsys):
    folder = picture_folder_with(tmp_path / "digits", 180)
    draw_strokes("0").save(folder / "unlabelled.png")
    (folder / "2" / "older").mkdir(parents=True)
    draw_strokes("4").save(folder / "2" / "older" / "4-1.png")
    data = load(str(folder))
    assert len(data.training) + len(data.validation) + len(data.test) == 180
    assert set(np.unique(data.training.labels)) == {1, 7}
    assert "left out 2 of 182 pictures" in capsys.readouterr().out


def test_pictures_that_cannot_be_read_are_named_and_counted(tmp_path, capsys, monkeypatch):
    folder = picture_folder_with(tmp_path / "digits", 180)
    for number in range(12):
        (folder / f"3-broken{number:02}.png").write_bytes(b"no picture")
    closed = folder / "closed"
    monkeypatch.setattr(
        picture_folder, "pictures_inside", lambda place: (files.pictures_inside(place)[0], [closed])
    )
    data = load(str(folder))
    assert len(data.training) + len(data.validation) + len(data.test) == 180
    assert data.unread == 13
    said = capsys.readouterr()
    named = said.err.splitlines()
    assert named[0] == f"not read  {closed}: a folder that may not be listed"
    assert ["3-broken" in line for line in named[1:]] == [True] * 10 + [False]
    assert named[11] == "not read  2 more"
    assert "left out" not in said.out


def test_pictures_deep_below_a_folder_are_no_data_set(tmp_path):
    """`--data ..` once gathered the pictures of a whole project."""
    picture_folder_with(tmp_path / "project" / "digits", 20)
    with pytest.raises(console.InputError, match="got 0 pictures, none of them labelled.* lies deeper"):
        load(str(tmp_path))


def test_too_few_pictures_are_refused_with_what_to_do_instead(tmp_path):
    folder = picture_folder_with(tmp_path / "digits", 30)
    with pytest.raises(
        console.InputError, match=r"at least 150 training images, got 27.*python test_load\.py"
    ):
        load(str(folder))


def test_kaggles_folder_is_taken_and_its_test_csv_is_told_for_what_it_is(tmp_path, sets):
    pixels, labels = sets[:2]
    columns = [f"pixel{number}" for number in range(784)]
    table = np.column_stack([labels, pixels.reshape(len(pixels), -1)])
    folder = tmp_path / "digit-recognizer"
    folder.mkdir()
    np.savetxt(folder / "train.csv", table, "%d", ",", header=",".join(["label", *columns]), comments="")
    np.savetxt(folder / "test.csv", table[:5, 1:], "%d", ",", header=",".join(columns), comments="")
    (folder / "sample_submission.csv").write_text("ImageId,Label\n1,0\n")
    of_folder, of_file = load(str(folder)), load(str(folder / "train.csv"))
    np.testing.assert_array_equal(images_of(of_folder), images_of(of_file))
    assert of_folder.kind == "csv"
    with pytest.raises(
        console.InputError, match=r"looks like Kaggle's test\.csv: it has none; give train\.csv"
    ):
        load(str(folder / "test.csv"))


def test_test_images_of_an_idx_folder_are_found_by_any_usual_name(tmp_path, sets):
    for name, array in zip(("train-images", "train-labels", "test-images", "test-labels"), sets, strict=True):
        save_idx(tmp_path / f"emnist-digits-{name}-ubyte", array)
    assert len(load(str(tmp_path)).test) == 200


def test_emnists_images_are_turned_upright(tmp_path, sets, capsys):
    for folder in ("mnist", "emnist"):
        (tmp_path / folder).mkdir()
        for name, array in zip(
            ("train-images", "train-labels", "test-images", "test-labels"), sets, strict=True
        ):
            exchanged = folder == "emnist" and array.ndim == 3
            stored = array.transpose(0, 2, 1) if exchanged else array
            save_idx(tmp_path / folder / f"{folder}-digits-{name}-ubyte", stored)
    upright, turned = (load(str(tmp_path / folder)) for folder in ("mnist", "emnist"))
    np.testing.assert_array_equal(images_of(upright), images_of(turned))
    np.testing.assert_array_equal(upright.test.images, turned.test.images)
    assert "rows and columns exchanged" in turned.description
    assert "exchanged" not in upright.description


def test_two_idx_sets_in_a_folder_are_refused_but_a_file_and_its_gzipped_twin_are_not(tmp_path, sets):
    for name, array in zip(("train-images-idx3-ubyte", "train-labels-idx1-ubyte"), sets, strict=False):
        save_idx(tmp_path / f"{name}.gz", array, gzip.open)
        save_idx(tmp_path / name.replace("-idx", ".idx"), array)  # as some programs unpack it
    assert len(load(str(tmp_path)).training) == 486
    save_idx(tmp_path / "emnist-letters-train-images-idx3-ubyte", sets[0])
    with pytest.raises(console.InputError, match="expected one file for x_train, got"):
        load(str(tmp_path))


def test_written_digits_take_the_place_of_missing_mnist(capsys, monkeypatch):
    monkeypatch.setattr("handwriting.data.load.OFFLINE", OfflineSizes(test=500))
    data = load(None, limit=500)
    printed = capsys.readouterr().out
    assert data.kind == "offline"
    assert "MNIST can't be had" in printed
    assert "--data offline" in printed
    with pytest.raises(console.InputError, match="could not download MNIST"):
        load("mnist")


def test_offline_test_digits_do_not_depend_on_the_limit(monkeypatch):
    monkeypatch.setattr("handwriting.data.load.OFFLINE", OfflineSizes(test=500))
    few, more = load("offline", limit=500), load("offline", limit=1000)
    np.testing.assert_array_equal(few.test.images, more.test.images)
    assert len(few.training) + len(few.validation) == 500
