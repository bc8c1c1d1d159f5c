"""How well a finder finds the digits of written pages, alone and at one scale."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from handwriting.finder.answers import HEIGHTS
from handwriting.finder.files import Ask
from handwriting.finder.peaks import Peaks, peaks_of
from handwriting.writing.written_page import PageDigit, WrittenPage

NEAR = 0.35  # of a digit's longer side; a find whose middle is less than this from a digit's middle is that digit


@dataclass(frozen=True)
class Found:
    """What was found on pages.

    Args:
        digits: on all pages, of the heights that one scale is for.
        right: how many of them were found and read right.
        invented: found digits where there is none.
    """

    digits: int
    right: int
    invented: int

    def __str__(self) -> str:
        return (
            f"found and read right {self.right / self.digits:.2%} of {self.digits:,} digits  "
            f"invented {self.invented / self.digits:.2%}"
        )


def found_on(ask: Ask, pages: Iterable[WrittenPage]) -> Found:
    """What the finder's network finds on pages."""
    digits = right = invented = 0
    for page in pages:
        answers = ask(page.pixels[np.newaxis].astype(np.float32) / 255)
        on_page = compared(page, peaks_of(answers[0]))
        digits, right, invented = digits + on_page.digits, right + on_page.right, invented + on_page.invented
    return Found(digits, right, invented)


def compared(page: WrittenPage, peaks: Peaks) -> Found:
    """What was found, beside what is on the page.

    Digits of other heights than one scale is for don't count, and neither does what is found where a digit is cut.
    """
    peaks = peaks.take(~is_unclear(page, peaks.middles))
    of_digit = matched(page.digits, peaks.middles)
    right = counted = 0
    for digit, number in zip(page.digits, of_digit, strict=True):
        if HEIGHTS[0] <= longer_side(digit) <= HEIGHTS[1]:
            counted += 1
            right += number is not None and int(peaks.classes[number].argmax()) == digit.digit
    return Found(counted, right, len(peaks.chances) - sum(number is not None for number in of_digit))


def is_unclear(page: WrittenPage, middles: np.ndarray) -> np.ndarray:
    """Whether places (n, 2) are where a digit is cut by the page's edge."""
    unclear = np.zeros(len(middles), bool)
    for left, top, right, bottom in page.unclear:
        unclear |= ((middles >= (left, top)) & (middles <= (right, bottom))).all(axis=1)
    return unclear


def matched(digits: list[PageDigit], middles: np.ndarray) -> list[int | None]:
    """The number of what was found for each digit of a page, the likeliest that is near enough. None if there is none.

    Args:
        digits: of the page.
        middles: (n, 2), of what was found, the likeliest first.
    """
    taken: set[int] = set()
    numbers = []
    for digit in digits:
        left, top, right, bottom = digit.box
        away = np.abs(middles - ((left + right) / 2, (top + bottom) / 2)).max(axis=1, initial=0)
        free = [
            int(number) for number in np.flatnonzero(away < NEAR * longer_side(digit)) if number not in taken
        ]
        taken |= set(free[:1])
        numbers.append(free[0] if free else None)
    return numbers


def longer_side(digit: PageDigit) -> int:
    left, top, right, bottom = digit.box
    return max(right - left, bottom - top)
