"""What the finder finds on written pages, as the judge learns from it: squares and what is in them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from handwriting.digit_image import CLASSES
from handwriting.finder.answers import HEIGHTS
from handwriting.finder.score import is_unclear, longer_side, matched
from handwriting.judge.crops import crops_around
from handwriting.pictures.looks import Seen, look_around
from handwriting.quiet_keras import keras
from handwriting.writing.written_page import WrittenPage

NO_DIGIT = CLASSES  # the label of what is no digit


@dataclass(frozen=True)
class FindSettings:
    """What the judge is shown of a page."""

    largest: float = 110  # px; the longer side of a find
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
        seen, boxes, of_page = boxes_on(network, page)
        chosen = random.permutation(len(boxes))[: FINDS.most]
        boxes, of_page = moved_a_little(boxes[chosen], random), of_page[chosen]
        crops.append(crops_around(seen.picture, seen.paper, boxes))
        labels.append(of_page)
        numbers.append(np.full(len(boxes), number))
    return Finds(np.concatenate(crops), np.concatenate(labels), np.concatenate(numbers))


def boxes_on(network: keras.Model, page: WrittenPage) -> tuple[Seen, np.ndarray, np.ndarray]:
    """What is seen on a page, boxes (n, 4) around it and around the digits that are missed, and their labels."""
    seen, labels = labelled(network, page)
    small = seen.peaks.longer_sides < FINDS.largest
    missed = [
        digit
        for digit, number in zip(page.digits, matched(page.digits, seen.peaks.middles), strict=True)
        if number is None and HEIGHTS[0] <= longer_side(digit) <= HEIGHTS[1]
    ]
    boxes = [seen.peaks.boxes[small], np.array([digit.box for digit in missed], float).reshape(-1, 4)]
    return (
        seen,
        np.concatenate(boxes),
        np.append(labels[small], [digit.digit for digit in missed]).astype(int),
    )


def labelled(network: keras.Model, page: WrittenPage) -> tuple[Seen, np.ndarray]:
    """What the finder's network sees on a page, the likeliest first, and the labels of the finds.

    Finds where a digit is cut by the page's edge are left out.
    """
    seen = look_around(network, Image.fromarray(page.pixels))
    order = np.argsort(-seen.peaks.chances, kind="stable")
    order = order[~is_unclear(page, seen.peaks.middles[order])]
    seen = seen.take(order)
    labels = np.full(len(order), NO_DIGIT)
    for digit, number in zip(page.digits, matched(page.digits, seen.peaks.middles), strict=True):
        if number is not None:
            labels[number] = digit.digit
    return seen, labels


def moved_a_little(boxes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Boxes that are a little larger or smaller, and lie a little elsewhere: the finder's are not exact."""
    middles, halves = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    longer = 2 * halves.max(axis=1, keepdims=True, initial=0)
    middles = middles + longer * random.normal(0, FINDS.shift, middles.shape)
    halves = halves * np.exp(random.normal(0, FINDS.growth, longer.shape))
    return np.concatenate([middles - halves, middles + halves], axis=1)
