"""Small pictures. If one shows a single thing on clean paper, all of its ink is one find.

The finder often sees but a part of a digit whose stroke is broken, pale or a hairline. So few pixels hardly hold
anything else, so all ink belongs together. The judge is asked what it is, as of any find.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import BROKEN, CLASSES, tight_box, widest_gap
from handwriting.filters import Colour
from handwriting.finder.peaks import Peaks, shared
from handwriting.pictures.plain_ink import PLAIN, plain_ink


@dataclass(frozen=True)
class SmallSettings:
    """Which pictures are small, and when all of their ink is one find."""

    side: int = 32  # px, the longer side at most; most sets of digits have pictures of 28 px
    alike: float = 0.5  # intersection over union of the ink's box and that of a likely digit
    unseen: float = 0.05  # the chance by the finder where it sees nothing; half of what it would see


SMALL = SmallSettings()


def is_small(size: tuple[int, int]) -> bool:
    """Whether a picture of this width and height is small."""
    return max(size) <= SMALL.side


def all_ink(picture: Image.Image, paper: Colour, finds: Peaks, likely: np.ndarray) -> Peaks | None:
    """All ink of a small picture as one find.

    None without ink or clean paper, if the ink is several things, or if its box is unlike a likely digit's.

    Args:
        picture: the picture (RGB).
        paper: the colour around it.
        finds: what the finder sees on it. All ink gets the chance and the classes of the likeliest.
        likely: which of these are likely digits, (n,).
    """
    strength = plain_ink(picture, paper)
    if strength is None:
        return None
    ink = strength > PLAIN.ink
    if widest_gap(ink) > BROKEN:
        return None
    box = np.array([tight_box(ink)], float)
    if (shared(box[0], finds.boxes[likely]) < SMALL.alike).any():
        return None
    if not len(finds.chances):
        return Peaks(box, np.array([SMALL.unseen]), np.full((1, CLASSES), 1 / CLASSES))
    likeliest = finds.take(np.array([finds.chances.argmax()]))
    return Peaks(box, likeliest.chances, likeliest.classes)
