"""One picture and the shipped networks: what `handwriting.read` does."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting import console
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.picture import read_picture
from handwriting.reading.inputs import networks_in
from handwriting.reading.networks import Networks, load_networks
from handwriting.reading.reader import ReadDigit, read_all
from handwriting.shipped import ENSEMBLE, shipped_network


@dataclass(frozen=True)
class DigitResult:
    """A digit on a picture.

    Args:
        box: left, top, right, bottom in pixels of the picture.
        digit: what was read, 0 to 9.
        confidence: the probability that it is right, from 0 to 1.
        image: what the networks saw: (28, 28, 1), float32 in [0, 1].
    """

    box: tuple[int, int, int, int]
    digit: int
    confidence: float
    image: np.ndarray


@dataclass(frozen=True)
class Result:
    """What was read on a picture.

    Args:
        digits: in reading order.
        reading: the digits as one text.
        confidence: the product of the confidences of all digits. None if there is no digit.
        status: "ok", "unsure", "no digit", or "unreadable: " and why.
    """

    digits: list[DigitResult]
    reading: str
    confidence: float | None
    status: str


def read_one(picture: str | Path | Image.Image | np.ndarray, networks: Networks | None = None) -> Result:
    """What the ensemble of these networks, or of the shipped ones, reads on a picture."""
    source = Path(picture) if isinstance(picture, str) else picture
    try:
        found = read_picture(source)
    except UnreadablePicture as reason:
        return Result([], "", None, f"unreadable: {reason}")
    (read,), _, failures = read_all([found], networks or shipped_networks())
    if failures:
        raise console.InputError("; ".join(failures))
    ensemble = read.ensemble
    return Result(
        [digit_result(digit) for digit in read.digits], ensemble.digits, ensemble.confidence, ensemble.status
    )


def digit_result(read: ReadDigit) -> DigitResult:
    """A digit with what the ensemble reads."""
    return DigitResult(
        read.digit.box, int(read.ensemble.argmax()), float(read.ensemble.max()), read.digit.image
    )


@functools.cache
def shipped_networks() -> Networks:
    """The shipped networks of the ensemble, loaded once."""
    return usable_networks([shipped_network(name) for name in ENSEMBLE])


def usable_networks(paths: list[str | Path] | str | Path) -> Networks:
    """The networks in .keras files, or in folders of them. Raises InputError if one can't be used."""
    if isinstance(paths, (str, Path)):
        paths = [paths]
    networks, refused = load_networks(networks_in([Path(path) for path in paths]))
    if refused:
        raise console.InputError("; ".join(refused))
    return networks
