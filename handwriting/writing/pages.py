"""Pages of digits as people write and photograph them, with the place and the ink of every digit known.

A finder of digits learns from them. Page number i depends on the seed and on i alone.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from handwriting import processes
from handwriting.writing.cuttings import perhaps_cut
from handwriting.writing.layouts import Layout, TextLine, any_layout
from handwriting.writing.page_ink import (
    FONTS,
    SIDE,
    Ink,
    homography,
    load_font,
    paint,
    printed_inks,
    rule_ink,
    scale_at,
    scribble_ink,
    seen,
    specks,
    stamp_ink,
    stroke_ink,
    trimmed,
)
from handwriting.writing.pasted import PASTE, Collected, Stamps
from handwriting.writing.person import PEOPLE, Character, Person
from handwriting.writing.photos import any_look, blank_paper, photographed, streaks, surroundings, things
from handwriting.writing.written_page import PageDigit, WrittenPage

STREAM = 3  # another stream of random numbers than those of digits and non-digits
MOST_DOTS = SIDE // 2  # smaller dots are pixels
PAGES_AT_ONCE = 16  # that a process is given at a time
PAGES_AHEAD = 128  # that are written before they are asked for


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
    joined: tuple[float, float] = (0.1, 0.7)  # of the digits, and of the zeros, by people who join digits
    see_through: float = 0.05  # where the print of the other side is seen
    broken: float = 0.04  # of the digits lack a piece of a stroke
    specks: float = 0.25  # with specks of dirt
    dotted: float = 0.15  # of the pages with large digits, in dots as small programs draw them
    dots: tuple[float, float] = (13, 35)  # that the smallest digit is high


PAGES = PageSettings()


def write_page(seed: int, number: int, collected: Collected | None = None) -> WrittenPage:
    """One page, or a part of one. Some pages have collected digits in place of written ones, if there are any."""
    random = np.random.default_rng([seed, number, STREAM])
    if collected and random.random() > PASTE.pages:
        collected = None
    return perhaps_cut(whole_page(random, collected), random)


def whole_page(random: np.random.Generator, collected: Collected | None = None) -> WrittenPage:
    """One page, with collected digits if there are any."""
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
    if random.random() < PAGES.see_through:
        paint(
            picture,
            other_side(view, random),
            look.paper + random.uniform(0.1, 0.35) * (look.print - look.paper),
        )
    printed, written, digits = inks_of(layout, person, view, random, collected)
    paint(picture, printed, look.print)
    keep = streaks(SIDE, random) * look.streaky + 1 - look.streaky if look.streaky else None
    paint(picture, written, look.ink, keep, any_dots(layout, random))
    if random.random() < PAGES.specks:
        paint(picture, specks(random), look.ink)
    if on_table:
        picture = sheet_on_table(picture, view, random)
    return WrittenPage(photographed(picture, look, random), digits)


def write_pages(seed: int, numbers: range, collected: Collected | None = None) -> Iterator[WrittenPage]:
    """Pages, in their order, written on all cores."""
    write = functools.partial(write_page, seed, collected=collected)
    with processes.worker_processes(processes.usable_cores()) as pool:
        yield from processes.in_order(pool, write, numbers, PAGES_AT_ONCE, PAGES_AHEAD)


def any_dots(layout: Layout, random: np.random.Generator) -> int | None:
    """How many dots a page is wide, if it is drawn in dots: so many that its digits stay legible."""
    heights = [line.height for line in layout.lines if not line.printed]
    if not heights or random.random() > PAGES.dotted:
        return None
    dots = int(SIDE / min(heights) * random.uniform(*PAGES.dots))
    return dots if dots < MOST_DOTS else None


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


def inks_of(
    layout: Layout,
    person: Person,
    view: np.ndarray,
    random: np.random.Generator,
    collected: Collected | None = None,
) -> tuple[list[Ink], list[Ink], list[PageDigit]]:
    """What is printed, what is written, and which of it are digits."""
    printed, written, digits = [], [], []
    lines = layout.lines
    characters = person.write("".join(line.text for line in lines if not line.printed))
    font = load_font(FONTS[random.integers(len(FONTS))])
    stamps = collected and Stamps(collected, random)
    for line in lines:
        if line.printed:
            pairs = printed_inks(line, font, view)
            printed += [ink for _, ink in pairs]
        else:
            count = len(line.text.replace(" ", ""))
            pairs = written_inks(line, characters[:count], person, view, random, stamps)
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


def other_side(view: np.ndarray, random: np.random.Generator) -> list[Ink]:
    """The print on the other side of the sheet, mirrored."""
    mirrored = view @ np.array([[-1, 0, SIDE], [0, 1, 0], [0, 0, 1]], float)
    font = load_font(FONTS[random.integers(len(FONTS))])
    inks, base, height = [], random.uniform(10, 120), random.uniform(7, 24)
    for _ in range(random.integers(2, 9)):
        text = "".join(random.choice(list("0123456789.- eamnt"), 30))
        line = TextLine(text, random.uniform(5, 90), base, height, printed=True)
        inks += [ink for _, ink in printed_inks(line, font, mirrored)]
        base += height * random.uniform(1.3, 2)
    return inks


def written_inks(
    line: TextLine,
    characters: list[Character],
    person: Person,
    view: np.ndarray,
    random: np.random.Generator,
    stamps: Stamps | None = None,
) -> list[tuple[str, Ink]]:
    """The characters of a line in ink, as one hand writes them. Those that lie beyond the sheet are left out.

    Args:
        stamps: the ink of digits, if they are not written.
    """
    inks, x, used = [], line.left, 0
    for place, letter in enumerate(line.text):
        if letter == " ":
            x += line.height * (0.35 + random.uniform(0, 0.3))
            continue
        character = characters[used]
        used += 1
        height = line.height * float(np.exp(random.normal(0, PEOPLE.heights)))
        base = line.base + random.normal(0, PEOPLE.baseline) * line.height
        if used - 1 in line.raised:
            height, base = 0.6 * height, base - 0.6 * line.height
        radius = person.pen * line.height
        strokes = character.strokes
        if letter.isdecimal() and random.random() < PAGES.broken:
            strokes = with_a_break(strokes, random)
        stamp = stamps.any_of(int(letter)) if stamps and letter.isdecimal() else None
        width = stamp.width / stamp.height if stamp else character.width
        if x + width * height > SIDE or base > SIDE:  # beyond the sheet
            break
        corner = np.array([x, base - height])
        if stamp:
            ends = np.array([[0, 0], [width, 0], [width, 1], [0, 1]])
            ink = stamp_ink(stamp, seen(view, corner + ends * height))
        else:
            ink = stroke_ink(
                [seen(view, corner + stroke * height) for stroke in strokes],
                radius * scale_at(view, (x, base)),
            )
        pair = line.text[place : place + 2]
        if person.joins and pair == "00":
            x -= random.uniform(0, 0.25) * height
        gap = person.gap + line.spacing + random.normal(0, PEOPLE.gap_spread)
        x += width * height + 2 * radius + gap * line.height
        inks.append((letter, ink))
        are_digits = len(pair) == 2 and pair.isdecimal()
        if person.joins and not stamp and are_digits and random.random() < PAGES.joined[letter == "0"]:
            ends = corner + strokes[-1][-1] * height, (x, base - random.uniform(0.3, 1) * height)
            inks.append(("", stroke_ink([seen(view, np.array(ends))], radius * scale_at(view, (x, base)))))
    return [(letter, ink) for letter, ink in inks if ink]


def with_a_break(strokes: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Strokes of which one has a gap, where the pen skipped."""
    longest = max(range(len(strokes)), key=lambda number: len(strokes[number]))
    stroke = strokes[longest]
    if len(stroke) < 12:
        return strokes
    start = int(random.integers(3, len(stroke) - 6))
    return [*strokes[:longest], stroke[:start], stroke[start + 3 :], *strokes[longest + 1 :]]


def ruling(random: np.random.Generator) -> list[tuple[tuple[float, float], tuple[float, float], float]]:
    """The lines of ruled or squared paper."""
    distance, width = random.uniform(8, 40), random.uniform(0.4, 1.6)
    places = np.arange(random.uniform(-SIDE, -SIDE + distance), 2 * SIDE, distance)
    lines = [((-SIDE, y), (2.0 * SIDE, y), width) for y in places]
    if random.random() < 0.5:
        lines += [((x, -SIDE), (x, 2.0 * SIDE), width) for x in places]
    return lines


def sheet_on_table(picture: np.ndarray, view: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The sheet of paper, on something else."""
    finer = 2
    outline = seen(view, np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], float)) * finer
    mask = Image.new("L", (SIDE * finer, SIDE * finer))
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in outline], fill=255)
    cover = np.asarray(mask.reduce(finer), np.float32)[..., np.newaxis] / 255
    around = things if random.random() < 0.4 else surroundings
    return picture * cover + around(SIDE, random) * (1 - cover)
