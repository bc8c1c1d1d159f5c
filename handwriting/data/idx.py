"""Reads IDX files, the format in which MNIST and EMNIST were published.

An IDX file is one array of bytes after a header: two zeros, the type of the values, the number of dimensions, and the
length of each dimension in four bytes. MNIST is a folder of four: training and test images, training and test labels.
"""

import gzip
import math
import re
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from handwriting import console
from handwriting.data.checks import check_unpacked_size, is_mnist, labelled_sets
from handwriting.data.sets import Source

# The first four bytes of a file, as one number.
IMAGES_MAGIC = 2051
LABELS_MAGIC = 2049

GZIP_START = b"\x1f\x8b"

USUAL_NAMES = {"x_train": "train-images-idx3-ubyte", "y_train": "train-labels-idx1-ubyte"}


def idx_files_in(folder: Path) -> list[Path]:
    """The IDX files in a folder, sorted by name."""
    return [file for file in sorted(folder.iterdir()) if file.is_file() and idx_magic(file)]


def idx_magic(path: Path) -> int | None:
    """IMAGES_MAGIC, LABELS_MAGIC, or None if the file is not an IDX file of images or labels."""
    try:
        with open_plain_or_gzip(path) as file:
            magic = int.from_bytes(file.read(4), "big")
    except (OSError, EOFError, zlib.error):
        return None
    return magic if magic in (IMAGES_MAGIC, LABELS_MAGIC) else None


def idx_folder(folder: Path, files: list[Path]) -> Source:
    """The images of a folder's IDX files, with or without test images.

    EMNIST's files store each image with rows and columns exchanged. They are recognised by their names.

    Args:
        folder: the folder, for messages.
        files: the IDX files in it.
    """
    paths = paths_of_arrays(folder, files)
    arrays = {name: read_idx(path) for name, path in paths.items()}
    emnist = all("emnist" in path.name.lower() for path in paths.values())
    if emnist:
        arrays |= {name: arrays[name].transpose(0, 2, 1) for name in ("x_train", "x_test") if name in arrays}
    check_training_files(folder, files, arrays)
    mnist = is_mnist(arrays)
    description = f"{'MNIST' if mnist else 'images'} from the IDX files in {folder}"
    if emnist:
        description += ", rows and columns exchanged, as EMNIST's need"
    training, test = labelled_sets(arrays, str(folder))
    return Source("mnist" if mnist else "idx", description, training, test)


def paths_of_arrays(folder: Path, files: list[Path]) -> dict[str, Path]:
    """The file of each array: x_train, y_train, x_test and y_test. A plain file goes before the same file gzipped."""
    paths = {}
    for path in sorted(files, key=is_gzip_name, reverse=True):
        which_set = "test" if re.search("t10k|test", path.name.lower()) else "train"
        array_name = f"{'x' if idx_magic(path) == IMAGES_MAGIC else 'y'}_{which_set}"
        earlier = paths.get(array_name)
        if earlier and bare_name(earlier) != bare_name(path):
            raise console.InputError(
                f"{folder}: expected one file for {array_name}, got {bare_name(earlier)} and {bare_name(path)}; "
                "put the four IDX files of one set into a folder of their own"
            )
        paths[array_name] = path
    return paths


def is_gzip_name(path: Path) -> bool:
    """Whether a file is gzipped, by its name."""
    return path.suffix == ".gz"


def bare_name(path: Path) -> str:
    """A file's name without .gz. Some programs unpack train-images-idx3-ubyte.gz as train-images.idx3-ubyte."""
    return path.name.removesuffix(".gz").replace(".", "-")


def check_training_files(folder: Path, files: list[Path], arrays: dict[str, np.ndarray]) -> None:
    """Raises InputError if the training images or their labels are missing."""
    for array_name, usual_name in USUAL_NAMES.items():
        if array_name not in arrays:
            raise console.InputError(
                f"{folder}: expected {usual_name} (plain or .gz), got {', '.join(file.name for file in files)}; "
                "put the four IDX files into one folder"
            )


def read_idx(path: Path) -> np.ndarray:
    """The array of one IDX file."""
    try:
        with open_plain_or_gzip(path) as file:
            dimensions = file.read(4)[3]
            shape = tuple(np.frombuffer(file.read(4 * dimensions), ">u4", count=dimensions).tolist())
            size = math.prod(shape)
            check_unpacked_size(path, size)
            values = np.frombuffer(
                file.read(size + 1), np.uint8
            )  # one more, to notice a file that is too long
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise console.InputError(
            f"{path}: expected an IDX file, got a damaged one ({console.first_line(error)}); get a fresh copy of it"
        ) from error
    if values.size != size:
        got = "more" if values.size > size else f"{values.size:,}"
        raise console.InputError(
            f"{path}: expected {size:,} bytes for shape {shape}, got {got}; get a fresh copy of it"
        )
    return values.reshape(shape)


def open_plain_or_gzip(path: Path) -> BinaryIO:
    """Opens a file for reading bytes, and unpacks it on the way if it is gzipped."""
    with path.open("rb") as file:
        gzipped = file.read(len(GZIP_START)) == GZIP_START
    return gzip.open(path, "rb") if gzipped else path.open("rb")
