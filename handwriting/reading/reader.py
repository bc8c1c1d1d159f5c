"""From the digits that were found on pictures to readings.

In the order of the work: each network gives ten probabilities for each digit; the ensemble is the mean of some of them;
the digit-or-not network lowers the confidence of what may be other ink; digits that touch are cut if the ensemble is
sure of the parts; the digits of a picture become its reading.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from handwriting.digit_image import SIDE, slanted
from handwriting.model_files import RefusedModel
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.picture import Digit, Picture
from handwriting.quiet_keras import keras
from handwriting.reading.answers import probabilities_of
from handwriting.reading.networks import Networks
from handwriting.reading.readings import ReadDigit, Reading, ReadPicture, Source
from handwriting.reading.wording import doubted, reading_of


@dataclass(frozen=True)
class ReadingSettings:
    """When a digit is looked at again, when ink is no digit, and when touching digits are cut."""

    pictures_at_once: int = 500  # the networks answer for so many while others are still being decoded
    look_again: float = (
        0.95  # confidence; a digit below is looked at again, leaning to the left and to the right
    )
    leans: tuple[float, ...] = (-0.25, 0.25)  # px to the right for each px up
    digit_from: float = 0.5  # probability; ink that is less likely a digit is left out of the reading
    alone_from: float = 0.3  # the same for ink that is alone on its picture: people take pictures of digits
    unsure_whole: float = 0.5  # confidence; a blob that is read with less may be cut
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
    of_digit = np.ones(len(ensemble))  # the probability that it is a digit at all
    if answers.digit_or_not is not None:
        each = {name: if_digit(rows, answers.digit_or_not) for name, rows in each.items()}
        ensemble = if_digit(ensemble, answers.digit_or_not)
        of_digit = answers.digit_or_not[:, 1]
    looked_at = iter(
        (ReadDigit(digit, of_ensemble, float(probability)), dict(zip(each, rows, strict=True)))
        for digit, probability, of_ensemble, *rows in zip(
            candidates(pictures), of_digit, ensemble, *each.values(), strict=True
        )
    )
    return [read_picture(picture, looked_at, list(each)) for picture in pictures]


def mean(each: dict[str, np.ndarray], members: list[str]) -> np.ndarray:
    """The mean of some networks' probabilities."""
    return sum(each[name] for name in members) / len(members)


def if_digit(probabilities: np.ndarray, digit_or_not: np.ndarray) -> np.ndarray:
    """The probabilities (n, 10) of a network that knows only digits, for ink that may be something else.

    They hold as far as the ink is a digit. As far as it is other ink, all ten digits are equally likely.
    """
    other, digit = digit_or_not[:, :1], digit_or_not[:, 1:]
    return digit * probabilities + other / probabilities.shape[1]


def read_picture(
    picture: Source, looked_at: Iterator[tuple[ReadDigit, dict[str, np.ndarray]]], names: list[str]
) -> ReadPicture:
    """A picture with its readings.

    Args:
        picture: what was found on it.
        looked_at: the digits of all pictures, and their parts, each with the probabilities of each network. Those of
            this picture are taken from it.
        names: of the networks.
    """
    if isinstance(picture, UnreadablePicture):
        why = Reading("", None, f"unreadable: {picture}", str(picture))
        return ReadPicture(picture, [], dict.fromkeys(names, why), why)
    pairs = []
    for digit in picture.digits:
        whole = next(looked_at)
        parts = list(itertools.islice(looked_at, len(digit.parts)))
        pairs += parts if is_several(whole[0], [part for part, _ in parts]) else [whole]
    digits, each = [digit for digit, _ in pairs], [of_digit for _, of_digit in pairs]
    digit_from = READING.alone_from if len(digits) == 1 else READING.digit_from
    digits = [replace(digit, is_digit=digit.probability >= digit_from) for digit in digits]
    doubts = doubted(digits, [digit.ensemble for digit in digits])
    digits = [replace(digit, doubted=doubt) for digit, doubt in zip(digits, doubts, strict=True)]
    return ReadPicture(
        replace(picture, digits=[read_digit.digit for read_digit in digits]),
        digits,
        {name: reading_of(picture, digits, [of_digit[name] for of_digit in each]) for name in names},
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
    return whole.ensemble.max() < READING.unsure_whole or too_wide
