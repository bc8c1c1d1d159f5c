"""Pictures of digits as people make them: with pens, chalk and pencils, in bad light, on coloured paper."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import Habits, path_matrix, written_paths


@dataclass(frozen=True)
class Style:
    """How a picture looks."""

    size: tuple[int, int]  # px; width and height
    height: float  # of the picture's height; how high the digits are
    pen: float  # digit heights; the pen's radius
    ink: tuple[int, int, int]  # RGB
    paper: tuple[int, int, int]  # RGB
    place: tuple[float, float] = (0.5, 0.5)  # of width and height; where the middle of the digits is
    suffix: str = ".png"  # of the file
    shadow: float = 0.0  # of the light; how much is lost at the dark end of the picture
    grain: float = 0.0  # grey levels; the standard deviation of the paper's noise
    blur: float = 0.0  # px
    streaky: bool = False  # paper shows through the ink, as with pencil and chalk
    transparent: bool = False


STYLES = {
    "pen": Style((320, 320), 0.62, 0.035, (32, 58, 150), (255, 255, 255)),
    "marker": Style((400, 400), 0.66, 0.085, (18, 18, 20), (255, 255, 255)),
    "hairline": Style((420, 360), 0.60, 0.012, (25, 25, 25), (255, 255, 255)),
    "red": Style((300, 380), 0.55, 0.055, (206, 38, 46), (250, 244, 228), grain=2, suffix=".jpg"),
    "chalk": Style((360, 360), 0.62, 0.045, (238, 240, 232), (38, 62, 52), streaky=True, suffix=".jpg", grain=3),
    "corner": Style((400, 400), 0.28, 0.045, (20, 20, 20), (255, 255, 255), place=(0.22, 0.76)),
    "wide": Style((640, 220), 0.66, 0.045, (40, 40, 46), (252, 252, 250), place=(0.68, 0.52)),
    "big": Style((1000, 1000), 0.68, 0.042, (24, 36, 92), (255, 255, 255)),
    "small": Style((28, 28), 0.72, 0.070, (255, 255, 255), (0, 0, 0)),
    "shadow": Style((480, 400), 0.46, 0.042, (52, 54, 66), (205, 203, 198), shadow=0.45, grain=4, blur=1.2,
                    suffix=".jpg"),
    "transparent": Style((300, 300), 0.66, 0.050, (10, 10, 10), (255, 255, 255), transparent=True),
    "pencil": Style((360, 420), 0.52, 0.026, (112, 112, 116), (247, 247, 245), streaky=True, grain=2, blur=0.6,
                    suffix=".jpg"),
    "green": Style((340, 340), 0.60, 0.060, (20, 128, 72), (240, 250, 255)),
    "night": Style((320, 320), 0.62, 0.050, (255, 214, 64), (22, 26, 48)),
}  # fmt: skip

STYLES_PER_DIGIT = 5  # pictures of each digit
ROWS_OF_DIGITS = {
    "42": "pen", "17": "marker", "365": "wide", "2047": "shadow", "1984": "wide", "90210": "wide", "58": "chalk",
    "603": "big", "31": "red", "7746": "wide", "825": "pencil", "96": "night", "40": "transparent", "273": "green",
}  # fmt: skip

# Milder than those of training: the pictures show what most people write.
PICTURE_HABITS = Habits(mean_slant=0.12, slant=0.13, aspect=0.13, point=0.024, bend=0.018, proportion=0.03)
PICTURE_POINTS = 400  # on the path of a digit; pictures are larger than digit images


def draw_pictures(folder: Path, seed: int = 0) -> list[Path]:
    """Draws the labelled pictures of data/ into a folder: each digit in several styles, and some rows of digits."""
    wanted = [
        (str(digit), list(STYLES)[(digit * 5 + turn * 3) % len(STYLES)])
        for digit in range(10)
        for turn in range(STYLES_PER_DIGIT)
    ]
    wanted += list(ROWS_OF_DIGITS.items())
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, (text, style_name) in enumerate(wanted):
        style = STYLES[style_name]
        picture = draw_picture(text, style, np.random.default_rng([seed, number]))
        path = folder / f"{text}-{style_name}{style.suffix}"
        picture.save(path, **({"quality": 82} if style.suffix == ".jpg" else {"optimize": True}))
        paths.append(path)
    return paths


def draw_picture(text: str, style: Style, random: np.random.Generator) -> Image.Image:
    """One picture of some digits in a row."""
    width, height = style.size
    sharper = max(2, -(-400 // height))  # drawn so many times larger and then scaled down, for smooth edges
    mask = Image.new("L", (width * sharper, height * sharper))
    high = style.height * height * sharper
    strokes_of_digits = [written_strokes(int(digit), random) for digit in text]
    extents = [np.concatenate(strokes) for strokes in strokes_of_digits]
    gap = random.uniform(0.16, 0.26, len(text))
    total = sum(np.ptp(extent[:, 0]) for extent in extents) + gap[1:].sum()
    high = min(high, 0.9 * width * sharper / (total + 2 * style.pen))
    margin = style.pen * high + 0.03 * max(mask.size)
    left = np.clip(style.place[0] * mask.width - total * high / 2, margin, mask.width - margin - total * high)
    middle = np.clip(style.place[1] * mask.height, margin + high / 2, mask.height - margin - high / 2)
    for extent, strokes, space in zip(extents, strokes_of_digits, [*gap[1:], 0], strict=True):
        up_or_down = random.normal(0, 0.03) * high if len(text) > 1 else 0.0
        corner = np.array([left / high - extent[:, 0].min(), (middle + up_or_down) / high])
        for stroke in strokes:
            draw_stroke(mask, (stroke + corner) * high, style.pen * high, random)
        left += (np.ptp(extent[:, 0]) + space) * high
    ink = np.asarray(mask.resize(style.size, Image.Resampling.BOX), np.float32) / 255
    return on_paper(ink, style, random)


def written_strokes(digit: int, random: np.random.Generator) -> list[np.ndarray]:
    """The strokes of one digit by a new hand. It is 1 high, and its middle is at height 0."""
    shares = np.array([share for share, _ in FORMS[digit]], float)
    _, strokes = FORMS[digit][random.choice(len(shares), p=shares / shares.sum())]
    path = written_paths(strokes, 1, random, PICTURE_HABITS, PICTURE_POINTS)[0]
    path = (path - [0, (path[:, 1].min() + path[:, 1].max()) / 2]) / np.ptp(path[:, 1])
    stroke_numbers = path_matrix(strokes, PICTURE_POINTS)[1]
    return [path[stroke_numbers == number] for number in range(len(strokes))]


def draw_stroke(mask: Image.Image, points: np.ndarray, radius: float, random: np.random.Generator) -> None:
    """Draws a stroke whose width changes a little, as it does with pressure and speed."""
    draw = ImageDraw.Draw(mask)
    along = np.linspace(0, 1, len(points))
    wave = np.sin(2 * np.pi * (random.uniform(0.6, 1.4) * along + random.uniform()))
    radii = np.maximum(radius * (1 + 0.14 * wave), 0.5)
    for (x, y), r in zip(points, radii, strict=True):
        draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
    for (x0, y0), (x1, y1), r in zip(points[:-1], points[1:], radii, strict=False):
        draw.line((x0, y0, x1, y1), fill=255, width=max(1, round(2 * r)))


def on_paper(ink: np.ndarray, style: Style, random: np.random.Generator) -> Image.Image:
    """The picture of ink (height, width) in [0, 1] on the style's paper, in its light."""
    height, width = ink.shape
    if style.streaky:
        coarse = Image.fromarray(random.normal(0, 1, (height // 3, width // 3)).astype(np.float32))
        ink = ink * np.clip(0.82 + 0.22 * np.asarray(coarse.resize((width, height))), 0.2, 1)
    if style.transparent:
        colour = np.broadcast_to(np.array(style.ink, np.uint8), (height, width, 3))
        return Image.fromarray(np.dstack([colour, (ink * 255).round().astype(np.uint8)]), "RGBA")
    cover = ink[..., np.newaxis]
    colours = np.array(style.paper) * (1 - cover) + np.array(style.ink) * cover
    if style.shadow:
        x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
        turn = random.uniform(0, 2 * np.pi)
        edge = (x * np.cos(turn) + y * np.sin(turn) + random.uniform(-0.2, 0.2)) * 3
        colours = colours * (1 - style.shadow / (1 + np.exp(-edge)))[..., np.newaxis]
    colours = colours + random.normal(0, style.grain, (height, width, 1)) if style.grain else colours
    picture = Image.fromarray(np.clip(colours, 0, 255).round().astype(np.uint8))
    return picture.filter(ImageFilter.GaussianBlur(style.blur)) if style.blur else picture
