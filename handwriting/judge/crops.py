"""What the judge is shown of a find: the square around it, in which every find has the same size. Needs no Keras."""

import numpy as np
from PIL import Image

from handwriting.digit_image import CLASSES
from handwriting.filters import Colour, cut_out

SIDE = 48  # px; of the square
ANSWERS = CLASSES + 1  # the judge's logits: the ten digits, and no digit
FIND = 24  # px; the longer side of what was found, in the middle of the square


def crops_around(picture: Image.Image, paper: Colour, boxes: np.ndarray) -> np.ndarray:
    """The squares around boxes (n, 4) on a picture (RGB) that lies on paper: uint8 (n, SIDE, SIDE, 3)."""
    crops = np.empty((len(boxes), SIDE, SIDE, 3), np.uint8)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0) / 2 * SIDE / FIND
    squares = np.concatenate([middles - halves, middles + halves], axis=1)
    for number, square in enumerate(squares.tolist()):
        crops[number] = np.asarray(cut_out(picture, paper, square, (SIDE, SIDE)))
    return crops
