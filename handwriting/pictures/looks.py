"""A picture, looked at in several sizes -> the digits that the finder sees on it.

The finder knows digits from 7 to 80 pixels high. In a large size of the picture it sees the small ones, in a small size
the large ones. The chances that several sizes give a digit are averaged. A size that should show it but doesn't counts
as 0. The smallest size comes first. If the paper is clean and all ink is in likely digits that the next size would show
too large, no larger size follows. Then the judge looks at each find alone.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from handwriting.filters import Colour
from handwriting.finder.answers import STRIDE
from handwriting.finder.files import Ask, Finder
from handwriting.finder.peaks import PEAKS, Peaks, joined, peaks_of, shared, without_doubles
from handwriting.judge.judging import LIKELY, judged
from handwriting.pictures.plain_ink import PLAIN, plain_ink
from handwriting.pictures.small import all_ink, is_small
from handwriting.pictures.tones import on_light_paper, strengthened


@dataclass(frozen=True)
class LookSettings:
    """The sizes in which a picture is looked at. Lengths are in pixels of that size."""

    usual: int = 400  # the longer side of the largest usual look at a large picture
    closer: int = 640  # up to this longer side, a picture on which nothing is seen is looked at more closely
    coarse: int = 640  # the longer side of the closest look, if very small digits don't matter
    smallest: int = 40  # the longer side of the first look, or less
    step: float = 1.6  # each look is so many times as large as the one before
    enlarged_to: int = 320  # a smaller picture's longer side, enlarged; more would show dirt as digits
    enlarged: float = 4  # times the picture, at most
    margin: int = 16  # of paper around the picture
    least: float = 0.1  # probability; what is less likely a digit is not seen
    heights: tuple[float, float] = (8, 70)  # of digits that are well seen
    # What is said of digits of this height counts most. If a quarter of them are smaller, a closer look follows.
    best_height: float = 27
    spread: float = 0.4  # of the heights around it, as a logarithm
    sure: float = 0.5  # probability; if all ink is in digits more likely than that, no closer look follows
    around: float = 0.08  # of a digit's longer side; ink so near its box is its own
    ink_cells: int = 128  # along the longer side of a picture, at most; the ink is sought cell by cell
    preferred: float = 0.25  # a look's worth to this power, times the chance: the best box stands for a digit
    hardly: float = 0.03  # digits with a lower chance are dropped
    same: float = 0.4  # intersection over union; boxes that share so much are of the same digit
    same_box: float = 0.7  # the same; the mean of boxes that share so much is the digit's


LOOKS = LookSettings()


@dataclass(frozen=True)
class Look:
    """What the finder sees in one size of a picture.

    Args:
        scale: pixels of this size for each pixel of the picture.
        peaks: the digits that are seen, in pixels of the picture.
    """

    scale: float
    peaks: Peaks


@dataclass(frozen=True)
class Seen:
    """What the finder sees on a picture.

    Args:
        picture: the picture, inverted if its edge is dark, and with strong ink if all of it is faint.
        paper: the colour around it, which is light.
        peaks: the digits.
    """

    picture: Image.Image
    paper: Colour
    peaks: Peaks


@dataclass(frozen=True)
class Judged(Seen):
    """What the finder sees, after the judge has looked at it.

    Args:
        inks: how likely each pixel in the middle of the square around a digit is its own ink,
            (n, INK_SIDE, INK_SIDE).
    """

    inks: np.ndarray


def see(finder: Finder, picture: Image.Image, fine: bool = True) -> Judged:
    """What a picture shows (RGB, at most WORKING_SIDE wide and high), after the judge has looked at each find.

    Args:
        fine: whether the picture is looked at so closely that also very small digits are seen.
    """
    seen = look_around(finder.network, picture, fine)
    peaks, inks = judged(finder.judge, seen.picture, seen.paper, seen.peaks)
    likely = peaks.chances >= LIKELY
    if is_small(picture.size):
        together = all_ink(seen.picture, seen.paper, seen.peaks, likely)
        if together is not None:
            peaks, inks = judged(finder.judge, seen.picture, seen.paper, together)
    kept = peaks.chances >= LOOKS.hardly
    return Judged(seen.picture, seen.paper, peaks.take(kept), inks[kept])


def look_around(network: Ask, picture: Image.Image, fine: bool = True) -> Seen:
    """What the finder's network sees. If the digits are small, the picture is also looked at more closely."""
    longer = max(picture.size)
    picture, paper = on_light_paper(picture)
    picture = strengthened(picture, paper)
    looks, ink = [], ink_of(picture, paper)
    for side in sides_for(longer):
        looks.insert(0, look_at(network, picture, paper, side / longer))
        if shows_all(looks[0], ink):
            break
    closest = 1 if fine else min(1, LOOKS.coarse / longer)
    while looks[0].scale < closest and may_show_more_closely(looks, longer):
        looks.insert(0, look_at(network, picture, paper, min(closest, LOOKS.step * looks[0].scale)))
    peaks = joined([look.peaks for look in looks])
    look_of = np.repeat(np.arange(len(looks)), [len(look.peaks.chances) for look in looks])
    return Seen(picture, paper, agreed(looks, peaks, look_of, one_of_each(looks, peaks, look_of)))


def ink_of(picture: Image.Image, paper: Colour) -> np.ndarray | None:
    """Where the ink of a picture is, however pale: (n, 2), the middles of cells with ink, in pixels of the picture.

    None if there is none, or if the paper isn't clean.
    """
    strength = plain_ink(picture, paper)
    if strength is None:
        return None
    side = math.ceil(max(picture.size) / LOOKS.ink_cells)
    rows, columns = (np.arange(0, length, side) for length in strength.shape)
    strongest = np.maximum.reduceat(np.maximum.reduceat(strength, rows, axis=0), columns, axis=1)
    down, across = np.nonzero(strongest > PLAIN.paper)
    return (np.stack([across, down], axis=1) + 0.5) * side


def shows_all(look: Look, ink: np.ndarray | None) -> bool:
    """Whether closer looks can't show more: all ink is in boxes of sure digits that would be too large there."""
    sizes = look.peaks.longer_sides
    too_large = sizes * look.scale * LOOKS.step > LOOKS.heights[1]
    if ink is None or not (too_large & (look.peaks.chances > LOOKS.sure)).all():
        return False
    around = LOOKS.around * sizes[:, np.newaxis]
    within = (ink[:, np.newaxis] > look.peaks.boxes[:, :2] - around).all(axis=2)
    within &= (ink[:, np.newaxis] < look.peaks.boxes[:, 2:] + around).all(axis=2)
    return bool(within.any(axis=1).all())


def sides_for(longer: int) -> list[float]:
    """The longer sides of the looks at a picture with this longer side, the smallest first."""
    sides = [min(LOOKS.usual, max(longer, LOOKS.enlarged_to), LOOKS.enlarged * longer)]
    while sides[-1] > LOOKS.smallest:
        sides.append(sides[-1] / LOOKS.step)
    return sides[::-1]


def look_at(network: Ask, picture: Image.Image, paper: Colour, scale: float) -> Look:
    """The digits that the network sees on a picture of another size, and that this size shows well."""
    border = math.ceil(LOOKS.margin / scale)
    size = [STRIDE * math.ceil((side + 2 * border) * scale / STRIDE) for side in picture.size]
    canvas = with_paper(picture, paper, border, [math.ceil(side / scale) for side in size])
    how = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    pixels = np.asarray(canvas.resize(size, how, (0, 0, size[0] / scale, size[1] / scale)), np.float32) / 255
    answers = network(pixels[np.newaxis])[0]
    peaks = peaks_of(answers, LOOKS.least)
    on_picture = replace(peaks, boxes=peaks.boxes / scale - border)
    well_seen = in_range(on_picture.longer_sides * scale)
    inside = ((on_picture.middles > 0) & (on_picture.middles < picture.size)).all(axis=1)
    return Look(scale, on_picture.take(well_seen & inside))


def with_paper(picture: Image.Image, paper: Colour, border: int, size: list[int]) -> Image.Image:
    """A picture on paper of this size, with this border to the left and above."""
    canvas = Image.new("RGB", size, paper)
    canvas.paste(picture, (border, border))
    return canvas


def in_range(heights: np.ndarray) -> np.ndarray:
    """Whether digits of these heights are well seen."""
    return (heights >= LOOKS.heights[0]) & (heights <= LOOKS.heights[1])


def worth(heights: np.ndarray) -> np.ndarray:
    """The weight of a look that shows digits at these heights. 0 outside the range that is well seen."""
    return np.exp(-0.5 * (np.log(heights / LOOKS.best_height) / LOOKS.spread) ** 2) * in_range(heights)


def may_show_more_closely(looks: list[Look], longer: int) -> bool:
    """Whether a closer look at a picture with this longer side may show more: its digits are small, or none is seen.

    Args:
        looks: at the picture, the closest first.
        longer: its longer side.
    """
    closest = looks[0]
    heights = closest.peaks.longer_sides * closest.scale
    if len(heights):
        return np.quantile(heights, 0.25) < LOOKS.best_height
    is_seen = any((look.peaks.chances > PEAKS.least).any() for look in looks)
    return closest.scale * longer < LOOKS.closer and not is_seen


def one_of_each(looks: list[Look], peaks: Peaks, look_of: np.ndarray) -> np.ndarray:
    """One peak for each digit, by number: of a look that gives it a high chance and doesn't show it too small.

    Where a digit is hardly seen, its box may be so large that the other looks' boxes are unlike.
    """
    scales = np.array([look.scale for look in looks])[look_of]
    heights = np.minimum(peaks.longer_sides * scales, LOOKS.best_height)
    shown = worth(heights) ** LOOKS.preferred
    return without_doubles(replace(peaks, chances=peaks.chances * shown))


def agreed(looks: list[Look], peaks: Peaks, look_of: np.ndarray, kept: np.ndarray) -> Peaks:
    """The kept peaks. Their chances, classes and boxes are averaged over all looks that should show them well.

    A look that does not show the digit says 0. The nearer a digit's height is to the best one, the more a look counts.
    Boxes that share less than `same_box` with the likeliest one don't count: they may take in what is beside the digit.
    """
    heights = peaks.longer_sides[kept, np.newaxis] * [look.scale for look in looks]
    weights = worth(heights)
    weights /= weights.sum(axis=1, keepdims=True)
    boxes, chances = np.zeros((len(kept), 4)), np.zeros(len(kept))
    classes = np.zeros((len(kept), peaks.classes.shape[1]))
    for place, number in enumerate(kept):
        alike = shared(peaks.boxes[number], peaks.boxes)
        best = likeliest_of_each_look(np.flatnonzero(alike > LOOKS.same), peaks, look_of)
        said = weights[place, look_of[best]] * peaks.chances[best]
        chances[place] = said.sum()
        classes[place] = said @ peaks.classes[best] / said.sum()
        counts = said**2 * (alike[best] > LOOKS.same_box)
        boxes[place] = counts @ peaks.boxes[best] / counts.sum()
    return Peaks(boxes, chances, classes)


def likeliest_of_each_look(some: np.ndarray, peaks: Peaks, look_of: np.ndarray) -> np.ndarray:
    """Of some peaks, the likeliest one in each look, by number."""
    order = some[np.argsort(-peaks.chances[some], kind="stable")]
    return order[np.unique(look_of[order], return_index=True)[1]]
