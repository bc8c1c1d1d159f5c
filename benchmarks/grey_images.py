"""Grey images as arrays, and back."""

import numpy as np
from PIL import Image


def grains(values: np.ndarray, unit: int) -> np.ndarray:
    """An array in which each value covers a square of a unit."""
    return values.repeat(unit, axis=0).repeat(unit, axis=1)


def as_image(levels: np.ndarray) -> Image.Image:
    """Grey levels as an image. What is beyond 0 and 255 becomes 0 or 255."""
    return Image.fromarray(np.clip(np.round(levels), 0, 255).astype(np.uint8))
