"""What the finder finds on written pages, as the judge learns from it: squares, and what is in them."""

import functools
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from handwriting import console, processes
from handwriting.digit_image import CLASSES
from handwriting.filters import cut_out
from handwriting.finder.answers import HEIGHTS
from handwriting.finder.files import Ask, load_finding_network
from handwriting.finder.score import is_unclear, longer_side, matched
from handwriting.judge.crops import INK_SIDE, crops_around, squares_around
from handwriting.model_answers import answering
from handwriting.pictures.looks import Seen, look_around
from handwriting.writing.pages import write_page
from handwriting.writing.pasted import Collected
from handwriting.writing.written_page import PageDigit, WrittenPage

NO_DIGIT = CLASSES  # the label of what is no digit
STREAM = 5  # another stream of random numbers than those of pages
PAGES_AT_ONCE = 16  # that a process is given at a time
PAGES_AHEAD = 256  # that are looked at before they are asked for
# Environment variables of a process that looks at pages. One runs on each core: too many to share a GPU's memory.
ONE_CORE = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


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
        crops: uint8 (n, SIDE, SIDE, 3).
        inks: uint8 (n, INK_SIDE, INK_SIDE), the digit's own ink in the middle of the square.
        labels: (n,), the digit, or NO_DIGIT.
        page: (n,), the number of the page, from 0.
    """

    crops: np.ndarray
    inks: np.ndarray
    labels: np.ndarray
    page: np.ndarray

    def take(self, which: np.ndarray) -> "Finds":
        """Some of them, by their numbers."""
        return Finds(self.crops[which], self.inks[which], self.labels[which], self.page[which])


def finds_on_written_pages(seed: int, count: int, collected: Collected | None = None) -> Finds:
    """What the finder finds on so many pages, and the digits that it misses. They are looked at on all cores."""
    with processes.worker_processes(processes.usable_cores(), ONE_CORE) as pool:
        look = functools.partial(finds_of_page, seed, collected=collected)
        of_pages = processes.in_order(pool, look, range(count), PAGES_AT_ONCE, PAGES_AHEAD)
        return joined_finds(list(console.progress(of_pages, count, "finding digits on written pages")))


def joined_finds(some: list[Finds]) -> Finds:
    """The finds of several pages."""
    return Finds(
        np.concatenate([finds.crops for finds in some]),
        np.concatenate([finds.inks for finds in some]),
        np.concatenate([finds.labels for finds in some]),
        np.concatenate([finds.page for finds in some]),
    )


@functools.cache
def network_of_this_process() -> Ask:
    """The finder's network, loaded once."""
    return answering(load_finding_network())


def finds_of_page(seed: int, number: int, collected: Collected | None = None) -> Finds:
    """The finds of a written page, in a worker process."""
    random = np.random.default_rng([seed, number, STREAM])
    return finds_on(network_of_this_process(), write_page(seed, number, collected), number, random)


def finds_on(network: Ask, page: WrittenPage, number: int, random: np.random.Generator) -> Finds:
    """What the finder's network finds on the page with this number, and the digits that it misses."""
    seen, boxes, digits = boxes_on(network, page)
    chosen = random.permutation(len(boxes))[: FINDS.most]
    boxes, digits = moved_a_little(boxes[chosen], random), [digits[place] for place in chosen]
    return Finds(
        crops_around(seen.picture, seen.paper, boxes),
        inks_around(digits, boxes),
        labels_of(digits),
        np.full(len(boxes), number),
    )


def boxes_on(network: Ask, page: WrittenPage) -> tuple[Seen, np.ndarray, list[PageDigit | None]]:
    """What is seen on a page; the boxes (n, 4) of the finds and of missed digits; which digit is in each box."""
    seen, digits, missed = seen_on(network, page)
    small = np.flatnonzero(seen.peaks.longer_sides < FINDS.largest)
    missed = [digit for digit in missed if HEIGHTS[0] <= longer_side(digit) <= HEIGHTS[1]]
    boxes = [seen.peaks.boxes[small], np.array([digit.box for digit in missed], float).reshape(-1, 4)]
    return seen, np.concatenate(boxes), [digits[place] for place in small] + missed


def seen_on(network: Ask, page: WrittenPage) -> tuple[Seen, list[PageDigit | None], list[PageDigit]]:
    """What the finder's network sees on a page, the likeliest first; which digit each find is; which digits are missed.

    Finds where a digit is cut by the page's edge are left out.
    """
    seen = look_around(network, Image.fromarray(page.pixels))
    order = np.argsort(-seen.peaks.chances, kind="stable")
    clear = order[~is_unclear(page, seen.peaks.middles[order])]
    seen = replace(seen, peaks=seen.peaks.take(clear))
    digits: list[PageDigit | None] = [None] * len(seen.peaks.chances)
    missed = []
    for digit, number in zip(page.digits, matched(page.digits, seen.peaks.middles), strict=True):
        if number is None:
            missed.append(digit)
        else:
            digits[number] = digit
    return seen, digits, missed


def labels_of(digits: list[PageDigit | None]) -> np.ndarray:
    """(n,), the labels of digits, and NO_DIGIT for None."""
    return np.array([NO_DIGIT if digit is None else digit.digit for digit in digits], int)


def inks_around(digits: list[PageDigit | None], boxes: np.ndarray) -> np.ndarray:
    """The ink of digits in the middles of the squares around boxes (n, 4): uint8 (n, INK_SIDE, INK_SIDE)."""
    inks = np.zeros((len(boxes), INK_SIDE, INK_SIDE), np.uint8)
    for number, square in enumerate(squares_around(boxes, INK_SIDE)):
        digit = digits[number]
        if digit is not None:
            ink = Image.fromarray((np.clip(digit.ink, 0, 1) * 255).astype(np.uint8))
            inks[number] = cut_out(ink, 0, square - np.tile(digit.box[:2], 2), (INK_SIDE, INK_SIDE))
    return inks


def moved_a_little(boxes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Boxes that are a little larger or smaller, and lie a little elsewhere: the finder's are not exact."""
    middles, halves = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    longer = 2 * halves.max(axis=1, keepdims=True, initial=0)
    middles = middles + longer * random.normal(0, FINDS.shift, middles.shape)
    halves = halves * np.exp(random.normal(0, FINDS.growth, longer.shape))
    return np.concatenate([middles - halves, middles + halves], axis=1)
