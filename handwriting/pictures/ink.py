"""How much ink is in each pixel: the light is evened, the paper is found, the ink's strength becomes 1."""

import functools
from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.filters import (
    blurred,
    connected_components,
    in_window,
    mean_of_neighbours,
    otsu_threshold,
    resized,
    runs_of,
)
from handwriting.pictures.ruled_lines import without_ruled_lines


@dataclass(frozen=True)
class LightSettings:
    """How uneven light is measured."""

    least_side: int = 64  # px; smaller pictures have even light
    points: int = 40  # each way; the places where the light is measured
    rounds: int = 4  # of fitting; each leaves out what was far from the fit before, as ink is
    kept: float = 0.7  # of the points; the nearest to the fit are used for the next one
    darkest: float = (
        0.25  # of the brightest light; no light falls off further, so these are things of other colours
    )


@dataclass(frozen=True)
class DirectionSettings:
    """How dark ink on light paper is distinguished from light ink on dark paper."""

    coarse_side: int = 200  # px; enough to tell
    surroundings: float = (
        0.25  # of the shorter side; the blur's radius, with which a pixel's surroundings are found
    )
    clearly: float = 2.7  # times as much difference in one direction as in the other
    mostly: float = 0.25  # more than half of the picture's edge; the edge is paper then
    large_piece: float = 0.01  # of the picture's area; smaller pieces are specks


@dataclass(frozen=True)
class PaperSettings:
    """How the paper behind the ink is found."""

    widest_stroke: float = 0.4  # of the picture's shorter side
    least_widest: int = 64  # px; in small pictures strokes may be wider
    span: float = 4  # times the stroke width; wider dark areas are shadows, tables, coloured paper
    least_span: int = 16  # px
    narrowest_span: float = 0.15  # of the picture's shorter side
    darkest: float = 0.25  # of full brightness; on darker paper, a camera's noise would look like ink
    strong_ink: float = 0.95  # quantile; ink of about half its strength is used to measure the stroke width
    crossing: float = 0.4  # quantile of the runs of ink; most runs cross a stroke, few run along one


@dataclass(frozen=True)
class StrengthSettings:
    """What is noise, and what is full ink."""

    least_side: int = 64  # px; in smaller pictures strokes may be as thin as the grains of noise
    rounds: int = 3  # of looking for a threshold
    fewest_pixels: int = 5  # of ink; fewer are dust
    least_contrast: float = 0.012  # of full brightness, 3 of 255 levels; less is paper
    noise_margin: float = (
        4.0  # standard deviations of the paper's noise; what differs less from the paper is no ink
    )
    sure_margin: float = 5.0  # standard deviations; the ink's usual strength is at least this
    plain: float = 0.35  # of full brightness; so much contrast is ink, even if the paper's pattern is strong
    full_ink: float = 0.8  # quantile of the ink's strength that becomes 1


LIGHT = LightSettings()
DIRECTION = DirectionSettings()
PAPER = PaperSettings()
STRENGTH = StrengthSettings()


def ink_strength(pixels: np.ndarray) -> np.ndarray:
    """The strength of the ink in each pixel: 0 for paper, 1 for ink. All 0 on a blank page.

    Ink is what differs from the paper around it, in any colour, darker or lighter. Ruled lines and the paper's noise
    are removed. The ink's usual strength becomes 1, so that pale pencil and a black marker look alike.

    Args:
        pixels: (height, width, 3) in [0, 1].
    """
    if (pixels == pixels[..., :1]).all():
        pixels = pixels[..., :1]  # grey: all channels are the same
    pixels = in_even_light(pixels)
    if ink_is_lighter(pixels.mean(axis=2)):
        pixels = 1 - pixels
    shorter_side = min(pixels.shape[:2])
    span = max(PAPER.widest_stroke * shorter_side, PAPER.least_widest)
    strength = without_ruled_lines(darker_than_paper(pixels, span))
    narrower = max(PAPER.span * stroke_width(strength), PAPER.least_span, PAPER.narrowest_span * shorter_side)
    if narrower < span:
        strength = without_ruled_lines(darker_than_paper(pixels, narrower))
    return full_strength(strength)


def in_even_light(pixels: np.ndarray) -> np.ndarray:
    """The picture, made as bright everywhere as where its light is best. The light may fall off to one or all sides."""
    height, width = pixels.shape[:2]
    if min(height, width) < LIGHT.least_side:
        return pixels
    places = (np.arange(LIGHT.points, dtype=np.float32) + 0.5) / LIGHT.points - 0.5
    y, x = (axis.ravel() for axis in np.meshgrid(places, places, indexing="ij"))
    terms = np.stack([np.ones_like(x), y, y * y, x, x * x, x * y], axis=1)
    grey = resized(pixels.mean(axis=2), (LIGHT.points, LIGHT.points), Image.Resampling.BOX).ravel()
    is_paper = np.ones(len(grey), bool)
    for _ in range(LIGHT.rounds):
        fit = np.linalg.lstsq(terms[is_paper], grey[is_paper], rcond=None)[0].astype(np.float32)
        distance = np.abs(grey - terms @ fit)
        is_paper = distance <= np.quantile(distance, LIGHT.kept)
    down, across = (
        (np.arange(side, dtype=np.float32) + 0.5) / side - np.float32(0.5) for side in (height, width)
    )
    light = (fit[0] + fit[1] * down + fit[2] * down**2)[:, np.newaxis]
    light = light + fit[3] * across + fit[4] * across**2 + fit[5] * np.outer(down, across)
    if light.min() <= LIGHT.darkest * light.max():
        return pixels
    return np.clip(pixels * (light.max() / light)[..., np.newaxis], 0, 1)


def ink_is_lighter(grey: np.ndarray) -> bool:
    """Whether the ink is lighter than the paper. There is less ink than paper, so ink differs more from the mean."""
    scale = min(1, DIRECTION.coarse_side / max(grey.shape))
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    shrunk = resized(grey, (width, height), Image.Resampling.BOX)
    difference = shrunk - blurred(shrunk, min(shrunk.shape) * DIRECTION.surroundings)
    darker, lighter = (float((np.maximum(way * difference, 0) ** 2).sum()) for way in (-1, 1))
    if max(darker, lighter) > DIRECTION.clearly * min(darker, lighter):
        return lighter > darker
    # About as much ink as paper: the digit fills the picture. Paper is what lies all around. If both do, paper is
    # what falls into more pieces.
    dark = grey < otsu_threshold(grey)
    dark_edge = np.concatenate([dark[0], dark[-1], dark[1:-1, 0], dark[1:-1, -1]]).mean()
    if abs(dark_edge - 0.5) > DIRECTION.mostly:
        return bool(dark_edge > 0.5)
    dark_pieces, light_pieces = (large_pieces(mask) for mask in (dark, ~dark))
    return dark_pieces > light_pieces if dark_pieces != light_pieces else lighter > darker


def large_pieces(mask: np.ndarray) -> int:
    """The number of connected components that are more than specks."""
    areas = np.bincount(connected_components(mask).ravel())[1:]
    return int((areas > DIRECTION.large_piece * mask.size).sum())


def darker_than_paper(pixels: np.ndarray, span: float) -> np.ndarray:
    """How much darker each pixel is than the paper around it, as a part of the paper's brightness.

    Everything dark that is narrower than `span` pixels is painted over with what surrounds it. The paper is what
    remains. The edges of shadows and of the paper itself stay where they are.
    """
    strengths = []
    for channel in np.moveaxis(pixels, 2, 0):
        paper = np.round(channel * 255).astype(np.uint8)
        for larger_or_smaller in (np.maximum, np.minimum):
            for axis in (0, 1):
                paper = in_window(paper, int(span), axis, larger_or_smaller)
        paper = np.maximum(paper / np.float32(255), PAPER.darkest)
        strengths.append((paper - channel) / paper)
    return np.clip(functools.reduce(np.maximum, strengths), 0, 1)


def full_strength(strength: np.ndarray) -> np.ndarray:
    """The strength without the paper's noise, with 1 for the ink's usual strength. All 0 if there is no ink."""
    steady = strength
    if min(strength.shape) >= STRENGTH.least_side:
        steady = mean_of_neighbours(strength)
    above_noise = steady
    for _ in range(STRENGTH.rounds):
        inked = above_noise > otsu_threshold(above_noise)
        if inked.sum() < STRENGTH.fewest_pixels or inked.all():
            break
        paper, noise = paper_and_noise(steady[~inked])
        contrast = float(np.median(steady[inked])) - paper
        if contrast >= max(STRENGTH.least_contrast, min(STRENGTH.sure_margin * noise, STRENGTH.plain)):
            paper, noise = paper_and_noise(strength[~inked])
            floor = paper + min(STRENGTH.noise_margin * noise, 0.5 * contrast)
            full = float(np.quantile(strength[inked], STRENGTH.full_ink))
            if full <= floor:  # specks so small that most of their smoothed ink is paper
                break
            return np.clip((strength - floor) / (full - floor), 0, 1)
        # With very little ink, the first threshold divides the paper's noise.
        above_noise = np.maximum(steady - paper - STRENGTH.noise_margin * noise, 0)
    return np.zeros_like(strength)


def paper_and_noise(strength: np.ndarray) -> tuple[float, float]:
    """The median strength of the paper's pixels, and the standard deviation of its noise.

    A sixth of normal noise lies a standard deviation below the median, a quarter 0.67 standard deviations above. The
    smaller of both estimates counts: shadows raise one of them, the soft edges of strokes the other.
    """
    below, paper, upper = (float(value) for value in np.quantile(strength, (1 / 6, 0.5, 0.75)))
    return paper, min((upper - paper) / 0.67, 2 * (paper - below))


def stroke_width(strength: np.ndarray) -> float:
    """About how many pixels wide the strokes are."""
    inked = strength > otsu_threshold(strength)
    if not inked.any():
        return 0.0
    # Only the strongest ink: what is paler may be a shadow, or a darker piece of paper under the ink.
    mask = strength > 0.5 * np.quantile(strength[inked], PAPER.strong_ink)
    crossings = np.concatenate([runs_of(way)[2] for way in (mask, mask.T)])
    return float(np.quantile(crossings, PAPER.crossing))
