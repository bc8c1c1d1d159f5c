"""What the finder should answer to a written page. Needs no Keras: the processes that write pages start sooner."""

from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import CLASSES
from handwriting.finder.answers import BOX, CELL, HEIGHTS, VOTE
from handwriting.writing.written_page import Box, PageDigit, WrittenPage

# Channels of a target: heatmap of middles, its weight, class, box, weight of class and box, vote, ink, weight of ink.
PARTS = (1, 1, CLASSES, BOX, 1, VOTE, 1, 1)
TARGET_CHANNELS = sum(PARTS)


@dataclass(frozen=True)
class TargetSettings:
    """How targets are drawn."""

    spread: float = 0.12  # of a digit's shorter side; the standard deviation of its heat
    least_spread: float = 0.55  # cells
    core: float = 0.3  # of the heat's top; where the class and the box count
    inked: float = 0.25  # of a cell; with more ink of a digit, it votes for the digit


TARGETS = TargetSettings()


def target_of(page: WrittenPage) -> np.ndarray:
    """The target of a page: float32 (SIDE / CELL, SIDE / CELL, TARGET_CHANNELS)."""
    side = len(page.pixels)
    cells = side // CELL
    target = np.zeros((cells, cells, TARGET_CHANNELS), np.float32)
    heat, counts, classes, box, core_counts, vote, ink, ink_counts = parts_of(target)
    counts[...] = 1
    ink_counts[...] = 1
    middles = (np.arange(cells, dtype=np.float32) + 0.5) * CELL
    most_ink = np.zeros((cells, cells), np.float32)
    for cut in page.unclear:
        leave_out(cut, counts, ink_counts)
    for digit in page.digits:
        left, top, right, bottom = digit.box
        width, height = right - left, bottom - top
        if not HEIGHTS[0] <= max(width, height) <= HEIGHTS[1]:
            leave_out(digit.box, counts, ink_counts)
            continue
        x, y = (left + right) / 2, (top + bottom) / 2
        spread_x, spread_y = (
            max(TARGETS.spread * side_of, TARGETS.least_spread * CELL)
            for side_of in (max(width, 0.5 * height), max(height, 0.5 * width))
        )
        bump = np.exp(
            -((middles - y)[:, np.newaxis] ** 2) / (2 * spread_y**2) - (middles - x) ** 2 / (2 * spread_x**2)
        )
        bump /= bump.max()
        core = (bump > TARGETS.core) & (bump > heat)
        np.maximum(heat, bump, out=heat)
        core_counts[core] = bump[core]
        classes[core] = np.arange(CLASSES) == digit.digit
        down, across = np.nonzero(core)
        edges = np.stack(
            [middles[across] - left, middles[down] - top, right - middles[across], bottom - middles[down]],
            axis=1,
        )
        box[core] = np.log(np.maximum(edges, 0.5) / CELL)
        own = ink_in_cells(digit, cells)
        mine = (own > TARGETS.inked) & (own > most_ink)
        most_ink = np.maximum(most_ink, own)
        down, across = np.nonzero(mine)
        vote[mine] = np.stack([x - middles[across], y - middles[down]], axis=1) / CELL
    ink[...] = most_ink
    return target


def leave_out(box: Box, *counts: np.ndarray) -> None:
    """Sets what counts to 0 in the cells of a box."""
    left, top, right, bottom = box
    for count in counts:
        count[top // CELL : -(-bottom // CELL), left // CELL : -(-right // CELL)] = 0


def ink_in_cells(digit: PageDigit, cells: int) -> np.ndarray:
    """The most ink of a digit in each cell of the page."""
    left, top, right, bottom = digit.box
    x0, y0 = left // CELL, top // CELL
    x1, y1 = -(-right // CELL), -(-bottom // CELL)
    padded = np.zeros(((y1 - y0) * CELL, (x1 - x0) * CELL), np.float32)
    padded[top - y0 * CELL : bottom - y0 * CELL, left - x0 * CELL : right - x0 * CELL] = digit.ink
    in_cells = np.zeros((cells, cells), np.float32)
    most = padded.reshape(y1 - y0, CELL, x1 - x0, CELL).max(axis=(1, 3))
    in_cells[y0:y1, x0:x1] = most[: cells - y0, : cells - x0]
    return in_cells


def parts_of(target):
    """Views of a target's parts."""
    first, parts = 0, []
    for length in PARTS:
        part = target[..., first : first + length]
        parts.append(part[..., 0] if length == 1 else part)
        first += length
    return parts
