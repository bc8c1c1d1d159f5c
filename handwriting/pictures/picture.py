"""One picture -> the digits on it: the whole way."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.digit_image import BOX_SIDE, CENTRE, SIDE, make_digit_image
from handwriting.pictures.decoding import open_picture
from handwriting.pictures.find import Found, find_digits
from handwriting.pictures.ink import ink_strength
from handwriting.pictures.rules.sheets import on_sheets
from handwriting.pictures.rules.touching import parted

WORKING_SIDE = 800  # of the picture while digits are searched: enough for a page of them


@dataclass(frozen=True)
class Digit:
    """A digit found on a picture.

    Args:
        image: its digit image.
        box: left, top, right, bottom in the pixels of the upright picture.
        parts: the digits that it may be instead, if it is several that touch; for a network to decide.
    """

    image: np.ndarray
    box: tuple[int, int, int, int]
    parts: tuple["Digit", ...] = ()


@dataclass(frozen=True)
class Picture:
    """What is on a picture: its size when upright, and its digits in reading order, or why there are none."""

    size: tuple[int, int]
    digits: list[Digit]
    empty_because: str | None = None


def read_picture(path: Path) -> Picture:
    """Finds the digits on a picture file; raises UnreadablePicture."""
    size, image = open_picture(path, WORKING_SIDE)
    scale = max(size) / max(image.size)
    pixels = np.asarray(image, np.float32) / 255
    ready = ready_digit(pixels)
    if ready:
        return Picture(size, [ready])
    ink = ink_strength(pixels)
    digits = [
        digit_of(found, scale, tuple(digit_of(part, scale) for part in parted(found)))
        for found in on_sheets(find_digits(ink), pixels)
    ]
    if digits:
        return Picture(size, digits)
    return Picture(
        size, [], "a pattern, not a page of digits" if ink.any() else "nothing stands out from the paper"
    )


def digit_of(found: Found, scale: float, parts: tuple[Digit, ...] = ()) -> Digit:
    """Found ink as a digit of a picture that is so many times larger."""
    box = tuple(round(edge * scale) for edge in found.box)
    return Digit(make_digit_image(found.ink), box, parts)


def ready_digit(pixels: np.ndarray) -> Digit | None:
    """The digit of a picture that is a digit image already, as MNIST's are, bright on black or dark on white.

    Args:
        pixels: (height, width, 3) in [0, 1].

    Returns:
        None for every other picture; two digits side by side are none.
    """
    if pixels.shape[:2] != (SIDE, SIDE) or (pixels != pixels[..., :1]).any():
        return None
    ink = 1 - pixels[..., 0] if pixels[0, 0, 0] == 1 else pixels[..., 0]
    inked_rows, inked_columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(inked_rows):
        return None
    top, bottom = int(inked_rows[0]), int(inked_rows[-1]) + 1
    left, right = int(inked_columns[0]), int(inked_columns[-1]) + 1
    total = ink.sum()
    middle = ink.sum(axis=1) @ np.arange(SIDE) / total, ink.sum(axis=0) @ np.arange(SIDE) / total
    is_ready = (
        max(bottom - top, right - left) == BOX_SIDE
        and len(inked_columns) == right - left
        and max(abs(place - CENTRE) for place in middle) < 0.51  # a little for the rounding of 8-bit pixels
        and ink.max() > 0.9
    )
    return Digit(ink[..., np.newaxis], (left, top, right, bottom)) if is_ready else None
