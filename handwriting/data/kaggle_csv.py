"""Reads the train.csv of Kaggle's digit recognizer: a header, then a label and 784 pixels in each row."""

import csv
import itertools
import re
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
            names = next(csv.reader(file))
            rows = np.loadtxt(file, delimiter=",", dtype=np.int64, ndmin=2, comments=None)
    except (ValueError, csv.Error) as error:
        raise console.InputError(
            f"{path}: expected rows of whole numbers, label and 784 pixels, got another text "
            f"({console.first_line(error)}); get a fresh copy of it"
        ) from error
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
