"""What is said of files and places that make no submission, before a training begins."""

import numpy as np
import pytest

from handwriting.data.kaggle_csv import PIXEL_COLUMNS
from handwriting.submit import __main__ as submit
from tests.submit.commands import refused, save_csv, submitted


def test_files_that_are_not_kaggles_are_refused_before_a_training(kaggle, tmp_path, capsys, untrained):
    train, test, out = kaggle / "train.csv", kaggle / "test.csv", tmp_path / "submission.csv"
    (tmp_path / "empty.csv").write_text("")
    np.savez(tmp_path / "digits.npz", np.zeros(9))
    missing = tmp_path / "missing.csv"
    for first, second, message in (
        (test, train, "swap the two files"),
        (train, train, "expected two files, got"),
        (train, kaggle / "other_train.csv", "--test: expected images without labels"),
        (
            kaggle / "test.csv",
            save_csv(tmp_path / "t.csv", PIXEL_COLUMNS, np.eye(784)),
            "--train: expected images",
        ),
        (missing, test, "--train: expected a CSV file, got"),
        (train, missing, "missing.csv: no such file; check the path"),
        (train, tmp_path, "a folder; check the path"),
        (train, tmp_path / "empty.csv", "an empty file; check the path"),
        (tmp_path / "digits.npz", test, "expected a CSV file, got another file"),
    ):
        assert message in refused(capsys, first, second, out)
    assert not out.exists()


def test_damaged_test_images_are_refused_before_a_training(kaggle, tmp_path, capsys, untrained):
    names, *lines = (kaggle / "test.csv").read_text().splitlines()
    file = tmp_path / "test.csv"
    cut, too_bright = lines[3].rsplit(",", 300)[0], "256" + lines[3][1:]
    swapped = names.replace("pixel1,pixel2,", "pixel2,pixel1,")
    for text, message in (
        ([names.removesuffix(",pixel783"), *(line.rsplit(",", 1)[0] for line in lines)], "got 783 columns"),
        ([swapped, *lines], "got 'pixel2' in the place of pixel1"),
        ([names.replace("pixel5,", "grey5,"), *lines], "got 'grey5' in the place of pixel5"),
        ([names.replace("pixel0", "ImageId"), *lines], "got 'ImageId' in the place of pixel0"),
        (lines, "in the place of pixel0"),
        ([names], "got the names of the columns alone"),
        (
            [names, *(line.rsplit(",", 1)[0] for line in lines)],
            "expected rows of 784 pixels, got rows of 783",
        ),
        ([names, *lines[:3], cut, *lines[4:]], "(the number of columns changed from 784 to 484 at row 4);"),
        ([names, *lines[:3], "x" + lines[3][1:]], "got another text (could not convert string 'x'"),
        ([names, *lines[:3], "0.5" + lines[3][1:]], "got another text (could not convert string '0.5'"),
        ([names, *lines[:3], lines[3][:-1]], "got another text (could not convert string ''"),
        ([names, *lines[:3], too_bright], "expected pixels from 0 to 255 or 0 to 1, got int64 from 0 to 256"),
        ([names, *lines[:3], "-" + "1" + lines[3][1:]], "got int64 from -1 to 255"),
        ([names, *([",".join(["0"] * 784)] * 9)], "expected a digit on each image, got 9 of 9 without ink"),
    ):
        file.write_text("\n".join(text) + "\n")
        assert message in refused(capsys, kaggle / "train.csv", file, tmp_path / "submission.csv")
    file.write_text(
        "\ufeff" + "\n".join([names, *lines]) + "\n", encoding="utf-8"
    )  # as some programs save it
    with pytest.raises(pytest.fail.Exception, match="a training began"):
        submitted(kaggle, tmp_path / "submission.csv", test=file)


def test_train_csv_is_checked_before_a_training(kaggle, tmp_path, capsys, untrained):
    names, *lines = (kaggle / "train.csv").read_text().splitlines()
    file = tmp_path / "train.csv"
    for text, message in (
        ([names, *lines[:100]], "expected at least 150 training images"),
        ([names, "10" + lines[0][1:], *lines[1:]], "expected whole-number labels from 0 to 9"),
        ([names, *lines[:-1], lines[-1][:400]], "expected rows of whole numbers, label and 784 pixels"),
    ):
        file.write_text("\n".join(text) + "\n")
        assert message in refused(capsys, file, kaggle / "test.csv", tmp_path / "submission.csv")


def test_a_place_that_cannot_be_written_is_refused_before_a_training(kaggle, tmp_path, capsys, untrained):
    train, test = kaggle / "train.csv", kaggle / "test.csv"
    (tmp_path / "file").write_text("")
    copy = tmp_path / "copy.csv"
    copy.write_bytes(test.read_bytes())
    for given, out, message in (
        (test, tmp_path, "--out: expected a file, got the folder"),
        (test, tmp_path / "file" / "submission.csv", "expected a folder that can be written in"),
        (copy, copy, f"which would replace {copy}"),
        (test, train, f"which would replace {train}"),
    ):
        assert message in refused(capsys, train, given, out)
    assert copy.read_bytes() == test.read_bytes()


def test_a_file_that_is_open_elsewhere_is_refused_before_a_training(
    kaggle, tmp_path, capsys, untrained, monkeypatch
):
    """As Windows does with a file that a spreadsheet shows."""
    out = tmp_path / "submission.csv"
    out.write_text("")
    opened = type(out).open

    def locked(path, mode="r", *more, **named):
        if path == out and mode == "r+b":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode, *more, **named)

    monkeypatch.setattr(type(out), "open", locked)
    told = refused(capsys, kaggle / "train.csv", kaggle / "test.csv", out)
    assert "(Permission denied); close the program that has it open" in told


def test_an_installed_package_says_where_to_run_it(kaggle, tmp_path, capsys, untrained, monkeypatch):
    monkeypatch.setattr(submit, "SCRIPT", tmp_path / "cnn_model_v2.py")
    told = refused(capsys, kaggle / "train.csv", kaggle / "test.csv", tmp_path / "submission.csv")
    assert "run this command in the project's folder" in told
