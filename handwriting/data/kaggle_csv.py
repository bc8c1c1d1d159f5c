"""Reads the files of Kaggle's digit recognizer: train.csv and test.csv.

Each has a header, then a row for each image. A row of train.csv is a label and 784 pixels, one of test.csv the pixels.
"""

import csv
import itertools
import re
import warnings
from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.data.checks import IMAGE_PIXELS, digit_images, labelled_images
from handwriting.data.sets import Source

COLUMNS = 1 + IMAGE_PIXELS  # the label stands before the pixels
LABEL = "label"
MOST_SHOWN = 40  # letters of the name of a column, in a message
PIXEL_COLUMNS = [f"pixel{number}" for number in range(IMAGE_PIXELS)]


def kaggle_csv(path: Path) -> Source:
    """The images of Kaggle's train.csv. It has no test images."""
    names, rows = names_and_rows(path, "label and 784 pixels")
    if len(names) != COLUMNS or rows.shape[1] != COLUMNS:
        raise console.InputError(
            f"{path}: expected rows of {COLUMNS} columns (label and 784 pixels), got {len(names)} names over "
            f"{len(rows)} rows of {rows.shape[1]}; take Kaggle's train.csv"
        )
    numbers = [tuple(map(int, re.findall("[0-9]+", name))) for name in names[1:]]  # pixel12, or 1x13
    if not all(one < next_one for one, next_one in itertools.pairwise(numbers)):
        raise console.InputError(
            f"{path}: expected the columns label, pixel0, pixel1 … pixel783 in this order, got another order; "
            "take Kaggle's train.csv"
        )
    return Source("csv", f"images from {path}", labelled_images(rows[:, 1:], rows[:, 0], str(path)), None)


def kaggle_test_csv(path: Path) -> np.ndarray:
    """The digit images of Kaggle's test.csv, in its order: (n, 28, 28, 1)."""
    names = column_names(path)
    if names != PIXEL_COLUMNS:
        raise console.InputError(
            f"{path}: expected the columns pixel0, pixel1 … pixel783 in this order, got {other_columns(names)}; "
            "take Kaggle's test.csv"
        )
    _, rows = names_and_rows(path, "784 pixels")
    if not len(rows):
        raise console.InputError(
            f"{path}: expected a row for each image, got the names of the columns alone; take Kaggle's test.csv"
        )
    if rows.shape[1] != IMAGE_PIXELS:
        raise console.InputError(
            f"{path}: expected rows of {IMAGE_PIXELS} pixels, got rows of {rows.shape[1]}; take Kaggle's test.csv"
        )
    return digit_images(rows, str(path))


def has_labels(path: Path) -> bool:
    """Whether the first column of a file is named as the labels are. So is that of train.csv."""
    return column_names(path)[:1] == [LABEL]


def column_names(path: Path) -> list[str]:
    """The names in the first line of a CSV file. None for an empty file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return next(csv.reader(file), [])
    except (ValueError, csv.Error) as error:
        raise console.InputError(
            f"{path}: expected a CSV file, got another file ({console.first_line(error)}); "
            "unpack it, or get a fresh copy of it"
        ) from error


def names_and_rows(path: Path, columns: str) -> tuple[list[str], np.ndarray]:
    """The names of the columns, and the whole numbers below them. `columns` says in words what a row holds."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of a file without rows; callers refuse it
            names = next(csv.reader(file), [])
            return names, np.loadtxt(file, delimiter=",", dtype=np.int64, ndmin=2, comments=None)
    except (ValueError, csv.Error) as error:
        reason = console.first_line(error).split(";")[0]  # what NumPy advises after it is for programmers
        raise console.InputError(
            f"{path}: expected rows of whole numbers, {columns}, got another text ({reason}); "
            "get a fresh copy of it"
        ) from error


def other_columns(names: list[str]) -> str:
    """In what the columns differ from those of test.csv."""
    if len(names) != IMAGE_PIXELS:
        return f"{len(names)} columns"
    wanted, got = next(pair for pair in zip(PIXEL_COLUMNS, names, strict=True) if pair[0] != pair[1])
    return f"{console.printable(got)[:MOST_SHOWN]!r} in the place of {wanted}"
