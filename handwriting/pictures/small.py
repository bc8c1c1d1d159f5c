"""Small pictures: all ink of one that shows a single thing on clean paper is one find.

The finder often sees but a part of a digit whose stroke is broken, pale or a hairline. On so few pixels hardly
anything else can be, so all ink belongs together. The judge is asked what it is, as of any find.
"""

import numpy as np
from PIL import Image

from handwriting.digit_image import BROKEN, CLASSES, tight_box, widest_gap
from handwriting.filters import Colour
from handwriting.finder.peaks import Peaks
from handwriting.pictures.plain_ink import plain_ink

LARGEST = 32  # px, the longer side of a small picture at most; most sets of digits have pictures of 28 px
UNSEEN = 0.05  # the chance that all ink is a digit, where the finder sees none


def is_small(size: tuple[int, int]) -> bool:
    """Whether a picture of this width and height is small."""
    return max(size) <= LARGEST


def all_ink(picture: Image.Image, paper: Colour, finds: Peaks) -> Peaks | None:
    """All ink of a small picture as one find. None if it isn't one thing on clean paper.

    Args:
        picture: the picture (RGB).
        paper: the colour around it.
        finds: what the finder sees on it. All ink gets the chance and the classes of the likeliest.
    """
    ink = plain_ink(picture, paper)
    if ink is None or widest_gap(ink) > BROKEN:
        return None
    box = np.array([tight_box(ink)], float)
    if not len(finds.chances):
        return Peaks(box, np.array([UNSEEN]), np.full((1, CLASSES), 1 / CLASSES))
    likeliest = finds.take(np.array([finds.chances.argmax()]))
    return Peaks(box, likeliest.chances, likeliest.classes)
