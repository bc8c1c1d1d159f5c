"""A page of ink, cut into lines of blobs. A blob is one digit, or several that touch."""

import statistics
from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import tight_box
from handwriting.filters import connected_components, dilated
from handwriting.pictures.rules.frames import is_box, without_surroundings
from handwriting.pictures.rules.pieces import PIECES, Piece, height_limit, strong_pieces, tallest_digit_side
from handwriting.pictures.rules.rows import (
    joined_pieces,
    rows_of,
    with_loose_strokes,
    without_dashes,
    without_marks,
)


@dataclass(frozen=True)
class BlobSettings:
    """Which ink belongs to one blob."""

    body: float = 0.25  # of full ink; paler pixels are the soft edge of a stroke, or nothing
    palest_edge: float = 0.04  # of full ink; the soft edge of a stroke ends at this strength
    soft_edge: int = 2  # px; the soft edge is at most this wide
    soft_side: int = (
        40  # px; soft edges count if the tallest digit is smaller. In larger digits they get lost anyway
    )
    skip: float = (
        0.012  # of the tallest digit's side; a pen skips, so gaps of twice that don't divide a stroke
    )
    most_pieces: int = 500  # a page of digits has fewer; more are a halftone or a pattern


@dataclass(frozen=True)
class LeftOutSettings:
    """When ink that was left out may have been a digit."""

    heights: tuple[float, float] = (0.75, 1.5)  # of the usual digit's; ink between them may be a digit
    ink: float = 0.5  # of all digits' ink; so much else, and the digits may be the dirt


BLOBS = BlobSettings()
LEFT_OUT = LeftOutSettings()


@dataclass(frozen=True)
class Blob:
    """Ink that is one digit, or several that touch.

    Args:
        box: left, top, right, bottom, in pixels of the page.
        ink: its own ink in the box.
    """

    box: tuple[int, int, int, int]
    ink: np.ndarray


@dataclass(frozen=True)
class Page:
    """What is written on a page.

    Args:
        lines: the blobs of each line, from left to right. There are none if the page is empty or a pattern.
        left_out: whether ink was left out that may be a digit.
    """

    lines: list[list[Blob]]
    left_out: bool = False


def blobs_on_page(ink: np.ndarray) -> Page:
    """The blobs of a page of ink."""
    mask = ink > BLOBS.body
    components = connected_components(mask)
    all_pieces = strong_pieces(components, ink)
    pieces = without_surroundings(all_pieces, components)
    if not pieces:
        return Page([])
    around = set(all_pieces) - set(pieces)
    form_fields = np.isin(components, [piece.numbers[0] for piece in around if is_box(piece, components)])
    mask &= ~form_fields  # or a digit close to the outline of its form field would become one with it
    ink = np.where(form_fields, 0, ink)
    side = tallest_digit_side(pieces)
    if side < BLOBS.soft_side:
        mask |= (ink > BLOBS.palest_edge) & dilated(mask, BLOBS.soft_edge)
    components = connected_components(dilated(mask, max(1, round(BLOBS.skip * side)))) * mask
    all_pieces = strong_pieces(components, ink)
    pieces = without_surroundings(all_pieces, components)
    side = tallest_digit_side(pieces)
    pieces = [piece for piece in pieces if max(piece.width, piece.height) >= PIECES.speck * side]
    if len(pieces) > BLOBS.most_pieces:
        return Page([])
    rows = digits_among(pieces)
    lines = [[own_ink(piece, components, ink) for piece in row] for row in rows]
    return Page(lines, is_digit_left_out(rows, all_pieces, pieces))


def digits_among(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces that are digits, row by row, each joined with its loose strokes."""
    pieces = without_dashes(with_loose_strokes(pieces, height_limit(pieces)))
    limit = height_limit(pieces)  # again, because pieces may have grown
    return [without_marks(joined_pieces(row, limit)) for row in rows_of(pieces, limit)]


def is_digit_left_out(rows: list[list[Piece]], all_pieces: list[Piece], inside: list[Piece]) -> bool:
    """Whether a piece was left out that is as high as the digits, or about as much ink as all of them.

    Args:
        rows: the digits.
        all_pieces: all pieces of the page.
        inside: those that are no frame and reach into the picture from nowhere.
    """
    digits = [piece for row in rows for piece in row]
    taken = {number for piece in digits for number in piece.numbers}
    usual = statistics.median(piece.height for piece in digits)
    lowest, highest = (share * usual for share in LEFT_OUT.heights)
    as_high = any(lowest < piece.height < highest for piece in all_pieces if piece.numbers[0] not in taken)
    other_ink = sum(piece.area for piece in inside if piece.numbers[0] not in taken)
    return as_high or other_ink > LEFT_OUT.ink * sum(piece.area for piece in digits)


def own_ink(piece: Piece, components: np.ndarray, ink: np.ndarray) -> Blob:
    """The blob of a piece, without the ink of other pieces in its box."""
    rows, columns = slice(piece.top, piece.bottom), slice(piece.left, piece.right)
    own = np.where(np.isin(components[rows, columns], piece.numbers), ink[rows, columns], 0)
    return cropped_blob(own, piece.left, piece.top)


def cropped_blob(ink: np.ndarray, left: int, top: int) -> Blob:
    """The blob of this ink, without empty rows and columns around it. `left` and `top` are the place of the array."""
    x0, y0, x1, y1 = tight_box(ink)
    return Blob((left + x0, top + y0, left + x1, top + y1), ink[y0:y1, x0:x1])
