"""A few digit images with a network's answers, by which an exported network checks itself."""

from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import CLASSES, unit_range
from handwriting.model_answers import probabilities_of
from handwriting.quiet_keras import keras
from handwriting.writing.digits import write_digits

OF_EACH = 2  # digits of each class
WRITTEN = 500  # of which they are taken
SEED = 25


@dataclass(frozen=True)
class Sample:
    """Digit images (n, 28, 28, 1) and a network's probabilities for them (n, 10)."""

    images: np.ndarray
    probabilities: np.ndarray


def sample_of(model: keras.Model) -> Sample:
    """Written digits, two of each class, and what a network says of them. Raises RefusedModel."""
    pixels, labels = write_digits(WRITTEN, SEED)
    chosen = np.concatenate([np.flatnonzero(labels == digit)[:OF_EACH] for digit in range(CLASSES)])
    images = unit_range(pixels[chosen])
    return Sample(images, probabilities_of(model, images))
