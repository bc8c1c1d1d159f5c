"""A digit image as the page gets it and sends it back, and as it is saved: a byte for each pixel."""

import base64
import binascii

import numpy as np

from handwriting.digit_image import SIDE


def pixels_of(image: np.ndarray) -> np.ndarray:
    """A digit image as bytes (28, 28). All ink stays ink, so that its bounding box stays the same."""
    pixels = np.round(image[..., 0] * 255).astype(np.uint8)
    return np.where((image[..., 0] > 0) & (pixels == 0), np.uint8(1), pixels)


def to_text(image: np.ndarray) -> str:
    """A digit image as text."""
    return base64.b64encode(pixels_of(image).tobytes()).decode()


def from_text(text: object) -> np.ndarray | None:
    """The digit image (28, 28, 1), float32 in [0, 1], in what a request has sent. None if there is none in it."""
    try:
        pixels = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return None
    if len(pixels) != SIDE * SIDE or not any(pixels):
        return None
    return np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE, 1).astype(np.float32) / 255
