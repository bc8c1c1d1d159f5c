"""The square around a find, which the judge sees, and the middle of that square, for which it says what is ink.

In its square, every find has the same size. Needs no Keras.
"""

import numpy as np
from PIL import Image

from handwriting.digit_image import CLASSES
from handwriting.filters import Colour, cut_out

SIDE = 48  # px; of the square
FIND = 24  # px; the longer side of what was found, in the middle of the square
INK_SIDE = 32  # px; of the middle of the square, for each pixel of which the judge says whether it is the digit's ink
ANSWERS = CLASSES + 1  # the judge's logits for the whole: the ten digits, and no digit
OUTPUTS = ANSWERS + INK_SIDE**2  # all its logits


def crops_around(picture: Image.Image, paper: Colour, boxes: np.ndarray) -> np.ndarray:
    """The squares around boxes (n, 4) on a picture (RGB) that lies on paper: uint8 (n, SIDE, SIDE, 3)."""
    crops = np.empty((len(boxes), SIDE, SIDE, 3), np.uint8)
    for number, square in enumerate(squares_around(boxes).tolist()):
        crops[number] = np.asarray(cut_out(picture, paper, square, (SIDE, SIDE)))
    return crops


def squares_around(boxes: np.ndarray, side: int = SIDE) -> np.ndarray:
    """The boxes (n, 4) of the squares around boxes, or of their middles with this side in pixels of the square."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0) / 2 * side / FIND
    return np.concatenate([middles - halves, middles + halves], axis=1)
