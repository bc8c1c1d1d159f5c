"""The seam: the pixels of a picture go in, and its digits come out, each with its box and its own ink.

Whatever finds digits offers `find_digits` with this signature. A network that has seen pages may take the place of the
rules, and nothing else has to change. The rules are in the folder `rules/`.
"""

from dataclasses import dataclass

import numpy as np

from handwriting.pictures.ink import ink_strength
from handwriting.pictures.rules.blobs import Blob, blobs_on_page
from handwriting.pictures.rules.sheets import page_of_sheet, sheets_among
from handwriting.pictures.rules.touching import cut_where_digits_touch


@dataclass(frozen=True)
class FoundDigit:
    """A digit on a picture.

    Args:
        box: left, top, right, bottom, in pixels of the picture.
        ink: its own ink in the box, 0 for paper to 1 for ink. Ink of others in the box is left out.
        line: the number of the line that it stands in, from 0.
        parts: the digits that it may be instead, if it is several that touch. A network decides.
    """

    box: tuple[int, int, int, int]
    ink: np.ndarray
    line: int = 0
    parts: tuple["FoundDigit", ...] = ()


@dataclass(frozen=True)
class Findings:
    """What was found on a picture.

    Args:
        digits: in reading order.
        why_none: if there are none, the reason.
        doubt: why there may be other digits, if there may.
    """

    digits: list[FoundDigit]
    why_none: str | None = None
    doubt: str | None = None


def find_digits(pixels: np.ndarray) -> Findings:
    """Finds the digits on a picture.

    Args:
        pixels: (height, width, 3), float32 in [0, 1].
    """
    ink = ink_strength(pixels)
    page = blobs_on_page(ink)
    # A sheet of paper on a table is a page within the page. What else lies on the table is not read then.
    sheets = sheets_among([blob for line in page.lines for blob in line], pixels)
    pages = [page for page in map(page_of_sheet, sheets) if page.lines] or [page]
    lines = [line for page in pages for line in page.lines]
    digits = [found_digit(blob, number) for number, line in enumerate(lines) for blob in line]
    if not digits:
        return Findings(
            [], "a pattern, not a page of digits" if ink.any() else "nothing stands out from the paper"
        )
    left_out = any(page.left_out for page in pages)
    return Findings(digits, doubt="ink was left out that may be a digit" if left_out else None)


def found_digit(blob: Blob, line: int) -> FoundDigit:
    """A blob in a line as a digit, with the parts that it may be cut into."""
    parts = tuple(FoundDigit(part.box, part.ink, line) for part in cut_where_digits_touch(blob))
    return FoundDigit(blob.box, blob.ink, line, parts)
