"""From the digits that were found on pictures to readings.

In the order of the work: each network gives ten probabilities for each digit; the ensemble is the mean of some of them;
the digit-or-not network lowers the confidence of what may be other ink; digits that touch are cut if the ensemble is
sure of the parts; the digits of a picture become its reading.
"""

import itertools
import math
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from handwriting.digit_image import SIDE, slanted
from handwriting.model_files import RefusedModel, probabilities_of
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.picture import Digit, Picture
from handwriting.quiet_keras import keras
from handwriting.reading.networks import Networks
from handwriting.reading.readings import (
    DOUBT,
    NEW_LINE,
    OTHER_INK,
    ReadDigit,
    Reading,
    ReadPicture,
    Source,
)


@dataclass(frozen=True)
class ReadingSettings:
    """When a digit is looked at again, when it is doubted or no digit, and when touching digits are cut.

    benchmarks/doubt.py shows what the thresholds of doubt are worth.
    """

    pictures_at_once: int = 500  # the networks answer for so many while others are still being decoded
    look_again: float = (
        0.95  # confidence; a digit below is looked at again, leaning to the left and to the right
    )
    leans: tuple[float, ...] = (-0.25, 0.25)  # px to the right for each px up
    unsure: float = 0.5  # confidence; a digit that is alone on its picture is doubted below
    unsure_in_number: float = 0.8  # confidence; one of several is doubted below: more can go wrong with them
    digit_from: float = 0.5  # probability; ink that is less likely a digit is left out of the reading
    alone_from: float = 0.3  # the same for ink that is alone on its picture: people take pictures of digits
    other_ink: float = 0.05  # probability; ink that is left out is doubted if it is more likely a digit
    widest_mark: float = (
        1.2  # times the usual height; wider ink that is left out may be several digits that touch
    )
    apart: float = 0.8  # of the usual digit's height; a gap between two numbers is wider
    apart_in_row: float = 2  # times the usual gap; a gap between two numbers is wider
    sure_part: float = 0.8  # confidence; every part must be read with at least this before a blob is cut
    widest: float = 1.0  # times its height; what is wider and has sure parts is several digits


READING = ReadingSettings()


@dataclass(frozen=True)
class Answers:
    """The networks' probabilities for many digits.

    Args:
        each: (n, 10) by each network.
        digit_or_not: (n, 2), the probabilities of other ink and of a digit. None without that network.
    """

    each: dict[str, np.ndarray]
    digit_or_not: np.ndarray | None


def read_all(pictures: Iterable[Source], networks: Networks) -> tuple[list[ReadPicture], Networks, list[str]]:
    """Reads pictures with networks. The networks answer while other processes still decode pictures.

    Returns:
        The pictures in their order; the networks that read them; and why others failed on the way. A network that
        fails gives no reading for any picture.
    """
    left = iter(pictures)
    seen: list[Source] = []
    parts, failures = [], []
    while some := list(itertools.islice(left, READING.pictures_at_once)):
        seen += some
        answers, networks, failed = ask(networks, candidates(some))
        parts.append(answers)
        failures += failed
        if not networks.each:
            return [], networks, failures
    return read(seen, joined(parts, networks), networks.ensemble), networks, failures


def candidates(pictures: list[Source]) -> list[Digit]:
    """The digits on all pictures, each followed by the parts that it may be cut into."""
    return [
        candidate
        for picture in pictures
        if isinstance(picture, Picture)
        for digit in picture.digits
        for candidate in (digit, *digit.parts)
    ]


def ask(networks: Networks, digits: list[Digit]) -> tuple[Answers, Networks, list[str]]:
    """The networks' answers for digits, the networks that gave them, and why others failed."""
    images = (
        np.stack([digit.image for digit in digits]) if digits else np.empty((0, SIDE, SIDE, 1), np.float32)
    )
    each, failures = {}, []
    for name, network in networks.each.items():
        try:
            each[name] = answer(network, images)
        except RefusedModel as reason:
            failures.append(f"{name}: {reason}")
            networks = networks.without(name)
    digit_or_not = None
    if networks.digit_or_not is not None:
        try:
            digit_or_not = answer(networks.digit_or_not, images)
        except RefusedModel as reason:
            failures.append(f"digit_or_not.keras: {reason}")
            networks = replace(networks, digit_or_not=None)
    return Answers(each, digit_or_not), networks, failures


def answer(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """A network's probabilities for each digit image. Raises RefusedModel.

    If it is not sure of a digit, they are the mean for the digit as it is, and leaning to either side.
    """
    probabilities = probabilities_of(network, images)
    doubted = np.flatnonzero(probabilities.max(axis=1) < READING.look_again)
    leaning = np.array([slanted(image, lean) for lean in READING.leans for image in images[doubted]])
    looks = [
        probabilities[doubted],
        *np.split(probabilities_of(network, leaning), len(READING.leans)),
    ]
    probabilities[doubted] = np.mean(looks, axis=0)
    return probabilities


def joined(parts: list[Answers], networks: Networks) -> Answers:
    """The answers of the networks that answered all parts."""
    return Answers(
        {name: np.concatenate([part.each[name] for part in parts]) for name in networks.each},
        None if networks.digit_or_not is None else np.concatenate([part.digit_or_not for part in parts]),
    )


def read(pictures: list[Source], answers: Answers, members: list[str]) -> list[ReadPicture]:
    """The pictures with their readings.

    Args:
        pictures: what was found on them.
        answers: the networks' answers for the `candidates` of these pictures.
        members: the networks whose mean is the ensemble.
    """
    each, ensemble = dict(answers.each), mean(answers.each, members)
    are_digits = np.ones(len(ensemble))  # probabilities
    if answers.digit_or_not is not None:
        each = {name: if_digit(rows, answers.digit_or_not) for name, rows in each.items()}
        ensemble = if_digit(ensemble, answers.digit_or_not)
        are_digits = answers.digit_or_not[:, 1]
    read_digits = iter(
        ReadDigit(digit, dict(zip(each, rows, strict=True)), of_ensemble, float(is_digit))
        for digit, is_digit, of_ensemble, *rows in zip(
            candidates(pictures), are_digits, ensemble, *each.values(), strict=True
        )
    )
    return [read_picture(picture, read_digits, list(each)) for picture in pictures]


def mean(each: dict[str, np.ndarray], members: list[str]) -> np.ndarray:
    """The mean of some networks' probabilities."""
    return sum(each[name] for name in members) / len(members)


def if_digit(probabilities: np.ndarray, digit_or_not: np.ndarray) -> np.ndarray:
    """The probabilities (n, 10) of a network that knows only digits, for ink that may be something else.

    They hold as far as the ink is a digit. As far as it is other ink, all ten digits are equally likely.
    """
    other, digit = digit_or_not[:, :1], digit_or_not[:, 1:]
    return digit * probabilities + other / probabilities.shape[1]


def read_picture(picture: Source, read_digits: Iterator[ReadDigit], names: list[str]) -> ReadPicture:
    """A picture with its readings. Takes its digits, and their parts, from those of all pictures."""
    if isinstance(picture, UnreadablePicture):
        why = Reading("", None, f"unreadable: {picture}", str(picture))
        return ReadPicture(picture, [], dict.fromkeys(names, why), why)
    digits = []
    for digit in picture.digits:
        whole = next(read_digits)
        parts = list(itertools.islice(read_digits, len(digit.parts)))
        digits += parts if is_several(whole, parts) else [whole]
    digit_from = READING.alone_from if len(digits) == 1 else READING.digit_from
    digits = [replace(digit, is_digit=digit.probability >= digit_from) for digit in digits]
    doubts = doubted(digits, [digit.ensemble for digit in digits])
    digits = [replace(digit, doubted=doubt) for digit, doubt in zip(digits, doubts, strict=True)]
    return ReadPicture(
        replace(picture, digits=[read_digit.digit for read_digit in digits]),
        digits,
        {name: reading_of(picture, digits, [digit.each[name] for digit in digits]) for name in names},
        reading_of(picture, digits, [digit.ensemble for digit in digits]),
    )


def is_several(whole: ReadDigit, parts: list[ReadDigit]) -> bool:
    """Whether a digit is really several that touch: the ensemble is sure of every part, but not of the whole.

    A whole that is wider than any digit is several even if the ensemble is sure of it. Parts that are all 1s are more
    likely the strokes of a letter, of an m or an H.
    """
    if not parts or min(part.ensemble.max() for part in parts) <= READING.sure_part:
        return False
    if all(part.ensemble.argmax() == 1 for part in parts):
        return False
    left, top, right, bottom = whole.digit.box
    too_wide = right - left > READING.widest * (bottom - top)
    return whole.ensemble.max() < READING.unsure or too_wide


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
    found: list[ReadDigit], probabilities: list[np.ndarray], settings: ReadingSettings = READING
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
    apart = max(READING.apart * usual_height(found), READING.apart_in_row * usual_gap)

    def shown(n: int) -> str:
        sign = str(probabilities[n].argmax()) if found[n].is_digit else OTHER_INK
        return (" " if gaps.get(n, 0) > apart else "") + sign + (DOUBT if doubts[n] else "")

    return NEW_LINE.join("".join(map(shown, line)) for line in lines)
