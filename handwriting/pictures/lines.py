"""Digits on a page -> lines in reading order."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LineSettings:
    """How digits are put into lines. Lengths are in heights of the smaller of two digits."""

    steepest: float = 40  # degrees; only pairs less steep than this tell the page's tilt
    near: float = 3  # only pairs nearer than this tell the tilt
    level: float = 0.5  # the most by which the middles of two neighbours in a line differ in height
    raised: float = 0.8  # times the digit before it; a superscript is at most so high
    # From the digit before it to the superscript, in its heights: to the right, and up.
    behind: tuple[float, float] = (-0.3, 0.8)
    above: tuple[float, float] = (-0.5, 0.6)


LINES = LineSettings()


def lines_of(boxes: np.ndarray) -> list[np.ndarray]:
    """The numbers of the digits, line by line from the top, each line from the left. The page may be tilted.

    A superscript stands in the line of the digit before it.

    Args:
        boxes: (n, 4), left, top, right, bottom.
    """
    base_of = raised_digits(boxes)
    on_line = np.array([number for number in range(len(boxes)) if number not in base_of], int)
    lines = [on_line[line].tolist() for line in level_lines(boxes[on_line])]
    for number in sorted(base_of, key=lambda number: -boxes[number, 0]):  # each goes right behind its base
        line = next(line for line in lines if base_of[number] in line)
        line.insert(line.index(base_of[number]) + 1, number)
    return [np.array(line) for line in lines]


def raised_digits(boxes: np.ndarray) -> dict[int, int]:
    """For each superscript, the number of its base. A superscript is a small digit, raised, right behind another one.

    A digit that stands in a line with others is no superscript.
    """
    heights = boxes[:, 3] - boxes[:, 1]
    base_of = {}
    for number, (left, _, _, bottom) in enumerate(boxes):
        is_before = heights[number] < LINES.raised * heights
        is_before &= between((left - boxes[:, 2]) / heights, *LINES.behind)
        is_before &= between((boxes[:, 1] - bottom) / heights, *LINES.above)
        if is_before.any():
            base_of[number] = int(np.flatnonzero(is_before)[boxes[is_before, 2].argmax()])
    bases = np.full(len(boxes), -1)
    bases[list(base_of)] = list(base_of.values())
    return {
        number: base
        for number, base in base_of.items()
        if base not in base_of and not (neighbours_of(number, boxes) & (bases != base)).any()
    }


def between(values: np.ndarray, least: float, most: float) -> np.ndarray:
    return (values > least) & (values < most)


def neighbours_of(number: int, boxes: np.ndarray) -> np.ndarray:
    """Which digits of an upright page stand in a line with this one, near it: (n,). It is among them itself."""
    across, down = (boxes[:, :2] + boxes[:, 2:]).T / 2
    heights = boxes[:, 3] - boxes[:, 1]
    is_near = np.abs(across - across[number]) < LINES.near * heights[number]
    return is_near & (np.abs(down - down[number]) < LINES.level * np.minimum(heights, heights[number]))


def level_lines(boxes: np.ndarray) -> list[np.ndarray]:
    """The numbers of digits that stand on lines, line by line from the top, each line from the left."""
    if not len(boxes):
        return []
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    heights = boxes[:, 3] - boxes[:, 1]
    angle = tilt(middles, heights)
    turned = middles @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lines: list[list[int]] = []
    for number in np.argsort(turned[:, 0], kind="stable"):
        level = [line for line in lines if are_level(number, line[-1], turned[:, 1], heights)]
        if level:
            max(level, key=lambda line: turned[line[-1], 0]).append(number)  # the one that ends nearest
        else:
            lines.append([number])
    return [np.array(line) for line in sorted(lines, key=lambda line: turned[line, 1].mean())]


def are_level(one: int, other: int, down: np.ndarray, heights: np.ndarray) -> bool:
    """Whether two digits stand at the same height, by the places of their middles."""
    return abs(down[one] - down[other]) < LINES.level * min(heights[one], heights[other])


def tilt(middles: np.ndarray, heights: np.ndarray) -> float:
    """The angle by which the lines fall to the right: the median over the nearest neighbours to the right."""
    angles = []
    for middle, height in zip(middles, heights, strict=True):
        away = middles - middle
        distance = np.hypot(away[:, 0], away[:, 1])
        angle = np.arctan2(away[:, 1], away[:, 0])
        beside = (away[:, 0] > 0) & (np.abs(angle) < np.radians(LINES.steepest))
        beside &= distance < LINES.near * np.minimum(height, heights)
        if beside.any():
            nearest = np.flatnonzero(beside)[distance[beside].argmin()]
            angles.append(angle[nearest])
    return float(np.median(angles)) if angles else 0.0
