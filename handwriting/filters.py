"""Filters and measurements of pixel arrays. Nothing here knows about digits."""

import numpy as np
from PIL import Image

Box = tuple[float, float, float, float]  # left, top, right, bottom
Colour = tuple[int, int, int]


def resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The float array at another (width, height), by smooth interpolation."""
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BICUBIC))


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


def cut_out(picture: Image.Image, paper: Colour, box: Box, size: tuple[int, int]) -> Image.Image:
    """A part of a picture (RGB) in another size, with paper where it lies beyond the picture.

    Args:
        box: left, top, right, bottom of the part.
        size: its width and height in the end.
    """
    outer = np.array([*np.floor(box[:2]), *np.ceil(box[2:])]).astype(int)
    inner = np.clip(outer, 0, [*picture.size, *picture.size])
    part = Image.new("RGB", tuple((outer[2:] - outer[:2]).tolist()), paper)
    part.paste(picture.crop(inner.tolist()), tuple((inner - outer)[:2].tolist()))
    how = Image.Resampling.BICUBIC if size[0] > box[2] - box[0] else Image.Resampling.BOX
    return part.resize(size, how, tuple(np.subtract(box, np.tile(outer[:2], 2)).tolist()))


def colour_of_edge(pixels: np.ndarray) -> np.ndarray:
    """The usual colour, (3,), at the edge of a picture (height, width, 3). It is mostly that of the paper."""
    return np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]), axis=0)
