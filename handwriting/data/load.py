"""Loads the images that --data names: MNIST, digits that the project writes itself, or a file or folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.data.hand import Hand, HandSettings, own_digits
from handwriting.data.idx import idx_files_in, idx_folder
from handwriting.data.kaggle_csv import kaggle_csv
from handwriting.data.mnist import mnist, mnist_at_hand
from handwriting.data.npz import npz_file
from handwriting.data.picture_folder import picture_folder
from handwriting.data.sets import Dataset, Labelled, Source, split
from handwriting.digit_image import unit_range
from handwriting.writing.alike import write_alike
from handwriting.writing.digits import write_digits


@dataclass(frozen=True)
class OfflineSizes:
    """How many digits the project writes for a run without MNIST."""

    training: int = 60_000  # images, validation included; as many as MNIST has
    test: int = 10_000  # images; as many as MNIST has


OFFLINE = OfflineSizes()

# How the files begin that are recognised by their content.
ZIP_START = b"PK"
CSV_STARTS = (
    b"label,",
    b'label"',
)  # after the quotation mark and the byte-order mark that some programs write
CSV_MARKS = b'\xef\xbb\xbf"'
TEST_CSV_START = b"pixel0"
KAGGLE_TRAINING = "train.csv"  # in Kaggle's folder, beside test.csv and sample_submission.csv
START_BYTES = 16  # read of a file to recognise it


def load(wanted: str | None, limit: int | None = None) -> Dataset:
    """The training, validation and test images of a run.

    Args:
        wanted: "mnist", "offline" or a path. None means MNIST if it can be had, else offline.
        limit: use only so many training images, including those for validation. None means all.
    """
    try:
        return split(source_of(wanted, limit), limit)
    except MemoryError as error:
        raise console.InputError(
            f"--data: expected images that fit into memory, got {wanted or 'mnist'}, which is damaged or "
            "needs more memory than there is; get a fresh copy of it, or give fewer images"
        ) from error


def load_hand(wanted: str, settings: HandSettings) -> Hand:
    """What a hand is learned from: the digits at a path, and those of other people.

    The others are MNIST's if Keras has it already. Nothing is downloaded.
    """
    if wanted in ("mnist", "offline"):
        raise console.InputError(
            f"--start: expected a file or folder with your digits as --data, got {wanted}"
        )
    source = source_of(wanted, None)
    learned, held_back = own_digits(source, settings)
    alike = written(write_alike(learned.images, learned.labels, settings.alike, settings.seed))
    mnist_images = mnist_at_hand()
    if mnist_images:
        known = split(mnist_images, None)
        others, validation = known.training.take(slice(settings.others)), known.validation
        return Hand(source, learned, held_back, alike, others, validation, "mnist")
    both = written(write_digits(settings.others + settings.validation, settings.seed))
    others, validation = both.take(slice(settings.others)), both.take(slice(settings.others, None))
    return Hand(source, learned, held_back, alike, others, validation, "offline")


def written(pixels_and_labels: tuple[np.ndarray, np.ndarray]) -> Labelled:
    """Written digits as labelled images."""
    pixels, labels = pixels_and_labels
    return Labelled(unit_range(pixels), labels)


def source_of(wanted: str | None, limit: int | None) -> Source:
    """The images that --data names, before they are split. The arguments are those of `load`."""
    if wanted is None:
        return mnist_or_offline(limit)
    if wanted == "mnist":
        return mnist()
    if wanted == "offline":
        return offline(limit)
    try:
        return from_path(Path(wanted))
    except OSError as error:
        raise console.InputError(
            f"--data: expected a file or folder that can be read, got {wanted}, which can't be read "
            f"({error.strerror}); check the path"
        ) from error


def mnist_or_offline(limit: int | None) -> Source:
    """MNIST. If it can't be had: written digits, and two printed lines that say why."""
    try:
        return mnist()
    except console.InputError as error:
        console.say(
            f"MNIST can't be had: {error}",
            "Training on digits that this project writes itself instead (--data offline).",
        )
        return offline(limit)


def offline(limit: int | None) -> Source:
    """Digits that the project writes itself, no more of them than a run with this limit uses."""
    training_size = min(limit or OFFLINE.training, OFFLINE.training)
    digits = written(write_digits(training_size + OFFLINE.test, progress=True))
    # The test digits come first, so they are the same with every limit.
    test = digits.take(slice(OFFLINE.test))
    training = digits.take(slice(OFFLINE.test, None))
    return Source("offline", "digits written by this project", training, test)


def from_path(path: Path) -> Source:
    """The images of a file or folder, whose format is recognised by its content."""
    if path.is_dir():
        idx_files = idx_files_in(path)
        if idx_files:
            return idx_folder(path, idx_files)
        train_csv = path / KAGGLE_TRAINING
        return kaggle_csv(train_csv) if train_csv.is_file() else picture_folder(path)
    if not path.is_file():
        raise console.InputError(
            "--data: expected mnist, offline, or the path of an mnist.npz, a folder of IDX files, Kaggle's folder or "
            f"train.csv, or a folder of labelled pictures; got {path}, which does not exist; check the path"
        )
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    if start.startswith(ZIP_START):
        return npz_file(path)
    first_column = start.lstrip(CSV_MARKS)
    if first_column.startswith(CSV_STARTS):
        return kaggle_csv(path)
    if first_column.startswith(TEST_CSV_START):
        raise console.InputError(
            f"--data: expected images with labels, got {path}, which looks like Kaggle's test.csv: it has none; "
            f"give {KAGGLE_TRAINING} instead"
        )
    raise console.InputError(
        "--data: expected an .npz with x_train and y_train, or a CSV whose first line begins with label,pixel0; "
        f"got {path}, which is none of the files that can be read; give another file"
    )
