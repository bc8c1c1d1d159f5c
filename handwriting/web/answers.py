"""What the page gets: readings as plain objects for JSON.

Keras is imported by the first reading. Importing it takes seconds, and the page must appear before.
"""

from pathlib import Path

import numpy as np
from PIL import Image

import handwriting
from handwriting import console
from handwriting.web.digit_pixels import to_text

USUAL_CANVAS = (900, 500)  # px; a first picture of any size makes the networks ready for all


def load(learned: Path | None = None):
    """Loads the networks, and has them read once: the first reading takes longer than others.

    Args:
        learned: the file of a network that has learned the person's hand. It need not be there.

    Returns:
        The networks for `reading_of`.
    """
    networks = with_learned(learned) if learned and learned.exists() else None
    canvas = Image.new("L", USUAL_CANVAS, 255)
    canvas.paste(0, (420, 150, 436, 350))  # a 1
    try:
        handwriting.read(canvas, networks)
    except console.InputError as reason:
        if networks is None:
            raise
        console.complain(f"draw.py: {reason}; reading without it")
        networks = None
        handwriting.read(canvas)
    return networks


def with_learned(learned: Path):
    """The shipped networks and the one that has learned the person's hand. None if its file can't be used."""
    from handwriting.reading.api import shipped_networks_and  # here, because it imports Keras

    try:
        return shipped_networks_and(learned)
    except console.ProjectError:
        raise
    except console.InputError as reason:
        console.complain(f"draw.py: {reason}; reading without it")
        return None


def reading_of(body: bytes, networks=None) -> dict:
    """What these networks, or the shipped ones, read on the picture in a body."""
    result = handwriting.read(body, networks)
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
