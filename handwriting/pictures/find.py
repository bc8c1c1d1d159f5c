"""The seam: a picture's pixels go in, digits with boxes and their own ink come out."""

from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import tight_box
from handwriting.filters import connected, widened
from handwriting.pictures.rules.frames import is_box, without_surroundings
from handwriting.pictures.rules.pieces import (
    BODY,
    LEAST_INK,
    MOST_PIECES,
    SKIP,
    SOFT_EDGE,
    SOFT_SIDE,
    SPECK,
    side_of_tallest,
    strong_pieces,
    too_high,
)
from handwriting.pictures.rules.rows import (
    joined_pieces,
    text_lines,
    with_loose_strokes,
    without_dashes,
    without_marks,
)


@dataclass(frozen=True)
class Found:
    """Ink that is one digit, or several that touch: its box on the shrunken picture, and the ink in it."""

    box: tuple[int, int, int, int]
    ink: np.ndarray


def find_digits(ink: np.ndarray) -> list[Found]:
    """The digits in reading order."""
    mask = ink > BODY
    labelled = connected(mask)
    all_pieces = strong_pieces(labelled, ink)
    pieces = without_surroundings(all_pieces, labelled)
    if not pieces:
        return []
    left_out = set(all_pieces) - set(pieces)
    fields = np.isin(labelled, [piece.numbers[0] for piece in left_out if is_box(piece, labelled)])
    mask &= ~fields  # or a digit close to its field's line would become one with it
    ink = np.where(fields, 0, ink)
    largest = side_of_tallest(pieces)
    if largest < SOFT_SIDE:  # so small that the strokes' soft edges count
        mask |= (ink > LEAST_INK) & widened(mask, SOFT_EDGE)
    # A pen skips: ink that is nearly connected belongs together.
    labelled = connected(widened(mask, max(1, round(SKIP * largest)))) * mask
    pieces = without_surroundings(strong_pieces(labelled, ink), labelled)
    largest = side_of_tallest(pieces)
    pieces = [piece for piece in pieces if max(piece.width, piece.height) >= SPECK * largest]
    if len(pieces) > MOST_PIECES:
        return []
    found = []
    pieces = without_dashes(with_loose_strokes(pieces, too_high(pieces)))
    highest = too_high(pieces)  # now, as they may have grown
    for line in text_lines(pieces, highest):
        for piece in without_marks(joined_pieces(line, highest)):
            rows, columns = slice(piece.top, piece.bottom), slice(piece.left, piece.right)
            own = np.where(np.isin(labelled[rows, columns], piece.numbers), ink[rows, columns], 0)
            found.append(cropped(own, piece.left, piece.top))
    return found


def cropped(ink: np.ndarray, left: int, top: int) -> Found:
    """Ink without empty rows and columns around it; `left` and `top` are where it came from."""
    x0, y0, x1, y1 = tight_box(ink)
    return Found((left + x0, top + y0, left + x1, top + y1), ink[y0:y1, x0:x1])
