"""Digits on a page -> lines in reading order."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LineSettings:
    """How digits are put into lines. Lengths are in heights of the smaller of two digits."""

    steepest: float = 40  # degrees; only pairs less steep than this tell the page's tilt
    near: float = 3  # only pairs nearer than this tell the tilt
    level: float = 0.5  # the middles of two neighbours in a line differ in height by at most this


LINES = LineSettings()


def lines_of(boxes: np.ndarray, settings: LineSettings = LINES) -> list[np.ndarray]:
    """The numbers of the digits, line by line from the top, each line from the left. The page may be tilted.

    Args:
        boxes: (n, 4), left, top, right, bottom.
    """
    if not len(boxes):
        return []
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    heights = boxes[:, 3] - boxes[:, 1]
    angle = tilt(middles, heights, settings)
    turned = middles @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lines: list[list[int]] = []
    for number in np.argsort(turned[:, 0], kind="stable"):
        level = [line for line in lines if are_level(number, line[-1], turned[:, 1], heights, settings)]
        if level:
            max(level, key=lambda line: turned[line[-1], 0]).append(number)  # the one that ends nearest
        else:
            lines.append([number])
    return [np.array(line) for line in sorted(lines, key=lambda line: turned[line, 1].mean())]


def are_level(one: int, other: int, down: np.ndarray, heights: np.ndarray, settings: LineSettings) -> bool:
    """Whether two digits stand at the same height, by the places of their middles."""
    return abs(down[one] - down[other]) < settings.level * min(heights[one], heights[other])


def tilt(middles: np.ndarray, heights: np.ndarray, settings: LineSettings) -> float:
    """The angle by which the lines fall to the right: the median over the nearest neighbours to the right."""
    angles = []
    for middle, height in zip(middles, heights, strict=True):
        away = middles - middle
        distance = np.hypot(away[:, 0], away[:, 1])
        angle = np.arctan2(away[:, 1], away[:, 0])
        beside = (away[:, 0] > 0) & (np.abs(angle) < np.radians(settings.steepest))
        beside &= distance < settings.near * np.minimum(height, heights)
        if beside.any():
            nearest = np.flatnonzero(beside)[distance[beside].argmin()]
            angles.append(angle[nearest])
    return float(np.median(angles)) if angles else 0.0
