"""How much ink is in each pixel: paper, light, strength."""

import functools

import numpy as np
from PIL import Image

from handwriting.filters import blurred, connected, in_window, otsu, resized, runs_of, softened
from handwriting.pictures.rules.ruled_lines import without_lines

SMALL = 64  # px: a picture that small has even light


WIDEST_STROKE = 0.4  # of the picture's shorter side


SPAN = 4  # times the strokes' width: dark areas wider than that are shadows, tables, coloured paper


LEAST_SPAN = 16  # px


NARROWEST_SPAN = 0.15  # of the picture's shorter side


LIGHT_POINTS = 40  # each way, at which the light is measured


LIGHT_ROUNDS = 4


COARSE = 200  # px: enough to tell which of ink and paper is lighter


CLEARLY = 2.7  # times as much difference in one direction as in the other


DARKEST_PAPER = 0.25  # darker than that, a camera's noise would look like ink


LEAST_CONTRAST = 0.012  # of full scale, three of 255 steps; less than that is paper, not ink


FEWEST_PIXELS = 5  # of ink: fewer are dust


NOISE_MARGIN = 4.0  # standard deviations of the paper's noise that are not ink either


SURE_MARGIN = 5.0  # and that the ink's usual strength must be


INK_ROUNDS = 3


def ink_strength(pixels: np.ndarray) -> np.ndarray:
    """How much ink is in each pixel: 0 where there is paper, 1 where the pen was; all 0 on a blank page.

    Ink is what differs from the paper around it, in whatever colour and direction. Ruled lines and the paper's noise
    are taken off, and the ink's usual strength becomes 1, so pale pencil and black marker look alike.

    Args:
        pixels: (height, width, 3) in [0, 1].
    """
    if (pixels == pixels[..., :1]).all():
        pixels = pixels[..., :1]  # grey: one channel says it all
    pixels = in_even_light(pixels)
    if ink_is_lighter(pixels.mean(axis=2)):
        pixels = 1 - pixels
    span = max(WIDEST_STROKE * min(pixels.shape[:2]), SMALL)
    strength = without_lines(darker_than_paper(pixels, span))
    narrower = max(SPAN * stroke_width(strength), LEAST_SPAN, NARROWEST_SPAN * min(pixels.shape[:2]))
    if narrower < span:
        strength = without_lines(darker_than_paper(pixels, narrower))
    return full_strength(strength)


def in_even_light(pixels: np.ndarray) -> np.ndarray:
    """A picture whose light falls off to one side, or to all, made as bright everywhere as where it is best."""
    height, width = pixels.shape[:2]
    if min(height, width) < SMALL:
        return pixels
    places = (np.arange(LIGHT_POINTS, dtype=np.float32) + 0.5) / LIGHT_POINTS - 0.5
    y, x = (axis.ravel() for axis in np.meshgrid(places, places, indexing="ij"))
    terms = np.stack([np.ones_like(x), y, y * y, x, x * x, x * y], axis=1)
    grey = resized(pixels.mean(axis=2), (LIGHT_POINTS, LIGHT_POINTS), Image.Resampling.BOX).ravel()
    is_paper = np.ones(len(grey), bool)
    for _ in range(LIGHT_ROUNDS):  # what is far from the fit, as ink is, has no say in the next one
        fit = np.linalg.lstsq(terms[is_paper], grey[is_paper], rcond=None)[0].astype(np.float32)
        distance = np.abs(grey - terms @ fit)
        is_paper = distance <= np.quantile(distance, 0.7)
    down, across = (
        (np.arange(side, dtype=np.float32) + 0.5) / side - np.float32(0.5) for side in (height, width)
    )
    light = (fit[0] + fit[1] * down + fit[2] * down**2)[:, np.newaxis]
    light = light + fit[3] * across + fit[4] * across**2 + fit[5] * np.outer(down, across)
    if light.min() <= DARKEST_PAPER * light.max():
        return pixels  # no light falls off so far: these are things of different colours
    return np.clip(pixels * (light.max() / light)[..., np.newaxis], 0, 1)


def ink_is_lighter(grey: np.ndarray) -> bool:
    """Whether a picture is light on dark. There is less ink than paper around it, so it differs more from the mean."""
    scale = min(1, COARSE / max(grey.shape))
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    shrunk = resized(grey, (width, height), Image.Resampling.BOX)
    difference = shrunk - blurred(shrunk, min(shrunk.shape) / 4)
    darker, lighter = (float((np.maximum(way * difference, 0) ** 2).sum()) for way in (-1, 1))
    if max(darker, lighter) > CLEARLY * min(darker, lighter):
        return lighter > darker
    # About as much ink as paper: the digit fills the picture. What lies all around is paper; else the paper is
    # what falls into more pieces.
    dark = grey < otsu(grey)
    around = np.concatenate([dark[0], dark[-1], dark[1:-1, 0], dark[1:-1, -1]]).mean()
    if abs(around - 0.5) > 0.25:
        return bool(around > 0.5)
    dark_pieces, light_pieces = (large_pieces(mask) for mask in (dark, ~dark))
    return dark_pieces > light_pieces if dark_pieces != light_pieces else lighter > darker


def large_pieces(mask: np.ndarray) -> int:
    """The number of connected parts that are more than specks."""
    return int((np.bincount(connected(mask).ravel())[1:] > 0.01 * mask.size).sum())


def darker_than_paper(pixels: np.ndarray, span: float) -> np.ndarray:
    """How much darker each pixel is than the paper around it, as a part of the paper's brightness.

    The paper is what remains when everything dark that is narrower than `span` pixels is painted over with what
    surrounds it: the edge of a shadow, or of the paper itself, stays where it is.
    """
    strengths = []
    for channel in np.moveaxis(pixels, 2, 0):
        paper = np.round(channel * 255).astype(np.uint8)
        for largest_or_smallest in (np.maximum, np.minimum):
            for axis in (0, 1):
                paper = in_window(paper, int(span), axis, largest_or_smallest)
        paper = np.maximum(paper / np.float32(255), DARKEST_PAPER)
        strengths.append((paper - channel) / paper)
    return np.clip(functools.reduce(np.maximum, strengths), 0, 1)


def full_strength(strength: np.ndarray) -> np.ndarray:
    """Strength without the paper's noise, the ink's usual strength being 1; all 0 where there is no ink."""
    steady = strength
    if min(strength.shape) >= SMALL:  # strokes are wider than grains of noise
        steady = softened(softened(strength).T).T
    above = steady
    for _ in range(INK_ROUNDS):
        inked = above > otsu(above)
        if inked.sum() < FEWEST_PIXELS or inked.all():
            break
        paper, noise = paper_and_noise(steady[~inked])
        level = float(np.median(steady[inked])) - paper
        if level >= max(LEAST_CONTRAST, SURE_MARGIN * noise):
            paper, noise = paper_and_noise(strength[~inked])
            floor = paper + min(NOISE_MARGIN * noise, 0.5 * level)
            top = float(np.quantile(strength[inked], 0.8))
            if top <= floor:  # specks so small that most of what is softened to ink is paper
                break
            return np.clip((strength - floor) / (top - floor), 0, 1)
        # Of very little ink the first threshold knows nothing: it parts the paper's noise.
        above = np.maximum(steady - paper - NOISE_MARGIN * noise, 0)
    return np.zeros_like(strength)


def paper_and_noise(strength: np.ndarray) -> tuple[float, float]:
    """The middle strength of the paper's pixels, and its standard deviation.

    Of noise, a sixth lies a standard deviation below the middle, and a quarter 0.67 above. In a shadow there is more
    of it; the soft edges of strokes are none.
    """
    below, paper, upper = (float(value) for value in np.quantile(strength, (1 / 6, 0.5, 0.75)))
    return paper, min((upper - paper) / 0.67, 2 * (paper - below))


def stroke_width(strength: np.ndarray) -> float:
    """About how many pixels wide the strokes are."""
    inked = strength > otsu(strength)
    if not inked.any():
        return 0.0
    # Only the strongest: what is paler may be a shadow, or a darker piece of paper under the ink.
    mask = strength > 0.5 * np.quantile(strength[inked], 0.95)
    # Most rows and columns cross strokes, few run along one; those of a wide dark area are few, too.
    crossings = np.concatenate([runs_of(way)[2] for way in (mask, mask.T)])
    return float(np.quantile(crossings, 0.4))
