"""What the page gets: readings as plain objects for JSON.

Keras is imported by the first reading. Importing it takes seconds, and the page must appear before.
"""

import base64
import binascii

import numpy as np
from PIL import Image

import handwriting
from handwriting.digit_image import CLASSES, SIDE
from handwriting.web.not_answered import NotAnswered

USUAL_CANVAS = (900, 500)  # px; a first picture of any size makes the networks ready for all


def load() -> None:
    """Loads the networks, and has them read once: the first reading takes longer than others."""
    canvas = Image.new("L", USUAL_CANVAS, 255)
    canvas.paste(0, (420, 150, 436, 350))  # a 1
    handwriting.read(canvas)


def reading_of(body: bytes) -> dict:
    """What is read on the picture in a body."""
    result = handwriting.read(body)
    return {
        "reading": result.reading,
        "confidence": result.confidence,
        "status": result.status,
        "reason": result.reason,
        "digits": [digit_for_page(digit) for digit in result.digits],
    }


def digit_for_page(digit) -> dict:
    """A digit of a result."""
    return {
        "box": list(digit.box),
        "digit": digit.digit,
        "confidence": digit.confidence,
        "doubted": digit.doubted,
        "line": digit.line,
        "probabilities": rounded(digit.probabilities),
        "finder": None if digit.finder is None else rounded(digit.finder),
        "networks": {name: rounded(probabilities) for name, probabilities in digit.networks.items()},
        "image": base64.b64encode(pixels_of(digit.image).tobytes()).decode(),
    }


def rounded(probabilities: np.ndarray) -> list[float]:
    """Probabilities for people."""
    return [round(float(probability), 4) for probability in probabilities]


def pixels_of(image: np.ndarray) -> np.ndarray:
    """A digit image as bytes (28, 28). All ink stays ink, so that its bounding box stays the same."""
    pixels = np.round(image[..., 0] * 255).astype(np.uint8)
    return np.where((image[..., 0] > 0) & (pixels == 0), np.uint8(1), pixels)


def digit_image_in(content: dict) -> np.ndarray:
    """The digit image that a request has sent: (28, 28, 1), float32 in [0, 1]. Raises NotAnswered if it isn't one."""
    text = content.get("image")
    try:
        pixels = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        pixels = b""
    if len(pixels) != SIDE * SIDE or not any(pixels):
        raise NotAnswered(400, f"expected the {SIDE} × {SIDE} pixels of a digit, got something else")
    return np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE, 1).astype(np.float32) / 255


def label_in(content: dict) -> int | None:
    """The digit that a request says the image shows. None if it says that it shows none. Raises NotAnswered."""
    label = content.get("label", "")
    if label is None:
        return None
    if type(label) is not int or not 0 <= label < CLASSES:
        raise NotAnswered(400, "expected a digit from 0 to 9, or none, as the label, got something else")
    return label
