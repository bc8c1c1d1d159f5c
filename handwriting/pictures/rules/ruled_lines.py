"""Takes off the lines of ruled and squared paper."""

import math

import numpy as np

from handwriting.filters import run_lengths

SMALL = 64  # px: a picture that small has no ruled lines
LINE_THICKNESS = 0.02  # of the picture's shorter side; thicker ones are strokes


LINE_CONTRAST = 0.04  # of the paper's brightness


LINE_COVERS = 0.4  # of the picture's width


LINE_MARGIN = 0.1  # of the picture's width on either side, half of which is covered too


LINE_SLOPE = 0.08  # the steepest


def without_lines(strength: np.ndarray) -> np.ndarray:
    """Takes off the lines of ruled and squared paper, of forms and frames; strokes that cross them stay whole."""
    if min(strength.shape) < SMALL:
        return strength
    return without_level_lines(without_level_lines(strength).T).T


def without_level_lines(strength: np.ndarray) -> np.ndarray:
    """Takes off thin lines that run from left to right through most of the picture."""
    height, width = strength.shape
    thickest = max(4, round(LINE_THICKNESS * min(height, width)))
    mask = strength > np.median(strength) + LINE_CONTRAST
    down = run_lengths(mask.T).T
    ys, xs = np.nonzero((down > 0) & (down <= thickest))
    cleaned = strength.copy()
    columns = np.arange(width)
    for row, slope in level_lines(ys, xs, (height, width), thickest):
        middle = np.round(row + slope * (columns - width / 2)).astype(int)
        on_it = (middle >= 0) & (middle < height)
        own = down[np.clip(middle, 0, height - 1), columns][on_it]
        own = own[(own > 0) & (own <= thickest)]
        reach = int(np.median(own) if own.size else thickest) // 2 + 2
        # What is on a line is as dark as what lies just beyond it: paper, or the stroke that crosses it.
        sides = [middle + way * (reach + 1) for way in (-1, 1)]
        beyond = np.maximum(
            *(
                np.where((side >= 0) & (side < height), strength[np.clip(side, 0, height - 1), columns], 0)
                for side in sides
            )
        )
        for offset in range(-reach, reach + 1):
            inside = (middle + offset >= 0) & (middle + offset < height)
            place = (middle + offset)[inside], columns[inside]
            cleaned[place] = np.minimum(cleaned[place], beyond[inside])
    return cleaned


def level_lines(
    ys: np.ndarray, xs: np.ndarray, shape: tuple[int, int], thickest: int
) -> list[tuple[int, float]]:
    """The straight, nearly level lines on which many of the given pixels lie: row in the middle column, and slope."""
    height, width = shape
    steps = math.ceil(LINE_SLOPE * width / 2)  # from one slope to the next a line's ends move by a pixel
    slopes = np.linspace(-LINE_SLOPE, LINE_SLOPE, 2 * steps + 1)
    covered = np.zeros((len(slopes), height))
    margin = LINE_MARGIN * width
    at_end = (xs < margin) | (xs >= width - margin)
    for number, slope in enumerate(slopes):
        row = np.round(ys - slope * (xs - width / 2)).astype(int)
        inside = (row >= 0) & (row < height)
        counts, counts_at_ends = (
            np.bincount(row[chosen], minlength=height) for chosen in (inside, inside & at_end)
        )
        # A digit's long stroke ends somewhere; a line runs on to the picture's edge.
        covered[number] = np.where(counts_at_ends > margin, counts, 0)
    best = covered.max(axis=0)
    lines = []
    for row in np.argsort(-best, kind="stable"):
        if best[row] < LINE_COVERS * width:
            break
        if all(abs(row - other) > thickest for other, _ in lines):
            lines.append((int(row), float(slopes[covered[:, row].argmax()])))
    return lines
