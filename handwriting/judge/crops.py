"""The square around a find that the judge sees, and the smaller square in its middle where it says what is ink.

In these squares, every find has the same size. Needs no Keras.
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
    """The squares around boxes (n, 4), in pixels of the picture.

    Args:
        boxes: of finds.
        side: SIDE for the whole squares, INK_SIDE for their middles.
    """
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0) / 2 * side / FIND
    return np.concatenate([middles - halves, middles + halves], axis=1)
