"""The finder's answers to a picture -> digits with boxes, classes and own ink."""

from dataclasses import dataclass

import numpy as np

from handwriting.finder.network import CELL, split


@dataclass(frozen=True)
class PeakSettings:
    """Which cells are the middle of a digit."""

    least: float = 0.3  # probability
    apart: float = 0.45  # of the smaller box; of two boxes that share more, the likelier one stays


PEAKS = PeakSettings()


@dataclass(frozen=True)
class Peaks:
    """Digits that the finder sees, the likeliest first.

    Args:
        boxes: (n, 4), left, top, right, bottom in pixels of the picture.
        chances: (n,), the probability that this is a digit at all.
        classes: (n, 10), the probabilities of the ten digits.
    """

    boxes: np.ndarray
    chances: np.ndarray
    classes: np.ndarray

    def take(self, which: np.ndarray) -> "Peaks":
        return Peaks(self.boxes[which], self.chances[which], self.classes[which])


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def peaks_of(answers: np.ndarray, least: float = PEAKS.least) -> Peaks:
    """The local maxima of the answers (height, width, CHANNELS) to one picture, in its pixels."""
    middles, classes, edges, _, _ = split(answers)
    chances = sigmoid(middles)
    padded = np.pad(chances, 1)
    height, width = chances.shape
    around = np.max(
        [padded[down : down + height, right : right + width] for down in range(3) for right in range(3)],
        axis=0,
    )
    down, across = np.nonzero((chances >= around) & (chances > least))
    left, top, right, bottom = np.moveaxis(np.exp(np.clip(edges[down, across], -3, 5)) * CELL, 1, 0)
    x, y = (across + 0.5) * CELL, (down + 0.5) * CELL
    boxes = np.stack([x - left, y - top, x + right, y + bottom], axis=1)
    return without_doubles(Peaks(boxes, chances[down, across], softmax(classes[down, across])))


def without_doubles(peaks: Peaks, apart: float = PEAKS.apart) -> Peaks:
    """The peaks without those that share most of their box with a likelier one."""
    order = np.argsort(-peaks.chances, kind="stable")
    boxes = peaks.boxes[order]
    areas = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6), axis=1)
    kept: list[int] = []
    for number, box in enumerate(boxes):
        if kept:
            others = boxes[kept]
            shared = np.maximum(
                np.minimum(others[:, 2:], box[2:]) - np.maximum(others[:, :2], box[:2]), 0
            ).prod(axis=1)
            if (shared > apart * np.minimum(areas[kept], areas[number])).any():
                continue
        kept.append(number)
    return peaks.take(order[kept])
