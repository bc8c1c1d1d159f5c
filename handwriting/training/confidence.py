"""Temperature scaling: readings with a confidence of 90 % should be right nine times in ten."""

from collections.abc import Iterable

import numpy as np

from handwriting.report.score import score


def best_temperature(labels: np.ndarray, probabilities: np.ndarray, tried: Iterable[float]) -> float:
    """The temperature with the smallest loss on these labels, of those tried."""

    def loss(temperature: float) -> float:
        return score(labels, tempered(probabilities, temperature)).loss

    return round(min(tried, key=loss), 2)


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities that the network gives if its logits are divided by the temperature."""
    powers = np.clip(probabilities.astype(np.float64), 1e-12, 1) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)
