"""What was found on a picture and what the networks say of it -> a reading in words, with its doubts."""

import math
import statistics
from dataclasses import dataclass, replace

import numpy as np

from handwriting.pictures.find import Digit
from handwriting.pictures.picture import Picture
from handwriting.pictures.small import is_small
from handwriting.reading.readings import NEW_LINE, ReadDigit, Reading


@dataclass(frozen=True)
class DoubtSettings:
    """What is doubted."""

    left_out: float = 0.25  # chance; what is left out is doubted from here on
    unsure: float = 0.5  # confidence; a digit alone on its picture is doubted below this
    # benchmarks/pages.py shows what `unlikely_alone` and `unsure_in_number` are worth. The first does not apply to a 1,
    # nor on a small picture.
    unlikely_alone: float = 0.9  # chance; a digit alone on its picture is doubted below this
    unsure_in_number: float = 0.7  # confidence; one of several digits is doubted below this


@dataclass(frozen=True)
class GapSettings:
    """How wide the gap between two numbers is. A gap must be wider than both."""

    height: float = 0.8  # of the usual digit's height
    usual: float = 2  # times the usual gap on the picture


DOUBTS = DoubtSettings()
GAPS = GapSettings()


def read_digits(picture: Picture, probabilities: list[np.ndarray]) -> list[ReadDigit]:
    """All that was found on a picture, as it is read by these ten probabilities for each."""
    read = [ReadDigit(digit, of_digit) for digit, of_digit in zip(picture.digits, probabilities, strict=True)]
    is_alone = sum(thing.is_digit for thing in read) == 1
    return [replace(thing, doubted=is_doubted(thing, is_alone, is_small(picture.size))) for thing in read]


def is_doubted(thing: ReadDigit, is_alone: bool, on_small: bool) -> bool:
    """Whether a digit may be another or none, or whether what was left out may be a digit.

    Args:
        thing: the digit, or what was left out.
        is_alone: whether it is the only digit on its picture.
        on_small: whether that picture is small. Most of these are of a set of digits.
    """
    if not thing.is_digit:
        return thing.digit.chance >= DOUBTS.left_out
    if not is_alone:
        return thing.confidence < DOUBTS.unsure_in_number
    is_unlikely = not on_small and thing.likeliest != 1 and thing.digit.chance < DOUBTS.unlikely_alone
    return is_unlikely or thing.confidence < DOUBTS.unsure


def reading_of(picture: Picture, found: list[ReadDigit]) -> Reading:
    """The reading of a picture, by all that was found on it."""
    confidences = [thing.confidence for thing in found if thing.is_digit]
    doubts = [thing for thing in found if thing.doubted]
    if not confidences:
        why = "what was found hardly looks like a digit" if doubts else "nothing on it looks like a digit"
        return Reading("", None, "no digit", joined_reasons(why, picture.note))
    return Reading(
        shown_text(found),
        math.prod(confidences),
        "unsure" if doubts else "ok",
        joined_reasons(*reasons_for_doubt(doubts), picture.note),
    )


def reasons_for_doubt(doubts: list[ReadDigit]) -> list[str]:
    """How many digits are doubted, and how many things are left out that may be digits."""
    digits = sum(doubt.is_digit for doubt in doubts)
    counts = {"doubted digits": digits, "left out, but may be digits": len(doubts) - digits}
    return [f"{what}: {count}" for what, count in counts.items() if count]


def joined_reasons(*reasons: str | None) -> str:
    """All reasons that there are, as one text."""
    return "; ".join(filter(None, reasons))


def shown_text(found: list[ReadDigit]) -> str:
    """What was found as one text. Numbers that stand apart are separated by a space, lines by a slash.

    What is no digit is shown if it may be one.
    """
    shown = [thing for thing in found if thing.is_digit or thing.doubted]
    lines: dict[int, list[str]] = {}
    for run in runs([thing.digit for thing in shown]):
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
