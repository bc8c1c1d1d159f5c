"""What a digit image is everywhere."""

import numpy as np
from PIL import Image, ImageFilter

from handwriting.filters import box_blurred, in_window, resized


def unit_range(pixels: np.ndarray) -> np.ndarray:
    """Pixels in 0..255, or already in 0..1, as digit images."""
    arrays = pixels.astype(np.float32)[..., np.newaxis]
    if pixels.max() > 1:
        arrays /= np.float32(255)  # in place: these may be gigabytes
    return arrays


SIDE = 28  # of the digit image


BOX_SIDE = 20  # of the digit's box in it


CENTRE = 14  # the pixel in which the centre of mass falls


# px in the 20 px box: strokes thinner than the first (so are 1 in 100 of MNIST) get the second, MNIST's median.
THIN, USUAL_STROKE = 1.35, 2.45


EVEN_SPAN, PALEST = 7, 0.5  # px in that box, and the part of the darkest ink: see `evened`


def make_digit_image(ink: np.ndarray) -> np.ndarray:
    """A digit's ink, cropped to its box, as a digit image."""
    ink = thickened(ink)
    height, width = ink.shape
    scale = BOX_SIDE / max(height, width)
    digit = evened(scaled(ink, (max(1, round(width * scale)), max(1, round(height * scale)))))
    field = np.zeros((SIDE, SIDE), np.float32)
    field[: digit.shape[0], : digit.shape[1]] = digit
    return centred(field[np.newaxis])[0, ..., np.newaxis]


def tight_box(ink: np.ndarray) -> tuple[int, int, int, int]:
    """The bounding box of all ink: left, top, right, bottom."""
    rows, columns = (np.flatnonzero((ink > 0).any(axis=axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def cropped_to_ink(ink: np.ndarray) -> np.ndarray:
    """Ink without the empty rows and columns around it."""
    left, top, right, bottom = tight_box(ink)
    return ink[top:bottom, left:right]


def scaled(ink: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Ink at another size: area averages when it shrinks, smooth when it grows."""
    how = Image.Resampling.BOX if size[0] <= ink.shape[1] else Image.Resampling.BICUBIC
    return np.clip(resized(ink, size, how), 0, 1)


def evened(ink: np.ndarray) -> np.ndarray:
    """Ink whose pale parts, of a light hand or a blurred photo, are as dark as the rest; the palest, twice as dark."""
    ink = darkest = ink / max(float(ink.max()), 1e-6)
    for axis in (0, 1):
        darkest = in_window(darkest, EVEN_SPAN, axis, np.maximum)
    for axis in (0, 1):
        darkest = box_blurred(darkest, EVEN_SPAN // 2, axis)
    return np.clip(ink / np.maximum(darkest, PALEST), 0, 1)


def centred(fields: np.ndarray) -> np.ndarray:
    """Fields (n, 28, 28) with their ink moved by whole pixels, so that its centre of mass is in pixel 14.

    Ink that would leave the field stops at its edge.
    """
    moved = fields
    for axis in (1, 2):
        profile = fields.sum(axis=3 - axis)
        inked = profile > 0
        centre = (profile * np.arange(SIDE)).sum(axis=1) / np.maximum(profile.sum(axis=1), 1e-6)
        first, last = inked.argmax(axis=1), SIDE - 1 - inked[:, ::-1].argmax(axis=1)
        shift = np.clip(np.floor(CENTRE - centre + 0.5).astype(int), -first, SIDE - 1 - last)
        source = (np.arange(SIDE) - shift[:, np.newaxis]) % SIDE
        source = source[:, :, np.newaxis] if axis == 1 else source[:, np.newaxis, :]
        moved = np.take_along_axis(moved, source, axis=axis)
    return moved


def slanted(array: np.ndarray, slope: float) -> np.ndarray:
    """A digit image whose digit leans by `slope` more to the right, in pixels sideways for each pixel up."""
    image = Image.fromarray(array[..., 0])
    matrix = (1, slope, -slope * (CENTRE + 0.5), 0, 1, 0)
    return np.asarray(image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR))[
        ..., np.newaxis
    ]


def thickened(ink: np.ndarray) -> np.ndarray:
    """Hairlines as thick as a pen writes, or they would vanish when scaled down; other strokes untouched."""
    box_side = max(ink.shape)
    thickness = stroke_thickness(ink) * BOX_SIDE / box_side
    if thickness >= THIN:
        return ink
    grow = round((USUAL_STROKE - thickness) * box_side / BOX_SIDE / 2)
    if grow < 1:
        return ink
    image = Image.fromarray((np.pad(ink, grow) * 255).astype(np.uint8))
    for _ in range(grow):
        image = image.filter(ImageFilter.MaxFilter(3))
    return np.asarray(image, np.float32) / 255


def stroke_thickness(ink: np.ndarray) -> float:
    """The mean width of the strokes in pixels: twice their area over the length of their outline."""
    mask = np.pad(ink > 0.5, 1)
    outline = (mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()
    # The outline is counted along the pixels' edges, about 4/π times as long as the drawn one.
    return 2 * float(mask.sum()) / (float(outline) * np.pi / 4) if outline else 0.0
