"""What the page gets: readings as plain objects for JSON.

Keras is imported by the first reading. Importing it takes seconds, and the page must appear before.
"""

import numpy as np
from PIL import Image

import handwriting
from handwriting.web.digit_pixels import to_text

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
        "probabilities": rounded(digit.probabilities),
        "finder": None if digit.finder is None else rounded(digit.finder),
        "networks": {name: rounded(probabilities) for name, probabilities in digit.networks.items()},
        "image": to_text(digit.image),
    }


def rounded(probabilities: np.ndarray) -> list[float]:
    """Probabilities for people."""
    return [round(float(probability), 4) for probability in probabilities]
