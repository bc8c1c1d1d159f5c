"""Kaggle's files with written digits, and trainings that are quick or may not begin."""

import subprocess

import numpy as np
import pytest

import cnn_model_v2
from handwriting.data.kaggle_csv import PIXEL_COLUMNS
from handwriting.submit import __main__ as submit
from tests.submit.commands import TEST_IMAGES, save_csv


@pytest.fixture(scope="module")
def kaggle(digits, tmp_path_factory):
    """A folder with a small train.csv and test.csv, whose digits this project has drawn."""
    folder = tmp_path_factory.mktemp("kaggle")
    pixels, labels = digits
    pixels = pixels.reshape(len(pixels), -1)
    learned = slice(TEST_IMAGES, None)
    table = np.column_stack([labels[learned], pixels[learned]])
    save_csv(folder / "train.csv", ["label", *PIXEL_COLUMNS], table)
    save_csv(folder / "other_train.csv", ["label", *PIXEL_COLUMNS], table[:500])
    save_csv(folder / "test.csv", PIXEL_COLUMNS, pixels[:TEST_IMAGES])
    return folder


@pytest.fixture
def quick(monkeypatch):
    """A training of the smallest network, in this process."""

    def train(command):
        code = cnn_model_v2.main([*command[2:], "--precision", "float32"])
        if code:
            raise subprocess.CalledProcessError(code, command)

    monkeypatch.setattr(submit, "train", train)
    monkeypatch.setattr(submit, "MODEL", "cnn_small")


@pytest.fixture
def untrained(monkeypatch):
    """No training may begin."""
    monkeypatch.setattr(submit, "train", lambda command: pytest.fail("a training began"))
