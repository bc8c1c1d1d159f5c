"""A confidence that is right as often as it says."""

from handwriting.report.score import score

CONFIDENCE_IMAGES = 1_000  # of fewer validation images all may be right, and then no confidence is too high


TEMPERATURES = [1.02**step for step in range(-80, 51)]  # tried to make the confidence right: from 0.2 to 2.7


def can_tell_confidence(validation) -> bool:
    """Whether so many images can set a confidence right; if not, labels leave no doubt, for it would stay too low."""
    return len(validation) >= CONFIDENCE_IMAGES


def best_temperature(labels, probabilities) -> float:
    """By what to divide the network's last sums, so that its confidence is right as often as it says."""

    def loss(temperature: float) -> float:
        return score(labels, tempered(probabilities, temperature)).loss

    return round(min(TEMPERATURES, key=loss), 2)


def tempered(probabilities, temperature: float):
    """The probabilities as they are when the network's last sums are divided by the temperature."""
    import numpy as np

    powers = np.clip(probabilities.astype(np.float64), 1e-12, 1) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)
