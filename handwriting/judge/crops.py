"""What the judge is shown of a find: the square around it, in which every find has the same size. Needs no Keras."""

import numpy as np
from PIL import Image

from handwriting.digit_image import CLASSES

SIDE = 48  # px; of the square
ANSWERS = CLASSES + 1  # the judge's logits: the ten digits, and no digit
FIND = 24  # px; the longer side of what was found, in the middle of the square


def crops_around(picture: Image.Image, boxes: np.ndarray) -> np.ndarray:
    """The squares around boxes on a picture (RGB): uint8 (n, SIDE, SIDE, 3).

    Args:
        picture: with enough paper around it for all squares; see `reach`.
        boxes: (n, 4), left, top, right, bottom.
    """
    crops = np.empty((len(boxes), SIDE, SIDE, 3), np.uint8)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    reaches = reach(boxes)[:, np.newaxis]
    squares = np.concatenate([middles - reaches, middles + reaches], axis=1)
    for number, square in enumerate(squares.tolist()):
        how = Image.Resampling.BICUBIC if square[2] - square[0] < SIDE else Image.Resampling.BOX
        crops[number] = np.asarray(picture.resize((SIDE, SIDE), how, square))
    return crops


def reach(boxes: np.ndarray) -> np.ndarray:
    """How far the square around each box reaches from its middle: (n,)."""
    return (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) / 2 * SIDE / FIND
