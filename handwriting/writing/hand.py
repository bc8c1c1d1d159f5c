"""Paths of the pen: each digit is a form as one hand of many writes it."""

import functools
from dataclasses import dataclass

import numpy as np

from handwriting.writing.glyphs import Form, Stroke


@dataclass(frozen=True)
class Habits:
    """How much writers differ. Set by hand, by what helped benchmarks/writer.py to read MNIST's training images."""

    point: float = 0.050  # digit heights; how far each control point strays
    slant: float = 0.24  # the standard deviation of the shear
    mean_slant: float = 0.16  # the mean shear; most people lean to the right
    turn: float = 0.07  # radians; the standard deviation of the rotation
    aspect: float = 0.24  # the standard deviation of the logarithm of width over height
    proportion: float = 0.08  # digit heights; how far inner parts move against outer ones
    bend: float = 0.035  # digit heights; how far a whole digit bows
    pen: float = 1.22  # px; the pen's radius in the 20 px box
    pen_spread: float = 0.28  # the standard deviation of the radius' logarithm
    pressure: float = 0.16  # the part of its width by which the pen changes along a stroke
    overshoot: float = 0.03  # digit heights; how far strokes go beyond their ends, or stop before them
    hurry: float = 0.7  # the part of its bends that the fastest hand cuts short
    breaks: float = 0.04  # the share of digits with a gap in the ink
    roughness: float = 0.5  # of full ink; how ragged the roughest digit's edges are


HABITS = Habits()


POINTS = 120  # on the path of a digit; more than one for each pixel, or hairlines would be dotted
HURRIED_POINTS = 6  # on both sides of a point of the path; the fastest hand moves it to their mean
BREAK_POINTS = (5, 12)  # the shortest and the longest gap; the round ends of the pen fill the shortest
USUAL_WIDTH = 0.6  # digit heights; how wide most forms are
SMOOTHING_LOSS = 1.6  # the factor by which smoothing along a path lowers the standard deviation


@functools.cache
def spline(points: int, samples: int) -> np.ndarray:
    """The matrix (samples, points) that turns a stroke's control points into a smooth path through them."""
    position = np.linspace(0, points - 1, samples)
    segment = np.minimum(position.astype(int), points - 2)
    t = position - segment
    weights = (
        (-0.5 * t + t**2 - 0.5 * t**3),
        (1 - 2.5 * t**2 + 1.5 * t**3),
        (0.5 * t + 2 * t**2 - 1.5 * t**3),
        (-0.5 * t**2 + 0.5 * t**3),
    )
    matrix = np.zeros((samples, points))
    for offset, weight in zip((-1, 0, 1, 2), weights, strict=True):
        np.add.at(matrix, (np.arange(samples), np.clip(segment + offset, 0, points - 1)), weight)
    return matrix


def path_matrix(strokes: list[Stroke], samples: int) -> tuple[np.ndarray, np.ndarray]:
    """The matrix that turns a form's control points into points on its strokes, and the stroke of each of them.

    A long stroke gets more samples than a short one, so that all are equally dense.
    """
    lengths = np.array([np.hypot(*np.diff(np.array(stroke), axis=0).T).sum() for stroke in strokes])
    shares = np.maximum(2, np.floor(samples * lengths / lengths.sum())).astype(int)
    shares[0] += samples - shares.sum()
    matrix = np.zeros((samples, sum(map(len, strokes))))
    row = column = 0
    for stroke, share in zip(strokes, shares, strict=True):
        matrix[row : row + share, column : column + len(stroke)] = spline(len(stroke), share)
        row, column = row + share, column + len(stroke)
    return matrix, np.repeat(np.arange(len(strokes)), shares)


def written_paths(
    strokes: list[Stroke], count: int, random: np.random.Generator, habits: Habits, samples: int = POINTS
) -> np.ndarray:
    """The paths of so many digits of one form, each by another hand: (count, samples, 2)."""
    control = np.concatenate([np.array(stroke) for stroke in strokes])
    corner = np.all(control[1:] == control[:-1], axis=1)
    stray = smoothed(random.normal(0, habits.point, (count, len(control), 2)))
    stray[:, 1:][:, corner] = stray[:, :-1][:, corner]  # a corner stays one point
    control = with_overshoots(control + stray, strokes, random, habits)
    careful, stroke_numbers = path_matrix(strokes, samples)
    hurry = random.uniform(0, habits.hurry, (count, 1, 1))
    paths = (1 - hurry) * (careful @ control) + hurry * (cut_short(careful, stroke_numbers) @ control)
    x, y = paths[..., 0], paths[..., 1]
    x, y = with_other_proportions(x, y, random, habits)
    middle = y - 0.5
    bow = random.normal(0, habits.bend, (count, 1)) * np.cos(np.pi * middle)
    sway = random.normal(0, habits.bend, (count, 1)) * np.sin(2 * np.pi * middle)
    x = x * np.exp(random.normal(0, habits.aspect, (count, 1))) + bow + sway
    x = x - middle * random.normal(habits.mean_slant, habits.slant, (count, 1))
    turn = random.normal(0, habits.turn, (count, 1))
    return np.stack(
        [x * np.cos(turn) - middle * np.sin(turn), x * np.sin(turn) + middle * np.cos(turn)], axis=2
    )


def with_overshoots(
    control: np.ndarray, strokes: list[Stroke], random: np.random.Generator, habits: Habits
) -> np.ndarray:
    """The control points (n, points, 2), with strokes that go a little beyond their ends or stop before them."""
    control = control.copy()
    first = 0
    for stroke in strokes:
        last = first + len(stroke) - 1
        for end, inner in ((first, first + 1), (last, last - 1)):
            onwards = control[:, end] - control[:, inner]
            onwards /= np.linalg.norm(onwards, axis=1, keepdims=True) + 1e-6
            control[:, end] += random.normal(0, habits.overshoot, (len(control), 1)) * onwards
        first = last + 1
    return control


def cut_short(matrix: np.ndarray, stroke_numbers: np.ndarray) -> np.ndarray:
    """The path matrix of a hand in a hurry. It cuts every bend short: each point is the mean of those around it."""
    shortened = np.empty_like(matrix)
    for number in range(stroke_numbers.max() + 1):
        rows = matrix[stroke_numbers == number]
        near = min(HURRIED_POINTS, (len(rows) - 1) // 2)
        padded = np.pad(rows, ((near, near), (0, 0)), mode="edge")
        sums = np.cumsum(np.pad(padded, ((1, 0), (0, 0))), axis=0)
        shortened[stroke_numbers == number] = (sums[2 * near + 1 :] - sums[: -2 * near - 1]) / (2 * near + 1)
    return shortened


def with_breaks(paths: np.ndarray, random: np.random.Generator, habits: Habits) -> np.ndarray:
    """The paths (n, points, 2), some of them with a gap in which the pen did not write."""
    count, points = paths.shape[:2]
    length = random.integers(*BREAK_POINTS, count) * (random.random(count) < habits.breaks)
    start = random.integers(0, points - BREAK_POINTS[1], count)
    place = np.arange(points)
    in_gap = (place > start[:, np.newaxis]) & (place < (start + length)[:, np.newaxis])
    return np.take_along_axis(paths, np.where(in_gap, start[:, np.newaxis], place)[..., np.newaxis], axis=1)


def with_other_proportions(
    x: np.ndarray, y: np.ndarray, random: np.random.Generator, habits: Habits
) -> tuple[np.ndarray, np.ndarray]:
    """The coordinates of digits with some parts stretched and others squeezed: their loops and waists vary."""
    count = (len(x), 1)

    def swing(along: np.ndarray) -> np.ndarray:
        once, twice = (
            random.normal(0, habits.proportion, count),
            random.normal(0, habits.proportion / 2, count),
        )
        return once * np.sin(np.pi * along) + twice * np.sin(2 * np.pi * along)

    across = x / USUAL_WIDTH
    twist = 2 * (y - 0.5) * (across - 0.5)
    moved_y = y + swing(y) + random.normal(0, habits.proportion, count) * twist
    moved_x = x + USUAL_WIDTH * (swing(across) + random.normal(0, 2 * habits.proportion, count) * twist)
    return moved_x, moved_y


def smoothed(noise: np.ndarray) -> np.ndarray:
    """Noise that changes slowly along the path. A hand strays in curves, not in zigzags."""
    padded = np.pad(noise, ((0, 0), (1, 1), (0, 0)), mode="edge")
    return (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4 * SMOOTHING_LOSS


def paths_in_forms(forms: list[Form], count: int, random: np.random.Generator) -> np.ndarray:
    """The paths of so many characters, each in one of the forms: (count, POINTS, 2)."""
    shares = np.array([share for share, _ in forms], float)
    chosen = random.choice(len(forms), size=count, p=shares / shares.sum())
    paths = np.empty((count, POINTS, 2))
    for number, (_, strokes) in enumerate(forms):
        which = np.flatnonzero(chosen == number)
        paths[which] = written_paths(strokes, len(which), random, HABITS)
    return with_breaks(paths, random, HABITS)
