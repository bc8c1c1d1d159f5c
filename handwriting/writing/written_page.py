"""A written page: its pixels, and the digits on it."""

from dataclasses import dataclass, field

import numpy as np

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels


@dataclass(frozen=True)
class PageDigit:
    """A digit on a page.

    Args:
        box: around its ink.
        digit: which.
        ink: its own ink in the box, 0 to 1.
    """

    box: Box
    digit: int
    ink: np.ndarray


@dataclass(frozen=True)
class WrittenPage:
    """A page.

    Args:
        pixels: (SIDE, SIDE, 3), uint8.
        digits: line by line.
        unclear: boxes of digits that are cut by the page's edge, so that nobody can say what they are.
    """

    pixels: np.ndarray
    digits: list[PageDigit]
    unclear: list[Box] = field(default_factory=list)
