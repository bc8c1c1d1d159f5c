"""From open pictures to readings.

1. The finder and the judge find the digits on each picture, and say what each may be: the finder's opinion.
2. Each network gives ten probabilities for each digit.
3. The ensemble averages the mean of its networks with the finder's opinion. A network that has learned the person's
   hand is weighted in last.
4. The digits become the reading.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from handwriting.digit_image import SIDE, slanted
from handwriting.model_answers import probabilities_of
from handwriting.model_files import RefusedModel
from handwriting.pictures.decoding import Opened, UnreadablePicture
from handwriting.pictures.find import Digit
from handwriting.pictures.picture import Picture, digits_on_all
from handwriting.quiet_keras import keras
from handwriting.reading.networks import Networks, by_what_they_learned
from handwriting.reading.readings import TOGETHER, ReadPicture, Source, unreadable
from handwriting.reading.wording import read_digits, reading_of


@dataclass(frozen=True)
class ReadingSettings:
    """How the networks are asked."""

    pictures_at_once: int = TOGETHER
    look_again: float = 0.95  # confidence; a digit below is looked at again, leaning to either side
    leans: tuple[float, ...] = (-0.25, 0.25)  # px to the right for each px up
    own: float = 0.5  # the share of the finder's own opinion of a digit in the ensemble's
    learned: float = 0.75  # the share of what has learned the hand. The others may all misread a form


READING = ReadingSettings()
Answers = dict[str, np.ndarray]  # the probabilities by each network: (n, 10), or (10,) for one digit


def read_all(
    pictures: Iterable[Opened | UnreadablePicture], networks: Networks
) -> tuple[list[ReadPicture], Networks, dict[str, str]]:
    """Reads pictures with networks, while other processes still open pictures. Returns what `read_found` returns."""
    return read_found(digits_on_all(pictures, networks.finder), networks)


def read_found(
    pictures: Iterable[Source], networks: Networks
) -> tuple[list[ReadPicture], Networks, dict[str, str]]:
    """Reads what was found on pictures.

    Returns:
        The pictures in their order; the networks that read them; and, by their names, why others failed on the way. A
        network that fails gives no reading for any picture.
    """
    left = iter(pictures)
    seen: list[Source] = []
    parts, failures = [], {}
    while some := list(itertools.islice(left, READING.pictures_at_once)):
        seen += some
        answers, networks, failed = ask(networks, digits_of(some))
        parts.append(answers)
        failures |= failed
        if not networks.each:
            return [], networks, failures
    answers = {name: np.concatenate([part[name] for part in parts]) for name in networks.each}
    return read(seen, answers, networks.ensemble), networks, failures


def digits_of(pictures: list[Source]) -> list[Digit]:
    """The digits on all pictures, in their order."""
    return [digit for picture in pictures if isinstance(picture, Picture) for digit in picture.digits]


def ask(networks: Networks, digits: list[Digit]) -> tuple[Answers, Networks, dict[str, str]]:
    """The networks' answers for digits, the networks that gave them, and why others failed, by their names."""
    images = (
        np.stack([digit.image for digit in digits]) if digits else np.empty((0, SIDE, SIDE, 1), np.float32)
    )
    answers, failures = {}, {}
    for name, network in networks.each.items():
        try:
            answers[name] = answer(network, images)
        except RefusedModel as reason:
            failures[name] = str(reason)
            networks = networks.without(name)
    return answers, networks, failures


def answer(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """A network's probabilities for each digit image. Raises RefusedModel.

    If it is not sure of a digit, they are the mean for the digit as it is, and leaning to either side.
    """
    probabilities = probabilities_of(network, images)
    unsure = np.flatnonzero(probabilities.max(axis=1) < READING.look_again)
    leaning = np.array([slanted(image, lean) for lean in READING.leans for image in images[unsure]])
    looks = [
        probabilities[unsure],
        *np.split(probabilities_of(network, leaning), len(READING.leans)),
    ]
    probabilities[unsure] = np.mean(looks, axis=0)
    return probabilities


def read(pictures: list[Source], answers: Answers, members: list[str]) -> list[ReadPicture]:
    """The pictures with their readings.

    Args:
        pictures: what was found on them.
        answers: the networks' answers for the digits of all these pictures.
        members: the networks that form the ensemble.
    """
    said = iter([dict(zip(answers, rows, strict=True)) for rows in zip(*answers.values(), strict=True)])
    return [
        unreadable(picture, list(answers))
        if isinstance(picture, UnreadablePicture)
        else read_picture(picture, list(itertools.islice(said, len(picture.digits))), list(answers), members)
        for picture in pictures
    ]


def mean(answers: Answers, members: list[str]) -> np.ndarray:
    """The mean of some networks' probabilities."""
    return sum(answers[name] for name in members) / len(members)


def ensemble_answer(networks: Networks, images: np.ndarray) -> np.ndarray:
    """The mean of the ensemble's networks for digit images that no finder has found. Raises RefusedModel."""
    members = networks.ensemble
    return mean({name: answer(networks.each[name], images) for name in members}, members)


def read_picture(picture: Picture, said: list[Answers], names: list[str], members: list[str]) -> ReadPicture:
    """A picture with its readings.

    Args:
        picture: what was found on it.
        said: for each of its digits, the ten probabilities by each network.
        names: of the networks.
        members: those that form the ensemble.
    """
    by_ensemble = read_digits(
        picture,
        [ensemble_of(digit, each, members) for digit, each in zip(picture.digits, said, strict=True)],
    )
    by_each = {name: read_digits(picture, [each[name] for each in said]) for name in names}
    return ReadPicture(
        picture,
        [replace(found, each=each) for found, each in zip(by_ensemble, said, strict=True)],
        {name: reading_of(picture, found) for name, found in by_each.items()},
        reading_of(picture, by_ensemble),
    )


def ensemble_of(digit: Digit, each: Answers, members: list[str]) -> np.ndarray:
    """The ensemble's probabilities for a digit, by those of each network and of the finder, if it has an opinion.

    The finder sees what is around the digit.
    """
    others, learned = by_what_they_learned(members)
    probabilities = mean(each, others)
    if digit.classes is not None:
        probabilities = probabilities + READING.own * (digit.classes - probabilities)
    if learned:
        probabilities = probabilities + READING.learned * (mean(each, learned) - probabilities)
    return probabilities


def ensemble_in_words(members: list[str]) -> str:
    """Which networks form the ensemble, and how."""
    others, learned = by_what_they_learned(members)
    words = f"ensemble: the mean of {', '.join(others)}, averaged with the finder's own reading"
    if learned:
        words += f"; {', '.join(learned)}, which has learned a hand, counts for {READING.learned:.0%}"
    return words
