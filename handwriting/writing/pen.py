"""Paths -> digit images."""

import numpy as np

from handwriting.digit_image import BOX_SIDE, SIDE, centred
from handwriting.writing.hand import HABITS, POINTS, Habits

FAINTEST = 0.02  # what is left of ink that rough paper did not take


SCALE_STEPS = 6  # until the box is 20 px: path and pen grow differently


TILE = 10  # digits drawn at once: all distances of a block would take much memory


FIELD = SIDE


BOX = BOX_SIDE


def pen_radii(count: int, samples: int, random: np.random.Generator, habits: Habits) -> np.ndarray:
    """The pen's radius along each path, in the pixels of the 20 px box: (count, samples)."""
    radius = habits.pen * np.exp(random.normal(0, habits.pen_spread, (count, 1)))
    along = np.linspace(0, 1, samples)
    wave = np.sin(
        2 * np.pi * (random.uniform(0.5, 1.5, (count, 1)) * along + random.uniform(0, 1, (count, 1)))
    )
    return np.clip(radius * (1 + habits.pressure * random.normal(0, 1, (count, 1)) * wave), 0.55, 3.6)


def in_ink(paths: np.ndarray, random: np.random.Generator, pen: float | np.ndarray = 1.0) -> np.ndarray:
    """Paths written with pens of all widths, to the input contract: uint8 (n, 28, 28).

    Args:
        paths: (n, POINTS, 2).
        random: where chance comes from.
        pen: how much wider than usual the pens are.
    """
    radii = np.minimum(pen_radii(len(paths), POINTS, random, HABITS), thickest_pens(paths)) * pen
    fields = centred(roughened(drawn(paths, radii), random, HABITS))
    return (fields * 255).round().astype(np.uint8)


def drawn(paths: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Paths drawn so that the ink's box is 20 px long, somewhere in the field: float32 (n, 28, 28).

    Full ink is 1; deeper in a thick stroke there stands more.
    """
    mean_radius = radii.mean(axis=1, keepdims=True)
    # How far from the path a pixel's middle still gets ink, less the half pixel that belongs to it.
    reach = (np.sqrt(radii**2 + mean_radius + 0.25) - 0.5)[..., np.newaxis]
    scale = np.full((len(paths), 1, 1), 10.0)
    for _ in range(SCALE_STEPS):
        low, high = (paths * scale - reach).min(axis=1), (paths * scale + reach).max(axis=1)
        longest = np.argmax(high - low, axis=1)[:, np.newaxis]
        extent = np.take_along_axis(high - low, longest, axis=1)
        path_extent = np.take_along_axis(np.ptp(paths, axis=1), longest, axis=1)
        scale += ((BOX - extent) / path_extent)[..., np.newaxis]
    placed = paths * scale - low[:, np.newaxis] + (FIELD - BOX) // 2
    fields = np.empty((len(paths), FIELD, FIELD), np.float32)
    pixel_middles = np.arange(FIELD, dtype=np.float32) + 0.5
    placed, radii = placed.astype(np.float32), radii.astype(np.float32)
    for start in range(0, len(paths), TILE):
        tile = slice(start, start + TILE)
        from_x = (pixel_middles[:, np.newaxis] - placed[tile, np.newaxis, :, 0]) ** 2
        from_y = (pixel_middles[:, np.newaxis] - placed[tile, np.newaxis, :, 1]) ** 2 - radii[
            tile, np.newaxis
        ] ** 2
        nearest = (from_y[:, :, np.newaxis] + from_x[:, np.newaxis]).min(axis=3)
        mean = mean_radius[tile, np.newaxis].astype(np.float32)
        fields[tile] = np.maximum(0.5 + mean - np.sqrt(np.maximum(nearest + mean**2, 0)), 0)
    return fields


def thickest_pens(paths: np.ndarray) -> np.ndarray:
    """The largest radius of the pen for each path, in pixels of the box: (n, 1).

    3.6 for a bare 1, and the less the longer the path, so that in most digits the loops stay open.
    """
    lengths = np.hypot(*np.moveaxis(np.diff(paths, axis=1), 2, 0)).sum(axis=1) / np.ptp(paths, axis=1).max(
        axis=1
    )
    return (1.6 + 2 / lengths)[:, np.newaxis]


def roughened(fields: np.ndarray, random: np.random.Generator, habits: Habits) -> np.ndarray:
    """Digits with ragged edges, as paper and scanner leave them, some more and some less; the box stays."""
    frame = (len(fields), FIELD + 2, FIELD + 2)
    noise = random.standard_normal(frame, np.float32)
    noise = (noise[:, :-2] + 2 * noise[:, 1:-1] + noise[:, 2:]) / 4
    noise = (noise[:, :, :-2] + 2 * noise[:, :, 1:-1] + noise[:, :, 2:]) / 4
    spread = random.uniform(0, habits.roughness, (len(fields), 1, 1)).astype(np.float32)
    # 2.6 gives back the spread that the smoothing took.
    noise *= 2.6 * spread
    return np.where(fields > FAINTEST, np.clip(fields + noise, FAINTEST, 1), fields)
