"""The finder's answers to a picture -> digits with boxes, chances and classes."""

from dataclasses import dataclass

import numpy as np

from handwriting.finder.answers import CELL, split


@dataclass(frozen=True)
class PeakSettings:
    """Which cells are the middle of a digit."""

    least: float = 0.3  # probability
    apart: float = 0.55  # of the smaller box; of two boxes that share more, the likelier one stays


PEAKS = PeakSettings()


@dataclass(frozen=True)
class Peaks:
    """Digits that the finder sees.

    Args:
        boxes: (n, 4), left, top, right, bottom in pixels of the picture.
        chances: (n,), the probability that this is a digit at all.
        classes: (n, 10), the probabilities of the ten digits.
    """

    boxes: np.ndarray
    chances: np.ndarray
    classes: np.ndarray

    @property
    def middles(self) -> np.ndarray:
        """(n, 2), the middles of the boxes."""
        return (self.boxes[:, :2] + self.boxes[:, 2:]) / 2

    @property
    def longer_sides(self) -> np.ndarray:
        """(n,), the longer sides of the boxes."""
        return (self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1, initial=0)

    def take(self, which: np.ndarray) -> "Peaks":
        """Some of them, by their numbers or by a mask."""
        return Peaks(self.boxes[which], self.chances[which], self.classes[which])


def joined(some: list[Peaks]) -> Peaks:
    """The peaks of several looks."""
    return Peaks(
        np.concatenate([peaks.boxes for peaks in some]),
        np.concatenate([peaks.chances for peaks in some]),
        np.concatenate([peaks.classes for peaks in some]),
    )


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def peaks_of(answers: np.ndarray, least: float = PEAKS.least) -> Peaks:
    """The local maxima of the answers (height, width, CHANNELS) to one picture, in its pixels, the likeliest first."""
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
    peaks = Peaks(boxes, chances[down, across], softmax(classes[down, across]))
    return peaks.take(without_doubles(peaks))


def without_doubles(peaks: Peaks) -> np.ndarray:
    """Non-maximum suppression: the numbers of the peaks that overlap no likelier one much, the likeliest first."""
    order = np.argsort(-peaks.chances, kind="stable")
    boxes = peaks.boxes[order]
    areas = area(boxes)
    kept, left = [], np.arange(len(order))
    while len(left):
        likeliest, left = left[0], left[1:]
        kept.append(likeliest)
        both = in_both(boxes[likeliest], boxes[left])
        left = left[both <= PEAKS.apart * np.minimum(areas[likeliest], areas[left])]
    return order[kept]


def in_both(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The area that a box shares with each of the others."""
    across = np.minimum(others[:, 2], box[2]) - np.maximum(others[:, 0], box[0])
    down = np.minimum(others[:, 3], box[3]) - np.maximum(others[:, 1], box[1])
    return np.maximum(across, 0) * np.maximum(down, 0)


def shared(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of a box with each of the others."""
    both = in_both(box, others)
    return both / np.maximum(area(others) + area(box) - both, 1e-6)


def area(boxes: np.ndarray) -> np.ndarray:
    """The area of each box: (...) for (..., 4)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
