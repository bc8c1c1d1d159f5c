"""Filters and measurements of pixel arrays.

Nothing here knows about digits or paper.
"""

import numpy as np
from PIL import Image

LEVELS = 256  # of the histogram from which a threshold is found


def resized(values: np.ndarray, size: tuple[int, int], how=Image.Resampling.BILINEAR) -> np.ndarray:
    """The float array at another (width, height)."""
    if size == values.shape[::-1]:
        return values
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, how))


def in_window(values: np.ndarray, span: int, axis: int, larger_or_smaller: np.ufunc) -> np.ndarray:
    """The largest or smallest value in a window around each value, along one axis.

    Args:
        span: the window reaches half of this to either side.
        larger_or_smaller: np.maximum or np.minimum.
    """
    radius = min(span // 2, values.shape[axis] - 1)
    length = 2 * radius + 1
    values = values.swapaxes(0, axis)
    ends = [np.repeat(values[end], radius, axis=0) for end in (slice(0, 1), slice(-1, None))]
    values = np.concatenate([ends[0], values, ends[1]])
    covered = 1
    while covered < length:  # each value stands for 1, 2, 4, 8, … neighbours in turn
        step = min(covered, length - covered)
        values = larger_or_smaller(values[:-step], values[step:])
        covered += step
    return values.swapaxes(0, axis)


def box_blurred(values: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """The mean of 2 · radius + 1 neighbours along one axis. At the edges there are fewer neighbours."""
    values = values.swapaxes(0, axis)
    places = np.arange(len(values))
    first, last = np.maximum(places - radius, 0), np.minimum(places + radius + 1, len(values))
    sums = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, out=sums[1:])
    count = (last - first).reshape(-1, *[1] * (values.ndim - 1))
    return ((sums[last] - sums[first]) / count).astype(np.float32).swapaxes(0, axis)


def blurred(values: np.ndarray, radius: float) -> np.ndarray:
    """The array after two box blurs along each axis, which is nearly a Gaussian blur."""
    for axis in (0, 1, 0, 1):
        values = box_blurred(values, int(radius), axis)
    return values


def mean_of_neighbours(values: np.ndarray) -> np.ndarray:
    """The mean of each pixel and its eight neighbours."""
    return mean_of_three_rows(mean_of_three_rows(values).T).T


def mean_of_three_rows(values: np.ndarray) -> np.ndarray:
    """The mean of each pixel, the one above it and the one below it."""
    padded = np.pad(values, ((1, 1), (0, 0)), mode="edge")
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3


def otsu_threshold(values: np.ndarray) -> float:
    """Otsu's threshold: it divides values in [0, 1] into the two groups that differ most."""
    levels = np.minimum(values * LEVELS, LEVELS - 1).astype(np.uint8)
    counts = np.bincount(levels.ravel(), minlength=LEVELS)
    weight = counts.cumsum()
    mass = (counts * (np.arange(LEVELS) + 0.5) / LEVELS).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (mass[-1] * weight / weight[-1] - mass) ** 2 / (weight * (weight[-1] - weight))
    return (1 + int(np.nan_to_num(spread).argmax())) / LEVELS


def dilated(mask: np.ndarray, radius: int) -> np.ndarray:
    """The mask, grown by `radius` pixels to all sides."""
    # The box blur leaves rounding errors where the mean is 0.
    return box_blurred(box_blurred(mask.astype(np.float32), radius, 0), radius, 1) > 1e-6


def runs_of(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The runs of set pixels in the rows of a mask: the row, first column and length of each."""
    padded = np.pad(mask, ((0, 0), (1, 1)))  # so that no run goes on in the next row
    changes = np.flatnonzero(padded.ravel()[1:] != padded.ravel()[:-1])
    rows, starts = np.divmod(changes[::2], padded.shape[1])
    return rows, starts, changes[1::2] - changes[::2]


def run_lengths(mask: np.ndarray) -> np.ndarray:
    """For each set pixel, the length of the run of set pixels in its row. Elsewhere 0."""
    rows, starts, lengths = runs_of(mask)
    return painted_runs(mask.shape, (rows, starts, lengths), lengths)


def painted_runs(shape: tuple[int, int], runs: tuple, values: np.ndarray) -> np.ndarray:
    """An array in which each run of pixels has its own value. Elsewhere 0."""
    rows, starts, lengths = runs
    changes = np.zeros((shape[0], shape[1] + 1), np.int32)
    changes[rows, starts] = values
    changes[rows, starts + lengths] -= values.astype(np.int32)
    return changes.cumsum(axis=1)[:, :-1]


def connected_components(mask: np.ndarray) -> np.ndarray:
    """The connected components of a mask, numbered from 1. Elsewhere 0.

    Pixels that touch diagonally are connected. Each row is cut into runs of set pixels. Runs of neighbouring rows that
    touch get the same number.
    """
    runs = runs_of(mask)
    upper, lower = touching_runs(*runs, stride=mask.shape[1] + 2)
    smallest = smallest_connected(upper, lower, len(runs[0]))
    numbers = np.unique(smallest, return_inverse=True)[1] + 1
    return painted_runs(mask.shape, runs, numbers)


def touching_runs(
    rows: np.ndarray, starts: np.ndarray, lengths: np.ndarray, stride: int
) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of runs that touch: the number of the upper run and of the lower run in each pair."""
    ends = starts + lengths
    # Row and column as one number grow from run to run. So the runs of the next row that a run touches are neighbours.
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts, side="left")
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, side="right")
    touches = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(rows)), touches)
    lower = (
        np.arange(touches.sum()) - np.repeat(touches.cumsum() - touches, touches) + np.repeat(first, touches)
    )
    return upper, lower


def smallest_connected(upper: np.ndarray, lower: np.ndarray, count: int) -> np.ndarray:
    """For each of `count` runs, the smallest number among the runs that it is connected with."""
    smallest = np.arange(count)
    while True:
        together = np.minimum(smallest[upper], smallest[lower])
        before = smallest.copy()
        np.minimum.at(smallest, smallest[upper], together)
        np.minimum.at(smallest, smallest[lower], together)
        smallest = smallest[smallest]
        if np.array_equal(smallest, before):
            return smallest
