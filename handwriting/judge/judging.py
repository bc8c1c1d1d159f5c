"""The finder's finds on a picture -> the same finds, with chances and classes that the judge has had a part in."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import CLASSES
from handwriting.filters import Colour
from handwriting.finder.files import Ask
from handwriting.finder.peaks import Peaks, sigmoid, softmax
from handwriting.judge.crops import ANSWERS, INK_SIDE, OUTPUTS, crops_around

LIKELY = 0.5  # chance; what is less likely a digit is left out of readings
MOST_AT_ONCE = 256  # finds; more take much memory


@dataclass(frozen=True)
class VerdictSettings:
    """How the finder's and the judge's opinions are joined. `python -m benchmarks.pages` fits it to written pages.

    The chance is sigmoid(finder * its logit + judge * its logit + offset), so that 80 % means a digit in 80 of 100
    cases.
    """

    finder: float = 1.56
    judge: float = 0.473
    offset: float = 1.013
    surest: float = (
        6  # the judge's logit counts up to this: in colours that are new to it, it is very sure and wrong
    )
    classes: float = 0.67  # the judge's share of what a digit is taken for


VERDICT = VerdictSettings()
SUREST = 1e-6  # the finder's chances are clipped to this distance from 0 and 1


def judged(judge: Ask, picture: Image.Image, paper: Colour, finds: Peaks) -> tuple[Peaks, np.ndarray]:
    """Finds with the chances and classes that finder and judge give them together, and their ink.

    Args:
        judge: the network.
        picture: on which they are.
        paper: the colour around the picture.
        finds: with the chances and classes that the finder gives them.

    Returns:
        The finds, and how likely each pixel in the middle of the square around a find is the digit's own ink,
        (n, INK_SIDE, INK_SIDE).
    """
    answers, inks = answers_of(judge, crops_around(picture, paper, finds.boxes))
    by_finder, by_judge = digit_logits(finds.chances, answers)
    chances = sigmoid(VERDICT.finder * by_finder + VERDICT.judge * by_judge + VERDICT.offset)
    classes = finds.classes + VERDICT.classes * (softmax(answers[:, :CLASSES]) - finds.classes)
    return Peaks(finds.boxes, chances, classes), sigmoid(inks)


def digit_logits(chances: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The logits that finds are digits at all: by the finder's chances, and by the judge's answers."""
    chances = np.clip(chances, SUREST, 1 - SUREST)
    by_judge = np.logaddexp.reduce(answers[:, :CLASSES], axis=1) - answers[:, CLASSES]
    return np.log(chances / (1 - chances)), np.clip(by_judge, -VERDICT.surest, VERDICT.surest)


def answers_of(judge: Ask, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The judge's logits for squares: (n, ANSWERS), and (n, INK_SIDE, INK_SIDE) for the ink in their middles."""
    parts = [crops[first : first + MOST_AT_ONCE] for first in range(0, len(crops), MOST_AT_ONCE)]
    outputs = [judge(part.astype(np.float32) / 255) for part in parts]
    outputs = np.concatenate([np.empty((0, OUTPUTS), np.float32), *outputs])
    return outputs[:, :ANSWERS], outputs[:, ANSWERS:].reshape(-1, INK_SIDE, INK_SIDE)
