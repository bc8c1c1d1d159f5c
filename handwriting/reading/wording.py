"""What was found on a picture and what the networks say of it -> a reading in words, with its doubts."""

import math
import statistics
from dataclasses import dataclass

import numpy as np

from handwriting.pictures.find import Digit
from handwriting.pictures.picture import Picture
from handwriting.reading.readings import DOUBT, NEW_LINE, OTHER_INK, Reading


@dataclass(frozen=True)
class DoubtSettings:
    """What is doubted."""

    left_out: float = 0.25  # chance; what is left out is doubted if it is more likely a digit
    unsure: float = 0.5  # confidence; a digit that is alone on its picture is doubted below
    unsure_in_number: float = 0.7  # the same for one of several; benchmarks/pages.py shows what it is worth


@dataclass(frozen=True)
class GapSettings:
    """How wide the gap between two numbers is. A gap must be wider than both."""

    height: float = 0.8  # of the usual digit's height
    usual: float = 2  # times the usual gap on the picture


DOUBTS = DoubtSettings()
GAPS = GapSettings()


@dataclass(frozen=True, slots=True)
class Said:
    """What a network, or the ensemble, says of a thing that was found.

    Args:
        digit: the thing.
        probabilities: of the ten digits.
        doubted: whether it is a digit that may be another or none, or none that may be a digit.
    """

    digit: Digit
    probabilities: np.ndarray
    doubted: bool

    @property
    def confidence(self) -> float:
        """The probability that it is a digit, and the likeliest one."""
        return self.digit.chance * float(self.probabilities.max())

    @property
    def sign(self) -> str:
        """What stands for it in a reading."""
        if not self.digit.is_likely:
            return OTHER_INK
        return str(self.probabilities.argmax()) + (DOUBT if self.doubted else "")


def said_of(digits: list[Digit], probabilities: list[np.ndarray]) -> list[Said]:
    """What is said of all that was found on a picture, by the ten probabilities for each thing."""
    alone = sum(digit.is_likely for digit in digits) == 1
    least = DOUBTS.unsure if alone else DOUBTS.unsure_in_number
    return [
        Said(
            digit,
            of_digit,
            bool(digit.chance * of_digit.max() < least)
            if digit.is_likely
            else digit.chance >= DOUBTS.left_out,
        )
        for digit, of_digit in zip(digits, probabilities, strict=True)
    ]


def reading_of(picture: Picture, said: list[Said]) -> Reading:
    """The reading of a picture, by what is said of all that was found on it."""
    confidences = [of_thing.confidence for of_thing in said if of_thing.digit.is_likely]
    doubts = [of_thing for of_thing in said if of_thing.doubted]
    if not confidences:
        why = "what was found hardly looks like a digit" if doubts else "nothing on it looks like a digit"
        return Reading("", None, "no digit", joined_reasons(why, picture.note))
    return Reading(
        shown_text(said),
        math.prod(confidences),
        "unsure" if doubts else "ok",
        joined_reasons(*reasons_for_doubt(doubts), picture.note),
    )


def reasons_for_doubt(doubts: list[Said]) -> list[str]:
    """How many digits are doubted, and how many things are left out that may be digits."""
    digits = sum(doubt.digit.is_likely for doubt in doubts)
    counts = {"doubted digits": digits, "left out, but may be digits": len(doubts) - digits}
    return [f"{what}: {count}" for what, count in counts.items() if count]


def joined_reasons(*reasons: str | None) -> str:
    """All reasons that there are, as one text."""
    return "; ".join(filter(None, reasons))


def shown_text(said: list[Said]) -> str:
    """What was found as one text. Numbers that stand apart are separated by a space, lines by a slash.

    What is no digit is shown if it may be one.
    """
    shown = [of_thing for of_thing in said if of_thing.digit.is_likely or of_thing.doubted]
    lines: dict[int, list[str]] = {}
    for run in runs([of_thing.digit for of_thing in shown]):
        number = "".join(shown[place].sign for place in run)
        lines.setdefault(shown[run[0]].digit.line, []).append(number)
    return NEW_LINE.join(" ".join(numbers) for numbers in lines.values())


def runs(digits: list[Digit]) -> list[list[int]]:
    """The numbers that digits in reading order form, each as the places of its digits.

    A number ends where the line ends, and where a gap is wider than between the digits of a number.
    """
    boxes = [digit.as_read for digit in digits]
    gaps = {
        place: boxes[place][0] - boxes[place - 1][2]
        for place in range(1, len(digits))
        if digits[place].line == digits[place - 1].line
    }
    apart = 0.0
    if gaps:
        usual_height = statistics.median(bottom - top for _, top, _, bottom in boxes)
        apart = max(GAPS.height * usual_height, GAPS.usual * statistics.median(gaps.values()))
    cut: list[list[int]] = []
    for place in range(len(digits)):
        if place in gaps and gaps[place] <= apart:
            cut[-1].append(place)
        else:
            cut.append([place])
    return cut
