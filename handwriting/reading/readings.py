"""What is read on a picture: the digits with their probabilities, and the readings. Needs no Keras."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.find import Digit
from handwriting.pictures.picture import Picture

ENSEMBLE_NAME = "ensemble"  # in the tables; no network is shown by this name
NEW_LINE = " / "  # in a reading, between two lines of a page
DOUBT = "?"  # for people, behind a doubted digit
OTHER_INK = "·"  # for people, what may be a digit but is left out
LEAST = 0.25  # confidence; what is less surely any of the ten digits is left out. benchmarks/pages.py shows its worth
TOGETHER = 200  # pictures whose digits the networks are given together, here or on a worker of a cluster
Source = Picture | UnreadablePicture


@dataclass(frozen=True, slots=True)
class ReadDigit:
    """What was found at one place of a picture, as the ensemble or one network reads it.

    Args:
        digit: its digit image and box.
        probabilities: of the ten digits.
        doubted: of a digit, whether it may be another digit or none. Of other ink, whether it may be a digit.
        each: the probabilities by each network, beside those of the ensemble.
    """

    digit: Digit
    probabilities: np.ndarray
    doubted: bool = False
    each: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def is_digit(self) -> bool:
        """Whether it is taken for a digit: it likely is one, and it looks like one of the ten."""
        return self.digit.is_likely and self.confidence >= LEAST

    @property
    def confidence(self) -> float:
        """The probability that it is a digit, and the likeliest one."""
        return self.digit.chance * float(self.probabilities.max())

    @property
    def likeliest(self) -> int:
        """The digit that it most likely is, if it is one."""
        return int(self.probabilities.argmax())

    @property
    def sign(self) -> str:
        """What stands for it in a reading."""
        if not self.is_digit:
            return OTHER_INK
        return str(self.likeliest) + (DOUBT if self.doubted else "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read on a picture.

    Args:
        shown: for people, what was found, such as "15?72·38 / 43 890": a "?" behind each doubted digit, a "·" for
            what is left out but may be a digit, a space between numbers, " / " between lines.
        confidence: the product of the confidences of all digits. None if there is no digit.
        status: ok, unsure, no digit, or unreadable: why.
        reason: why it is not ok, or what of the file was not read.
    """

    shown: str
    confidence: float | None
    status: str
    reason: str = ""

    @property
    def text(self) -> str:
        """For programs, the digits in reading order, such as "1572 38 / 43 890"."""
        marks = str.maketrans({DOUBT: "", OTHER_INK: " "})
        lines = [" ".join(line.translate(marks).split()) for line in self.shown.split(NEW_LINE)]
        return NEW_LINE.join(filter(None, lines))

    @property
    def digits(self) -> str:
        """The digits alone."""
        return "".join(filter(str.isdecimal, self.shown))

    def is_right(self, label: str | None) -> bool | None:
        """Whether the reading is the label. None if there is no label."""
        return None if label is None else self.digits == label


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """A picture with its readings.

    Args:
        picture: what was found on it, or why it can't be read.
        found: all that was found, with its probabilities.
        each: the reading of each network.
        ensemble: the reading of the ensemble.
    """

    picture: Source
    found: list[ReadDigit]
    each: dict[str, Reading]
    ensemble: Reading

    @property
    def digits(self) -> list[ReadDigit]:
        """What was found and taken for digits."""
        return [found for found in self.found if found.is_digit]

    @property
    def shown(self) -> list[ReadDigit]:
        """The digits, and what may be one."""
        return [found for found in self.found if found.is_digit or found.doubted]


def unreadable(reason: UnreadablePicture, names: Iterable[str]) -> ReadPicture:
    """A picture that can't be read, with that as the reading of each network."""
    why = Reading("", None, f"unreadable: {reason}", str(reason))
    return ReadPicture(reason, [], dict.fromkeys(names, why), why)


def in_words(failures: dict[str, str]) -> list[str]:
    """Each network that failed, and why."""
    return [f"{name}: {reason}" for name, reason in failures.items()]
