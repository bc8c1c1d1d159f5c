"""Which ink around a found digit is its own, and how strong it is in each pixel."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import tight_box
from handwriting.filters import Box, Colour, cut_out
from handwriting.judge.crops import FIND, INK_SIDE, squares_around


@dataclass(frozen=True)
class InkSettings:
    """How ink is told from paper. It is done in a square in which every digit has the same size."""

    side: int = 96  # px; of the square
    beyond: float = 0.06  # of the digit's longer side; its ink may lie so far beyond the box that was found
    paper: float = 0.1  # probability of own ink; the paper's colour is that of the pixels below
    faintest: float = 0.1  # of full ink; what is weaker is paper
    owned: float = 3.0  # times the judge's certainty that ink is the digit's own; from 1 on it counts fully


INK = InkSettings()
LEAST = 1e-9  # nothing is divided by less


def own_ink(
    picture: Image.Image, paper: Colour, box: np.ndarray, likely: np.ndarray
) -> tuple[np.ndarray, Box] | None:
    """The ink of a digit, 0 to 1, and the box in the picture that it fills. None if nothing stands out there.

    Args:
        picture: on which the digit is (RGB).
        paper: the colour around the picture.
        box: of the digit, as it was found.
        likely: how likely each pixel in the middle of the square around it is its own ink, (INK_SIDE, INK_SIDE).
    """
    square = squares_around(box[np.newaxis], INK_SIDE)[0]
    zoom = INK.side / (square[2] - square[0])
    size = (INK.side, INK.side)
    pixels = np.asarray(cut_out(picture, paper, tuple(square), size), np.float32) / 255
    own = np.asarray(Image.fromarray(likely).resize(size, Image.Resampling.BILINEAR))
    own = own * inside((box - np.tile(square[:2], 2)) * zoom)
    own /= max(own.max(), LEAST)  # so that the most certain pixel counts fully: there is a digit here
    ink = strength(pixels, own) * np.minimum(INK.owned * own, 1)
    ink[ink < INK.faintest] = 0
    if not ink.any():
        return None
    left, top, right, bottom = tight_box(ink)
    fills = np.array([left, top, right, bottom]) / zoom + np.tile(square[:2], 2)
    return ink[top:bottom, left:right], tuple(fills)


def inside(box: np.ndarray) -> np.ndarray:
    """1 inside a box in the square and a little beyond, falling to 0 there."""
    beyond = INK.beyond * INK.side * FIND / INK_SIDE
    middles = np.arange(INK.side, dtype=np.float32) + 0.5  # float32: half the time of float64
    across, down = (
        np.clip(np.minimum(middles - first, last - middles) + beyond, 0, 1)
        for first, last in zip(box[:2].tolist(), box[2:].tolist(), strict=True)
    )
    return down[:, np.newaxis] * across


def strength(pixels: np.ndarray, own: np.ndarray) -> np.ndarray:
    """How strong the ink is in each pixel: 0 is paper, 1 is full ink.

    A pixel is ink if its colour differs from the paper's in the same direction as the digit's own ink does.
    """
    differences = pixels - np.median(pixels[own <= INK.paper], axis=0)
    size = np.abs(differences) @ np.ones(3, np.float32)  # far quicker than a sum over the last axis
    own_colour = np.tensordot(own * size, differences, 2)
    ink = differences @ (own_colour / max(np.linalg.norm(own_colour), LEAST))
    strong = np.maximum(ink, 0) * own
    squares = strong * strong
    full = np.vdot(squares, strong) / max(squares.sum(), LEAST)
    if full <= 0:
        return np.zeros_like(ink)
    return np.clip((ink / full - INK.faintest) / (1 - INK.faintest), 0, 1)
