"""Pictures that hold one digit and nothing else, so that none has to be found: digit images, and tiny scans."""

import numpy as np
from PIL import Image

from handwriting.digit_image import (
    BOX_SIDE,
    BROKEN,
    CENTRE,
    INKED,
    SIDE,
    cropped_to_ink,
    make_digit_image,
    tight_box,
    widest_gap,
)
from handwriting.filters import colour_of_edge
from handwriting.pictures.find import Digit

CENTRE_TOLERANCE = 0.51  # px; 8-bit pixels are rounded, so half a pixel is not quite enough
FULL_INK = 0.9  # the darkest ink of a digit image has at least this strength
SMALLEST_SCAN = 8  # px, the longer side; fewer pixels say too little


def ready_digit(image: Image.Image) -> Digit | None:
    """The digit of a picture that is a digit image already, or a tiny scan. None if it is neither."""
    if image.size == (SIDE, SIDE):
        return digit_of_image(image)
    if SMALLEST_SCAN <= max(image.size) <= BOX_SIDE:
        return digit_of_scan(image)
    return None


def digit_of_image(image: Image.Image) -> Digit | None:
    """The digit of a digit image, bright on black or dark on white. None if it isn't one.

    MNIST's images are digit images. Two digits side by side are not.
    """
    pixels = np.asarray(image, np.float32) / 255
    if (pixels != pixels[..., :1]).any():
        return None
    ink = 1 - pixels[..., 0] if pixels[0, 0, 0] == 1 else pixels[..., 0]
    if not ink.any():
        return None
    left, top, right, bottom = tight_box(ink)
    total = ink.sum()
    centre_of_mass = ink.sum(axis=1) @ np.arange(SIDE) / total, ink.sum(axis=0) @ np.arange(SIDE) / total
    is_ready = (
        max(bottom - top, right - left) == BOX_SIDE
        and widest_gap(ink) <= BROKEN
        and max(abs(place - CENTRE) for place in centre_of_mass) < CENTRE_TOLERANCE
        and ink.max() > FULL_INK
    )
    # A copy, because a view would keep the pixels of all three colours.
    return Digit(ink[..., np.newaxis].copy(), (left, top, right, bottom)) if is_ready else None


def digit_of_scan(image: Image.Image) -> Digit | None:
    """The digit of a scan of few pixels that is cut to its ink, such as those of the US mail. None if it isn't cut so.

    Some of their 1s are a third as wide as high; neither finder nor judge takes these for digits.
    """
    pixels = np.asarray(image.convert("RGB"), np.float32)
    ink = np.abs(pixels - colour_of_edge(pixels)).max(axis=2) / 255
    strokes = ink > INKED
    if not strokes.any():
        return None
    left, top, right, bottom = tight_box(strokes)
    is_cut = max(bottom - top, right - left) == max(image.size)
    is_one = widest_gap(strokes) == 0
    return Digit(make_digit_image(cropped_to_ink(ink)), tight_box(ink)) if is_cut and is_one else None
