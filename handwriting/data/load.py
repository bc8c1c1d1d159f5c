"""What --data names -> the three sets of a run."""

from pathlib import Path

from handwriting import console
from handwriting.data.formats import idx_folder, idx_magic, kaggle_csv, npz_file, picture_folder
from handwriting.data.mnist import mnist
from handwriting.data.sets import Dataset, Labelled, Source, split
from handwriting.digit_image import unit_range
from handwriting.writing.digits import write_digits

OFFLINE_TRAINING = 60_000  # as many as MNIST has


OFFLINE_TEST = 10_000


def load(wanted: str | None, limit: int | None = None) -> Dataset:
    """Loads and splits the training images.

    Args:
        wanted: "mnist", "offline", a path, or None for MNIST where it can be had, else offline.
        limit: use the first so many training images, validation included.
    """
    try:
        return split(source_of(wanted, limit), limit)
    except MemoryError as error:
        raise console.InputError(
            f"--data: {wanted or 'mnist'} is damaged, or needs more memory than there is; "
            "get a fresh copy of it, or give fewer images"
        ) from error


def source_of(wanted: str | None, limit: int | None) -> Source:
    """What `load` is asked for, not yet split."""
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
            f"--data: {wanted} can't be read ({error.strerror}); check the path"
        ) from error


def mnist_or_offline(limit: int | None) -> Source:
    """MNIST where it can be had, else written digits and a line that says so and why."""
    try:
        return mnist()
    except console.InputError as error:
        print(f"MNIST can't be had: {error}")
        print("Training on digits that this project writes itself instead (--data offline).", flush=True)
        return offline(limit)


def offline(limit: int | None) -> Source:
    """Digits that the project writes itself; no more of them than a run with `--limit` uses."""
    training_size = min(limit or OFFLINE_TRAINING, OFFLINE_TRAINING)
    total = training_size + OFFLINE_TEST
    pixels, labels = write_digits(total, progress=True)
    written = Labelled(unit_range(pixels), labels)
    # The test digits come first, so they stay the same whatever the limit.
    test, training = written.take(slice(OFFLINE_TEST)), written.take(slice(OFFLINE_TEST, None))
    return Source("offline", "digits written by synth.py", training, test)


def from_path(path: Path) -> Source:
    """Loads whatever people have, recognised by its content."""
    if path.is_dir():
        idx_files = [file for file in sorted(path.iterdir()) if file.is_file() and idx_magic(file)]
        return idx_folder(path, idx_files) if idx_files else picture_folder(path)
    if not path.is_file():
        raise console.InputError(
            f"--data: {path} does not exist; expected mnist, offline, or the path of an mnist.npz, "
            "a folder of IDX files, a Kaggle train.csv or a folder of labelled pictures"
        )
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(b"PK"):
        return npz_file(path)
    if start.lstrip(b'\xef\xbb\xbf"').startswith((b"label,", b'label"')):
        return kaggle_csv(path)
    raise console.InputError(
        f"--data: {path} is none of the files that can be read; expected an .npz with x_train and y_train, "
        "or a CSV whose first line begins with label,pixel0"
    )
