"""A sheet of paper on a table: a page within the page."""

import numpy as np

from handwriting.digit_image import stroke_thickness
from handwriting.filters import connected, widened
from handwriting.pictures.find import Found, find_digits
from handwriting.pictures.ink import SMALL, ink_strength

# A sheet of paper on a table covers LEAST_SHEET of the picture, FILLED of the smallest rectangle around it, is at most
# LONGEST_SHEET times as long as wide, and SOLID of it is paper. Its edge, SHEET_MARGIN of its width, is left out.
LEAST_SHEET, FILLED, LONGEST_SHEET, SOLID, SHEET_MARGIN = 0.05, 0.9, 4, 0.75, 0.03


MOST_STROKE = 0.3  # of the longer side of what is written there: the rest are blots


def on_sheets(all_found: list[Found], pixels: np.ndarray) -> list[Found]:
    """What is written on sheets of paper, if any of what was found is one; else what was found."""
    return [written for found in all_found for written in written_on(found, pixels)] or all_found


def written_on(found: Found, pixels: np.ndarray) -> list[Found]:
    """What is written on a sheet of paper on a table, a card or a screen; nothing if that is not what was found."""
    whole = solid_rectangle(found.ink)
    if whole is None or whole.size < LEAST_SHEET * pixels[..., 0].size:
        return []
    left, top, right, bottom = found.box
    crop = pixels[top:bottom, left:right]
    inner = ~widened(~np.pad(whole, 1), round(SHEET_MARGIN * min(whole.shape)))[1:-1, 1:-1]
    sheet = np.where(inner[..., np.newaxis], crop, np.median(crop[inner], axis=0))  # all around is paper, too
    return [
        Found((x0 + left, y0 + top, x1 + left, y1 + top), ink.ink)
        for ink in find_digits(ink_strength(sheet))
        for x0, y0, x1, y1 in [ink.box]
        if stroke_thickness(ink.ink) < MOST_STROKE * max(ink.ink.shape)
    ]


def solid_rectangle(ink: np.ndarray) -> np.ndarray | None:
    """Where a rectangle is, tilted or not, and all that is written on it, if ink is one; a thick 1 is too narrow."""
    if min(ink.shape) < SMALL:
        return None
    ground = connected(np.pad(ink <= 0.5, 1, constant_values=True))
    whole = (ground != ground[0, 0])[1:-1, 1:-1]
    area = whole.sum()
    if (ink > 0.5).sum() < SOLID * area:
        return None
    y, x = np.nonzero(whole & widened(~np.pad(whole, 1), 1)[1:-1, 1:-1])  # its outline
    tilts = np.radians(np.arange(0, 90, 3))[:, np.newaxis]
    along, across = (
        np.ptp(place, axis=1)
        for place in (x * np.cos(tilts) + y * np.sin(tilts), y * np.cos(tilts) - x * np.sin(tilts))
    )
    best = (along * across).argmin()
    sides = sorted((along[best], across[best]))
    is_rectangle = area > FILLED * sides[0] * sides[1] and sides[1] < LONGEST_SHEET * sides[0]
    return whole if is_rectangle else None
