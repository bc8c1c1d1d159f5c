"""Written pages and their targets, as the finder learns from them. Needs no Keras."""

import numpy as np

from handwriting.finder.targets import target_of
from handwriting.writing.pages import write_page

OTHER_COLOURS = 0.3  # of the pages have their colours exchanged
INVERTED = 0.1  # of the pages are inverted, beside those that are written so
GREY = 0.15  # of the pages are grey


def written_batch(seed: int, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pages, some of them in other colours, and their targets."""
    random = np.random.default_rng([seed, first, count])
    pages = [write_page(seed, number) for number in range(first, first + count)]
    pixels = np.stack([in_other_colours(page.pixels, random) for page in pages])
    return pixels, np.stack([target_of(page) for page in pages])


def in_other_colours(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A page as float32 in [0, 1], perhaps with exchanged colours, inverted, or grey."""
    picture = pixels.astype(np.float32) / 255
    if random.random() < OTHER_COLOURS:
        picture = picture[..., random.permutation(3)]
    if random.random() < INVERTED:
        picture = 1 - picture
    if random.random() < GREY:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    return picture
