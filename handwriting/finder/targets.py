"""What the finder should answer to a written page, and how wrong an answer is."""

from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import CLASSES
from handwriting.finder.network import BOX, CELL, VOTE, split
from handwriting.quiet_keras import keras
from handwriting.writing.pages import PageDigit

ops = keras.ops
# Channels of a target: class heat, what counts of it, box, where a box counts, vote, digits' ink, what counts of it.
TARGET_CHANNELS = CLASSES + 1 + BOX + 1 + VOTE + 1 + 1


@dataclass(frozen=True)
class TargetSettings:
    """How targets are drawn, and how the parts of the loss are weighed."""

    heights: tuple[float, float] = (
        7,
        80,
    )  # px; larger and smaller digits are found at another scale of the picture
    spread: float = 0.12  # of a digit's shorter side; the standard deviation of its heat
    least_spread: float = 0.55  # cells
    core: float = 0.3  # of the heat's top; where the box counts
    inked: float = 0.25  # of a cell; with more ink of a digit, it votes for the digit
    focus: float = 2.0  # the exponent of the focal loss
    near: float = 4.0  # the exponent by which cells near a middle count less as empty ones
    box_weight: float = 1.0
    vote_weight: float = 0.3
    ink_weight: float = 0.5


TARGETS = TargetSettings()


def target_of(digits: list[PageDigit], side: int, settings: TargetSettings = TARGETS) -> np.ndarray:
    """The target of a page (side, side): float32 (side / CELL, side / CELL, TARGET_CHANNELS)."""
    cells = side // CELL
    target = np.zeros((cells, cells, TARGET_CHANNELS), np.float32)
    heat, counts, box, box_counts, vote, ink, ink_counts = parts_of(target)
    counts[...] = 1
    ink_counts[...] = 1
    middles = (np.arange(cells, dtype=np.float32) + 0.5) * CELL
    strongest = np.zeros((cells, cells), np.float32)
    most_ink = np.zeros((cells, cells), np.float32)
    for digit in digits:
        left, top, right, bottom = digit.box
        width, height = right - left, bottom - top
        if not settings.heights[0] <= max(width, height) <= settings.heights[1]:
            place = np.s_[top // CELL : -(-bottom // CELL), left // CELL : -(-right // CELL)]
            counts[place] = 0
            ink_counts[place] = 0
            continue
        x, y = (left + right) / 2, (top + bottom) / 2
        spread_x, spread_y = (
            max(settings.spread * side_of, settings.least_spread * CELL)
            for side_of in (max(width, 0.5 * height), max(height, 0.5 * width))
        )
        bump = np.exp(
            -((middles - y)[:, np.newaxis] ** 2) / (2 * spread_y**2) - (middles - x) ** 2 / (2 * spread_x**2)
        )
        bump /= bump.max()
        np.maximum(heat[..., digit.digit], bump, out=heat[..., digit.digit])
        core = (bump > settings.core) & (bump > strongest)
        strongest = np.maximum(strongest, bump)
        box_counts[core] = bump[core]
        down, across = np.nonzero(core)
        edges = np.stack(
            [middles[across] - left, middles[down] - top, right - middles[across], bottom - middles[down]],
            axis=1,
        )
        box[core] = np.log(np.maximum(edges, 0.5) / CELL)
        own = ink_in_cells(digit, cells)
        mine = (own > settings.inked) & (own > most_ink)
        most_ink = np.maximum(most_ink, own)
        down, across = np.nonzero(mine)
        vote[mine] = np.stack([x - middles[across], y - middles[down]], axis=1) / CELL
    ink[...] = most_ink
    return target


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
    for length in (CLASSES, 1, BOX, 1, VOTE, 1, 1):
        part = target[..., first : first + length]
        parts.append(part[..., 0] if length == 1 else part)
        first += length
    return parts


def finder_loss(target, answers):
    """How wrong answers are: a focal loss of the classes, and the distances of boxes, votes and ink."""
    heat, counts, box, box_counts, vote, ink, ink_counts = parts_of(target)
    logits, of_box, of_vote, of_ink = split(answers)
    chance = ops.clip(ops.sigmoid(logits), 1e-5, 1 - 1e-5)
    is_middle = ops.cast(heat > 0.99, "float32")
    missed = -((1 - chance) ** TARGETS.focus) * ops.log(chance) * is_middle
    invented = -((1 - heat) ** TARGETS.near) * chance**TARGETS.focus * ops.log(1 - chance) * (1 - is_middle)
    digits = ops.maximum(ops.sum(is_middle, axis=(1, 2, 3)), 1.0)
    classes = ops.sum((missed + invented) * counts[..., None], axis=(1, 2, 3)) / ops.sqrt(digits)
    classes = classes / ops.sqrt(
        ops.mean(digits)
    )  # pages of many digits count more than pages of few, but not all
    boxes = ops.sum(ops.mean(ops.abs(of_box - box), axis=-1) * box_counts, axis=(1, 2)) / ops.maximum(
        ops.sum(box_counts, axis=(1, 2)), 1.0
    )
    is_ink = ops.cast(ink > TARGETS.inked, "float32")
    votes = ops.sum(ops.mean(ops.abs(of_vote - vote), axis=-1) * is_ink, axis=(1, 2)) / ops.maximum(
        ops.sum(is_ink, axis=(1, 2)), 1.0
    )
    inks = ops.mean(ops.binary_crossentropy(ink, of_ink, from_logits=True) * ink_counts, axis=(1, 2))
    return classes + TARGETS.box_weight * boxes + TARGETS.vote_weight * votes + TARGETS.ink_weight * inks


def accuracy(target, answers):
    """The share of digits whose middle has the right class as the likeliest, and as likely at all. For `fit`."""
    heat = target[..., :CLASSES]
    logits = split(answers)[0]
    is_middle = ops.cast(ops.max(heat, axis=-1) > 0.99, "float32")
    right = ops.cast(ops.argmax(logits, axis=-1) == ops.argmax(heat, axis=-1), "float32")
    likely = ops.cast(ops.max(logits, axis=-1) > 0, "float32")
    count = ops.sum(is_middle)
    return ops.sum(right * likely * is_middle) / ops.maximum(count, 1.0) * ops.ones_like(heat[:, 0, 0, 0])
