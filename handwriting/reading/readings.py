"""What is read on a picture: the digits with their probabilities, and the readings. Needs no Keras."""

from dataclasses import dataclass

import numpy as np

from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.picture import Digit, Picture

ENSEMBLE_NAME = "ensemble"  # in the tables; no network is shown by this name
NEW_LINE = " / "  # in a reading, between two lines of a page
DOUBT = "?"  # for people, behind a doubted digit
OTHER_INK = "·"  # for people, ink that is no digit
Source = Picture | UnreadablePicture


@dataclass(frozen=True, slots=True)
class ReadDigit:
    """A digit on a picture, and the ensemble's probabilities for it.

    Args:
        digit: its digit image and box.
        ensemble: its ten probabilities.
        probability: that it is a digit at all, and not other ink.
        is_digit: whether it is taken for a digit.
        doubted: whether the ensemble's reading of it is in doubt.
    """

    digit: Digit
    ensemble: np.ndarray
    probability: float = 1.0
    is_digit: bool = True
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read on a picture.

    Args:
        shown: for people, what was found, such as "15?72·38 / 43 890": a "?" behind each doubted digit, a "·" for
            ink that is no digit, a space between numbers, " / " between lines.
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
        found: all that was found, with its probabilities. Digits that touch are cut.
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
