"""Frames, tables, form fields, and what else is around the digits: it is left out."""

from dataclasses import dataclass

import numpy as np

from handwriting.pictures.rules.pieces import Piece


@dataclass(frozen=True)
class FrameSettings:
    """Which pieces are a frame around others."""

    large: float = 0.6  # of the picture both ways; a larger piece may be a frame even if it is no box
    least_inside: float = 0.12  # of a large frame's height; what is inside is at least so high
    least_in_box: float = (
        0.04  # of a box's height; what is inside a table or a small frame is at least so high
    )


@dataclass(frozen=True)
class BoxSettings:
    """Which pieces are the outline of a rectangle."""

    least_side: int = 16  # px
    most_ink: float = 0.5  # of its area
    rim: float = 0.1  # of its sides; its ink runs along the edge within this
    covered: float = 0.85  # of each side; its ink covers at least this


@dataclass(frozen=True)
class OutsideSettings:
    """Which pieces reach into the picture from outside, such as a table under the paper."""

    edge: int = 2  # px; what is so close to the picture's edge touches it
    along: float = 0.6  # of a piece's longer side; what lies along the edge for so long is from outside
    bar: float = 0.1  # of the picture's shorter side; a bar from edge to edge is at most so thick
    least_free: float = 0.1  # of the tallest piece; if all ink off the edge is lower, nothing is from outside
    full_height: float = 0.75  # of the tallest ink off the edge; what is so high may be a digit
    much_higher: float = (
        1.2  # times the tallest ink off the edge; what is higher is no digit that the edge cuts
    )


FRAMES = FrameSettings()
BOXES = BoxSettings()
OUTSIDE = OutsideSettings()


def without_surroundings(pieces: list[Piece], components: np.ndarray) -> list[Piece]:
    """The pieces without frames, and without what reaches into the picture from outside. At least one stays."""
    inside = [
        piece
        for piece in pieces
        if not is_frame(piece, pieces, components) and not lies_in_edge(piece, components.shape)
    ]
    on_edge = pixels_on_edge(components)
    tallest = max((piece.height for piece in inside), default=0)
    tallest_free = max((piece.height for piece in inside if on_edge[piece.numbers[0]] == 0), default=0)
    if tallest_free > OUTSIDE.least_free * tallest:
        inside = [
            piece
            for piece in inside
            if not is_from_outside(piece, components.shape, on_edge[piece.numbers[0]], tallest_free)
        ]
    return inside or pieces


def is_frame(piece: Piece, pieces: list[Piece], components: np.ndarray) -> bool:
    """Whether a piece is a frame or a table with others inside."""
    height, width = components.shape
    large = min(piece.width / width, piece.height / height) > FRAMES.large
    if not large and not is_box(piece, components):
        return False  # at once: comparing each piece with all others takes long if there are thousands
    inner = [
        other.height
        for other in pieces
        if other.left > piece.left
        and other.top > piece.top
        and other.right < piece.right
        and other.bottom < piece.bottom
    ]
    least = FRAMES.least_inside if large else FRAMES.least_in_box
    return max(inner, default=0) > least * piece.height


def is_box(piece: Piece, components: np.ndarray) -> bool:
    """Whether a piece is the outline of a rectangle, such as a form field or a table: ink runs along all its sides."""
    if min(piece.width, piece.height) < BOXES.least_side:
        return False
    if piece.area > BOXES.most_ink * piece.width * piece.height:
        return False
    own = components[piece.top : piece.bottom, piece.left : piece.right] == piece.numbers[0]
    high, wide = (max(2, round(BOXES.rim * side)) for side in own.shape)
    sides = (
        own[:high].any(axis=0),
        own[-high:].any(axis=0),
        own[:, :wide].any(axis=1),
        own[:, -wide:].any(axis=1),
    )
    return min(side.mean() for side in sides) > BOXES.covered


def lies_in_edge(piece: Piece, shape: tuple[int, int]) -> bool:
    """Whether all of a piece lies along the picture's edge: the line that a scanner leaves where the paper ends."""
    height, width = shape
    edge = OUTSIDE.edge
    return (
        piece.right <= edge
        or piece.bottom <= edge
        or piece.left >= width - edge
        or piece.top >= height - edge
    )


def pixels_on_edge(components: np.ndarray) -> np.ndarray:
    """For each component's number, the length along which it touches the picture's edge."""
    edge = OUTSIDE.edge
    strips = [components[:edge], components[-edge:], components[:, :edge].T, components[:, -edge:].T]
    return sum(np.bincount(strip.max(axis=0), minlength=int(components.max()) + 1) for strip in strips)


def is_from_outside(piece: Piece, shape: tuple[int, int], on_edge: int, tallest_free: int) -> bool:
    """Whether a piece reaches into the picture from outside.

    Args:
        piece: it.
        shape: height and width of the picture.
        on_edge: the length along which the piece touches the picture's edge.
        tallest_free: the height of the tallest piece that doesn't touch it.
    """
    height, width = shape
    thickest_bar = OUTSIDE.bar * min(shape)
    from_side_to_side = (
        piece.left < OUTSIDE.edge and piece.right > width - OUTSIDE.edge and piece.height < thickest_bar
    )
    from_top_to_bottom = (
        piece.top < OUTSIDE.edge and piece.bottom > height - OUTSIDE.edge and piece.width < thickest_bar
    )
    along_edge = on_edge > OUTSIDE.along * max(piece.width, piece.height)
    as_high_as_digits = OUTSIDE.full_height * tallest_free < piece.height < OUTSIDE.much_higher * tallest_free
    # The picture may have been cut to its ink: then digits touch its edge.
    may_be_digit = as_high_as_digits and piece.width < piece.height
    return (from_side_to_side or from_top_to_bottom or along_edge) and not may_be_digit
