"""How well labelled images were read."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Score:
    """How well labelled images were read."""

    loss: float
    misses: int
    count: int

    @property
    def accuracy(self) -> float:
        return 1 - self.misses / self.count

    def __str__(self) -> str:
        return f"loss {self.loss:.4f}  accuracy {self.accuracy:.2%}  misses {self.misses}/{self.count}"


def score(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """The mean cross-entropy, and how many labels are not the most probable digit."""
    of_label = np.clip(probabilities[np.arange(len(labels)), labels].astype(np.float64), 1e-7, 1)
    misses = int((probabilities.argmax(axis=1) != labels).sum())
    return Score(loss=float(-np.log(of_label).mean()), misses=misses, count=len(labels))
