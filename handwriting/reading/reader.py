"""What networks read on pictures: from the digits that images.py finds, and the probabilities of each, to readings.

In the order of the work: the arrays that a network gets, its probabilities, the ensemble's, whether each is a digit at
all, which digits are really several that touch, and what is read.
"""

from dataclasses import dataclass, replace

import numpy as np

from handwriting import model_files
from handwriting.digit_image import SIDE, slanted
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.picture import Picture
from handwriting.shipped import PROJECT

# The networks whose mean is the ensemble: of all groups the one with the smallest loss on MNIST's validation images
# (0.0105, from benchmarks/ensemble.py).
ENSEMBLE = ("cnn_digit01", "cnn_digit02", "cnn_digit03")


# Tells digits from other ink, whichever networks read; benchmarks/doubter.py trains it.
DOUBTER = PROJECT / "checkpoints" / "reader" / "digit_or_not.keras"


UNSURE = 0.5  # below, the reading is more likely wrong, or the ink no digit


DOUBTFUL = 0.95  # below, a digit is looked at again, leaning otherwise


LEANS = (-0.25, 0.25)  # to the right, in pixels sideways for each pixel up


SURE_PART = 0.8  # of each digit that touches another, so that nothing is cut that may be whole


WIDEST = 1.0  # of a digit's height: what is wider, and falls into sure digits, is those


@dataclass(frozen=True)
class Reading:
    """What a model reads on a picture."""

    digits: str
    confidence: float | None
    status: str  # ok, unsure, no digit, or unreadable: why

    def is_right(self, label: str | None) -> bool | None:
        return None if label is None else self.digits == label


def read(
    pictures: list, answers: dict, digit_or_not: np.ndarray | None
) -> tuple[list, dict[str, list[Reading]]]:
    """The pictures with their final digits; and what each model, and the ensemble of them, reads on each.

    Args:
        pictures: what images.py gave.
        answers: each model's `answer_of` the `digits_of(pictures)`.
        digit_or_not: the doubter's `answer_of` them; without it all ink is taken for digits.
    """
    answers = answers | {"ensemble": mean(answers, members(answers))}
    if digit_or_not is not None:
        answers = {name: with_doubt(of_model, digit_or_not) for name, of_model in answers.items()}
    pictures, chosen = touching_parted(pictures, answers["ensemble"])
    return pictures, {name: readings_of(pictures, of_model[chosen]) for name, of_model in answers.items()}


def members(names) -> list[str]:
    """Which of these networks the ensemble is the mean of: the chosen ones; where fewer than two are there, all."""
    chosen = [name for name in names if name in ENSEMBLE]
    return chosen if len(chosen) > 1 else list(names)


def mean(answers: dict, names) -> np.ndarray:
    """The mean of some networks' probabilities."""
    return sum(answers[name] for name in names) / len(names)


def digits_of(pictures: list) -> np.ndarray:
    """The digit images of all digits on all pictures, each followed by its parts."""
    arrays = [
        part.image
        for picture in pictures
        if isinstance(picture, Picture)
        for digit in picture.digits
        for part in (digit, *digit.parts)
    ]
    return np.stack(arrays) if arrays else np.empty((0, SIDE, SIDE, 1), np.float32)


def answer_of(model, digits: np.ndarray) -> np.ndarray:
    """A model's probabilities for each digit; for what it doubts, the mean over the digit as it is and leaning."""
    probabilities = model_files.probabilities_of(model, digits)
    doubted = np.flatnonzero(probabilities.max(axis=1) < DOUBTFUL)
    leaning = np.array([slanted(digit, lean) for lean in LEANS for digit in digits[doubted]])
    looks = [probabilities[doubted], *np.split(model_files.probabilities_of(model, leaning), len(LEANS))]
    probabilities[doubted] = np.mean(looks, axis=0)
    return probabilities


def answers_of(models: dict, digits: np.ndarray) -> dict[str, np.ndarray]:
    """Each model's answer, all of which are needed; raises model_files.RefusedModel."""
    answers = {}
    for name, model in models.items():
        try:
            answers[name] = answer_of(model, digits)
        except model_files.RefusedModel as reason:
            raise model_files.RefusedModel(f"{name}: {reason}") from None
    return answers


def load_doubter():
    """The network that tells digits from other ink; raises model_files.RefusedModel."""
    return model_files.load_model(DOUBTER, classes=2)


def with_doubt(probabilities: np.ndarray, digit_or_not: np.ndarray) -> np.ndarray:
    """A model's probabilities, which hold if it is shown a digit; if it is shown none, all digits are as likely.

    Args:
        probabilities: (n, 10).
        digit_or_not: (n, 2), how likely each is other ink, and a digit.
    """
    other, digit = digit_or_not[:, :1], digit_or_not[:, 1:]
    return digit * probabilities + other / probabilities.shape[1]


def touching_parted(pictures: list, probabilities: np.ndarray) -> tuple[list, list[int]]:
    """Decides by a model's probabilities which digits are several that touch.

    They are if the model is sure of every part, and either unsure of the whole or the whole is wider than any digit.
    Nothing but 1s are more likely the strokes of a letter: of an m, or an H.

    Returns:
        The pictures with their final digits, and the row of `probabilities` (which has the digits' order in
        `digits_of`) that belongs to each of them.
    """
    decided, chosen, row = [], [], 0
    for picture in pictures:
        if isinstance(picture, UnreadablePicture):
            decided.append(picture)
            continue
        digits = []
        for digit in picture.digits:
            own = probabilities[row : row + 1 + len(digit.parts)]
            whole, *parts = own.max(axis=1)
            strokes = (own[1:].argmax(axis=1) == 1).all()
            left, top, right, bottom = digit.box
            too_wide = right - left > WIDEST * (bottom - top)
            if parts and min(parts) > SURE_PART and not strokes and (whole < UNSURE or too_wide):
                digits += digit.parts
                chosen += range(row + 1, row + 1 + len(parts))
            else:
                digits.append(digit)
                chosen.append(row)
            row += 1 + len(parts)
        decided.append(replace(picture, digits=digits))
    return decided, chosen


def readings_of(pictures: list, probabilities: np.ndarray) -> list[Reading]:
    """A reading for each picture out of the probabilities of all digits, in the pictures' order."""
    readings, start = [], 0
    for picture in pictures:
        if isinstance(picture, UnreadablePicture):
            readings.append(Reading("", None, f"unreadable: {picture}"))
        elif not picture.digits:
            readings.append(Reading("", None, "no digit"))
        else:
            own = probabilities[start : start + len(picture.digits)]
            start += len(picture.digits)
            confidences = own.max(axis=1)
            digits = "".join(map(str, own.argmax(axis=1)))
            status = "unsure" if confidences.min() < UNSURE else "ok"
            readings.append(Reading(digits, float(confidences.prod()), status))
    return readings
