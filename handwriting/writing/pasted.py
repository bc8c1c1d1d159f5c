"""Digits that people wrote one by one, MNIST's for example, as ink for a page."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import cropped_to_ink
from handwriting.filters import resized


@dataclass(frozen=True)
class PasteSettings:
    """How such digits become ink. Two numbers are the least and the most."""

    pages: float = 0.4  # of the pages have such digits in place of written ones
    enlarged: int = 4  # times; smooth edges become sharp ones in this size
    edge: float = 3.0  # times as steep
    pen: tuple[float, float] = (
        -0.15,
        0.3,
    )  # of full ink; what is added, so that strokes become thinner or thicker


PASTE = PasteSettings()


@dataclass(frozen=True)
class Collected:
    """Digits of many people.

    Args:
        pixels: uint8 (n, 28, 28).
        labels: (n,).
    """

    pixels: np.ndarray
    labels: np.ndarray


class Stamps:
    """Gives the ink of collected digits for one page, all as if from one pen."""

    def __init__(self, collected: Collected, random: np.random.Generator):
        self.collected = collected
        self.random = random
        self.pen = random.uniform(*PASTE.pen)

    def any_of(self, digit: int) -> Image.Image:
        """The ink of one of these digits, in grey, cut to it."""
        number = self.random.choice(np.flatnonzero(self.collected.labels == digit))
        ink = np.pad(cropped_to_ink(self.collected.pixels[number] / np.float32(255)), 1)
        height, width = ink.shape
        large = resized(ink, (width * PASTE.enlarged, height * PASTE.enlarged))
        sharp = np.clip((large + self.pen - 0.5) * PASTE.edge + 0.5, 0, 1)
        return Image.fromarray((cropped_to_ink(sharp) * 255).astype(np.uint8))
