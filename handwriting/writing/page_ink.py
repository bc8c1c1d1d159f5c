"""Ink as it lies on a picture: strokes, printed characters, lines and specks, seen through a homography."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handwriting.writing.layouts import TextLine
from handwriting.writing.person import Person

SIDE = 256  # px
FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSerif", "DejaVuSerif-Italic", "DejaVuSansMono",
         "STIXGeneral", "STIXGeneralBol", "cmr10", "cmss10", "cmtt10", "cmb10")  # fmt: skip
THINNEST = 0.45  # px; the radius of the thinnest pen
PALEST = 0.5  # of full ink; strokes are no paler because they are thin
DOT_INKED = 0.3  # of its area; a dot with less ink stays empty
THIN = 8  # px of the finer canvas; gaps in the bends of thinner lines are not seen
FONT_SIZE = 64  # px; of the printed characters before they come into the view


@dataclass(frozen=True)
class Ink:
    """The ink of one character or line: its mask in [0, 1], and where its corner is."""

    left: int
    top: int
    mask: np.ndarray

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.left + self.mask.shape[1], self.top + self.mask.shape[0]


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


def stroke_ink(strokes: list[np.ndarray], radius: float) -> Ink | None:
    """Strokes, in pixels of the picture, drawn with a round pen. None if they don't lie inside the picture.

    Thinner strokes than THINNEST are paler, as on a picture with too few pixels for them.
    """
    strength = float(np.clip(radius / THINNEST, PALEST, 1))
    radius = max(radius, THINNEST)
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
        draw.line(places, 255, thick, joint="curve" if thick > THIN else None)
        for x, y in (places[0], places[-1]):
            reach = thick / 2
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return inside(int(low[0]), int(low[1]), canvas.reduce(finer), strength)


def inside(left: int, top: int, mask: Image.Image, strength: float = 1.0) -> Ink | None:
    """The ink of a mask at this place, cut to the picture. None if nothing is left."""
    array = np.asarray(mask, np.float32) * (strength / 255)
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


def paint(
    picture: np.ndarray,
    inks: list[Ink | None],
    colour: np.ndarray,
    keep: np.ndarray | None = None,
    dots: int | None = None,
) -> None:
    """Paints ink of one colour onto a picture.

    Args:
        picture: (SIDE, SIDE, 3).
        inks: what is painted.
        colour: RGB.
        keep: (SIDE, SIDE), how much of the ink stays.
        dots: so many across; the ink is in square dots, as programs draw that have no grey pixels.
    """
    cover = np.zeros((SIDE, SIDE), np.float32)
    for ink in inks:
        if ink is not None:
            left, top, right, bottom = ink.box
            place = cover[top:bottom, left:right]
            np.maximum(place, ink.mask, out=place)
    if keep is not None:
        cover *= keep
    if dots is not None:
        cover = in_dots(cover, dots)
    picture += cover[..., np.newaxis] * (np.asarray(colour, np.float32) - picture)


def in_dots(cover: np.ndarray, dots: int) -> np.ndarray:
    """Ink in square dots, so many across. A dot is inked or not."""
    coarse = np.asarray(Image.fromarray(cover).resize((dots, dots), Image.Resampling.BOX))
    inked = Image.fromarray((coarse > DOT_INKED).astype(np.float32))
    return np.asarray(inked.resize((SIDE, SIDE), Image.Resampling.NEAREST))


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
