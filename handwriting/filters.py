"""Filters and measurements of pixel arrays. Nothing here knows about digits."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image, ImageChops

Box = tuple[float, float, float, float]  # left, top, right, bottom
Colour = tuple[int, int, int]


def resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The float array at another (width, height), by smooth interpolation."""
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BICUBIC))


def largest_around(values: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """The largest of 2 · radius + 1 neighbours along one axis. At the edges there are fewer neighbours."""
    widths = [(radius, radius) if number == axis else (0, 0) for number in range(values.ndim)]
    padded = np.pad(values, widths, mode="edge")
    return sliding_window_view(padded, 2 * radius + 1, axis).max(axis=-1)


def box_blurred(values: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """The mean of 2 · radius + 1 neighbours along one axis. At the edges there are fewer neighbours."""
    values = values.swapaxes(0, axis)
    places = np.arange(len(values))
    first, last = np.maximum(places - radius, 0), np.minimum(places + radius + 1, len(values))
    sums = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, out=sums[1:])
    count = (last - first).reshape(-1, *[1] * (values.ndim - 1))
    return ((sums[last] - sums[first]) / count).astype(np.float32).swapaxes(0, axis)


def cut_out(picture: Image.Image, paper: Colour | int, box: Box, size: tuple[int, int]) -> Image.Image:
    """A part of a picture in another size, with paper where it lies beyond the picture.

    Args:
        picture: in RGB, or in grey.
        paper: its colour, or its grey.
        box: left, top, right, bottom of the part.
        size: its width and height in the end.
    """
    outer = np.array([*np.floor(box[:2]), *np.ceil(box[2:])]).astype(int)
    inner = np.clip(outer, 0, [*picture.size, *picture.size])
    part = Image.new(picture.mode, tuple((outer[2:] - outer[:2]).tolist()), paper)
    part.paste(picture.crop(inner.tolist()), tuple((inner - outer)[:2].tolist()))
    how = Image.Resampling.BICUBIC if size[0] > box[2] - box[0] else Image.Resampling.BOX
    return part.resize(size, how, tuple(np.subtract(box, np.tile(outer[:2], 2)).tolist()))


def difference_from(paper: Colour, picture: Image.Image) -> np.ndarray:
    """How far each pixel of a picture (RGB) is from the colour of the paper, in the channel that differs most."""
    red, green, blue = ImageChops.difference(picture, Image.new("RGB", picture.size, paper)).split()
    return np.asarray(ImageChops.lighter(ImageChops.lighter(red, green), blue))


def colour_of_edge(pixels: np.ndarray) -> np.ndarray:
    """The usual colour, (3,), at the edge of a picture (height, width, 3). It is mostly that of the paper."""
    return np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]), axis=0)
