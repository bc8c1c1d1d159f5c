"""Files that people have -> labelled images."""

import csv
import gzip
import hashlib
import math
import re
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.data.sets import Labelled, Source
from handwriting.digit_image import unit_range
from handwriting.pictures.files import find_pictures, label_of
from handwriting.pictures.many import read_pictures
from handwriting.pictures.picture import Picture

UNPACKED_CAP = 2_000_000_000  # bytes of an .npz or IDX file: 2.5 million images


BROKEN_ZIP = (zipfile.BadZipFile, zlib.error)


def npz_file(path: Path) -> Source:
    """An .npz with x_train and y_train, and x_test and y_test where it has them."""
    arrays = read_npz(path)
    if is_mnist(arrays):
        return Source("mnist", f"MNIST from {path}", *labelled_sets(arrays, str(path)))
    return Source("npz", f"images from {path}", *labelled_sets(arrays, str(path)))


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz file; nothing in it can run code, or unpack to more than the cap."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            check_size(path, sum(member.file_size for member in archive.zip.infolist()))
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, TypeError, AttributeError, RuntimeError, *BROKEN_ZIP) as error:
        raise console.InputError(
            f"{path} is damaged or no .npz of plain arrays; expected x_train and y_train; get a fresh copy of it"
        ) from error
    return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}


def check_size(path: Path, size: int) -> None:
    """Raises InputError where a file unpacks to more than the cap."""
    if size > UNPACKED_CAP:
        raise console.InputError(
            f"{path} claims to hold {size:,} bytes, expected at most {UNPACKED_CAP:,}; "
            "get a fresh copy of it, or save fewer images in it"
        )


def labelled_sets(arrays: dict[str, np.ndarray], origin: str) -> tuple[Labelled, Labelled | None]:
    """Training and, where there, test images out of named arrays."""
    for name in ("x_train", "y_train"):
        if name not in arrays:
            raise console.InputError(
                f"{origin}: expected the arrays x_train and y_train, got {', '.join(sorted(arrays)) or 'none'}; "
                "save it with numpy.savez(path, x_train=…, y_train=…)"
            )
    training = checked(arrays["x_train"], arrays["y_train"], f"{origin}, training")
    if "x_test" not in arrays or "y_test" not in arrays:
        return training, None
    return training, checked(arrays["x_test"], arrays["y_test"], f"{origin}, test")


def idx_magic(path: Path) -> int | None:
    """2051 for a file of IDX images, 2049 for one of IDX labels, else None; plain or gzipped."""
    try:
        with open_plain_or_gzip(path) as file:
            magic = int.from_bytes(file.read(4), "big")
    except (OSError, EOFError, zlib.error):
        return None
    return magic if magic in (2051, 2049) else None


def open_plain_or_gzip(path: Path):
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if gzipped else path.open("rb")


def idx_folder(folder: Path, files: list[Path]) -> Source:
    """The four IDX files that MNIST was published as; a plain file wins over its gzipped twin.

    EMNIST's files have the columns of each image where others have its rows. Their names tell them.
    """
    arrays, names = {}, {}
    for file in sorted(files, key=lambda path: path.suffix == ".gz", reverse=True):
        which_set = "test" if re.search("t10k|test", file.name.lower()) else "train"
        kind = "x" if idx_magic(file) == 2051 else "y"
        array_name, name = f"{kind}_{which_set}", file.name.removesuffix(".gz").replace(".", "-")
        if names.setdefault(array_name, name) != name:
            raise console.InputError(
                f"{folder}: expected one file for {array_name}, got {names[array_name]} and {name}; "
                "put the four IDX files of one set into a folder of their own"
            )
        arrays[array_name] = read_idx(file)
    emnist = all("emnist" in name.lower() for name in names.values())
    if emnist:
        arrays |= {name: arrays[name].transpose(0, 2, 1) for name in ("x_train", "x_test") if name in arrays}
    for name, usual in (("x_train", "train-images-idx3-ubyte"), ("y_train", "train-labels-idx1-ubyte")):
        if name not in arrays:
            raise console.InputError(
                f"{folder}: expected {usual} (plain or .gz), got {', '.join(file.name for file in files)}; "
                "put the four IDX files into one folder"
            )
    kind = "mnist" if is_mnist(arrays) else "idx"
    name = "MNIST" if kind == "mnist" else "images"
    turned = ", rows and columns exchanged, as EMNIST's need" if emnist else ""
    return Source(kind, f"{name} from the IDX files in {folder}{turned}", *labelled_sets(arrays, str(folder)))


def read_idx(path: Path) -> np.ndarray:
    """One IDX file of bytes."""
    try:
        with open_plain_or_gzip(path) as file:
            dimensions = file.read(4)[3]
            shape = tuple(np.frombuffer(file.read(4 * dimensions), ">u4", count=dimensions).tolist())
            size = math.prod(shape)
            check_size(path, size)
            pixels = np.frombuffer(file.read(size + 1), np.uint8)  # one more, to notice that there is more
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise console.InputError(
            f"{path} is damaged ({console.first_line(error)}); get a fresh copy of it"
        ) from error
    if pixels.size != size:
        got = "more" if pixels.size > size else f"{pixels.size:,}"
        raise console.InputError(
            f"{path}: expected {size:,} bytes for shape {shape}, got {got}; get a fresh copy of it"
        )
    return pixels.reshape(shape)


def kaggle_csv(path: Path) -> Source:
    """Kaggle's train.csv: a header, then label and 784 pixels in every row."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a file without rows; it is told below
            columns = len(next(csv.reader(file)))
            rows = np.loadtxt(file, delimiter=",", dtype=np.int64, ndmin=2)
    except (ValueError, csv.Error) as error:
        raise console.InputError(
            f"{path}: expected rows of whole numbers, label and 784 pixels ({console.first_line(error)}); "
            "get a fresh copy of it"
        ) from error
    if columns != 785 or rows.shape[1] != 785:
        raise console.InputError(
            f"{path}: expected rows of 785 columns (label and 784 pixels), got {columns} names over "
            f"{len(rows)} rows of {rows.shape[1]}; Kaggle's train.csv is the right file, its test.csv has no labels"
        )
    return Source("csv", f"images from {path}", checked(rows[:, 1:], rows[:, 0], str(path)), None)


def picture_folder(folder: Path) -> Source:
    """A folder of pictures with one digit each, labelled by file name or parent folder."""
    paths = find_pictures([folder])
    pairs = [(path, label_of(path)) for path in paths]
    single = [(path, int(label)) for path, label in pairs if label is not None and len(label) == 1]
    if not single:
        raise console.InputError(
            f"{folder}: expected pictures labelled by name (3-01.jpg) or by folder (3/scan.png), or IDX files; "
            f"got {len(paths)} pictures, none of them labelled with one digit; rename them or choose another folder"
        )
    arrays, labels = [], []
    with read_pictures([path for path, _ in single]) as pictures:
        for (_, label), picture in zip(single, pictures, strict=True):
            if isinstance(picture, Picture) and len(picture.digits) == 1:
                arrays.append(picture.digits[0].image)
                labels.append(label)
    left_out = len(paths) - len(arrays)
    if left_out:
        print(
            f"left out {left_out} of {len(paths)} pictures: not labelled with one digit, or not one digit found on them"
        )
    if not arrays:
        raise console.InputError(
            f"{folder}: no digit was found on its {len(paths)} pictures; look at them with test_load.py"
        )
    return Source("pictures", f"pictures in {folder}", Labelled(np.stack(arrays), np.array(labels)), None)


def checked(pixels: np.ndarray, labels: np.ndarray, origin: str) -> Labelled:
    """Raw pixels and labels as digit images, or an error that says what is wrong with them."""
    if pixels.ndim == 2 and pixels.shape[1] == 784:
        pixels = pixels.reshape(-1, 28, 28)
    if pixels.ndim == 4 and pixels.shape[3] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 3 or pixels.shape[1:] != (28, 28):
        raise console.InputError(
            f"{origin}: expected images of shape (n, 28, 28), got {pixels.shape}; "
            "give larger pictures as a folder of picture files"
        )
    if labels.shape != (len(pixels),) or len(labels) == 0:
        raise console.InputError(
            f"{origin}: expected one label for each of the {len(pixels)} images, got shape {labels.shape}; "
            "give labels as numbers, not one-hot"
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > 9:
        raise console.InputError(
            f"{origin}: expected whole-number labels from 0 to 9, got {contents(labels)}; correct the file"
        )
    if (
        pixels.dtype.kind not in "biuf"
        or not np.isfinite(pixels).all()
        or pixels.min() < 0
        or pixels.max() > 255
        or 1 < pixels.max() < 2  # a little over 1: all would be taken for nearly black
    ):
        raise console.InputError(
            f"{origin}: expected pixels from 0 to 255 or 0 to 1, got {contents(pixels)}; correct the file"
        )
    image_array = unit_range(pixels)
    if image_array.mean() > 0.5:
        raise console.InputError(
            f"{origin}: expected bright ink on black, got mostly bright images; invert them (255 - pixels)"
        )
    return Labelled(image_array, labels.astype(np.int64))


def contents(array: np.ndarray) -> str:
    """What an array holds, in a few words: 'float64 from 0.0 to 9.0'."""
    if array.dtype.kind not in "biuf":
        return str(array.dtype)
    return f"{array.dtype} from {array.min()} to {array.max()}"


# sha256 of each array's bytes: a rebuilt or recompressed file with the same images is the same MNIST.
MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}


def is_mnist(arrays: dict[str, np.ndarray]) -> bool:
    """Whether these are MNIST's own arrays, by checksum."""
    return all(
        name in arrays and hashlib.sha256(arrays[name].tobytes()).hexdigest() == checksum
        for name, checksum in MNIST_SHA256.items()
    )
