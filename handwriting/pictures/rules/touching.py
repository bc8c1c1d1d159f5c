"""What a blob may be cut into if it is several digits that touch."""

from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import stroke_thickness
from handwriting.pictures.rules.blobs import Blob, cropped_blob
from handwriting.pictures.rules.pieces import tallest_piece


@dataclass(frozen=True)
class CutSettings:
    """Which blobs are cut, and where."""

    wide: float = 0.8  # times its height; only a blob at least so wide is cut
    one_stroke: float = 1.6  # times the ink of a straight way across a stroke; a cut crosses at most this
    full_height: float = 0.75  # of the blob's height; both parts are at least so high
    narrowest: float = 0.12  # of the blob's height; both parts are at least so wide
    usual_width: float = 0.7  # of the blob's height; the usual width of a digit
    slopes: tuple[float, ...] = (
        -0.2,
        0.0,
        0.2,
        0.4,
    )  # px sideways for each px up; people write upright or lean right
    most_tried: int = 40  # cuts, or a long thin scribble would take seconds


CUTS = CutSettings()


def cut_where_digits_touch(blob: Blob) -> list[Blob]:
    """The parts of a blob that looks like two or more digits side by side. Empty if it doesn't.

    A cut is straight or slanted and crosses about one stroke. Both parts are about as high as the whole.
    """
    ink, (left, top) = blob.ink, blob.box[:2]
    height, width = ink.shape
    if width < CUTS.wide * height:
        return []
    most_crossed = CUTS.one_stroke * stroke_thickness(ink)
    narrowest = max(1, round(CUTS.narrowest * height))
    columns = np.arange(narrowest, width - narrowest + 1)
    cuts, column_of = [], {slope: slanted_columns(ink.shape, slope) for slope in CUTS.slopes}
    for slope in CUTS.slopes:
        crossed = np.bincount(column_of[slope].ravel(), ink.ravel(), width)[columns]
        # The best cut crosses little ink, and leaves parts of a digit's usual width.
        widths = columns / (CUTS.usual_width * height)
        cost = crossed / most_crossed + np.abs(widths - np.round(widths))
        cuts += [(cost[n], slope, columns[n]) for n in np.flatnonzero(crossed <= most_crossed)]
    # Of cuts with the same cost, the most upright comes first.
    for _, slope, column in sorted(cuts, key=lambda cut: (cut[0], abs(cut[1])))[: CUTS.most_tried]:
        behind = column_of[slope] >= column
        halves = np.where(behind, 0, ink), np.where(behind, ink, 0)
        if min(tallest_piece(half > 0.5) for half in halves) >= CUTS.full_height * height:
            parts = [cropped_blob(half, left, top) for half in halves]
            return [smallest for part in parts for smallest in (cut_where_digits_touch(part) or [part])]
    return []


def slanted_columns(shape: tuple[int, int], slope: float) -> np.ndarray:
    """For each pixel, the column at half height of the line that goes through it and leans to the right by `slope`."""
    y, x = np.indices(shape)
    columns = x + np.round(slope * (y - shape[0] / 2)).astype(int)
    return np.clip(columns, 0, shape[1] - 1)
