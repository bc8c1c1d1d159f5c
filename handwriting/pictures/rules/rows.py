"""Pieces row by row, joined to digits."""

import math
import statistics

from handwriting.pictures.rules.pieces import Piece, horizontal_overlap, level

MARK, FLAT = 0.4, 2.5  # of the tallest digit's height, and of a dash's own: dots and dashes


FULL_HEIGHT = 0.75  # of the tallest digit of the line: what has it is one, however little ink it has
LITTLE_INK = 0.2  # of the ink of a line's largest digit; a 1 has more, or is as high as the others


# Of a digit's height: a comma beside it is lower than LOW and not so far, and may hang a little below it.
LOW, HANGS = 0.5, 0.1


LEVEL = 0.4  # of the lower piece's height: how much two pieces of a line share


BAR_APART = 0.1  # of a 5's height: the gap between it and its bar, sideways


FLAT_BAR = 1.5  # times its height: how wide that bar is


# Of a piece's height: how low its loose strokes are, and how far above it the bar of a 5; how near all others.
LOOSE, CLOSE = 0.5, 0.08


def text_lines(pieces: list[Piece], highest: float) -> list[list[Piece]]:
    """Pieces line by line, however slanted the lines: a piece follows the one to its left that it stands level with.

    Commas and points are level with nothing; they come to the line of the digit that they stand beside. What reaches
    over several lines, digits that touch, would draw these together; it comes to the upper one.
    """
    lines: list[list[Piece]] = []
    single = [piece for piece in pieces if piece.height < highest]
    marks = {piece: digit for piece in single if (digit := digit_beside(piece, single))}
    for piece in sorted((piece for piece in single if piece not in marks), key=lambda piece: piece.left):
        followed, gap = None, math.inf
        for line in lines:
            last = line[-1]
            apart = piece.left - last.right
            if level(last, piece) > LEVEL * min(last.height, piece.height) and apart < gap:
                followed, gap = line, apart
        if followed is None:
            lines.append([piece])
        else:
            followed.append(piece)
    for mark, digit in marks.items():
        while digit in marks:  # a smaller one, itself beside a larger one
            digit = marks[digit]
        next(line for line in lines if digit in line).append(mark)
    for piece in pieces:
        if piece.height >= highest:
            beside = [
                line for line in lines if any(level(piece, other) > LEVEL * other.height for other in line)
            ]
            min(beside, key=middle_of, default=lines[0]).append(piece)
    return sorted(lines, key=middle_of)


def middle_of(line: list[Piece]) -> float:
    """How far down a line is, twice."""
    return statistics.mean(piece.top + piece.bottom for piece in line)


def digit_beside(piece: Piece, pieces: list[Piece]) -> Piece | None:
    """The much higher piece that a comma, a point or a dash stands beside, or None."""
    beside = [
        other
        for other in pieces
        if piece.height < LOW * other.height
        and -horizontal_overlap(piece, other) < LOW * other.height
        and level(piece, other) > -HANGS * other.height
    ]
    tallest = max((other.height for other in beside), default=0)
    digits = [other for other in beside if other.height > LOW * tallest]
    return min(
        digits, key=lambda other: abs(other.left + other.right - piece.left - piece.right), default=None
    )


def without_dashes(pieces: list[Piece]) -> list[Piece]:
    """Leaves out flat strokes that belong to no digit: what is left of a line at the picture's corner."""
    tallest = max(piece.height for piece in pieces)
    return [piece for piece in pieces if piece.height >= MARK * tallest or piece.width < FLAT * piece.height]


def without_marks(line: list[Piece]) -> list[Piece]:
    """Leaves out dots, dashes and specks: what is low beside the line's tallest digit, or has hardly any ink."""
    tallest, largest = max(piece.height for piece in line), max(piece.area for piece in line)
    return [
        piece
        for piece in line
        if piece.height >= MARK * tallest
        and (piece.area >= LITTLE_INK * largest or piece.height >= FULL_HEIGHT * tallest)
    ]


def with_loose_strokes(pieces: list[Piece], highest: float) -> list[Piece]:
    """Joins flat pieces to the larger one close above or below: the bar of a 5, a broken 3's lower half."""
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: -piece.height):
        digits = [larger for larger in joined if larger.height < highest]
        owners = [larger for larger in digits if is_loose_stroke_of(piece, larger)]
        if owners:
            owner = max(owners, key=lambda larger: horizontal_overlap(piece, larger))
            joined[joined.index(owner)] = owner.joined(piece)
        else:
            joined.append(piece)
    return joined


def is_loose_stroke_of(piece: Piece, larger: Piece) -> bool:
    if piece.height >= LOOSE * larger.height or piece.width >= larger.height:
        return False  # a digit of its own, or an underline
    overlap = horizontal_overlap(piece, larger)
    gap = max(larger.top - piece.bottom, piece.top - larger.bottom)
    is_bar = piece.width > FLAT_BAR * piece.height and piece.bottom < larger.top + LOOSE * larger.height
    if is_bar:  # of a 5: it may be far above, and begin only where the rest ends
        return gap < LOOSE * larger.height and overlap > -BAR_APART * larger.height
    return gap < CLOSE * larger.height and overlap > 0.5 * min(piece.width, larger.width)


def joined_pieces(line: list[Piece], highest: float) -> list[Piece]:
    """The pieces of a line from left to right; those that lie over each other are one, if not too high."""
    joined: list[Piece] = []
    for piece in sorted(line, key=lambda piece: piece.left):
        if joined:
            last = joined[-1]
            both = last.joined(piece)
            if horizontal_overlap(last, piece) > 0.5 * min(last.width, piece.width) and both.height < highest:
                joined[-1] = both
                continue
        joined.append(piece)
    return joined
