"""What the finder finds on written pages, as the judge learns from it: squares and what is in them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import CLASSES
from handwriting.filters import colour_of_edge
from handwriting.finder.answers import HEIGHTS
from handwriting.finder.peaks import peaks_of
from handwriting.finder.score import is_unclear, longer_side, matched
from handwriting.judge.crops import crops_around
from handwriting.quiet_keras import keras
from handwriting.writing.pages import SIDE
from handwriting.writing.written_page import WrittenPage

NO_DIGIT = CLASSES  # the label of what is no digit


@dataclass(frozen=True)
class FindSettings:
    """How the finder looks at a page, and what the judge is shown of it. Two numbers are the least and the most."""

    sides: tuple[int, ...] = (152, 200, 256, 328)  # px; the page is looked at in one of these sizes
    least: float = 0.06  # probability; what is less likely a digit is no find
    sizes: tuple[float, float] = (6, 110)  # px; the longer sides of finds
    growth: float = 0.06  # the standard deviation of the logarithm by which a box grows or shrinks
    shift: float = 0.035  # of its longer side; the standard deviation by which a box is moved
    most: int = 24  # finds of a page that are kept


FINDS = FindSettings()


@dataclass(frozen=True)
class Finds:
    """Squares around finds.

    Args:
        crops: uint8 (n, side, side, 3).
        labels: (n,), the digit, or NO_DIGIT.
        page: (n,), the number of the page, from 0.
    """

    crops: np.ndarray
    labels: np.ndarray
    page: np.ndarray


def finds_on(network: keras.Model, pages: Iterable[WrittenPage], seed: int) -> Finds:
    """What the finder's network finds on pages, and the digits that it misses."""
    random = np.random.default_rng(seed)
    crops, labels, numbers = [], [], []
    for number, page in enumerate(pages):
        boxes, of_page = labelled_boxes(network, page, int(random.choice(FINDS.sides)))
        chosen = random.permutation(len(boxes))[: FINDS.most]
        boxes, of_page = moved_a_little(boxes[chosen], random), of_page[chosen]
        crops.append(crops_around(on_paper(page.pixels), boxes + SIDE))
        labels.append(of_page)
        numbers.append(np.full(len(boxes), number))
    return Finds(np.concatenate(crops), np.concatenate(labels), np.concatenate(numbers))


def labelled_boxes(network: keras.Model, page: WrittenPage, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (n, 4) around what is found on a page of this size and around the digits that are missed; their labels."""
    how = Image.Resampling.BICUBIC if side > SIDE else Image.Resampling.BOX
    pixels = np.asarray(Image.fromarray(page.pixels).resize((side, side), how), np.float32) / 255
    peaks = peaks_of(network.predict_on_batch(pixels[np.newaxis])[0], FINDS.least)
    boxes = peaks.boxes * SIDE / side
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    good = (sizes > FINDS.sizes[0]) & (sizes < FINDS.sizes[1])
    good &= ((middles > 0) & (middles < SIDE)).all(axis=1) & ~is_unclear(page, middles)
    boxes, middles = boxes[good], middles[good]
    labels = np.full(len(boxes), NO_DIGIT)
    missed = []
    for digit, number in zip(page.digits, matched(page.digits, middles), strict=True):
        if number is not None:
            labels[number] = digit.digit
        elif HEIGHTS[0] <= longer_side(digit) <= HEIGHTS[1]:
            missed.append(digit)
    boxes = np.concatenate([boxes, np.array([digit.box for digit in missed], float).reshape(-1, 4)])
    return boxes, np.concatenate([labels, np.array([digit.digit for digit in missed], int)])


def moved_a_little(boxes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Boxes that are a little larger or smaller, and lie a little elsewhere: the finder's are not exact."""
    middles, halves = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    longer = 2 * halves.max(axis=1, keepdims=True, initial=0)
    middles = middles + longer * random.normal(0, FINDS.shift, middles.shape)
    halves = halves * np.exp(random.normal(0, FINDS.growth, longer.shape))
    return np.concatenate([middles - halves, middles + halves], axis=1)


def on_paper(pixels: np.ndarray) -> Image.Image:
    """A page with paper around it, as wide as the page."""
    side = len(pixels)
    canvas = Image.new("RGB", (3 * side, 3 * side), tuple(colour_of_edge(pixels).astype(int).tolist()))
    canvas.paste(Image.fromarray(pixels), (side, side))
    return canvas
