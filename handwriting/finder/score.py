"""How well a finder finds the digits of written pages, alone and at one scale."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from handwriting.finder.peaks import Peaks, peaks_of
from handwriting.finder.targets import TARGETS
from handwriting.quiet_keras import keras
from handwriting.writing.pages import PageDigit, WrittenPage

NEAR = 0.35  # of a digit's longer side; a found digit whose middle is so near to its middle is it


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


def found_on(finder: keras.Model, pages: Iterable[WrittenPage]) -> Found:
    """What the finder finds on pages."""
    digits = right = invented = 0
    for page in pages:
        answers = finder(page.pixels[np.newaxis].astype(np.float32) / 255, training=False)
        on_page = compared(page.digits, peaks_of(np.asarray(answers)[0]))
        digits, right, invented = digits + on_page.digits, right + on_page.right, invented + on_page.invented
    return Found(digits, right, invented)


def compared(digits: list[PageDigit], peaks: Peaks) -> Found:
    """What was found, beside what is on the page. Digits of other heights than one scale is for don't count."""
    taken, counted, right = set(), 0, 0
    middles = (peaks.boxes[:, :2] + peaks.boxes[:, 2:]) / 2
    for digit in digits:
        left, top, right_edge, bottom = digit.box
        longer = max(right_edge - left, bottom - top)
        middle = np.array([(left + right_edge) / 2, (top + bottom) / 2])
        near = (
            np.flatnonzero(np.abs(middles - middle).max(axis=1, initial=0) < NEAR * longer)
            if len(middles)
            else []
        )
        free = [number for number in near if number not in taken]
        taken |= set(free[:1])
        if TARGETS.heights[0] <= longer <= TARGETS.heights[1]:
            counted += 1
            right += bool(free) and int(peaks.classes[free[0]].argmax()) == digit.digit
    return Found(counted, right, len(peaks.boxes) - len(taken))
