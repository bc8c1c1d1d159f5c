"""Pieces in rows of digits: loose strokes are joined to their digits, dots and dashes are left out."""

import math
import statistics
from dataclasses import dataclass

from handwriting.pictures.rules.pieces import Piece, horizontal_overlap, vertical_overlap


@dataclass(frozen=True)
class MarkSettings:
    """Which pieces are dots, dashes, specks and commas."""

    low: float = 0.4  # of the tallest piece's height; dots and dashes are lower
    flat: float = 2.5  # times its height; a dash is at least so wide
    full_height: float = (
        0.75  # of the row's tallest digit; what is so high is a digit, however little ink it has
    )
    little_ink: float = 0.2  # of the ink of the row's largest digit; a digit has more, a speck less
    comma_low: float = 0.5  # of a digit's height; a comma beside it is lower, and less far away
    comma_hangs: float = 0.1  # of a digit's height; a comma may hang so far below it


@dataclass(frozen=True)
class RowSettings:
    """Which pieces stand in one row."""

    overlap: float = 0.4  # of the lower piece's height; two pieces of a row share so many pixel rows


@dataclass(frozen=True)
class LooseStrokeSettings:
    """Which pieces are strokes of another piece: the bar of a 5, the lower half of a broken 3."""

    low: float = 0.5  # of the piece's height; a loose stroke is lower, and a bar is less far above
    close: float = 0.08  # of the piece's height; other loose strokes are so close
    covers: float = 0.5  # of the narrower piece; a loose stroke shares more columns with its piece
    bar_flat: float = 1.5  # times its height; a bar is wider
    bar_apart: float = 0.1  # of the piece's height; sideways, a bar may begin so far away


MARKS = MarkSettings()
ROWS = RowSettings()
LOOSE_STROKES = LooseStrokeSettings()


def with_loose_strokes(pieces: list[Piece], limit: float) -> list[Piece]:
    """The pieces, each joined with the flat pieces close above or below it. `limit` is `pieces.height_limit`."""
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: -piece.height):
        owners = [larger for larger in joined if larger.height < limit and is_loose_stroke_of(piece, larger)]
        if owners:
            owner = max(owners, key=lambda larger: horizontal_overlap(piece, larger))
            joined[joined.index(owner)] = owner.joined(piece)
        else:
            joined.append(piece)
    return joined


def is_loose_stroke_of(piece: Piece, larger: Piece) -> bool:
    """Whether a piece is a stroke of a larger one."""
    if piece.height >= LOOSE_STROKES.low * larger.height or piece.width >= larger.height:
        return False  # it is a digit itself, or an underline
    overlap = horizontal_overlap(piece, larger)
    gap = max(larger.top - piece.bottom, piece.top - larger.bottom)
    flat = piece.width > LOOSE_STROKES.bar_flat * piece.height
    if flat and piece.bottom < larger.top + LOOSE_STROKES.low * larger.height:
        # The bar of a 5 may be far above, and may begin only where the rest ends.
        is_close = gap < LOOSE_STROKES.low * larger.height
        return is_close and overlap > -LOOSE_STROKES.bar_apart * larger.height
    is_close = gap < LOOSE_STROKES.close * larger.height
    return is_close and overlap > LOOSE_STROKES.covers * min(piece.width, larger.width)


def without_dashes(pieces: list[Piece]) -> list[Piece]:
    """The pieces without flat strokes that belong to no digit, such as the rest of a ruled line in a corner."""
    tallest = max(piece.height for piece in pieces)
    return [
        piece
        for piece in pieces
        if piece.height >= MARKS.low * tallest or piece.width < MARKS.flat * piece.height
    ]


def rows_of(pieces: list[Piece], limit: float) -> list[list[Piece]]:
    """The pieces row by row, from top to bottom. A row may be slanted.

    Each piece follows the nearest one to its left that shares enough pixel rows with it. Commas and points share too
    few, so they follow the digit that they stand beside. A piece of `limit` or higher is digits of several rows that
    touch. It would join these rows, so it is added last, to the upper one.
    """
    rows: list[list[Piece]] = []
    single = [piece for piece in pieces if piece.height < limit]
    marks = {piece: digit for piece in single if (digit := digit_beside(piece, single))}
    for piece in sorted((piece for piece in single if piece not in marks), key=lambda piece: piece.left):
        nearest, gap = None, math.inf
        for row in rows:
            last = row[-1]
            apart = piece.left - last.right
            level = vertical_overlap(last, piece) > ROWS.overlap * min(last.height, piece.height)
            if level and apart < gap:
                nearest, gap = row, apart
        if nearest is None:
            rows.append([piece])
        else:
            nearest.append(piece)
    for mark, digit in marks.items():
        while digit in marks:  # a smaller one, which is itself a mark beside a larger one
            digit = marks[digit]
        next(row for row in rows if digit in row).append(mark)
    for piece in pieces:
        if piece.height >= limit:
            beside = [
                row
                for row in rows
                if any(vertical_overlap(piece, other) > ROWS.overlap * other.height for other in row)
            ]
            min(beside, key=height_on_page, default=rows[0]).append(piece)
    return sorted(rows, key=height_on_page)


def height_on_page(row: list[Piece]) -> float:
    """A number that grows from the upper row to the lower ones: twice the mean of its pieces' middles."""
    return statistics.mean(piece.top + piece.bottom for piece in row)


def digit_beside(piece: Piece, pieces: list[Piece]) -> Piece | None:
    """The much higher piece that a comma, a point or a dash stands beside. None if the piece is no such mark."""
    beside = [
        other
        for other in pieces
        if piece.height < MARKS.comma_low * other.height
        and -horizontal_overlap(piece, other) < MARKS.comma_low * other.height
        and vertical_overlap(piece, other) > -MARKS.comma_hangs * other.height
    ]
    tallest = max((other.height for other in beside), default=0)
    digits = [other for other in beside if other.height > MARKS.comma_low * tallest]
    return min(
        digits, key=lambda other: abs(other.left + other.right - piece.left - piece.right), default=None
    )


def joined_pieces(row: list[Piece], limit: float) -> list[Piece]:
    """The pieces of a row from left to right. Those one above another are joined, unless they reach `limit` then."""
    joined: list[Piece] = []
    for piece in sorted(row, key=lambda piece: piece.left):
        if joined:
            last = joined[-1]
            both = last.joined(piece)
            narrower = min(last.width, piece.width)
            if horizontal_overlap(last, piece) > LOOSE_STROKES.covers * narrower and both.height < limit:
                joined[-1] = both
                continue
        joined.append(piece)
    return joined


def without_marks(row: list[Piece]) -> list[Piece]:
    """The row without dots, dashes and specks, which are low beside its tallest digit or have hardly any ink."""
    tallest, largest_area = max(piece.height for piece in row), max(piece.area for piece in row)
    return [
        piece
        for piece in row
        if piece.height >= MARKS.low * tallest
        and (piece.area >= MARKS.little_ink * largest_area or piece.height >= MARKS.full_height * tallest)
    ]
