"""Digit images of paths, drawn with round pens of all widths."""

import numpy as np

from handwriting.digit_image import BOX_SIDE, SIDE, centred
from handwriting.writing.hand import HABITS, POINTS, Habits

FAINTEST = 0.02  # of full ink; what rough paper leaves at least, so that the ink's box stays
ROUGHNESS_LOSS = 2.6  # the factor by which smoothing lowers the standard deviation of the roughness
SCALE_STEPS = 6  # path and pen grow differently, so the scale for a 20 px box is found in steps
AT_ONCE = 10  # digits drawn together; the distances of all would take much memory
THINNEST_RADIUS, THICKEST_RADIUS = 0.55, 3.6  # px in the 20 px box


def pen_radii(count: int, samples: int, random: np.random.Generator, habits: Habits) -> np.ndarray:
    """The radius of the pen along each path, in pixels of the 20 px box: (count, samples)."""
    radius = habits.pen * np.exp(random.normal(0, habits.pen_spread, (count, 1)))
    along = np.linspace(0, 1, samples)
    wave = np.sin(
        2 * np.pi * (random.uniform(0.5, 1.5, (count, 1)) * along + random.uniform(0, 1, (count, 1)))
    )
    return np.clip(
        radius * (1 + habits.pressure * random.normal(0, 1, (count, 1)) * wave),
        THINNEST_RADIUS,
        THICKEST_RADIUS,
    )


def in_ink(paths: np.ndarray, random: np.random.Generator, pen: float | np.ndarray = 1.0) -> np.ndarray:
    """Digit images of paths, written with pens of all widths: uint8 (n, 28, 28).

    Args:
        paths: (n, POINTS, 2).
        random: the random generator.
        pen: a factor for the width of all pens, or for the width of each: (n, 1).
    """
    radii = np.minimum(pen_radii(len(paths), POINTS, random, HABITS), thickest_pens(paths)) * pen
    images = centred(roughened(drawn(paths, radii), random, HABITS))
    return (images * 255).round().astype(np.uint8)


def drawn(paths: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Canvases with the paths drawn so that the longer side of the ink's box is 20 px: float32 (n, 28, 28).

    Full ink is 1. In the middle of a thick stroke the value is larger.
    """
    mean_radius = radii.mean(axis=1, keepdims=True)
    # How far from the path the middle of a pixel still gets ink, without its own half pixel.
    reach = (np.sqrt(radii**2 + mean_radius + 0.25) - 0.5)[..., np.newaxis]
    scale = np.full((len(paths), 1, 1), 10.0)
    for _ in range(SCALE_STEPS):
        low, high = (paths * scale - reach).min(axis=1), (paths * scale + reach).max(axis=1)
        longest = np.argmax(high - low, axis=1)[:, np.newaxis]
        extent = np.take_along_axis(high - low, longest, axis=1)
        path_extent = np.take_along_axis(np.ptp(paths, axis=1), longest, axis=1)
        scale += ((BOX_SIDE - extent) / path_extent)[..., np.newaxis]
    placed = paths * scale - low[:, np.newaxis] + (SIDE - BOX_SIDE) // 2
    canvases = np.empty((len(paths), SIDE, SIDE), np.float32)
    pixel_middles = np.arange(SIDE, dtype=np.float32) + 0.5
    placed, radii = placed.astype(np.float32), radii.astype(np.float32)
    for start in range(0, len(paths), AT_ONCE):
        tile = slice(start, start + AT_ONCE)
        from_x = (pixel_middles[:, np.newaxis] - placed[tile, np.newaxis, :, 0]) ** 2
        from_y = (pixel_middles[:, np.newaxis] - placed[tile, np.newaxis, :, 1]) ** 2 - radii[
            tile, np.newaxis
        ] ** 2
        nearest = (from_y[:, :, np.newaxis] + from_x[:, np.newaxis]).min(axis=3)
        mean = mean_radius[tile, np.newaxis].astype(np.float32)
        canvases[tile] = np.maximum(0.5 + mean - np.sqrt(np.maximum(nearest + mean**2, 0)), 0)
    return canvases


def thickest_pens(paths: np.ndarray) -> np.ndarray:
    """The largest radius of the pen for each path, in pixels of the 20 px box: (n, 1).

    It is 3.6 for a 1 of a single stroke. It is smaller for longer paths, so that the loops of most digits stay open.
    """
    lengths = np.hypot(*np.moveaxis(np.diff(paths, axis=1), 2, 0)).sum(axis=1) / np.ptp(paths, axis=1).max(
        axis=1
    )
    return (1.6 + 2 / lengths)[:, np.newaxis]


def roughened(canvases: np.ndarray, random: np.random.Generator, habits: Habits) -> np.ndarray:
    """The canvases with more or less ragged edges, as paper and scanners leave them. The ink's box stays as it is."""
    frame = (len(canvases), SIDE + 2, SIDE + 2)
    noise = random.standard_normal(frame, np.float32)
    noise = (noise[:, :-2] + 2 * noise[:, 1:-1] + noise[:, 2:]) / 4
    noise = (noise[:, :, :-2] + 2 * noise[:, :, 1:-1] + noise[:, :, 2:]) / 4
    spread = random.uniform(0, habits.roughness, (len(canvases), 1, 1)).astype(np.float32)
    noise *= ROUGHNESS_LOSS * spread
    return np.where(canvases > FAINTEST, np.clip(canvases + noise, FAINTEST, 1), canvases)
