"""The digit image: the form in which every digit reaches a network.

A digit image is a float32 array (28, 28, 1) in [0, 1], with bright ink on 0. The longer side of the ink's bounding box
is 20 pixels. The ink's centre of mass is in pixel 14 both ways. MNIST's images have this form. Every digit from a
picture and every written digit gets it here.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from handwriting.filters import box_blurred, largest_around

SIDE = 28  # px, of the digit image
CLASSES = 10  # the digits
BOX_SIDE = 20  # px, the longer side of the ink's bounding box
CENTRE = 14  # the pixel in which the centre of mass lies
BROKEN = 1  # px; so wide a gap may be in a broken stroke; two digits have a wider one between them
INKED = 0.5  # of full ink; a pixel with more than that belongs to a stroke


@dataclass(frozen=True)
class StrokeSettings:
    """How thin and pale strokes are made like those of MNIST. Lengths are in pixels of the 20 px box."""

    thinnest: float = 1.35  # px; thinner strokes are thickened. One in 100 of MNIST's images has such strokes
    usual: float = 2.45  # px; the stroke width after thickening, MNIST's median
    window: int = 7  # px; the strength of a stroke is evened out against the darkest ink in this window
    palest: float = 0.5  # of the darkest ink; paler ink becomes twice as dark, not fully dark


STROKES = StrokeSettings()


def make_digit_image(ink: np.ndarray) -> np.ndarray:
    """The digit image of a digit's ink. The ink must be cropped to its bounding box."""
    ink = thickened(ink)
    digit = evened(fitted(ink))
    canvas = np.zeros((SIDE, SIDE), np.float32)
    canvas[: digit.shape[0], : digit.shape[1]] = digit
    return centred(canvas[np.newaxis])[0, ..., np.newaxis]


def thickened(ink: np.ndarray) -> np.ndarray:
    """The ink with hairlines as thick as usual strokes. Other ink is returned as it is.

    Without this, hairlines would vanish when they are scaled down.
    """
    box_side = max(ink.shape)
    thickness = stroke_thickness(ink) * BOX_SIDE / box_side
    if thickness >= STROKES.thinnest:
        return ink
    growth = round((STROKES.usual - thickness) * box_side / BOX_SIDE / 2)
    if growth < 1:
        return ink
    image = Image.fromarray((np.pad(ink, growth) * 255).astype(np.uint8))
    for _ in range(growth):
        image = image.filter(ImageFilter.MaxFilter(3))
    return np.asarray(image, np.float32) / 255


def fitted(ink: np.ndarray) -> np.ndarray:
    """The ink in the 20 px box: by area averages if it shrinks, by smooth interpolation if it grows.

    A side of 13.4 px becomes 14 px with a little paper, so that the digit keeps its form.
    """
    sides = np.array(ink.shape[::-1])
    scale = BOX_SIDE / sides.max()
    size = np.ceil(np.round(sides * scale, 3)).astype(int)
    paper = (size / scale - sides) / 2
    around = int(np.ceil(paper.max()))
    how = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BICUBIC
    image = Image.fromarray(np.pad(ink, around).astype(np.float32))
    box = tuple(np.concatenate([around - paper, around + sides + paper]))
    return np.clip(np.asarray(image.resize(tuple(size.tolist()), how, box)), 0, 1)


def evened(ink: np.ndarray) -> np.ndarray:
    """The ink with its pale parts as dark as the rest. A light hand or a blurred photo leaves pale parts."""
    ink = darkest = ink / max(float(ink.max()), 1e-6)
    for axis in (0, 1):
        darkest = largest_around(darkest, STROKES.window // 2, axis)
    for axis in (0, 1):
        darkest = box_blurred(darkest, STROKES.window // 2, axis)
    return np.clip(ink / np.maximum(darkest, STROKES.palest), 0, 1)


def centred(canvases: np.ndarray) -> np.ndarray:
    """The canvases (n, 28, 28) with their ink moved by whole pixels, so that its centre of mass is in pixel 14.

    Ink that would leave the canvas stops at its edge.
    """
    moved = canvases
    for axis in (1, 2):
        profile = canvases.sum(axis=3 - axis)
        inked = profile > 0
        centre = (profile * np.arange(SIDE)).sum(axis=1) / np.maximum(profile.sum(axis=1), 1e-6)
        first, last = inked.argmax(axis=1), SIDE - 1 - inked[:, ::-1].argmax(axis=1)
        shift = np.clip(np.floor(CENTRE - centre + 0.5).astype(int), -first, SIDE - 1 - last)
        source = (np.arange(SIDE) - shift[:, np.newaxis]) % SIDE
        source = source[:, :, np.newaxis] if axis == 1 else source[:, np.newaxis, :]
        moved = np.take_along_axis(moved, source, axis=axis)
    return moved


def tight_box(ink: np.ndarray) -> tuple[int, int, int, int]:
    """The bounding box of all ink: left, top, right, bottom."""
    rows, columns = (np.flatnonzero((ink > 0).any(axis=axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def widest_gap(ink: np.ndarray) -> int:
    """The most empty columns that are side by side, with ink on both sides."""
    inked = np.flatnonzero(ink.any(axis=0))
    return int(np.diff(inked).max(initial=1)) - 1


def cropped_to_ink(ink: np.ndarray) -> np.ndarray:
    """The ink without the empty rows and columns around it."""
    left, top, right, bottom = tight_box(ink)
    return ink[top:bottom, left:right]


def stroke_thickness(ink: np.ndarray) -> float:
    """The mean stroke width in pixels: twice the area of the strokes over the length of their outline."""
    mask = np.pad(ink > INKED, 1)
    outline = (mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()
    # The outline is counted along the edges of pixels. That is about 4/π times its true length.
    return 2 * float(mask.sum()) / (float(outline) * np.pi / 4) if outline else 0.0


def slanted(array: np.ndarray, slope: float) -> np.ndarray:
    """The digit image, leaning to the right by `slope` more pixels for each pixel up."""
    image = Image.fromarray(array[..., 0])
    matrix = (1, slope, -slope * (CENTRE + 0.5), 0, 1, 0)
    return np.asarray(image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR))[
        ..., np.newaxis
    ]


def unit_range(pixels: np.ndarray) -> np.ndarray:
    """The images (n, 28, 28) as digit images. Their pixels may be in 0..255 or already in 0..1."""
    arrays = pixels.astype(np.float32)[..., np.newaxis]
    if pixels.max() > 1:
        arrays /= np.float32(255)  # in place: these may be gigabytes
    return arrays
