"""Parts of written pages: an enlarged window of a page, or a number that is cut out closely, as people crop."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from handwriting.filters import colour_of_edge, resized
from handwriting.writing.page_ink import SIDE, Ink, trimmed
from handwriting.writing.written_page import Box, PageDigit, WrittenPage


@dataclass(frozen=True)
class CuttingSettings:
    """How parts of pages are cut. Two numbers are the least and the most."""

    windows: float = 0.2  # of the pages are enlarged windows of pages
    enlarged: tuple[float, float] = (1.2, 3.2)  # times
    cut_out: float = 0.27  # of the pages are a number or a digit, cut out
    alone: float = 0.6  # of these are a single digit
    tight: float = 0.4  # of these have no paper around the ink
    margins: tuple[float, float] = (-0.15, 0.3)  # heights; the paper around others. None if below 0
    coarse: float = 0.3  # of these come from a scan of few pixels
    scanned: tuple[float, float] = (11, 24)  # px; the height of the number on that scan
    stretch: float = 0.25  # the standard deviation of the logarithm of width over height, of a single digit
    stretch_narrow: float = 0.5  # the same of a 1 or another narrow digit, which scans often make thicker
    narrow: float = 0.5  # of its height; a narrower digit is narrow
    heights: tuple[float, float] = (12, 75)  # px; of a number that is cut out
    whole: float = 0.97  # of a digit's box; with less of it in the window, the digit is cut


CUTTINGS = CuttingSettings()


def perhaps_cut(page: WrittenPage, random: np.random.Generator) -> WrittenPage:
    """A page, or a part of it as a page of its own."""
    kind = random.random()
    if kind < CUTTINGS.windows:
        return enlarged_window(page, random)
    if kind < CUTTINGS.windows + CUTTINGS.cut_out and page.digits:
        return cut_out(page, random)
    return page


def enlarged_window(page: WrittenPage, random: np.random.Generator) -> WrittenPage:
    """A window of a page, as large as a page. There is a digit in its middle, or near it, if there is one."""
    side = SIDE / np.exp(random.uniform(*np.log(CUTTINGS.enlarged)))
    middle = random.uniform(0, SIDE, 2)
    if page.digits:
        left, top, right, bottom = page.digits[random.integers(len(page.digits))].box
        middle = np.array([(left + right) / 2, (top + bottom) / 2]) + random.normal(0, 0.2 * side, 2)
    left, top = np.clip(middle - side / 2, 0, SIDE - side)
    return part_of(page, (left, top, left + side, top + side), (0, 0), np.full(2, SIDE / side))


def cut_out(page: WrittenPage, random: np.random.Generator) -> WrittenPage:
    """A digit of a page, or a number, on a page of the paper's colour."""
    first = int(random.integers(len(page.digits)))
    count = 1 if random.random() < CUTTINGS.alone else int(random.integers(2, 6))
    left, top, right, bottom = around([digit.box for digit in page.digits[first : first + count]])
    margins = np.maximum(random.uniform(*CUTTINGS.margins, 4), 0) * (bottom - top)
    margins *= random.random() >= CUTTINGS.tight
    left, top = max(0, left - margins[0]), max(0, top - margins[1])
    right, bottom = min(SIDE, right + margins[2]), min(SIDE, bottom + margins[3])
    scale = np.exp(random.uniform(*np.log(CUTTINGS.heights))) / (bottom - top)
    is_narrow = right - left < CUTTINGS.narrow * (bottom - top)
    spread = CUTTINGS.stretch_narrow if is_narrow else CUTTINGS.stretch
    stretch = np.exp(random.normal(0, spread)) if count == 1 else 1.0
    scales = scale * np.array([stretch, 1])
    size = np.array([right - left, bottom - top])
    scales *= min(1, *(SIDE - 2) / (size * scales))
    place = tuple(int(corner) for corner in random.uniform(0, SIDE - size * scales))
    if random.random() < CUTTINGS.coarse:
        page = scanned(page, random.uniform(*CUTTINGS.scanned) / (bottom - top))
    return part_of(page, (left, top, right, bottom), place, scales)


def scanned(page: WrittenPage, scale: float) -> WrittenPage:
    """The page as it looks when it was scanned with fewer pixels."""
    if scale >= 1:
        return page
    image = Image.fromarray(page.pixels)
    side = max(1, round(SIDE * scale))
    coarse = image.resize((side, side), Image.Resampling.BOX).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return replace(page, pixels=np.asarray(coarse))


def around(boxes: list[Box]) -> Box:
    """The box around some boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def part_of(
    page: WrittenPage, part: tuple[float, float, float, float], place: tuple[int, int], scales: np.ndarray
) -> WrittenPage:
    """A part of a page, scaled across and down, at a place on a page of the colour that its edge mostly has."""
    left, top, right, bottom = part
    size = max(1, round((right - left) * scales[0])), max(1, round((bottom - top) * scales[1]))
    how = Image.Resampling.BICUBIC if scales.min() > 1 else Image.Resampling.BOX
    pixels = np.asarray(Image.fromarray(page.pixels).resize(size, how, part))
    canvas = np.empty_like(page.pixels)
    canvas[:] = colour_of_edge(pixels)
    canvas[place[1] : place[1] + size[1], place[0] : place[0] + size[0]] = pixels
    digits, unclear = [], []
    scale = np.tile(scales, 2)
    shift = np.tile(place - scales * (left, top), 2)
    for digit in page.digits:
        x0, y0, x1, y1 = digit.box
        width, height = min(x1, right) - max(x0, left), min(y1, bottom) - max(y0, top)
        if width <= 0 or height <= 0:
            continue
        box = np.array(digit.box) * scale + shift
        if width * height < CUTTINGS.whole * (x1 - x0) * (y1 - y0):
            seen = max(x0, left), max(y0, top), min(x1, right), min(y1, bottom)
            unclear.append(clipped(np.array(seen) * scale + shift))
        elif moved := moved_digit(digit, box):
            digits.append(moved)
    unclear += [clipped(np.array(box) * scale + shift) for box in page.unclear]
    return WrittenPage(canvas, digits, unclear)


def clipped(box: np.ndarray) -> Box:
    """A box in whole pixels of the page."""
    return tuple(int(edge) for edge in np.clip(np.round(box), 0, SIDE))


def moved_digit(digit: PageDigit, box: np.ndarray) -> PageDigit | None:
    """A digit whose box is now this one. None if nothing of it is left."""
    left, top, right, bottom = clipped(box)
    if right <= left or bottom <= top:
        return None
    ink = np.clip(resized(digit.ink, (right - left, bottom - top)), 0, 1)
    box, own = trimmed(Ink(left, top, ink))
    return PageDigit(box, digit.digit, own)
