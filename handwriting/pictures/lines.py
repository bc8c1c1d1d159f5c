"""Digits on a page -> lines in reading order."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LineSettings:
    """Which digits stand in one line. Lengths are in heights of the lower of two digits."""

    steepest: float = 40  # degrees; what is above another digit at a steeper angle is in another line
    near: float = 3  # a neighbour is at most so far away
    level: float = 0.5  # of two neighbours in a line, the middles are at most so far above each other


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
        apart = [turned[number, 0] - turned[line[-1], 0] for line in lines]
        level = [
            abs(turned[number, 1] - turned[line[-1], 1])
            < settings.level * min(heights[number], heights[line[-1]])
            for line in lines
        ]
        beside = [place for place in range(len(lines)) if level[place]]
        if beside:
            lines[min(beside, key=apart.__getitem__)].append(number)
        else:
            lines.append([number])
    return [np.array(line) for line in sorted(lines, key=lambda line: turned[line, 1].mean())]


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
