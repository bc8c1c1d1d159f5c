"""Reads .npz files: named NumPy arrays in one archive, as Keras saves MNIST."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.data.checks import UNPACKED_BYTES_CAP, check_unpacked_size, is_mnist, labelled_sets
from handwriting.data.sets import Source

# What NumPy and the archive's reader raise for files that are damaged or hold something else.
READ_ERRORS = (
    *(OSError, ValueError, EOFError, TypeError, AttributeError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
)


def npz_file(path: Path) -> Source:
    """The images of an .npz file with x_train and y_train, and perhaps x_test and y_test."""
    arrays = read_npz(path)
    training, test = labelled_sets(arrays, str(path))
    if is_mnist(arrays):
        return Source("mnist", f"MNIST from {path}", training, test)
    return Source("npz", f"images from {path}", training, test)


def read_npz(path: Path, cap: int = UNPACKED_BYTES_CAP) -> dict[str, np.ndarray]:
    """All arrays of an .npz file, by name.

    No file can run code, because pickled arrays are refused, or take much more memory than the cap.

    Args:
        path: the file.
        cap: the bytes that it may hold once it is unpacked.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            check_unpacked_size(path, sum(member.file_size for member in archive.zip.infolist()), cap)
            members = {name: archive[name] for name in archive.files}
    except READ_ERRORS as error:
        raise console.InputError(
            f"{path}: expected an .npz of plain arrays with x_train and y_train, got a damaged or another file; "
            "get a fresh copy of it"
        ) from error
    # NumPy gives a member that is no array as bytes.
    return {name: member for name, member in members.items() if isinstance(member, np.ndarray)}
