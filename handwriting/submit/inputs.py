"""Checks the files that a submission is made of, and the place where it is written, before a training begins."""

from pathlib import Path

from handwriting import console, safe_files
from handwriting.data.checks import UNPACKED_BYTES_CAP
from handwriting.data.kaggle_csv import has_labels


def check_inputs(train: Path, test: Path) -> None:
    """Raises InputError unless these are two CSV files, the first with labels and the second without."""
    check_file("--train", train)
    check_file("--test", test)
    if train.samefile(test):
        raise console.InputError(
            f"expected two files, got {train} both as --train and as --test; give Kaggle's train.csv and test.csv"
        )
    labels_of_train, labels_of_test = has_labels(train), has_labels(test)
    if labels_of_test and not labels_of_train:
        raise console.InputError(
            f"expected labels in --train and none in --test, got labels in {test} alone; swap the two files"
        )
    if labels_of_test:
        raise console.InputError(
            f"--test: expected images without labels, got {test}, whose first column is label; give Kaggle's test.csv"
        )
    if not labels_of_train:
        raise console.InputError(
            f"--train: expected images with labels, got {train}, whose first column is not label; "
            "give Kaggle's train.csv"
        )


def check_file(option: str, path: Path) -> None:
    """Raises InputError unless a path leads to a file that can be read."""
    reason = safe_files.unusable(path, UNPACKED_BYTES_CAP)
    try:
        if not reason:
            path.open("rb").close()
    except OSError as error:
        reason = f"not to be opened ({error.strerror})"
    if reason:
        raise console.InputError(f"{option}: expected a CSV file, got {path}: {reason}; check the path")


def check_output(out: Path, train: Path, test: Path) -> None:
    """Raises InputError unless the submission can be written to this path. Makes its folder."""
    if safe_files.is_folder(out):
        raise console.InputError(
            f"--out: expected a file, got the folder {out}; name a file, such as {out / 'submission.csv'}"
        )
    safe_files.make_folder(out.parent)
    if not out.exists():
        return
    for given in (train, test):
        if out.samefile(given):
            raise console.InputError(
                f"--out: expected a file of its own, got {out}, which would replace {given}; choose another"
            )
    try:
        out.open("r+b").close()
    except OSError as error:
        raise console.InputError(
            f"--out: expected a file that can be written, got {out} ({error.strerror}); "
            "close the program that has it open, or choose another"
        ) from error
