"""Which ink around a found digit is its own, and how strong it is in each pixel."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import tight_box
from handwriting.finder.network import CELL, split
from handwriting.finder.peaks import sigmoid
from handwriting.pictures.looks import Seen

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels of the picture


@dataclass(frozen=True)
class InkSettings:
    """How ink is told from paper. It is done in a crop in which every digit has the same size."""

    side: int = 64  # px; the digit's longer side in the crop
    around: float = 0.12  # of the longer side; the paper that is seen around the digit
    spill: float = 0.02  # of the longer side; ink may reach so far beyond the digit's box
    papers: float = 0.02  # of the crop; with less certain paper, all that isn't ink counts as paper
    usual: float = 0.7  # times the mean distance from the fit; at this distance a pixel's weight is halved
    rounds: int = 4  # of fitting the paper; each counts less what was far from the fit before
    even: float = 0.02  # how much the fit prefers paper that is equally bright everywhere
    noise: float = 2  # times the usual deviation of the paper; weaker ink is noise
    faintest: tuple[float, float] = (0.2, 0.45)  # of full ink; the least and the most that is taken for noise
    full: float = 0.8  # of the strong ink's mean; what is stronger is full ink
    owned: float = 2.5  # times the finder's certainty that ink is the digit's own; from 1 on it counts fully
    faint: float = 0.2  # of full ink; what is left of weaker ink is dropped


INK = InkSettings()


def own_ink(seen: Seen, number: int) -> tuple[np.ndarray, Box] | None:
    """The ink of a digit, 0 to 1, and the box in the picture that it fills. None if nothing stands out there.

    Args:
        seen: what the finder sees on the picture.
        number: of the digit among the peaks.
    """
    look, box = seen.looks[seen.look_of[number]], seen.peaks.boxes[number]
    longer = max(box[2] - box[0], box[3] - box[1])
    around = INK.around * longer + 1 / look.scale
    # Only where both the look and the picture with its paper have something to show.
    border = min(look.border, seen.border)
    look_ends = np.array(look.answers.shape[1::-1]) * CELL / look.scale - look.border
    corner = np.maximum(box[:2] - around, -border)
    place = (
        *corner,
        *np.min([box[2:] + around, look_ends, np.subtract(seen.picture.size, seen.border)], axis=0),
    )
    zoom = INK.side / longer
    size = round((place[2] - place[0]) * zoom), round((place[3] - place[1]) * zoom)
    if min(size) < 2:
        return None
    how = Image.Resampling.BICUBIC if zoom > 1 else Image.Resampling.BOX
    on_paper = tuple(edge + seen.border for edge in place)
    pixels = np.asarray(seen.picture.resize(size, how, on_paper), np.float32) / 255
    inked, own = ink_in(seen, number, place, size)
    ink = strength(pixels, inked, own) * np.minimum(INK.owned * own, 1)
    ink *= inside(size, (box - np.tile(corner, 2)) * zoom, INK.spill * INK.side)
    ink[ink < INK.faint] = 0
    if not ink.any():
        return None
    left, top, right, bottom = tight_box(ink)
    fills = np.array([left, top, right, bottom]) / zoom + np.tile(corner, 2)
    return ink[top:bottom, left:right], tuple(fills)


def ink_in(seen: Seen, number: int, place: Box, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """How likely each pixel of a crop holds a digit's ink, and ink of this digit.

    The finder says for each cell whether it holds ink, and where the middle of the ink's digit is. The cell belongs to
    the digit whose middle is the nearest to that.

    Args:
        seen: what the finder sees on the picture.
        number: of the digit.
        place: of the crop in the picture.
        size: of the crop.
    """
    look = seen.looks[seen.look_of[number]]
    in_cells = look.in_look(np.array(place)) / CELL
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
    window = tuple(in_cells - np.tile(first, 2))
    return tuple(
        np.asarray(Image.fromarray(cells).resize(size, Image.Resampling.BILINEAR, window))
        for cells in (inked, own)
    )


def inside(size: tuple[int, int], box: np.ndarray, spill: float) -> np.ndarray:
    """1 inside a box in a picture of this size, falling to 0 `spill` pixels outside of it."""
    along = []
    for length, first, last in zip(size, box[:2], box[2:], strict=True):
        middles = np.arange(length) + 0.5
        along.append(np.clip(np.minimum(middles - first, last - middles) + spill + 1, 0, 1))
    return along[1][:, np.newaxis] * along[0]


def strength(pixels: np.ndarray, inked: np.ndarray, own: np.ndarray) -> np.ndarray:
    """How strong the ink is in each pixel: 0 is paper, 1 is full ink.

    Ink is what differs from the paper in the direction of colours in which the digit's ink does.
    """
    is_paper = np.clip(1 - 2 * inked, 0, 1) ** 2
    if is_paper.mean() < INK.papers:
        is_paper = 1 - inked + 1e-3
    differences = pixels - paper_under(pixels, is_paper)
    own_colour = (differences * (own * np.abs(differences).sum(axis=2))[..., np.newaxis]).sum(axis=(0, 1))
    ink = differences @ (own_colour / max(np.linalg.norm(own_colour), 1e-9))
    strong = np.maximum(ink, 0) * own
    full = (strong**3).sum() / max((strong**2).sum(), 1e-9)
    if full <= 0:
        return np.zeros_like(ink)
    is_paper = is_paper * (np.abs(ink) < full)
    noise = np.sqrt((is_paper * ink**2).sum() / max(is_paper.sum(), 1e-9)) / full
    floor = np.clip(INK.noise * noise, *INK.faintest)
    return np.clip((ink / full - floor) / (INK.full - floor), 0, 1)


def paper_under(pixels: np.ndarray, is_paper: np.ndarray) -> np.ndarray:
    """The paper's colour in each pixel: a plane for each channel, fitted where paper is seen."""
    height, width = is_paper.shape
    down, across = np.meshgrid(np.linspace(-0.5, 0.5, height), np.linspace(-0.5, 0.5, width), indexing="ij")
    terms = np.stack([np.ones(height * width), down.ravel(), across.ravel()], axis=1).astype(np.float32)
    colours, seen = pixels.reshape(-1, 3), is_paper.reshape(-1, 1)
    counts = seen
    for _ in range(INK.rounds):
        even = np.diag([0, INK.even, INK.even]) * counts.sum()
        fit = terms @ np.linalg.solve(terms.T @ (terms * counts) + even, terms.T @ (colours * counts))
        distance = np.abs(colours - fit).sum(axis=1, keepdims=True)
        usual = (distance * seen).sum() / seen.sum()
        counts = seen / (1 + (distance / (INK.usual * usual + 1e-3)) ** 2)
    return fit.reshape(pixels.shape)
