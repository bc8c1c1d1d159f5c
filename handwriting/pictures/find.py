"""The seam: a picture goes in, and its digits come out, each with its box and its own ink.

Whatever finds digits offers `find_digits` with this signature, and nothing else has to change.
"""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from handwriting.pictures.lines import lines_of
from handwriting.pictures.looks import LOOKS, Seen, see
from handwriting.pictures.own_ink import own_ink
from handwriting.quiet_keras import keras


@dataclass(frozen=True)
class TurnSettings:
    """When a picture is looked at the other ways round, and when it is taken for turned."""

    doubtful: float = (
        0.6  # the mean chance, in which likely digits count more; a page that lies well has more
    )
    better: float = 1.5  # times the likely digits of the picture as it is
    fewest: int = 3  # likely digits; fewer don't tell which way is up
    likely: float = 0.5  # chance


TURNS = TurnSettings()


@dataclass(frozen=True)
class FoundDigit:
    """A digit on a picture.

    Args:
        box: left, top, right, bottom, in pixels of the picture.
        ink: its own ink, upright, 0 for paper to 1 for ink. Ink of others in the box is left out.
        line: the number of the line that it stands in, from 0.
        chance: the probability that it is a digit at all.
        classes: what the finder takes it for: the probabilities of the ten digits.
    """

    box: tuple[float, float, float, float]
    ink: np.ndarray
    line: int
    chance: float
    classes: np.ndarray


@dataclass(frozen=True)
class Findings:
    """What was found on a picture.

    Args:
        digits: and what may be one, in reading order.
        turned: by so many quarter turns, against the clock, the picture was read.
    """

    digits: list[FoundDigit]
    turned: int = 0


def find_digits(picture: Image.Image, finder: keras.Model) -> Findings:
    """Finds the digits on a picture (RGB). If it seems to lie on its side or upside down, it is turned."""
    seen, turned = see(finder, picture), 0
    if is_doubtful(seen):
        coarse = replace(LOOKS, finest=LOOKS.largest)
        digits = {
            quarters: likely_digits(see(finder, quarter_turned(picture, quarters), coarse))
            for quarters in (1, 2, 3)
        }
        best = max(digits, key=digits.__getitem__)
        if digits[best] >= max(TURNS.fewest, TURNS.better * likely_digits(seen)):
            seen, turned = see(finder, quarter_turned(picture, best)), best
    return Findings([turned_back(digit, picture.size, turned) for digit in digits_seen(seen)], turned)


def is_doubtful(seen: Seen) -> bool:
    """Whether the finder saw something, but nothing that it is sure of."""
    chances = seen.peaks.chances
    return len(chances) >= TURNS.fewest and bool((chances**2).sum() < TURNS.doubtful * chances.sum())


def likely_digits(seen: Seen) -> float:
    """The sum of the chances of likely digits."""
    chances = seen.peaks.chances
    return float(chances[chances >= TURNS.likely].sum())


def quarter_turned(picture: Image.Image, quarters: int) -> Image.Image:
    """The picture, turned against the clock."""
    turns = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}
    return picture.transpose(turns[quarters]) if quarters else picture


def digits_seen(seen: Seen) -> list[FoundDigit]:
    """The digits that the finder sees on a picture, with their ink, in reading order."""
    inks = [own_ink(seen, number) for number in range(len(seen.peaks.chances))]
    numbers = np.array([number for number, ink in enumerate(inks) if ink], int)
    lines = lines_of(seen.peaks.boxes[numbers])
    return [
        FoundDigit(
            box=inks[number][1],
            ink=inks[number][0],
            line=count,
            chance=float(seen.peaks.chances[number]),
            classes=seen.peaks.classes[number],
        )
        for count, line in enumerate(lines)
        for number in numbers[line]
    ]


def turned_back(digit: FoundDigit, size: tuple[int, int], quarters: int) -> FoundDigit:
    """A digit with its box in pixels of the picture of this size, as it was before it was turned."""
    left, top, right, bottom = digit.box
    width, height = size
    boxes = {
        0: (left, top, right, bottom),
        1: (width - bottom, left, width - top, right),
        2: (width - right, height - bottom, width - left, height - top),
        3: (top, height - right, bottom, height - left),
    }
    return replace(digit, box=boxes[quarters])
