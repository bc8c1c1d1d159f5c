"""Pictures and the shipped networks: what `handwriting.read` does."""

import functools
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.model_files import load_model
from handwriting.pictures.decoding import Source
from handwriting.pictures.many import open_or_reason
from handwriting.reading.inputs import networks_in
from handwriting.reading.networks import Networks, far_worse, load_networks, shown_name
from handwriting.reading.reader import read_all
from handwriting.reading.readings import ReadDigit, ReadPicture, in_words
from handwriting.shipped import ENSEMBLE, shipped_network


@dataclass(frozen=True)
class DigitResult:
    """A digit on a picture.

    Args:
        box: left, top, right, bottom in pixels of the picture.
        digit: what was read, 0 to 9.
        confidence: the probability that it is right, from 0 to 1.
        doubted: whether it may be another digit, or none.
        line: the line of the picture that it stands in, from 0.
        probabilities: of the ten digits, if it is one.
        image: what the networks saw: (28, 28, 1), float32 in [0, 1].
        finder: what finder and judge take it for: probabilities of the ten digits. None if they were not asked.
        networks: what each network of the ensemble takes it for: probabilities of the ten digits.
    """

    box: tuple[int, int, int, int]
    digit: int
    confidence: float
    doubted: bool
    line: int
    probabilities: np.ndarray
    image: np.ndarray
    finder: np.ndarray | None = None
    networks: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What was read on a picture.

    Args:
        digits: in reading order.
        reading: the digits as one text, with a space between numbers and " / " between lines.
        confidence: the product of the confidences of all digits. None if there is no digit.
        status: "ok", "unsure", "no digit", or "unreadable: " and why.
        reason: why the status is not "ok", or what of the file was not read. Often empty.
    """

    digits: list[DigitResult]
    reading: str
    confidence: float | None
    status: str
    reason: str


def read_pictures(pictures: Source | list[Source], networks: Networks | None = None) -> Result | list[Result]:
    """What the ensemble of these networks, or of the shipped ones, reads on a picture or on each of a list.

    Everything happens in this process, so that it works in any program.
    """
    if not isinstance(pictures, list | tuple):
        return read_pictures([pictures], networks)[0]
    if not pictures:
        return []
    read, networks, failures = read_all(map(open_or_reason, pictures), networks or shipped_networks())
    if failures:
        raise console.InputError("; ".join(in_words(failures)))
    return [result_of(picture, networks.ensemble) for picture in read]


def result_of(read: ReadPicture, members: list[str]) -> Result:
    """What the ensemble of these networks reads on a picture."""
    digits = [digit_result(digit, members) for digit in read.digits]
    ensemble = read.ensemble
    return Result(digits, ensemble.text, ensemble.confidence, ensemble.status, ensemble.reason)


def digit_result(read: ReadDigit, members: list[str]) -> DigitResult:
    """A digit with what the ensemble of these networks reads."""
    return DigitResult(
        box=read.digit.box,
        digit=read.likeliest,
        confidence=read.confidence,
        doubted=read.doubted,
        line=read.digit.line,
        probabilities=read.probabilities,
        image=read.digit.image,
        finder=read.digit.classes,
        networks={name: read.each[name] for name in members},
    )


@functools.cache
def shipped_networks() -> Networks:
    """The shipped networks of the ensemble, loaded once."""
    return usable_networks([shipped_network(name) for name in ENSEMBLE])


def shipped_networks_and(path: Path) -> Networks:
    """The shipped networks of the ensemble, and the one in a file. Raises InputError if it can't be used.

    The shipped ones and the finder stay loaded: what TensorFlow has prepared for them is not prepared again.
    """
    shipped = shipped_networks()
    each = {**shipped.each, shown_name(path, taken=set(shipped.each)): load_model(path)}
    return Networks(shipped.finder, each, far_worse(each))


def usable_networks(paths: list[str | Path] | str | Path) -> Networks:
    """The networks in .keras files, or in folders of them. Raises InputError if one can't be used."""
    if isinstance(paths, (str, Path)):
        paths = [paths]
    networks, refused = load_networks(networks_in([Path(path) for path in paths]))
    if refused:
        raise console.InputError("; ".join(refused))
    return networks
