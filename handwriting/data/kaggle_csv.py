"""Reads the train.csv of Kaggle's digit recognizer: a header, then a label and 784 pixels in each row."""

import csv
import warnings
from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.data.checks import IMAGE_PIXELS, labelled_images
from handwriting.data.sets import Source

COLUMNS = 1 + IMAGE_PIXELS  # the label stands before the pixels


def kaggle_csv(path: Path) -> Source:
    """The images of Kaggle's train.csv. It has no test images."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of a file without rows; the check below refuses it
            named_columns = len(next(csv.reader(file)))
            rows = np.loadtxt(file, delimiter=",", dtype=np.int64, ndmin=2)
    except (ValueError, csv.Error) as error:
        raise console.InputError(
            f"{path}: expected rows of whole numbers, label and 784 pixels, got another text "
            f"({console.first_line(error)}); get a fresh copy of it"
        ) from error
    if named_columns != COLUMNS or rows.shape[1] != COLUMNS:
        raise console.InputError(
            f"{path}: expected rows of {COLUMNS} columns (label and 784 pixels), got {named_columns} names over "
            f"{len(rows)} rows of {rows.shape[1]}; take Kaggle's train.csv"
        )
    return Source("csv", f"images from {path}", labelled_images(rows[:, 1:], rows[:, 0], str(path)), None)
