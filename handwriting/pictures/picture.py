"""One picture and the digits on it: the whole way from a file, its bytes, an image or an array."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import BOX_SIDE, CENTRE, SIDE, make_digit_image
from handwriting.pictures.decoding import Source, open_picture
from handwriting.pictures.find import FoundDigit, find_digits

WORKING_SIDE = (
    800  # px; a larger picture is shrunk to this before digits are looked for. A page of digits needs no more
)
LARGE = 20_000_000  # pixels; decoding such a picture once more, to show it, may take a second
CENTRE_TOLERANCE = 0.51  # px; 8-bit pixels are rounded, so half a pixel is not quite enough
FULL_INK = 0.9  # the darkest ink of a digit image has at least this strength


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit on a picture.

    Args:
        image: its digit image.
        box: left, top, right, bottom in the pixels of the upright picture.
        line: the number of the line that it stands in, from 0.
        parts: the digits that it may be instead, if it is several that touch. A network decides.
    """

    image: np.ndarray
    box: tuple[int, int, int, int]
    line: int = 0
    parts: tuple["Digit", ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """What is on a picture.

    Args:
        size: width and height of the upright picture.
        digits: in reading order.
        empty_because: the reason, if there are none.
        doubt: why there may be other digits, if there may.
        note: what of the file was not read, if anything.
        view: a large picture's smaller copy, as a JPEG file.
    """

    size: tuple[int, int]
    digits: list[Digit]
    empty_because: str | None = None
    doubt: str | None = None
    note: str | None = None
    view: bytes | None = None


def read_picture(source: Source) -> Picture:
    """Finds the digits on a picture. Raises UnreadablePicture.

    Args:
        source: a path, the bytes of a file, a PIL image, or an array as `decoding.image_of_array` takes it.
    """
    opened = open_picture(source, WORKING_SIDE)
    pixels = np.asarray(opened.image, np.float32) / 255
    ready = ready_digit(pixels)
    if ready:
        return Picture(opened.size, [ready], note=opened.note)
    findings = find_digits(pixels)
    scale = max(opened.size) / max(opened.image.size)
    digits = [digit_of(found, scale) for found in findings.digits]
    view = as_jpeg(opened.image) if opened.size[0] * opened.size[1] > LARGE else None
    return Picture(opened.size, digits, findings.why_none, findings.doubt, opened.note, view)


def as_jpeg(image: Image.Image) -> bytes:
    """The bytes of a JPEG file."""
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


def digit_of(found: FoundDigit, scale: float) -> Digit:
    """A found digit with its digit image, on a picture that is so many times larger."""
    box = tuple(round(edge * scale) for edge in found.box)
    parts = tuple(digit_of(part, scale) for part in found.parts)
    return Digit(make_digit_image(found.ink), box, found.line, parts)


def ready_digit(pixels: np.ndarray) -> Digit | None:
    """The digit of a picture that is a digit image already, bright on black or dark on white. None if it isn't one.

    MNIST's images are digit images. Two digits side by side are not.

    Args:
        pixels: (height, width, 3) in [0, 1].
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
    centre_of_mass = ink.sum(axis=1) @ np.arange(SIDE) / total, ink.sum(axis=0) @ np.arange(SIDE) / total
    is_ready = (
        max(bottom - top, right - left) == BOX_SIDE
        and len(inked_columns) == right - left  # no gap, as between two digits
        and max(abs(place - CENTRE) for place in centre_of_mass) < CENTRE_TOLERANCE
        and ink.max() > FULL_INK
    )
    # A copy, because a view would keep the pixels of all three colours.
    return Digit(ink[..., np.newaxis].copy(), (left, top, right, bottom)) if is_ready else None
