"""From open pictures to readings.

1. The finder and the judge find the digits on each picture, and say what each may be: the finder's opinion.
2. Each network gives ten probabilities for each digit.
3. The ensemble averages the mean of its networks with the finder's opinion. A network that has learned the person's
   hand is weighted in last.
4. The digits become the reading.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import SIDE, slanted
from handwriting.model_answers import probabilities_of
from handwriting.model_files import RefusedModel
from handwriting.pictures.decoding import Opened, UnreadablePicture
from handwriting.pictures.find import Digit
from handwriting.pictures.picture import Picture, digits_on
from handwriting.quiet_keras import keras
from handwriting.reading.networks import Networks, by_what_they_learned
from handwriting.reading.readings import TOGETHER, ReadDigit, ReadPicture, Source, unreadable
from handwriting.reading.wording import marked, reading_of


@dataclass(frozen=True)
class ReadingSettings:
    """How the networks are asked."""

    pictures_at_once: int = TOGETHER
    look_again: float = 0.95  # confidence; a digit below is looked at again, leaning to either side
    leans: tuple[float, ...] = (-0.25, 0.25)  # px to the right for each px up
    own: float = 0.5  # the share of the finder's own opinion of a digit in the ensemble's
    learned: float = 0.75  # the share of what has learned the hand. The others may all misread a form


READING = ReadingSettings()
Answers = dict[str, np.ndarray]  # (n, 10) probabilities by each network


def read_all(
    pictures: Iterable[Opened | UnreadablePicture], networks: Networks
) -> tuple[list[ReadPicture], Networks, dict[str, str]]:
    """Reads pictures with networks, while other processes still open pictures. Returns what `read_found` returns."""
    found = (
        picture if isinstance(picture, UnreadablePicture) else digits_on(picture, networks.finder)
        for picture in pictures
    )
    return read_found(found, networks)


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
    digits = digits_of(pictures)
    rows = iter(range(len(digits)))
    others, learned = by_what_they_learned(members)
    ensemble = with_finders_opinion(mean(answers, others), digits)
    if learned:
        ensemble = ensemble + READING.learned * (mean(answers, learned) - ensemble)
    return [
        unreadable(picture, list(answers))
        if isinstance(picture, UnreadablePicture)
        else read_picture(picture, answers, ensemble, list(itertools.islice(rows, len(picture.digits))))
        for picture in pictures
    ]


def mean(answers: Answers, members: list[str]) -> np.ndarray:
    """The mean of some networks' probabilities."""
    return sum(answers[name] for name in members) / len(members)


def ensemble_answer(networks: Networks, images: np.ndarray) -> np.ndarray:
    """The mean of the ensemble's networks for digit images that no finder has found. Raises RefusedModel."""
    members = networks.ensemble
    return mean({name: answer(networks.each[name], images) for name in members}, members)


def with_finders_opinion(probabilities: np.ndarray, digits: list[Digit]) -> np.ndarray:
    """The probabilities for each digit, and the finder's where it has an opinion. It sees what is around a digit."""
    own = [
        rows if digit.classes is None else digit.classes
        for digit, rows in zip(digits, probabilities, strict=True)
    ]
    return probabilities + READING.own * (np.array(own).reshape(probabilities.shape) - probabilities)


def read_picture(picture: Picture, answers: Answers, ensemble: np.ndarray, rows: list[int]) -> ReadPicture:
    """A picture with its readings. Its digits are in these rows of all the answers."""
    found = [
        ReadDigit(digit, ensemble[row], each={name: of_network[row] for name, of_network in answers.items()})
        for digit, row in zip(picture.digits, rows, strict=True)
    ]
    return ReadPicture(
        picture,
        marked(found),
        {name: reading_of(picture, found, of_network[rows]) for name, of_network in answers.items()},
        reading_of(picture, found, ensemble[rows]),
    )


def ensemble_in_words(members: list[str]) -> str:
    """Which networks form the ensemble, and how."""
    others, learned = by_what_they_learned(members)
    words = f"ensemble: the mean of {', '.join(others)}, averaged with the finder's own reading"
    if learned:
        words += f"; {', '.join(learned)}, which has learned a hand, counts for {READING.learned:.0%}"
    return words
