"""Which ink around a found digit is its own, and how strong it is in each pixel."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import tight_box
from handwriting.filters import Box, cut_out
from handwriting.finder.answers import CELL, split
from handwriting.finder.peaks import sigmoid
from handwriting.pictures.looks import Seen


@dataclass(frozen=True)
class InkSettings:
    """How ink is told from paper. It is done in a crop in which every digit has the same size."""

    side: int = 96  # px; the digit's longer side in the crop
    around: float = 0.08  # of the longer side; the paper that is seen around the digit
    paper: float = 0.4  # of the crop, the least likely ink; its median is the paper's colour
    faintest: float = 0.2  # of full ink; what is weaker is paper
    owned: float = 2.5  # times the finder's certainty that ink is the digit's own; from 1 on it counts fully


INK = InkSettings()


@dataclass(frozen=True)
class Crop:
    """A part of a picture, around a digit.

    Args:
        pixels: (height, width, 3), in 0..1.
        place: the box of the crop in the picture.
        digit: the box of the digit in the crop.
        zoom: pixels of the crop for each pixel of the picture.
    """

    pixels: np.ndarray
    place: Box
    digit: np.ndarray
    zoom: float


def own_ink(seen: Seen, number: int) -> tuple[np.ndarray, Box] | None:
    """The ink of a digit, 0 to 1, and the box in the picture that it fills. None if nothing stands out there.

    Args:
        seen: what the finder sees on the picture.
        number: of the digit among the peaks.
    """
    crop = crop_around(seen, number)
    if crop is None:
        return None
    inked, own = ink_in(seen, number, crop)
    ink = strength(crop.pixels, inked, own) * np.minimum(INK.owned * own, 1)
    ink *= inside(ink.shape, crop.digit)
    ink[ink < INK.faintest] = 0
    if not ink.any():
        return None
    left, top, right, bottom = tight_box(ink)
    fills = np.array([left, top, right, bottom]) / crop.zoom + np.tile(crop.place[:2], 2)
    return ink[top:bottom, left:right], tuple(fills)


def crop_around(seen: Seen, number: int) -> Crop | None:
    """The crop around a digit, with a little paper. None if nothing of it lies where the finder has looked."""
    look, box = seen.looks[seen.look_of[number]], seen.peaks.boxes[number]
    longer = max(box[2] - box[0], box[3] - box[1])
    around = INK.around * longer + 1 / look.scale
    # Only where the look has something to show.
    look_ends = np.array(look.answers.shape[1::-1]) * CELL / look.scale - look.border
    corner = np.maximum(box[:2] - around, -look.border)
    end = np.minimum(box[2:] + around, look_ends)
    zoom = INK.side / longer
    size = tuple(np.round((end - corner) * zoom).astype(int).tolist())
    if min(size) < 2:
        return None
    cut = cut_out(seen.picture, seen.paper, (*corner, *end), size)
    pixels = np.asarray(cut, np.float32) / 255
    return Crop(pixels, (*corner, *end), (box - np.tile(corner, 2)) * zoom, zoom)


def ink_in(seen: Seen, number: int, crop: Crop) -> tuple[np.ndarray, np.ndarray]:
    """How likely each pixel of a crop holds a digit's ink, and ink of this digit.

    The finder says for each cell whether it holds ink, and where the middle of the ink's digit is. The cell belongs to
    the digit whose middle is the nearest to that.
    """
    look = seen.looks[seen.look_of[number]]
    in_cells = look.in_look(np.array(crop.place)) / CELL
    first = np.floor(in_cells[:2]).astype(int)
    last = np.minimum(np.ceil(in_cells[2:]).astype(int), look.answers.shape[1::-1])
    *_, votes, ink_logits = split(look.answers[first[1] : last[1], first[0] : last[0]])
    inked = sigmoid(ink_logits)
    across, down = (np.arange(start, end) + 0.5 for start, end in zip(first, last, strict=True))
    voted = np.stack(np.meshgrid(across, down), axis=-1) + votes
    middles = look.in_look(seen.peaks.middles) / CELL
    near = np.flatnonzero(np.abs(middles - middles[number]).max(axis=1) <= max(last - first))
    distances = ((voted[:, :, np.newaxis] - middles[near]) ** 2).sum(axis=-1)
    own = inked * (near[distances.argmin(axis=-1)] == number)
    size, window = crop.pixels.shape[1::-1], tuple(in_cells - np.tile(first, 2))
    return tuple(
        np.asarray(Image.fromarray(cells).resize(size, Image.Resampling.BILINEAR, window))
        for cells in (inked, own)
    )


def inside(shape: tuple[int, int], box: np.ndarray) -> np.ndarray:
    """1 inside a box in an array of this shape, falling to 0 at its edges."""
    along = []
    for length, first, last in zip(shape[::-1], box[:2], box[2:], strict=True):
        middles = np.arange(length) + 0.5
        along.append(np.clip(np.minimum(middles - first, last - middles) + 1, 0, 1))
    return along[1][:, np.newaxis] * along[0]


def strength(pixels: np.ndarray, inked: np.ndarray, own: np.ndarray) -> np.ndarray:
    """How strong the ink is in each pixel: 0 is paper, 1 is full ink.

    Ink is what differs from the paper in the direction of colours in which the digit's ink does.
    """
    is_paper = inked <= np.quantile(inked, INK.paper)
    differences = pixels - np.median(pixels[is_paper], axis=0)
    own_colour = (differences * (own * np.abs(differences).sum(axis=2))[..., np.newaxis]).sum(axis=(0, 1))
    ink = differences @ (own_colour / max(np.linalg.norm(own_colour), 1e-9))
    strong = np.maximum(ink, 0) * own
    full = (strong**3).sum() / max((strong**2).sum(), 1e-9)
    if full <= 0:
        return np.zeros_like(ink)
    return np.clip((ink / full - INK.faintest) / (1 - INK.faintest), 0, 1)
