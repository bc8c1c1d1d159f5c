"""What ink may be cut into if it is several digits that touch."""

import numpy as np

from handwriting.digit_image import stroke_thickness
from handwriting.pictures.find import Found, cropped
from handwriting.pictures.rules.pieces import tallest_piece

# A piece that is wider than WIDE times its height is cut where at most ONE_STROKE times a stroke's ink is crossed, if
# either part has FULL_HEIGHT of its height and is at least NARROWEST of it wide.
WIDE, ONE_STROKE, FULL_HEIGHT, NARROWEST, USUAL_WIDTH = 0.8, 1.6, 0.75, 0.12, 0.7


CUT_SLOPES = (-0.2, 0.0, 0.2, 0.4)  # sideways for each pixel up: people write upright or lean to the right


CUTS_TRIED = 40  # or a long thin scribble would take seconds


def parted(found: Found) -> list[Found]:
    """What ink may be cut into if it is two or more digits side by side; nothing where it doesn't look like it.

    It is wide, a cut, straight or slanted, crosses about one stroke, and either part is about as high as the whole.
    """
    ink, (left, top) = found.ink, found.box[:2]
    height, width = ink.shape
    if width < WIDE * height:
        return []
    least = ONE_STROKE * stroke_thickness(ink)
    narrowest = max(1, round(NARROWEST * height))
    columns = np.arange(narrowest, width - narrowest + 1)
    cuts, places = [], {slope: slanted_columns(ink.shape, slope) for slope in CUT_SLOPES}
    for slope in CUT_SLOPES:
        crossed = np.bincount(places[slope].ravel(), ink.ravel(), width)[columns]
        # The best cut crosses little ink, and leaves parts of a digit's usual width.
        usual = columns / (USUAL_WIDTH * height)
        cost = crossed / least + np.abs(usual - np.round(usual))
        cuts += [(cost[n], slope, columns[n]) for n in np.flatnonzero(crossed <= least)]
    # Of cuts that are as good, the most upright.
    for _, slope, column in sorted(cuts, key=lambda cut: (cut[0], abs(cut[1])))[:CUTS_TRIED]:
        behind = places[slope] >= column
        halves = np.where(behind, 0, ink), np.where(behind, ink, 0)
        if min(tallest_piece(half > 0.5) for half in halves) >= FULL_HEIGHT * height:
            parts = [cropped(half, left, top) for half in halves]
            return [smallest for part in parts for smallest in (parted(part) or [part])]
    return []


def slanted_columns(shape: tuple[int, int], slope: float) -> np.ndarray:
    """For each pixel, the column in which a line that leans to the right by `slope` through it is half-way down."""
    y, x = np.indices(shape)
    columns = x + np.round(slope * (y - shape[0] / 2)).astype(int)
    return np.clip(columns, 0, shape[1] - 1)
