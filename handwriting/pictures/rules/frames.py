"""Leaves out what is around the digits."""

import numpy as np

from handwriting.pictures.rules.pieces import Piece

LARGE_FRAME = 0.6  # of the picture, both ways


# What is inside of a large frame is at least FRAMED of its height, of a table or a small one IN_TABLE.
FRAMED, IN_TABLE = 0.12, 0.04


# A field is at least LEAST_FIELD px wide and high, at most MOST_OUTLINE of it is ink, and ink within FIELD_RIM of its
# edge runs along FIELD_COVERED of each side.
LEAST_FIELD, MOST_OUTLINE, FIELD_RIM, FIELD_COVERED = 16, 0.5, 0.1, 0.85


EDGE = 2  # px from the picture's edge


ALONG_RIM = 0.6  # of a piece's longer side: what lies along the rim so far is no digit, if there is other ink


BAR = 0.1  # of the picture's side: how thick what runs from edge to edge may be


FULL_HEIGHT = 0.75  # of the tallest ink off the edges: what has it may be a digit
MUCH_HIGHER = 1.2  # times the tallest ink off the edges: what is higher is no digit cut at its ink


def without_surroundings(pieces: list[Piece], labelled: np.ndarray) -> list[Piece]:
    """Leaves out what is around the digits: frames, the table beside a sheet, what else reaches into the picture.

    Whatever is left out, something stays.
    """
    height, width = labelled.shape
    rim = [labelled[:EDGE], labelled[-EDGE:], labelled[:, :EDGE].T, labelled[:, -EDGE:].T]
    on_rim = sum(np.bincount(side.max(axis=0), minlength=int(labelled.max()) + 1) for side in rim)

    def is_frame(piece: Piece) -> bool:
        large = min(piece.width / width, piece.height / height) > LARGE_FRAME
        if not large and not is_box(piece, labelled):
            return False  # first of all: comparing each piece with all others takes long where there are thousands
        inner = [
            other.height
            for other in pieces
            if other.left > piece.left
            and other.top > piece.top
            and other.right < piece.right
            and other.bottom < piece.bottom
        ]
        return max(inner, default=0) > (FRAMED if large else IN_TABLE) * piece.height

    def is_from_outside(piece: Piece) -> bool:
        from_side_to_side = piece.left < EDGE and piece.right > width - EDGE and piece.height < BAR * height
        from_top_to_bottom = piece.top < EDGE and piece.bottom > height - EDGE and piece.width < BAR * width
        along_rim = on_rim[piece.numbers[0]] > ALONG_RIM * max(piece.width, piece.height)
        as_high_as_digits = FULL_HEIGHT * tallest_free < piece.height < MUCH_HIGHER * tallest_free
        cut_to_its_ink = as_high_as_digits and piece.width < piece.height
        return (from_side_to_side or from_top_to_bottom or along_rim) and not cut_to_its_ink

    inside = [piece for piece in pieces if not is_frame(piece)]
    largest = max((piece.height for piece in inside), default=0)
    tallest_free = max((piece.height for piece in inside if on_rim[piece.numbers[0]] == 0), default=0)
    if tallest_free > 0.1 * largest:
        inside = [piece for piece in inside if not is_from_outside(piece)]
    return inside or pieces


def is_box(piece: Piece, labelled: np.ndarray) -> bool:
    """Whether a piece is the outline of a rectangle, as of a form's field or a table: it runs along all its sides."""
    if min(piece.width, piece.height) < LEAST_FIELD or piece.area > MOST_OUTLINE * piece.width * piece.height:
        return False
    own = labelled[piece.top : piece.bottom, piece.left : piece.right] == piece.numbers[0]
    high, wide = (max(2, round(FIELD_RIM * side)) for side in own.shape)
    sides = (
        own[:high].any(axis=0),
        own[-high:].any(axis=0),
        own[:, :wide].any(axis=1),
        own[:, -wide:].any(axis=1),
    )
    return min(side.mean() for side in sides) > FIELD_COVERED
