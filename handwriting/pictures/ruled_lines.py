"""Ruled lines of ruled and squared paper, of forms and frames: they are removed from the ink."""

import math
from dataclasses import dataclass

import numpy as np

from handwriting.filters import run_lengths


@dataclass(frozen=True)
class RuledLineSettings:
    """What is a ruled line."""

    least_side: int = 64  # px; smaller pictures have no ruled lines
    thickness: float = 0.02  # of the picture's shorter side; thicker lines are strokes
    least_thickness: int = 4  # px; thinner lines are never too thick
    contrast: float = 0.04  # of the paper's brightness; a line is darker than the paper by this
    covers: float = 0.4  # of the picture's width; a line covers at least this
    margin: float = 0.1  # of the picture's width at both ends; half of both together is covered, too
    slope: float = 0.08  # the steepest


RULED_LINES = RuledLineSettings()


def without_ruled_lines(strength: np.ndarray) -> np.ndarray:
    """The ink without ruled lines, level and upright ones. Strokes that cross them stay whole."""
    if min(strength.shape) < RULED_LINES.least_side:
        return strength
    return without_level_lines(without_level_lines(strength).T).T


def without_level_lines(strength: np.ndarray) -> np.ndarray:
    """The ink without thin lines that run from left to right through most of the picture."""
    height, width = strength.shape
    thickest = max(RULED_LINES.least_thickness, round(RULED_LINES.thickness * min(height, width)))
    mask = strength > np.median(strength) + RULED_LINES.contrast
    down = run_lengths(mask.T).T
    ys, xs = np.nonzero((down > 0) & (down <= thickest))
    cleaned = strength.copy()
    columns = np.arange(width)
    for row, slope in level_lines(ys, xs, (height, width), thickest):
        course = np.round(row + slope * (columns - width / 2)).astype(
            int
        )  # the line's pixel row in each column
        on_it = (course >= 0) & (course < height)
        own = down[np.clip(course, 0, height - 1), columns][on_it]
        own = own[(own > 0) & (own <= thickest)]
        reach = int(np.median(own) if own.size else thickest) // 2 + 2
        # What is on a line gets the strength of what lies just beyond it: paper, or the stroke that crosses it.
        sides = [course + way * (reach + 1) for way in (-1, 1)]
        beyond = np.maximum(
            *(
                np.where((side >= 0) & (side < height), strength[np.clip(side, 0, height - 1), columns], 0)
                for side in sides
            )
        )
        for offset in range(-reach, reach + 1):
            inside = (course + offset >= 0) & (course + offset < height)
            place = (course + offset)[inside], columns[inside]
            cleaned[place] = np.minimum(cleaned[place], beyond[inside])
    return cleaned


def level_lines(
    ys: np.ndarray, xs: np.ndarray, shape: tuple[int, int], thickest: int
) -> list[tuple[int, float]]:
    """The straight, nearly level lines on which many of the given pixels lie: row in the middle column, and slope."""
    height, width = shape
    steps = math.ceil(
        RULED_LINES.slope * width / 2
    )  # from one slope to the next, a line's ends move by a pixel
    slopes = np.linspace(-RULED_LINES.slope, RULED_LINES.slope, 2 * steps + 1)
    covered = np.zeros((len(slopes), height))
    margin = RULED_LINES.margin * width
    at_end = (xs < margin) | (xs >= width - margin)
    for number, slope in enumerate(slopes):
        row = np.round(ys - slope * (xs - width / 2)).astype(int)
        inside = (row >= 0) & (row < height)
        counts, counts_at_ends = (
            np.bincount(row[chosen], minlength=height) for chosen in (inside, inside & at_end)
        )
        # The long stroke of a digit ends somewhere. A ruled line goes on to the picture's edge.
        covered[number] = np.where(counts_at_ends > margin, counts, 0)
    best = covered.max(axis=0)
    lines = []
    for row in np.argsort(-best, kind="stable"):
        if best[row] < RULED_LINES.covers * width:
            break
        if all(abs(row - other) > thickest for other, _ in lines):
            lines.append((int(row), float(slopes[covered[:, row].argmax()])))
    return lines
