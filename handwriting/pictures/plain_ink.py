"""Where the ink of a picture is, if its paper is clean: without shadows, patterns and noise."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.filters import Colour


@dataclass(frozen=True)
class PlainSettings:
    """What is ink, and what is paper. Differences from the paper are parts of the strongest one."""

    ink: float = 0.2  # difference; what differs more is ink
    paper: float = 0.1  # difference; what differs less is paper
    clean: float = 0.5  # of the picture is paper at least; photographs have less


PLAIN = PlainSettings()


def plain_ink(picture: Image.Image, paper: Colour) -> np.ndarray | None:
    """Which pixels of a picture (RGB) are ink, (height, width). None if there is none, or if the paper isn't clean."""
    difference = np.abs(np.asarray(picture, np.float32) - np.array(paper, np.float32)).max(axis=2)
    strongest = difference.max()
    ink = difference > PLAIN.ink * strongest
    is_clean = (difference <= PLAIN.paper * strongest).mean() > PLAIN.clean
    return ink if is_clean and ink.any() else None
