"""Connected ink."""

import math
import statistics
from dataclasses import dataclass

import numpy as np

from handwriting.filters import connected

BODY = 0.25  # of the ink's strength: what is paler is a stroke's soft edge, or nothing


LEAST_INK, SOFT_EDGE = 0.04, 2  # of the ink's strength and px: where a stroke's soft edge ends


SOFT_SIDE = 40  # px: of a digit larger than that, the soft edges are lost when it is scaled down


SKIP = 0.012  # of the largest piece's side: gaps of twice that don't part a stroke


SPECK = 0.16  # of the tallest piece's longer side: smaller pieces alone are dirt


MOST_PIECES = 500  # a page of digits has fewer; more are a halftone or a pattern, and no reading


# Where at least PAGE pieces have the median's height, up to a factor ALIKE, what is TOO_HIGH times as high is no digit.
PAGE, ALIKE, TOO_HIGH = 6, 1.4, 1.6


@dataclass(frozen=True)
class Piece:
    """Connected ink: its box, how many pixels it has, and its numbers in the labelled picture."""

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
        return Piece(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            self.area + other.area,
            self.numbers + other.numbers,
        )


def boxes(labelled: np.ndarray) -> list[Piece]:
    """The boxes of the connected parts."""
    ys, xs = np.nonzero(labelled)
    numbers = labelled[ys, xs]
    count = int(labelled.max()) + 1
    left, top = np.full(count, labelled.shape[1]), np.full(count, labelled.shape[0])
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


def strong_pieces(labelled: np.ndarray, ink: np.ndarray) -> list[Piece]:
    """The pieces with at least one dark pixel; what is pale all over is a smudge."""
    strong = np.bincount(labelled[ink > 0.5], minlength=int(labelled.max()) + 1)
    return [piece for piece in boxes(labelled) if strong[piece.numbers[0]]]


def tallest_piece(mask: np.ndarray) -> int:
    """The height of the tallest connected part."""
    return max((piece.height for piece in boxes(connected(mask))), default=0)


def side_of_tallest(pieces: list[Piece]) -> int:
    """The longer side of the tallest digit; the widest piece may be an underline."""
    highest = too_high(pieces)
    tallest = max((piece for piece in pieces if piece.height < highest), key=lambda piece: piece.height)
    return max(tallest.width, tallest.height)


def too_high(pieces: list[Piece]) -> float:
    """How high no digit is on a page of them: digits of two lines that touch are; infinite where few tell nothing."""
    tallest = max(piece.height for piece in pieces)
    heights = [piece.height for piece in pieces if piece.height > SPECK * tallest]
    usual = statistics.median(heights)
    alike = [height for height in heights if usual / ALIKE < height < ALIKE * usual]
    return TOO_HIGH * usual if len(alike) >= PAGE else math.inf


def level(one: Piece, other: Piece) -> int:
    """How many rows two pieces share; below 0, how many lie between them."""
    return min(one.bottom, other.bottom) - max(one.top, other.top)


def horizontal_overlap(one: Piece, other: Piece) -> int:
    """How many columns two pieces share; below 0, how many lie between them."""
    return min(one.right, other.right) - max(one.left, other.left)
