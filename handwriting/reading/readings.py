"""What is read on a picture: the digits with their probabilities, and the readings. Needs no Keras."""

from dataclasses import dataclass

import numpy as np

from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.picture import Digit, Picture

ENSEMBLE_NAME = "ensemble"  # in the tables; no network is shown by this name
Source = Picture | UnreadablePicture


@dataclass(frozen=True)
class ReadDigit:
    """A digit on a picture, and the networks' probabilities for it.

    Args:
        digit: its digit image and box.
        each: ten probabilities by each network.
        ensemble: ten probabilities by the ensemble.
    """

    digit: Digit
    each: dict[str, np.ndarray]
    ensemble: np.ndarray


@dataclass(frozen=True)
class Reading:
    """What is read on a picture.

    Args:
        digits: in reading order.
        confidence: the product of the confidences of all digits. None if there is no digit.
        status: ok, unsure, no digit, or unreadable: why.
    """

    digits: str
    confidence: float | None
    status: str

    def is_right(self, label: str | None) -> bool | None:
        """Whether the reading is the label. None if there is no label."""
        return None if label is None else self.digits == label


@dataclass(frozen=True)
class ReadPicture:
    """A picture with its readings.

    Args:
        picture: what was found on it, or why it can't be read.
        digits: its digits with their probabilities. Digits that touch are cut.
        each: the reading of each network.
        ensemble: the reading of the ensemble.
    """

    picture: Source
    digits: list[ReadDigit]
    each: dict[str, Reading]
    ensemble: Reading
