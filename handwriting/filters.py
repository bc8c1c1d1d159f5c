"""Filters and measurements of pixel arrays that know nothing of digits."""

import numpy as np
from PIL import Image


def resized(values: np.ndarray, size: tuple[int, int], how=Image.Resampling.BILINEAR) -> np.ndarray:
    """A float array at another (width, height)."""
    if size == values.shape[::-1]:
        return values
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, how))


def in_window(values: np.ndarray, span: int, axis: int, of_two: np.ufunc) -> np.ndarray:
    """The largest (or smallest) value within half of `span` on either side along an axis."""
    radius = min(span // 2, values.shape[axis] - 1)
    length = 2 * radius + 1
    values = values.swapaxes(0, axis)
    ends = [np.repeat(values[end], radius, axis=0) for end in (slice(0, 1), slice(-1, None))]
    values = np.concatenate([ends[0], values, ends[1]])
    covered = 1
    while covered < length:  # the best of 1, 2, 4, 8, … neighbours
        step = min(covered, length - covered)
        values = of_two(values[:-step], values[step:])
        covered += step
    return values.swapaxes(0, axis)


def box_blurred(values: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """The mean of 2 · radius + 1 neighbours along an axis; of fewer at the edges."""
    values = values.swapaxes(0, axis)
    places = np.arange(len(values))
    first, last = np.maximum(places - radius, 0), np.minimum(places + radius + 1, len(values))
    sums = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, out=sums[1:])
    count = (last - first).reshape(-1, *[1] * (values.ndim - 1))
    return ((sums[last] - sums[first]) / count).astype(np.float32).swapaxes(0, axis)


def blurred(values: np.ndarray, radius: float) -> np.ndarray:
    """Two box blurs both ways, which is nearly a Gaussian."""
    for axis in (0, 1, 0, 1):
        values = box_blurred(values, int(radius), axis)
    return values


def softened(values: np.ndarray) -> np.ndarray:
    """The mean of each pixel and those above and below it."""
    framed = np.pad(values, ((1, 1), (0, 0)), mode="edge")
    return (framed[:-2] + framed[1:-1] + framed[2:]) / 3


def otsu(values: np.ndarray) -> float:
    """The threshold that parts values in [0, 1] best into two groups."""
    counts = np.bincount(np.minimum(values * 256, 255).astype(np.uint8).ravel(), minlength=256)
    weight = counts.cumsum()
    mass = (counts * (np.arange(256) + 0.5) / 256).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (mass[-1] * weight / weight[-1] - mass) ** 2 / (weight * (weight[-1] - weight))
    return (1 + int(np.nan_to_num(spread).argmax())) / 256


def runs_of(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The runs of set pixels in the rows of a mask: row, first column and length of each."""
    framed = np.pad(mask, ((0, 0), (1, 1)))  # so that no run goes on in the next row
    changes = np.flatnonzero(framed.ravel()[1:] != framed.ravel()[:-1])
    rows, starts = np.divmod(changes[::2], framed.shape[1])
    return rows, starts, changes[1::2] - changes[::2]


def run_lengths(mask: np.ndarray) -> np.ndarray:
    """For each set pixel, how many set pixels stand together in its row; 0 elsewhere."""
    rows, starts, lengths = runs_of(mask)
    changes = np.zeros((mask.shape[0], mask.shape[1] + 1), np.int32)
    changes[rows, starts] = lengths
    changes[rows, starts + lengths] -= lengths.astype(np.int32)
    return changes.cumsum(axis=1)[:, :-1]


def connected(mask: np.ndarray) -> np.ndarray:
    """Numbers the connected parts of a mask (diagonals connect) from 1; 0 is no part.

    Each row is cut into runs of set pixels; runs of neighbouring rows that touch get the same number.
    """
    height, width = mask.shape
    rows, starts, lengths = runs_of(mask)
    ends = starts + lengths
    # Keys grow from run to run, so the runs of the next row that a run touches are neighbours.
    stride = width + 2
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts, side="left")
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, side="right")
    touches = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(rows)), touches)
    lower = (
        np.arange(touches.sum()) - np.repeat(touches.cumsum() - touches, touches) + np.repeat(first, touches)
    )
    smallest = np.arange(len(rows))
    while True:
        together = np.minimum(smallest[upper], smallest[lower])
        before = smallest.copy()
        np.minimum.at(smallest, smallest[upper], together)
        np.minimum.at(smallest, smallest[lower], together)
        smallest = smallest[smallest]
        if np.array_equal(smallest, before):
            break
    numbers = np.unique(smallest, return_inverse=True)[1] + 1
    changes = np.zeros((height, width + 1), np.int32)
    changes[rows, starts] = numbers
    changes[rows, ends] -= numbers.astype(np.int32)
    return changes.cumsum(axis=1)[:, :width]


def widened(mask: np.ndarray, radius: int) -> np.ndarray:
    """A mask with a margin of `radius` pixels around everything in it."""
    return box_blurred(box_blurred(mask.astype(np.float32), radius, 0), radius, 1) > 1e-6
