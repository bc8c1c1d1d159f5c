"""What the finder should answer to a written page, and how wrong an answer is."""

from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import CLASSES
from handwriting.finder.network import BOX, CELL, HEIGHTS, VOTE, split
from handwriting.quiet_keras import keras
from handwriting.writing.written_page import Box, PageDigit, WrittenPage

ops = keras.ops
# Channels of a target: heat of middles, what counts of it, class, box, how much class and box count, vote, digits' ink,
# what counts of it.
PARTS = (1, 1, CLASSES, BOX, 1, VOTE, 1, 1)
TARGET_CHANNELS = sum(PARTS)


@dataclass(frozen=True)
class TargetSettings:
    """How targets are drawn, and how the parts of the loss are weighed."""

    spread: float = 0.12  # of a digit's shorter side; the standard deviation of its heat
    least_spread: float = 0.55  # cells
    core: float = 0.3  # of the heat's top; where the class and the box count
    inked: float = 0.25  # of a cell; with more ink of a digit, it votes for the digit
    focus: float = 2.0  # the exponent of the focal loss
    near: float = 4.0  # the exponent by which cells near a middle count less as empty ones
    crowd: float = 0.25  # the exponent by which pages with more digits count more
    class_weight: float = 1.0
    box_weight: float = 1.0
    vote_weight: float = 0.3
    ink_weight: float = 0.5


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


def finder_loss(target, answers):
    """How wrong answers are: a focal loss of the middles, and the losses of classes, boxes, votes and ink."""
    heat, counts, classes, box, core_counts, vote, ink, ink_counts = parts_of(target)
    of_middle, of_class, of_box, of_vote, of_ink = split(answers)
    chance = ops.clip(ops.sigmoid(of_middle), 1e-5, 1 - 1e-5)
    is_middle = ops.cast(heat > 0.99, "float32")
    missed = -((1 - chance) ** TARGETS.focus) * ops.log(chance) * is_middle
    invented = -((1 - heat) ** TARGETS.near) * chance**TARGETS.focus * ops.log(1 - chance) * (1 - is_middle)
    digits = ops.maximum(ops.sum(is_middle, axis=(1, 2)), 1.0)
    # A page of many digits counts more than a page of few, but not as much more as it has digits.
    weight = (digits / ops.mean(digits)) ** TARGETS.crowd
    middles = ops.sum((missed + invented) * counts, axis=(1, 2)) / digits
    wrong_classes = ops.categorical_crossentropy(classes, of_class, from_logits=True)
    wrong_boxes = ops.mean(ops.abs(of_box - box), axis=-1)
    cores = mean_where(TARGETS.class_weight * wrong_classes + TARGETS.box_weight * wrong_boxes, core_counts)
    votes = mean_where(ops.mean(ops.abs(of_vote - vote), axis=-1), ops.cast(ink > TARGETS.inked, "float32"))
    inks = ops.mean(ops.binary_crossentropy(ink, of_ink, from_logits=True) * ink_counts, axis=(1, 2))
    return weight * (middles + cores + TARGETS.vote_weight * votes) + TARGETS.ink_weight * inks


def mean_where(values, counts):
    """The mean of each page's values, each as much as it counts; 0 where nothing counts."""
    return ops.sum(values * counts, axis=(1, 2)) / ops.maximum(ops.sum(counts, axis=(1, 2)), 1.0)


def accuracy(target, answers):
    """The share of digits whose middle is taken for a middle and has the right class as the likeliest. For `fit`."""
    heat, _, classes, *_ = parts_of(target)
    of_middle, of_class, *_ = split(answers)
    is_middle = ops.cast(heat > 0.99, "float32")
    right = ops.cast(ops.argmax(of_class, axis=-1) == ops.argmax(classes, axis=-1), "float32")
    likely = ops.cast(of_middle > 0, "float32")
    count = ops.sum(is_middle)
    return ops.sum(right * likely * is_middle) / ops.maximum(count, 1.0) * ops.ones_like(heat[:, 0, 0])
