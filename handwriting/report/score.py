"""The score of a network's answers on labelled images."""

from dataclasses import dataclass

import numpy as np

LEAST_PROBABILITY = 1e-7  # taken for a label's: the logarithm of 0 would make the loss infinite


@dataclass(frozen=True)
class Score:
    """How well labelled images were read.

    Args:
        loss: the mean cross-entropy.
        misses: how many images were misread.
        count: how many images there were.
    """

    loss: float
    misses: int
    count: int

    @property
    def accuracy(self) -> float:
        """The share of images that were read right."""
        return 1 - self.misses / self.count

    def __str__(self) -> str:
        return f"loss {self.loss:.4f}  accuracy {self.accuracy:.2%}  misses {self.misses}/{self.count}"


def score(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """The score of answers (n, 10) to images with labels (n,). The most probable digit is the reading."""
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    loss = -np.log(np.clip(of_label, LEAST_PROBABILITY, 1)).mean()
    misses = int((probabilities.argmax(axis=1) != labels).sum())
    return Score(loss=float(loss), misses=misses, count=len(labels))
