"""Sheets of paper on a table: each is a page within the page."""

from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import stroke_thickness
from handwriting.filters import connected_components, dilated
from handwriting.pictures.ink import ink_strength
from handwriting.pictures.rules.blobs import Blob, Page, blobs_on_page


@dataclass(frozen=True)
class SheetSettings:
    """When a blob is a sheet of paper, a card or a screen, and what is written on it."""

    least_side: int = 64  # px; a smaller blob is no sheet
    least: float = 0.05  # of the picture's area; a sheet covers at least this
    filled: float = 0.9  # of the smallest rectangle around it; a sheet covers at least this
    longest: float = 4  # times its shorter side; a sheet is not longer. A thick 1 is
    solid: float = 0.75  # of its area; at least this is paper, and the rest is written on
    margin: float = 0.03  # of its shorter side; its edge, which is left out
    thickest_stroke: float = 0.3  # of the longer side of what is written; thicker ink is a blot
    tilt_step: float = 3  # degrees; rectangles of all these tilts are tried


SHEETS = SheetSettings()


@dataclass(frozen=True)
class Sheet:
    """A sheet of paper on a picture.

    Args:
        pixels: (height, width, 3), with paper all around the sheet.
        left: where it is on the picture.
        top: where it is on the picture.
    """

    pixels: np.ndarray
    left: int
    top: int


def sheets_among(blobs: list[Blob], pixels: np.ndarray) -> list[Sheet]:
    """The sheets of paper among the blobs of a picture."""
    return [sheet for blob in blobs if (sheet := sheet_of(blob, pixels)) is not None]


def sheet_of(blob: Blob, pixels: np.ndarray) -> Sheet | None:
    """The sheet of paper that a blob is, or None if it isn't one."""
    whole = solid_rectangle(blob.ink)
    if whole is None or whole.size < SHEETS.least * pixels[..., 0].size:
        return None
    left, top, right, bottom = blob.box
    crop = pixels[top:bottom, left:right]
    inner = ~dilated(~np.pad(whole, 1), round(SHEETS.margin * min(whole.shape)))[1:-1, 1:-1]
    paper = np.median(crop[inner], axis=0)
    return Sheet(np.where(inner[..., np.newaxis], crop, paper), left, top)


def page_of_sheet(sheet: Sheet) -> Page:
    """What is written on a sheet, in pixels of the picture. Blots are left out."""
    page = blobs_on_page(ink_strength(sheet.pixels))
    lines = [
        [moved(blob, sheet.left, sheet.top) for blob in line if not is_blot(blob)] for line in page.lines
    ]
    return Page([line for line in lines if line], page.left_out)


def moved(blob: Blob, right: int, down: int) -> Blob:
    """A blob further to the right and further down."""
    x0, y0, x1, y1 = blob.box
    return Blob((x0 + right, y0 + down, x1 + right, y1 + down), blob.ink)


def is_blot(blob: Blob) -> bool:
    """Whether the ink is too thick to be written."""
    return stroke_thickness(blob.ink) >= SHEETS.thickest_stroke * max(blob.ink.shape)


def solid_rectangle(ink: np.ndarray) -> np.ndarray | None:
    """The mask of a rectangle, tilted or not, with all that is written on it. None if the ink is no rectangle."""
    if min(ink.shape) < SHEETS.least_side:
        return None
    ground = connected_components(np.pad(ink <= 0.5, 1, constant_values=True))
    whole = (ground != ground[0, 0])[1:-1, 1:-1]
    area = whole.sum()
    if (ink > 0.5).sum() < SHEETS.solid * area:
        return None
    y, x = np.nonzero(whole & dilated(~np.pad(whole, 1), 1)[1:-1, 1:-1])  # its outline
    tilts = np.radians(np.arange(0, 90, SHEETS.tilt_step))[:, np.newaxis]
    along = np.ptp(x * np.cos(tilts) + y * np.sin(tilts), axis=1)
    across = np.ptp(y * np.cos(tilts) - x * np.sin(tilts), axis=1)
    smallest = (along * across).argmin()
    shorter, longer = sorted((along[smallest], across[smallest]))
    is_rectangle = area > SHEETS.filled * shorter * longer and longer < SHEETS.longest * shorter
    return whole if is_rectangle else None
