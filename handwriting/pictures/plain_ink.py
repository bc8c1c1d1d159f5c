"""How strong the ink of a picture is, if its paper is clean: without shadows, patterns and noise."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.filters import Colour, difference_from
from handwriting.pictures.tones import FAINT


@dataclass(frozen=True)
class PlainSettings:
    """What is ink, and what is paper. Differences from the paper are parts of the strongest one."""

    ink: float = 0.2  # difference; what differs more is ink
    paper: float = 0.1  # difference; what differs less is paper
    clean: float = 0.5  # of the picture is paper at least; photographs have less


PLAIN = PlainSettings()


def plain_ink(picture: Image.Image, paper: Colour) -> np.ndarray | None:
    """How strong the ink of a picture (RGB) is in each pixel, 0 to 1. None without ink, or if the paper isn't clean."""
    difference = difference_from(paper, picture)
    strongest = difference.max()
    is_clean = (difference <= PLAIN.paper * strongest).mean() > PLAIN.clean
    return difference / np.float32(strongest) if is_clean and strongest >= FAINT.faintest else None
