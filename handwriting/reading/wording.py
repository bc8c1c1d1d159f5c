"""What was found on a picture and what the networks say of it -> a reading in words, with its doubts."""

import itertools
import math
import statistics
from dataclasses import dataclass

import numpy as np

from handwriting.pictures.picture import Picture
from handwriting.reading.readings import DOUBT, NEW_LINE, OTHER_INK, ReadDigit, Reading


@dataclass(frozen=True)
class DoubtSettings:
    """When a digit, or ink that is no digit, is doubted. benchmarks/doubt.py shows what each threshold is worth."""

    unsure: float = 0.5  # confidence; a digit that is alone on its picture is doubted below
    unsure_in_number: float = 0.8  # confidence; one of several is doubted below: more can go wrong with them
    other_ink: float = 0.05  # probability; ink that is left out is doubted if it is more likely a digit
    widest_mark: float = (
        1.2  # times the usual height; wider ink that is left out may be several digits that touch
    )


@dataclass(frozen=True)
class GapSettings:
    """How wide the gap between two numbers is. A gap must be wider than both."""

    height: float = 0.8  # of the usual digit's height
    usual: float = 2  # times the usual gap on the picture


DOUBTS = DoubtSettings()
GAPS = GapSettings()


def reading_of(picture: Picture, found: list[ReadDigit], probabilities: list[np.ndarray]) -> Reading:
    """One network's reading of a picture.

    Args:
        picture: the picture.
        found: what was found on it.
        probabilities: the network's ten for each of what was found.
    """
    read = [of_digit.max() for digit, of_digit in zip(found, probabilities, strict=True) if digit.is_digit]
    if not read:
        why = "what was found looks like no digit" if found else picture.empty_because
        return Reading("", None, "no digit", joined_reasons(why, picture.note))
    doubts = doubted(found, probabilities)
    return Reading(
        shown_text(found, probabilities, doubts),
        float(math.prod(read)),
        "unsure" if any(doubts) or picture.doubt else "ok",
        joined_reasons(any(doubts) and f"doubted digits: {sum(doubts)}", picture.doubt, picture.note),
    )


def joined_reasons(*reasons: str | None) -> str:
    """All reasons that there are, as one text."""
    return "; ".join(filter(None, reasons))


def doubted(
    found: list[ReadDigit], probabilities: list[np.ndarray], settings: DoubtSettings = DOUBTS
) -> list[bool]:
    """Whether each thing that was found is doubted: a digit that may be another, or other ink that may be digits."""
    least = settings.unsure if len(found) == 1 else settings.unsure_in_number
    widest = settings.widest_mark * usual_height(found) if found else 0
    doubts = []
    for thing, of_thing in zip(found, probabilities, strict=True):
        left, _, right, _ = thing.digit.box
        may_be_digit = thing.probability > settings.other_ink or right - left > widest
        doubts.append(bool(of_thing.max() < least) if thing.is_digit else may_be_digit)
    return doubts


def usual_height(found: list[ReadDigit]) -> float:
    """The median height of what was found on a picture."""
    return statistics.median(bottom - top for _, top, _, bottom in (thing.digit.box for thing in found))


def shown_text(found: list[ReadDigit], probabilities: list[np.ndarray], doubts: list[bool]) -> str:
    """What was found as one text. Numbers that stand apart are separated by a space, lines by a slash."""
    lines = [list(line) for _, line in itertools.groupby(range(len(found)), lambda n: found[n].digit.line)]
    gaps = {
        n: found[n].digit.box[0] - found[before].digit.box[2]
        for line in lines
        for before, n in itertools.pairwise(line)
    }
    usual_gap = statistics.median(gaps.values()) if gaps else 0
    apart = max(GAPS.height * usual_height(found), GAPS.usual * usual_gap)

    def shown(n: int) -> str:
        sign = str(probabilities[n].argmax()) if found[n].is_digit else OTHER_INK
        return (" " if gaps.get(n, 0) > apart else "") + sign + (DOUBT if doubts[n] else "")

    return NEW_LINE.join("".join(map(shown, line)) for line in lines)
