"""Pieces: connected components of ink, with their bounding boxes."""

import math
import statistics
from dataclasses import dataclass

import numpy as np

from handwriting.filters import connected_components

STRONG = 0.5  # of full ink; a piece whose ink is all paler is a smudge


@dataclass(frozen=True)
class PieceSettings:
    """Which pieces are specks, and which are so high that they are several digits."""

    speck: float = (
        0.16  # of the tallest piece's longer side; smaller pieces are dirt, if nothing joins them to a digit
    )
    fewest: int = 6  # pieces of about the usual height; with fewer, nothing says how high digits are
    alike: float = (
        1.4  # a factor; pieces whose heights differ less from the median have about the usual height
    )
    too_high: float = 1.6  # times the usual height; higher pieces are digits of two rows that touch


PIECES = PieceSettings()


@dataclass(frozen=True)
class Piece:
    """A connected component, or several that were joined.

    Args:
        left, top, right, bottom: the bounding box.
        area: the number of pixels.
        numbers: the component's number in the array of components; several if pieces were joined.
    """

    left: int
    top: int
    right: int
    bottom: int
    area: int
    numbers: tuple[int, ...]

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def joined(self, other: "Piece") -> "Piece":
        """Both pieces as one."""
        return Piece(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            self.area + other.area,
            self.numbers + other.numbers,
        )


def pieces_of(components: np.ndarray) -> list[Piece]:
    """A piece for each connected component."""
    ys, xs = np.nonzero(components)
    numbers = components[ys, xs]
    count = int(components.max()) + 1
    left, top = np.full(count, components.shape[1]), np.full(count, components.shape[0])
    right, bottom = np.zeros(count, int), np.zeros(count, int)
    np.minimum.at(left, numbers, xs)
    np.minimum.at(top, numbers, ys)
    np.maximum.at(right, numbers, xs + 1)
    np.maximum.at(bottom, numbers, ys + 1)
    area = np.bincount(numbers, minlength=count)
    return [
        Piece(int(left[n]), int(top[n]), int(right[n]), int(bottom[n]), int(area[n]), (n,))
        for n in range(1, count)
        if right[n]
    ]


def strong_pieces(components: np.ndarray, ink: np.ndarray) -> list[Piece]:
    """The pieces with at least one dark pixel."""
    strong = np.bincount(components[ink > STRONG], minlength=int(components.max()) + 1)
    return [piece for piece in pieces_of(components) if strong[piece.numbers[0]]]


def tallest_piece(mask: np.ndarray) -> int:
    """The height of the tallest connected component."""
    return max((piece.height for piece in pieces_of(connected_components(mask))), default=0)


def tallest_digit_side(pieces: list[Piece]) -> int:
    """The longer side of the tallest digit. The widest piece doesn't count, because it may be an underline."""
    limit = height_limit(pieces)
    tallest = max((piece for piece in pieces if piece.height < limit), key=lambda piece: piece.height)
    return max(tallest.width, tallest.height)


def height_limit(pieces: list[Piece]) -> float:
    """The height from which a piece must be two touching rows, not one digit. Infinity if too few pieces can tell."""
    tallest = max(piece.height for piece in pieces)
    heights = [piece.height for piece in pieces if piece.height > PIECES.speck * tallest]
    usual = statistics.median(heights)
    alike = [height for height in heights if usual / PIECES.alike < height < PIECES.alike * usual]
    return PIECES.too_high * usual if len(alike) >= PIECES.fewest else math.inf


def vertical_overlap(one: Piece, other: Piece) -> int:
    """The number of pixel rows that two pieces share. If negative, the number of rows between them."""
    return min(one.bottom, other.bottom) - max(one.top, other.top)


def horizontal_overlap(one: Piece, other: Piece) -> int:
    """The number of pixel columns that two pieces share. If negative, the number of columns between them."""
    return min(one.right, other.right) - max(one.left, other.left)
