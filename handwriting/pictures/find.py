"""The seam: a picture goes in, and its digits come out, each with its box and its digit image.

Whatever finds digits offers `find_digits` with this signature, and nothing else has to change.
"""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from handwriting.digit_image import make_digit_image
from handwriting.filters import Box
from handwriting.finder.files import Finder
from handwriting.judge.judging import LIKELY
from handwriting.pictures.lines import lines_of
from handwriting.pictures.looks import Judged, Seen, see
from handwriting.pictures.own_ink import own_ink


@dataclass(frozen=True)
class TurnSettings:
    """When a picture is also tried on its side and upside down, and when that is kept."""

    # The mean chance, weighted by the chances. A page that lies the right way up has more.
    doubtful: float = 0.85
    better: float = 1.5  # times the likely digits of the picture as it is
    fewest: int = 3  # likely digits; fewer don't tell which way is up


TURNS = TurnSettings()


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit on a picture, or what may be one.

    Args:
        image: its digit image.
        box: around its ink on the picture.
        line: the number of the line that it stands in, from 0.
        chance: the probability that it is a digit at all.
        classes: what finder and judge take it for: the probabilities of the ten digits. None if they were not asked.
        upright: the box on the picture as it was turned to be read. None if it was not turned.
    """

    image: np.ndarray
    box: Box
    line: int = 0
    chance: float = 1.0
    classes: np.ndarray | None = None
    upright: Box | None = None

    @property
    def is_likely(self) -> bool:
        """Whether it is taken for a digit."""
        return self.chance >= LIKELY

    @property
    def as_read(self) -> Box:
        """Its box on the picture as it was read."""
        return self.upright or self.box


def find_digits(picture: Image.Image, finder: Finder) -> tuple[list[Digit], int]:
    """Finds the digits on a picture (RGB). If it seems to lie on its side or upside down, it is turned.

    Returns:
        The digits, and what may be one, in reading order. And by how many quarter turns, counterclockwise, the picture
        was turned to be read.
    """
    seen, turns = see(finder, picture), 0
    if is_doubtful(seen):
        others = {
            quarters: see(finder, quarter_turned(picture, quarters), fine=False) for quarters in (1, 2, 3)
        }
        best = max(others, key=lambda quarters: likely_digits(others[quarters]))
        least = max(TURNS.fewest, TURNS.better * likely_digits(seen))
        if likely_digits(others[best]) >= least and not is_doubtful(others[best]):
            seen, turns = see(finder, quarter_turned(picture, best)), best
    digits = digits_seen(seen)
    return [turned_back(digit, picture.size, turns) for digit in digits] if turns else digits, turns


def is_doubtful(seen: Seen) -> bool:
    """Whether the finder saw several things, and is on the whole not sure of them."""
    chances = seen.peaks.chances
    return len(chances) >= TURNS.fewest and bool((chances**2).sum() < TURNS.doubtful * chances.sum())


def likely_digits(seen: Seen) -> float:
    """The sum of the chances of likely digits."""
    chances = seen.peaks.chances
    return float(chances[chances >= LIKELY].sum())


def quarter_turned(picture: Image.Image, quarters: int) -> Image.Image:
    """The picture, turned counterclockwise by 1, 2 or 3 quarter turns."""
    turns = Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270
    return picture.transpose(turns[quarters - 1])


def digits_seen(seen: Judged) -> list[Digit]:
    """The digits that the finder sees on a picture, in reading order."""
    inks = [
        own_ink(seen.picture, seen.paper, box, likely)
        for box, likely in zip(seen.peaks.boxes, seen.inks, strict=True)
    ]
    numbers = np.array([number for number, ink in enumerate(inks) if ink], int)
    return [
        Digit(
            make_digit_image(inks[number][0]),
            inks[number][1],
            count,
            float(seen.peaks.chances[number]),
            seen.peaks.classes[number],
        )
        for count, line in enumerate(lines_of(seen.peaks.boxes[numbers]))
        for number in numbers[line]
    ]


def turned_back(digit: Digit, size: tuple[int, int], quarters: int) -> Digit:
    """A digit with its box on the picture of this size, as it was before it was turned."""
    left, top, right, bottom = digit.box
    width, height = size
    boxes = (
        (width - bottom, left, width - top, right),
        (width - right, height - bottom, width - left, height - top),
        (top, height - right, bottom, height - left),
    )
    return replace(digit, box=boxes[quarters - 1], upright=digit.box)
