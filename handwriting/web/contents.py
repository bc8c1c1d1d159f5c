"""What the body of a request must hold: a JSON object, a digit image, a label."""

import json

import numpy as np

from handwriting.digit_image import CLASSES, SIDE
from handwriting.web.digit_pixels import from_text
from handwriting.web.not_answered import NotAnswered


def parsed(body: bytes) -> dict:
    """The object of a JSON body. Raises NotAnswered if it isn't one."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnswered(400, "expected JSON, got something else") from None
    if not isinstance(content, dict):
        raise NotAnswered(400, "expected a JSON object, got something else")
    return content


def digit_image_in(content: dict) -> np.ndarray:
    """The digit image that a request has sent. Raises NotAnswered if it has sent none."""
    image = from_text(content.get("image"))
    if image is None:
        raise NotAnswered(400, f"expected the {SIDE} × {SIDE} pixels of a digit, got something else")
    return image


def label_in(content: dict) -> int | None:
    """The digit that a request says the image shows. None if it says that it shows none. Raises NotAnswered."""
    label = content.get("label", "")
    if label is None:
        return None
    if type(label) is not int or not 0 <= label < CLASSES:
        raise NotAnswered(400, "expected a digit from 0 to 9, or none, as the label, got something else")
    return label
