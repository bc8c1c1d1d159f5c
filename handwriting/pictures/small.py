"""Small pictures: all ink of one that shows a single thing on clean paper is one find.

The finder often sees but a part of a digit whose stroke is broken, pale or a hairline. On so few pixels hardly
anything else can be, so all ink belongs together. The judge is asked what it is, as of any find.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import BROKEN, CLASSES, tight_box, widest_gap
from handwriting.filters import Colour
from handwriting.finder.peaks import Peaks


@dataclass(frozen=True)
class SmallSettings:
    """Which pictures are small, and what is ink on them. Differences from the paper are parts of the strongest one."""

    side: int = 32  # px, the longer side at most; most sets of digits have pictures of 28 px
    ink: float = 0.2  # difference; what differs more is ink
    paper: float = 0.1  # difference; what differs less is paper
    clean: float = 0.5  # of the picture is paper at least; photographs have less
    unseen: float = 0.05  # the chance that this is a digit, where the finder sees none


SMALL = SmallSettings()


def is_small(size: tuple[int, int]) -> bool:
    """Whether a picture of this width and height is small."""
    return max(size) <= SMALL.side


def all_ink(picture: Image.Image, paper: Colour, finds: Peaks) -> Peaks | None:
    """All ink of a small picture as one find. None if it isn't one thing on clean paper.

    Args:
        picture: the picture (RGB).
        paper: the colour around it.
        finds: what the finder sees on it. All ink gets the chance and the classes of the likeliest.
    """
    difference = np.abs(np.asarray(picture, np.float32) - np.array(paper, np.float32)).max(axis=2)
    strongest = difference.max()
    ink = difference > SMALL.ink * strongest
    is_clean = (difference <= SMALL.paper * strongest).mean() > SMALL.clean
    if not (ink.any() and is_clean and widest_gap(ink) <= BROKEN):
        return None
    box = np.array([tight_box(ink)], float)
    if not len(finds.chances):
        return Peaks(box, np.array([SMALL.unseen]), np.full((1, CLASSES), 1 / CLASSES))
    likeliest = finds.take(np.array([finds.chances.argmax()]))
    return Peaks(box, likeliest.chances, likeliest.classes)
