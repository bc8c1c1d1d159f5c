"""Pages of digits as people write and photograph them, with the place and the ink of every digit known.

A finder of digits learns from them. Page number i depends on the seed and on i alone.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handwriting import processes
from handwriting.writing.layouts import Layout, TextLine, any_layout
from handwriting.writing.person import PEOPLE, Character, Person
from handwriting.writing.photos import any_look, blank_paper, photographed, streaks, surroundings, things

SIDE = 256  # px
STREAM = 3  # another stream of random numbers than those of digits and non-digits
FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSerif", "DejaVuSerif-Italic", "DejaVuSansMono",
         "STIXGeneral", "STIXGeneralBol", "cmr10", "cmss10", "cmtt10", "cmb10")  # fmt: skip
PAGES_AT_ONCE = 16  # that a process is given at a time
PAGES_AHEAD = 128  # that are written before they are asked for
FONT_SIZE = 64  # px; of the printed characters before they come into the view


@dataclass(frozen=True)
class PageSettings:
    """How pages lie before the camera. Shares are of the pages; two numbers are the least and the most."""

    tilt: float = 4  # degrees; the standard deviation
    much_tilted: float = 0.12  # turned by up to `most_tilt`
    most_tilt: float = 32  # degrees
    perspective: float = 0.06  # of the side; the standard deviation of the corners
    on_table: float = 0.12  # a sheet on a table, whose edges are seen
    photographs: float = 0.03  # of no page at all
    ruled: float = 0.2  # with ruled or squared paper
    broken: float = 0.04  # of the digits lack a piece of a stroke
    specks: float = 0.25  # with specks of dirt
    least_inside: float = 0.98  # of a character's box; what is cut by the edge is not written


PAGES = PageSettings()


@dataclass(frozen=True)
class PageDigit:
    """A digit on a page.

    Args:
        box: left, top, right, bottom, in pixels.
        digit: which.
        ink: its own ink in the box, 0 to 1.
    """

    box: tuple[int, int, int, int]
    digit: int
    ink: np.ndarray


@dataclass(frozen=True)
class WrittenPage:
    """A picture (SIDE, SIDE, 3), uint8, and the digits on it, line by line."""

    pixels: np.ndarray
    digits: list[PageDigit]


@dataclass(frozen=True)
class Ink:
    """The ink of one character or line: its mask in [0, 1], and where its corner is."""

    left: int
    top: int
    mask: np.ndarray

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.left + self.mask.shape[1], self.top + self.mask.shape[0]


def write_page(seed: int, number: int) -> WrittenPage:
    """One page."""
    random = np.random.default_rng([seed, number, STREAM])
    look = any_look(random)
    if random.random() < PAGES.photographs:
        return WrittenPage(photographed(things(SIDE, random), look, random), [])
    view, on_table = any_view(random)
    person = Person(random)
    layout = any_layout(random, SIDE)
    picture = blank_paper(look, SIDE, random)
    if random.random() < PAGES.ruled:
        lines = ruling(random)
        colour = look.paper + random.uniform(0.15, 0.8) * (random.uniform(60, 200, 3) - look.paper)
        paint(picture, [rule_ink(view, *rule) for rule in lines], colour)
    printed, written, digits = inks_of(layout, person, view, random)
    paint(picture, printed, look.print)
    keep = streaks(SIDE, random) * look.streaky + 1 - look.streaky if look.streaky else None
    paint(picture, written, look.ink, keep)
    if random.random() < PAGES.specks:
        paint(picture, specks(random), look.ink)
    if on_table:
        picture = sheet_on_table(picture, view, random)
    return WrittenPage(photographed(picture, look, random), digits)


def write_pages(seed: int, numbers: range) -> Iterator[WrittenPage]:
    """Pages, in their order, written on all cores."""
    with processes.worker_processes(processes.usable_cores()) as pool:
        yield from processes.in_order(
            pool, functools.partial(write_page, seed), numbers, PAGES_AT_ONCE, PAGES_AHEAD
        )


def any_view(random: np.random.Generator) -> tuple[np.ndarray, bool]:
    """The homography from the flat page to the picture, and whether the sheet's edges are seen."""
    on_table = bool(random.random() < PAGES.on_table)
    turn = random.normal(0, PAGES.tilt)
    if random.random() < PAGES.much_tilted:
        turn = random.uniform(-PAGES.most_tilt, PAGES.most_tilt)
    size = random.uniform(0.55, 0.85) if on_table else random.uniform(0.95, 1.1)
    angle = np.radians(turn)
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * size
    corners += random.normal(0, PAGES.perspective, (4, 2)) * (random.random() < 0.4 or on_table)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shift = random.uniform(-0.08, 0.08, 2) if on_table else 0
    seen = (corners @ rotation + 0.5 + shift) * SIDE
    flat = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], float)
    return homography(flat, seen), on_table


def homography(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The 3 × 3 matrix that brings four points to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1).reshape(3, 3)


def seen(view: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (n, 2) of the flat page on the picture."""
    mapped = points @ view[:, :2].T + view[:, 2]
    return mapped[:, :2] / mapped[:, 2:]


def scale_at(view: np.ndarray, point: tuple[float, float]) -> float:
    """How many times larger things are on the picture at a point of the flat page."""
    corners = np.array(point) + np.array([[0, 0], [1, 0], [0, 1]])
    origin, right, down = seen(view, corners)
    return float(np.sqrt(abs(np.linalg.det(np.stack([right - origin, down - origin])))))


def inks_of(
    layout: Layout, person: Person, view: np.ndarray, random: np.random.Generator
) -> tuple[list[Ink], list[Ink], list[PageDigit]]:
    """What is printed, what is written, and which of it are digits."""
    printed, written, digits = [], [], []
    lines = layout.lines
    characters = person.write("".join(line.text for line in lines if not line.printed))
    font = load_font(FONTS[random.integers(len(FONTS))])
    for line in lines:
        if line.printed:
            pairs = printed_inks(line, font, view)
            printed += [ink for _, ink in pairs]
        else:
            count = len(line.text.replace(" ", ""))
            pairs = written_inks(line, characters[:count], person, view, random)
            characters = characters[count:]
            written += [ink for _, ink in pairs]
        for text, ink in pairs:
            if text.isdecimal():
                box, own = trimmed(ink)
                digits.append(PageDigit(box, int(text), own))
    for start, end, width in layout.rules:
        (written if layout.drawn else printed).append(rule_ink(view, start, end, width))
    for box in layout.scribbles:
        written.append(scribble_ink(view, box, person, random))
    return [ink for ink in printed if ink], [ink for ink in written if ink], digits


def written_inks(
    line: TextLine, characters: list[Character], person: Person, view: np.ndarray, random: np.random.Generator
) -> list[tuple[str, Ink]]:
    """The characters of a line in ink, as one hand writes them. Those that lie beyond the sheet are left out."""
    inks, x, used = [], line.left, 0
    raised = line.raised[0] if line.raised else len(line.text)
    for letter in line.text:
        if letter == " ":
            x += line.height * (0.35 + random.uniform(0, 0.3))
            continue
        character = characters[used]
        used += 1
        height = line.height * float(np.exp(random.normal(0, PEOPLE.heights)))
        base = line.base + random.normal(0, PEOPLE.baseline) * line.height
        if used > raised:
            height, base = 0.6 * height, base - 0.6 * line.height
        radius = person.pen * line.height
        strokes = character.strokes
        if letter.isdecimal() and random.random() < PAGES.broken:
            strokes = with_a_break(strokes, random)
        if x + character.width * height > SIDE or base > SIDE:  # beyond the sheet
            break
        corner = np.array([x, base - height])
        ink = stroke_ink(
            [seen(view, corner + stroke * height) for stroke in strokes], radius * scale_at(view, (x, base))
        )
        gap = person.gap + line.spacing + random.normal(0, PEOPLE.gap_spread)
        x += character.width * height + 2 * radius + gap * line.height
        if ink:
            inks.append((letter, ink))
    return inks


def with_a_break(strokes: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Strokes of which one has a gap, where the pen skipped."""
    longest = max(range(len(strokes)), key=lambda number: len(strokes[number]))
    stroke = strokes[longest]
    if len(stroke) < 12:
        return strokes
    start = int(random.integers(3, len(stroke) - 6))
    return [*strokes[:longest], stroke[:start], stroke[start + 3 :], *strokes[longest + 1 :]]


def stroke_ink(strokes: list[np.ndarray], radius: float) -> Ink | None:
    """Strokes, in pixels of the picture, drawn with a round pen. None if they don't lie inside the picture."""
    radius = max(radius, 0.45)
    points = np.concatenate(strokes)
    low, high = np.floor(points.min(axis=0) - radius - 1), np.ceil(points.max(axis=0) + radius + 1)
    if low.min() < -1 or high.max() > SIDE + 1:
        return None
    finer = 4 if radius < 2 else 2
    width, height = (high - low).astype(int)
    canvas = Image.new("L", (width * finer, height * finer))
    draw = ImageDraw.Draw(canvas)
    thick = max(1, round(2 * radius * finer))
    for stroke in strokes:
        places = [tuple(place) for place in (stroke - low) * finer]
        draw.line(places, 255, thick, joint="curve")
        for x, y in (places[0], places[-1]):
            reach = thick / 2
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return inside(int(low[0]), int(low[1]), canvas.reduce(finer))


def inside(left: int, top: int, mask: Image.Image) -> Ink | None:
    """The ink of a mask at this place, cut to the picture. None if nothing is left."""
    array = np.asarray(mask, np.float32) / 255
    y0, x0 = max(0, -top), max(0, -left)
    array = array[y0 : SIDE - top, x0 : SIDE - left]
    return Ink(left + x0, top + y0, array) if array.size and array.any() else None


def printed_inks(line: TextLine, font: ImageFont.FreeTypeFont, view: np.ndarray) -> list[tuple[str, Ink]]:
    """The characters of a printed line."""
    inks, x = [], line.left
    size = line.height / (0.73 * FONT_SIZE)  # capitals and digits are 0.73 of a font's size high
    for letter in line.text:
        width = font.getlength(letter)
        left, top, right, bottom = font.getbbox(letter, anchor="ls")
        if letter != " " and right > left and bottom > top:
            flat = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) * size + [
                x,
                line.base,
            ]
            corners = seen(view, flat)
            ink = stamp_ink(glyph(font, letter), corners)
            if ink:
                inks.append((letter, ink))
        x += width * size
    return inks


def glyph(font: ImageFont.FreeTypeFont, letter: str) -> Image.Image:
    """A printed character, cut to its ink."""
    left, top, right, bottom = font.getbbox(letter, anchor="ls")
    image = Image.new("L", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(image).text((-left, -top), letter, 255, font, anchor="ls")
    return image


def stamp_ink(stamp: Image.Image, corners: np.ndarray) -> Ink | None:
    """An image in grey, brought into four corners on the picture. None if they don't lie inside."""
    low, high = np.floor(corners.min(axis=0)) - 1, np.ceil(corners.max(axis=0)) + 1
    if low.min() < 0 or high.max() > SIDE:
        return None
    finer = 2
    size = ((high - low) * finer).astype(int)
    ends = np.array([[0, 0], [stamp.width, 0], [stamp.width, stamp.height], [0, stamp.height]], float)
    back = homography((corners - low) * finer, ends)
    placed = stamp.transform(
        tuple(size), Image.Transform.PERSPECTIVE, tuple(back.ravel()[:8]), Image.Resampling.BILINEAR
    )
    return inside(int(low[0]), int(low[1]), placed.reduce(finer))


def rule_ink(
    view: np.ndarray, start: tuple[float, float], end: tuple[float, float], width: float
) -> Ink | None:
    """A straight line, drawn as far as it lies on the picture."""
    ends = seen(view, np.array([start, end]))
    finer = 3
    low, high = np.floor(ends.min(axis=0) - width - 2), np.ceil(ends.max(axis=0) + width + 2)
    low, high = np.clip(low, 0, SIDE), np.clip(high, 0, SIDE)
    size = ((high - low) * finer).astype(int)
    if size.min() <= 0:
        return None
    canvas = Image.new("L", tuple(size))
    places = [tuple(place) for place in (ends - low) * finer]
    ImageDraw.Draw(canvas).line(places, 255, max(1, round(width * finer)))
    return inside(int(low[0]), int(low[1]), canvas.reduce(finer))


def scribble_ink(
    view: np.ndarray, box: tuple[float, float, float, float], person: Person, random: np.random.Generator
) -> Ink | None:
    """A pen that wanders about in a box."""
    left, top, width, height = box
    turns = np.cumsum(random.normal(0, 0.35, (int(random.integers(10, 70)), 2)), axis=0)
    turns = (turns - turns.min(axis=0)) / (np.ptp(turns, axis=0) + 1e-6)
    return stroke_ink([seen(view, turns * [width, height] + [left, top])], person.pen * 30)


def specks(random: np.random.Generator) -> list[Ink]:
    """Specks of dirt."""
    inks = []
    for _ in range(random.integers(1, 25)):
        middle = random.uniform(0, SIDE, 2)
        stroke = middle + random.normal(0, random.uniform(0.2, 1.5), (2, 2))
        inks.append(stroke_ink([stroke], random.uniform(0.3, 1.2)))
    return [ink for ink in inks if ink]


def ruling(random: np.random.Generator) -> list[tuple[tuple[float, float], tuple[float, float], float]]:
    """The lines of ruled or squared paper."""
    distance, width = random.uniform(8, 40), random.uniform(0.4, 1.6)
    places = np.arange(random.uniform(-SIDE, -SIDE + distance), 2 * SIDE, distance)
    lines = [((-SIDE, y), (2.0 * SIDE, y), width) for y in places]
    if random.random() < 0.5:
        lines += [((x, -SIDE), (x, 2.0 * SIDE), width) for x in places]
    return lines


def paint(
    picture: np.ndarray, inks: list[Ink | None], colour: np.ndarray, keep: np.ndarray | None = None
) -> None:
    """Paints ink of one colour onto a picture."""
    cover = np.zeros((SIDE, SIDE), np.float32)
    for ink in inks:
        if ink is not None:
            left, top, right, bottom = ink.box
            place = cover[top:bottom, left:right]
            np.maximum(place, ink.mask, out=place)
    if keep is not None:
        cover *= keep
    picture += cover[..., np.newaxis] * (np.asarray(colour, np.float32) - picture)


def sheet_on_table(picture: np.ndarray, view: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The sheet of paper, on something else."""
    finer = 2
    outline = seen(view, np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], float)) * finer
    mask = Image.new("L", (SIDE * finer, SIDE * finer))
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in outline], fill=255)
    cover = np.asarray(mask.reduce(finer), np.float32)[..., np.newaxis] / 255
    return picture * cover + surroundings(SIDE, random) * (1 - cover)


def trimmed(ink: Ink) -> tuple[tuple[int, int, int, int], np.ndarray]:
    """The box of ink without empty edges, and the ink in it."""
    inked = ink.mask > 0.1
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return ink.box, ink.mask
    y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    box = ink.left + int(x0), ink.top + int(y0), ink.left + int(x1), ink.top + int(y1)
    return box, ink.mask[y0:y1, x0:x1]


@functools.cache
def load_font(name: str) -> ImageFont.FreeTypeFont:
    """A font that comes with matplotlib."""
    import matplotlib  # takes a fifth of a second, and only pages need it

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf", FONT_SIZE)
