"""Checks the arrays of a data file, and makes digit images and labels of them.

Whatever is wrong with a file is found here, before a training begins, and said in one line.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.data.sets import Labelled
from handwriting.digit_image import unit_range

# Bytes that a file may hold once it is unpacked: 2.5 million images. A small damaged file can claim far more.
UNPACKED_BYTES_CAP = 2_000_000_000

IMAGE_SHAPE = (28, 28)
IMAGE_PIXELS = 28 * 28
NUMBERS = "biuf"  # NumPy's letters for the types of truth values, whole and other numbers
WHOLE_NUMBERS = "iu"


@dataclass(frozen=True)
class PixelLimits:
    """What pixels must be like. A file holds them either from 0 to 255 or from 0 to 1."""

    highest: float = 255  # the value of full ink in most files
    highest_of_unit_range: float = 1  # the value of full ink in the others
    unclear_below: float = 64  # a maximum between 1 and this fits neither range
    most_empty: float = 0.1  # of the images may have no ink at all
    brightest_mean: float = 0.5  # of pixels from 0 to 1: brighter images have dark ink on bright paper


PIXELS = PixelLimits()

# The SHA-256 of each array's bytes. So a file that was packed in another way but holds the same images is MNIST, too.
MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}


def is_mnist(arrays: dict[str, np.ndarray]) -> bool:
    """Whether these are the four arrays of MNIST, by their checksums."""
    return all(
        name in arrays and hashlib.sha256(arrays[name].tobytes()).hexdigest() == checksum
        for name, checksum in MNIST_SHA256.items()
    )


def check_unpacked_size(path: Path, size: int, cap: int = UNPACKED_BYTES_CAP) -> None:
    """Raises InputError if a file holds more bytes than the cap once it is unpacked."""
    if size > cap:
        raise console.InputError(
            f"{path}: expected at most {cap:,} bytes of images and labels, got a file that claims to hold {size:,}; "
            "get a fresh copy of it, or save fewer images in it"
        )


def labelled_sets(arrays: dict[str, np.ndarray], origin: str) -> tuple[Labelled, Labelled | None]:
    """The training images, and the test images or None.

    Args:
        arrays: x_train and y_train, and x_test and y_test if the source has test images.
        origin: the file or folder, for error messages.
    """
    for name in ("x_train", "y_train"):
        if name not in arrays:
            raise console.InputError(
                f"{origin}: expected the arrays x_train and y_train, got {', '.join(sorted(arrays)) or 'none'}; "
                "save it with numpy.savez(path, x_train=…, y_train=…)"
            )
    training = labelled_images(arrays["x_train"], arrays["y_train"], f"{origin}, training")
    test_arrays = {"x_test", "y_test"} & set(arrays)
    if not test_arrays:
        return training, None
    if len(test_arrays) == 1:
        raise console.InputError(
            f"{origin}: expected both x_test and y_test, or neither, got {test_arrays.pop()} alone; add the other one"
        )
    return training, labelled_images(arrays["x_test"], arrays["y_test"], f"{origin}, test")


def labelled_images(pixels: np.ndarray, labels: np.ndarray, origin: str) -> Labelled:
    """Digit images and labels made of a file's arrays. Raises InputError if the arrays can't be used.

    Args:
        pixels: an array of shape (n, 28, 28), (n, 28, 28, 1) or (n, 784), with bright ink on black.
        labels: an array of n whole numbers from 0 to 9.
        origin: the file or folder, for error messages.
    """
    pixels = as_squares(pixels, origin)
    check_labels(labels, len(pixels), origin)
    return Labelled(digit_images(pixels, origin), labels.astype(np.int64))


def digit_images(pixels: np.ndarray, origin: str) -> np.ndarray:
    """Digit images made of a file's array. The arguments and the error are those of `labelled_images`."""
    pixels = as_squares(pixels, origin)
    check_pixels(pixels, origin)
    images = unit_range(pixels)
    empty = len(pixels) - int(pixels.any(axis=(1, 2)).sum())
    if empty > PIXELS.most_empty * len(pixels):
        raise console.InputError(
            f"{origin}: expected a digit on each image, got {empty:,} of {len(pixels):,} without ink; correct the file"
        )
    if images.mean() > PIXELS.brightest_mean:
        raise console.InputError(
            f"{origin}: expected bright ink on black, got mostly bright images; invert them (255 - pixels)"
        )
    return images


def as_squares(pixels: np.ndarray, origin: str) -> np.ndarray:
    """The pixels as an array of shape (n, 28, 28)."""
    if pixels.ndim == 2 and pixels.shape[1] == IMAGE_PIXELS:
        pixels = pixels.reshape(-1, *IMAGE_SHAPE)
    if pixels.ndim == 4 and pixels.shape[3] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 3 or pixels.shape[1:] != IMAGE_SHAPE:
        raise console.InputError(
            f"{origin}: expected images of shape (n, 28, 28), got {pixels.shape}; "
            "give larger pictures as a folder of picture files"
        )
    return pixels


def check_labels(labels: np.ndarray, count: int, origin: str) -> None:
    """Raises InputError unless there is one label from 0 to 9 for each of the images."""
    if labels.shape != (count,) or len(labels) == 0:
        raise console.InputError(
            f"{origin}: expected one label for each of the {count} images, got shape {labels.shape}; "
            "give labels as numbers, not one-hot"
        )
    if labels.dtype.kind not in WHOLE_NUMBERS or labels.min() < 0 or labels.max() > 9:
        raise console.InputError(
            f"{origin}: expected whole-number labels from 0 to 9, got {contents(labels)}; correct the file"
        )


def check_pixels(pixels: np.ndarray, origin: str) -> None:
    """Raises InputError unless the pixels are numbers from 0 to 255 or from 0 to 1."""
    if (
        pixels.dtype.kind not in NUMBERS
        or not np.isfinite(pixels).all()
        or pixels.min() < 0
        or pixels.max() > PIXELS.highest
        or PIXELS.highest_of_unit_range < pixels.max() < PIXELS.unclear_below
    ):
        raise console.InputError(
            f"{origin}: expected pixels from 0 to 255 or 0 to 1, got {contents(pixels)}; correct the file"
        )


def contents(array: np.ndarray) -> str:
    """The type and the range of an array in a few words, such as 'float64 from 0.0 to 9.0'."""
    if array.dtype.kind not in NUMBERS:
        return str(array.dtype)
    return f"{array.dtype} from {array.min()} to {array.max()}"
