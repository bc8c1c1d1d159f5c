"""The tones of a picture, as finder and judge know them: ink on light paper, and not all of it faint."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from handwriting.filters import Colour, colour_of_edge, difference_from

WHITE = 255
DARK = 127.5  # a picture whose edge is darker is inverted


@dataclass(frozen=True)
class FaintSettings:
    """When the ink of a picture is made stronger. Differences are from the paper, in the tones from 0 to 255."""

    faintest: int = 8  # difference; less is not ink
    faint: int = 64  # the same; a picture with nothing stronger is faint
    strong: int = 200  # the same, of the strongest ink afterwards
    clean: float = 0.8  # of the picture; so much is paper without noise, which would be made stronger, too
    noise: int = 2  # difference


FAINT = FaintSettings()


def on_light_paper(picture: Image.Image) -> tuple[Image.Image, Colour]:
    """A picture and the colour at its edge. Both are inverted if that is dark: so an inverted picture is read alike.

    A light sheet on a dark table becomes a dark sheet on a light one.
    """
    paper = colour_of_edge(np.asarray(picture)).astype(int)
    if paper.mean() < DARK:
        picture, paper = ImageOps.invert(picture), WHITE - paper
    return picture, tuple(paper.tolist())


def strengthened(picture: Image.Image, paper: Colour) -> Image.Image:
    """A picture that was drawn on clean paper with faint ink alone, as if the ink were strong. Any other as it is."""
    if any(high - low > 2 * FAINT.faint for low, high in picture.getextrema()):
        return picture
    strength = difference_from(paper, picture)
    strongest = strength.max()
    is_clean = (strength <= FAINT.noise).mean() >= FAINT.clean
    if not (FAINT.faintest <= strongest < FAINT.faint and is_clean):
        return picture
    stronger = paper + (np.asarray(picture, np.float64) - paper) * (FAINT.strong / strongest)
    return Image.fromarray(np.clip(np.round(stronger), 0, WHITE).astype(np.uint8))
