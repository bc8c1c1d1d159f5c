"""What was found on a picture and what the networks say of it -> a reading in words, with its doubts."""

import itertools
import math
import statistics
from dataclasses import dataclass, replace

import numpy as np

from handwriting.pictures.picture import Picture
from handwriting.reading.readings import DOUBT, NEW_LINE, OTHER_INK, ReadDigit, Reading


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


def marked(found: list[ReadDigit]) -> list[ReadDigit]:
    """What was found, each with whether the ensemble's reading of it is doubted."""
    doubts = doubted(found, [thing.ensemble for thing in found])
    return [replace(thing, doubted=doubt) for thing, doubt in zip(found, doubts, strict=True)]


def doubted(found: list[ReadDigit], probabilities: list[np.ndarray]) -> list[bool]:
    """Whether each thing that was found is doubted: a digit that may be another or none, or what may be a digit."""
    alone = sum(thing.is_digit for thing in found) == 1
    least = DOUBTS.unsure if alone else DOUBTS.unsure_in_number
    return [
        bool(thing.digit.chance * of_thing.max() < least)
        if thing.is_digit
        else thing.digit.chance >= DOUBTS.left_out
        for thing, of_thing in zip(found, probabilities, strict=True)
    ]


def reading_of(picture: Picture, found: list[ReadDigit], probabilities: list[np.ndarray]) -> Reading:
    """One network's reading of a picture.

    Args:
        picture: the picture.
        found: what was found on it.
        probabilities: the network's ten for each of what was found.
    """
    digits = [number for number, thing in enumerate(found) if thing.is_digit]
    doubts = doubted(found, probabilities)
    if not digits:
        why = (
            "what was found hardly looks like a digit" if any(doubts) else "nothing on it looks like a digit"
        )
        return Reading("", None, "no digit", joined_reasons(why, picture.note))
    return Reading(
        shown_text(found, probabilities, doubts),
        math.prod(found[number].digit.chance * float(probabilities[number].max()) for number in digits),
        "unsure" if any(doubts) else "ok",
        joined_reasons(*reasons_for_doubt(found, doubts), picture.note),
    )


def reasons_for_doubt(found: list[ReadDigit], doubts: list[bool]) -> list[str]:
    """How many digits are doubted, and how many things are left out that may be digits."""
    of_doubted = [thing.is_digit for thing, doubt in zip(found, doubts, strict=True) if doubt]
    counts = {
        "doubted digits": of_doubted.count(True),
        "left out, but may be digits": of_doubted.count(False),
    }
    return [f"{what}: {count}" for what, count in counts.items() if count]


def joined_reasons(*reasons: str | None) -> str:
    """All reasons that there are, as one text."""
    return "; ".join(filter(None, reasons))


def usual_height(found: list[ReadDigit]) -> float:
    """The median height of what was found on a picture."""
    return statistics.median(bottom - top for _, top, _, bottom in (thing.digit.as_read for thing in found))


def shown_text(found: list[ReadDigit], probabilities: list[np.ndarray], doubts: list[bool]) -> str:
    """What was found as one text. Numbers that stand apart are separated by a space, lines by a slash.

    What is no digit is shown if it may be one.
    """

    def sign(number: int) -> str:
        if not found[number].is_digit:
            return OTHER_INK
        return str(probabilities[number].argmax()) + (DOUBT if doubts[number] else "")

    shown = [number for number, thing in enumerate(found) if thing.is_digit or doubts[number]]
    lines = {}
    for run in runs(found, shown):
        lines.setdefault(found[run[0]].digit.line, []).append("".join(map(sign, run)))
    return NEW_LINE.join(" ".join(numbers) for numbers in lines.values())


def runs_of_digits(found: list[ReadDigit]) -> list[list[int]]:
    """The numbers on a picture, each as the places of its digits in what was found."""
    return runs(found, [number for number, thing in enumerate(found) if thing.is_digit])


def runs(found: list[ReadDigit], some: list[int]) -> list[list[int]]:
    """Some of what was found, cut where a line ends, and where a gap is wider than between the digits of a number."""
    pairs = list(itertools.pairwise(some))
    same_line = {n for before, n in pairs if found[before].digit.line == found[n].digit.line}
    boxes = [thing.digit.as_read for thing in found]
    gaps = {n: boxes[n][0] - boxes[before][2] for before, n in pairs if n in same_line}
    usual_gap = statistics.median(gaps.values()) if gaps else 0
    apart = max(GAPS.height * usual_height([found[n] for n in some]), GAPS.usual * usual_gap) if some else 0
    cut: list[list[int]] = []
    for n in some:
        if n in same_line and gaps[n] <= apart:
            cut[-1].append(n)
        else:
            cut.append([n])
    return cut
