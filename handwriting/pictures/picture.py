"""One picture and the digits on it: the whole way from a file, its bytes, an image or an array."""

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import BOX_SIDE, CENTRE, SIDE, make_digit_image
from handwriting.pictures.decoding import Opened, Source, open_picture
from handwriting.pictures.find import FoundDigit, find_digits
from handwriting.quiet_keras import keras

LARGE = 20_000_000  # pixels; decoding such a picture once more, to show it, may take a second
CENTRE_TOLERANCE = 0.51  # px; 8-bit pixels are rounded, so half a pixel is not quite enough
LIKELY = 0.4  # chance; what is less likely a digit is left out of readings
ALONE = (
    2.0  # is added to the logit of a chance if nothing else is likely a digit: people take pictures of digits
)
FULL_INK = 0.9  # the darkest ink of a digit image has at least this strength


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit on a picture, or what may be one.

    Args:
        image: its digit image.
        box: left, top, right, bottom in the pixels of the upright picture.
        line: the number of the line that it stands in, from 0.
        chance: the probability that it is a digit at all.
        classes: what the finder takes it for: the probabilities of the ten digits. None if it was not asked.
    """

    image: np.ndarray
    box: tuple[int, int, int, int]
    line: int = 0
    chance: float = 1.0
    classes: np.ndarray | None = None

    @property
    def is_likely(self) -> bool:
        """Whether it is taken for a digit."""
        return self.chance >= LIKELY


@dataclass(frozen=True, slots=True)
class Picture:
    """What is on a picture.

    Args:
        size: width and height of the upright picture.
        digits: in reading order.
        note: what of the file was not read, or how the picture was turned, if anything.
        view: a large picture's smaller copy, as a JPEG file.
    """

    size: tuple[int, int]
    digits: list[Digit]
    note: str | None = None
    view: bytes | None = None


def read_picture(source: Source, finder: keras.Model) -> Picture:
    """Finds the digits on a picture. Raises UnreadablePicture.

    Args:
        source: a path, the bytes of a file, a PIL image, or an array as `decoding.image_of_array` takes it.
        finder: the network that finds digits.
    """
    return digits_on(open_picture(source), finder)


def digits_on(picture: Opened, finder: keras.Model) -> Picture:
    """Finds the digits on a picture that is open."""
    ready = ready_digit(picture.image)
    if ready:
        return Picture(picture.size, [ready], picture.note)
    scale = max(picture.size) / max(picture.image.size)
    findings = find_digits(picture.image, finder)
    chances = on_one_picture([found.chance for found in findings.digits])
    digits = [digit_of(*pair, scale) for pair in zip(findings.digits, chances, strict=True)]
    turned = (
        f"read after turning it by {90 * findings.turned}° against the clock" if findings.turned else None
    )
    note = "; ".join(filter(None, (picture.note, turned))) or None
    view = as_jpeg(picture.image) if picture.size[0] * picture.size[1] > LARGE else None
    return Picture(picture.size, digits, note, view)


def as_jpeg(image: Image.Image) -> bytes:
    """The bytes of a JPEG file."""
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


def on_one_picture(chances: list[float]) -> list[float]:
    """The chances of all that was found on a picture. The likeliest is likelier if it is the only likely one."""
    if not chances or sum(chance >= LIKELY for chance in chances) > 1:
        return chances
    best = max(chances)
    raised = best / (best + (1 - best) * math.exp(-ALONE))
    return [raised if chance == best else chance for chance in chances]


def digit_of(found: FoundDigit, chance: float, scale: float) -> Digit:
    """A found digit with its digit image, on a picture that is so many times larger."""
    left, top, right, bottom = (edge * scale for edge in found.box)
    box = int(left), int(top), max(int(left) + 1, round(right)), max(int(top) + 1, round(bottom))
    return Digit(make_digit_image(found.ink), box, found.line, chance, found.classes)


def ready_digit(image: Image.Image) -> Digit | None:
    """The digit of a picture that is a digit image already, bright on black or dark on white. None if it isn't one.

    MNIST's images are digit images. Two digits side by side are not.
    """
    if image.size != (SIDE, SIDE):
        return None
    pixels = np.asarray(image, np.float32) / 255
    if (pixels != pixels[..., :1]).any():
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
