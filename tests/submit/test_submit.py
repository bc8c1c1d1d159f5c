"""A submission to Kaggle's digit recognizer, from its two files to the third."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest

from handwriting.data.kaggle_csv import kaggle_test_csv
from handwriting.model_files import load_model
from handwriting.reading.reader import answer
from handwriting.shipped import PROJECT
from handwriting.submit import __main__ as submit
from handwriting.submit import submission
from tests.helpers import rows, stop_after
from tests.submit.commands import TEST_IMAGES, submitted

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_a_submission_as_readme_says(kaggle, tmp_path):
    row = next(
        line for line in README.splitlines() if line.startswith("| hand in to Kaggle's Digit Recognizer")
    )
    python, *command = shlex.split(re.search("`(.+)`", row)[1])
    for name in ("train.csv", "test.csv"):
        shutil.copy(kaggle / name, tmp_path)
    done = subprocess.run(
        [sys.executable, *command, "--epochs", "1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "616 for training, 68 for validation, 76 for the test" in done.stdout
    *_, validation, last = done.stdout.splitlines()
    assert re.fullmatch(r"validation  loss [0-9.]+  accuracy [0-9.]+%  misses [0-9]+/68", validation)
    assert last == f"wrote submission.csv: {TEST_IMAGES} rows, read back and checked"

    assert {path.name for path in tmp_path.iterdir()} == {
        "train.csv",
        "test.csv",
        "submission.csv",
        "submission_training",
    }
    network = load_model(tmp_path / "submission_training" / "checkpoints" / "cnn_digit03_own.keras")
    digits = answer(network, kaggle_test_csv(tmp_path / "test.csv")).argmax(axis=1)
    lines = [f"{number},{digit}" for number, digit in enumerate(digits, start=1)]
    assert (tmp_path / "submission.csv").read_text().splitlines() == ["ImageId,Label", *lines]


def test_the_test_images_are_taken_in_their_order(kaggle, digits):
    images = kaggle_test_csv(kaggle / "test.csv")
    np.testing.assert_array_equal(images[..., 0], np.float32(digits[0][:TEST_IMAGES]) / np.float32(255))


def test_an_interrupted_submission_goes_on(kaggle, tmp_path, capsys, quick, monkeypatch):
    out = tmp_path / "submission.csv"
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        assert submitted(kaggle, out, "--epochs", "2") == 130
    assert "with --resume" in capsys.readouterr().err
    assert submitted(kaggle, out, "--epochs", "2") == 2
    assert "an unfinished run lies in" in capsys.readouterr().err
    assert not out.exists()
    assert submitted(kaggle, out, "--epochs", "2", "--resume") == 0
    assert len(rows(submit.training_run(out).final.log)) == 2
    assert "  1/2  " not in capsys.readouterr().out
    submission.check_submission(out, TEST_IMAGES)

    # Only the reading is left. A network that learned other images, or in other epochs, is not used.
    monkeypatch.setattr(submit, "train", lambda command: pytest.fail("it was trained again"))
    before = out.read_bytes()
    out.unlink()
    for other in ({"train": "other_train.csv"}, {"epochs": "3"}):
        epochs = other.pop("epochs", "2")
        assert submitted(kaggle, out, "--epochs", epochs, "--resume", **other) == 0
        assert "nothing left to resume" in capsys.readouterr().out
        assert not out.exists()
    assert submitted(kaggle, out, "--epochs", "2", "--resume") == 0
    assert out.read_bytes() == before


def test_a_training_that_fails_makes_no_submission(kaggle, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(submit, "SCRIPT", tmp_path / "fails.py")
    submit.SCRIPT.write_text("import sys\nprint('it failed', file=sys.stderr)\nsys.exit(1)\n")
    assert submitted(kaggle, tmp_path / "submission.csv") == 1
    assert capfd.readouterr().err == "it failed\n"
    assert not (tmp_path / "submission.csv").exists()
