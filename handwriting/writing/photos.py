"""Paper, light and camera: what is around the ink on a picture. Everything is float32 (side, side, 3) in 0..255."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


@dataclass(frozen=True)
class PhotoSettings:
    """How pictures differ. Shares are of the pictures; two numbers are the least and the most."""

    screen: float = 0.3  # drawn with a mouse or a finger on a screen, or scanned: no camera
    dark: float = 0.15  # light ink on dark paper: boards, dark screens
    least_contrast: float = 45  # grey levels between ink and paper
    least_on_screen: float = 14  # the same, where no camera adds noise
    grain: tuple[float, float] = (0, 10)  # grey levels; the standard deviation of the camera's noise
    blur: tuple[float, float] = (0, 1.1)  # px
    shade: float = 0.35  # of the light; the standard deviation of its logarithm across the picture
    faint: float = 0.1  # of what is on screens is in faint ink
    patterned: float = 0.2  # paper with a pattern, as cheques have
    jpeg: float = 0.4  # saved as JPEG
    coarse: float = 0.2  # taken with fewer pixels, and enlarged
    fewest_pixels: float = 0.3  # of its side; a coarse picture has at least so many
    glare: float = 0.08
    salt: float = 0.06  # single pixels are black or white


PHOTOS = PhotoSettings()


@dataclass(frozen=True)
class Look:
    """The colours of a picture.

    Args:
        paper, ink, print: RGB; of the paper, the writing, and what is printed.
        on_screen: whether there is no camera.
        streaky: whether paper shows through the ink, as with pencil and chalk: 0 to 1.
    """

    paper: np.ndarray
    ink: np.ndarray
    print: np.ndarray
    on_screen: bool
    streaky: float


def any_look(random: np.random.Generator) -> Look:
    """Colours of any kind of picture, with ink that can be told from the paper."""
    on_screen = bool(random.random() < PHOTOS.screen)
    dark = random.random() < PHOTOS.dark
    while True:
        if on_screen and random.random() < 0.7:
            paper, ink = np.full(3, 255.0), np.full(3, 0.0)
        else:
            paper = np.clip(random.uniform(140, 255) + random.normal(0, 10, 3), 0, 255)
            ink = np.clip(random.uniform(0, 130) + random.normal(0, 28, 3), 0, 255)
        if dark:
            paper, ink = 255 - paper, 255 - ink
        if on_screen and random.random() < PHOTOS.faint:
            ink = paper + random.uniform(0.05, 0.4) * (ink - paper)
        if abs(paper.mean() - ink.mean()) > (PHOTOS.least_on_screen if on_screen else PHOTOS.least_contrast):
            break
    paler = random.uniform(0.2, 1)
    return Look(
        paper,
        ink,
        paper + paler * (ink - paper),
        on_screen,
        random.uniform(0, 0.7) if random.random() < 0.25 else 0,
    )


def smooth_field(side: int, cells: int, random: np.random.Generator) -> np.ndarray:
    """Noise (side, side) with patches of side / cells pixels, and a standard deviation of about 1."""
    coarse = random.standard_normal((cells + 1, cells + 1)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))


def blank_paper(look: Look, side: int, random: np.random.Generator) -> np.ndarray:
    """Paper: plain, grainy, or with a pattern."""
    paper = np.broadcast_to(look.paper.astype(np.float32), (side, side, 3)).copy()
    if look.on_screen:
        return paper
    paper += random.uniform(0, 4) * smooth_field(side, side // 2, random)[..., np.newaxis]
    paper += random.uniform(0, 6) * smooth_field(side, int(random.integers(4, 30)), random)[..., np.newaxis]
    if random.random() < PHOTOS.patterned:
        paper += (
            random.uniform(8, 55)
            * pattern(side, random)[..., np.newaxis]
            * random.uniform(0.4, 1, 3).astype(np.float32)
        )
    return paper


def pattern(side: int, random: np.random.Generator) -> np.ndarray:
    """Waves as on cheques, a weave, or spots: (side, side), about from -1 to 1."""
    kind = random.integers(3)
    if kind == 0:
        return smooth_field(side, side // int(random.integers(2, 8)), random)
    y, x = np.indices((side, side), np.float32)
    turn, length = random.uniform(0, np.pi), random.uniform(3, 14)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    bend = random.uniform(0, 3) * np.sin(across / random.uniform(6, 30))
    waves = np.sin(2 * np.pi * along / length + bend)
    return waves if kind == 1 else waves * np.sin(2 * np.pi * across / length)


def surroundings(side: int, random: np.random.Generator) -> np.ndarray:
    """A table, a wall, cloth, or leaves: what a sheet of paper lies on, or a photograph of something else."""
    colour = random.uniform(20, 220) + random.normal(0, 30, 3)
    picture = np.broadcast_to(colour.astype(np.float32), (side, side, 3)).copy()
    for cells in random.integers(2, 60, 3):
        field = smooth_field(side, int(cells), random)
        if random.random() < 0.4:  # grain in one direction, as of wood
            field = (
                np.repeat(field[:: max(1, side // 8)][:8].mean(axis=0, keepdims=True), side, axis=0)
                + 0.3 * field
            )
            field = field if random.random() < 0.5 else field.T
        picture += (
            random.uniform(2, 30) * field[..., np.newaxis] * random.uniform(0.5, 1, 3).astype(np.float32)
        )
    return picture


def things(side: int, random: np.random.Generator) -> np.ndarray:
    """A photograph of no digit: surroundings with shapes of other colours on them."""
    picture = Image.fromarray(np.clip(surroundings(side, random), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(random.integers(0, 14)):
        colour = tuple(int(level) for level in random.integers(0, 256, 3))
        middle, size = random.uniform(0, side, 2), random.uniform(4, side / 2, 2)
        box = (*(middle - size / 2), *(middle + size / 2))
        kind = random.integers(3)
        if kind == 0:
            draw.ellipse(box, fill=colour)
        elif kind == 1:
            draw.polygon(
                [tuple(middle + size * corner) for corner in random.uniform(-0.5, 0.5, (4, 2))], fill=colour
            )
        else:
            draw.line(
                [tuple(middle + size * end) for end in random.uniform(-0.7, 0.7, (3, 2))],
                colour,
                int(random.integers(1, 9)),
            )
    return np.asarray(picture, np.float32)


def streaks(side: int, random: np.random.Generator) -> np.ndarray:
    """How much of the ink stays where paper shows through, as grains or bare spots: (side, side) in [0, 1]."""
    spots = 2 if random.random() < 0.6 else int(random.integers(3, 16))
    return np.clip(0.8 + 0.5 * smooth_field(side, side // spots, random), 0, 1)


def photographed(picture: np.ndarray, look: Look, random: np.random.Generator) -> np.ndarray:
    """The picture in its light, as a camera, a scanner or a screen gives it: uint8."""
    side = len(picture)
    if not look.on_screen:
        picture = in_light(picture, random)
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    if random.random() < PHOTOS.coarse:
        smaller = int(side * random.uniform(PHOTOS.fewest_pixels, 0.9))
        enlarged = Image.Resampling.NEAREST if random.random() < 0.3 else Image.Resampling.BILINEAR
        image = image.resize((smaller, smaller), Image.Resampling.BOX).resize((side, side), enlarged)
    blur = random.uniform(*PHOTOS.blur) * (random.random() < (0.2 if look.on_screen else 0.8))
    if blur > 0.2:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    if not look.on_screen and random.random() < 0.7:
        grain = random.uniform(*PHOTOS.grain) * random.standard_normal((side, side, 1), np.float32)
        image = Image.fromarray(np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8))
    if random.random() < PHOTOS.salt:
        pixels, chance = np.asarray(image).copy(), random.random((side, side))
        share = random.uniform(0.002, 0.06)
        pixels[chance < share], pixels[chance > 1 - share] = 0, 255
        image = Image.fromarray(pixels)
    if random.random() < PHOTOS.jpeg:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=int(random.integers(25, 95)))
        image = Image.open(file)
    return np.asarray(image)


def in_light(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The picture with shade, perhaps with the edge of a shadow, a vignette, or glare."""
    side = len(picture)
    light = np.exp(random.uniform(0, PHOTOS.shade) * smooth_field(side, int(random.integers(1, 4)), random))
    y, x = np.indices((side, side), np.float32) / side - 0.5
    if random.random() < 0.2:  # the edge of a shadow
        turn, place, soft = random.uniform(0, 2 * np.pi), random.uniform(-0.3, 0.3), random.uniform(0.01, 0.2)
        edge = (x * np.cos(turn) + y * np.sin(turn) - place) / soft
        light = light * (1 - random.uniform(0.1, 0.5) / (1 + np.exp(-np.clip(edge, -30, 30))))
    if random.random() < 0.2:  # a vignette
        light = light * (1 - random.uniform(0.2, 1) * (x**2 + y**2))
    picture = picture * light[..., np.newaxis] * (1 + random.normal(0, 0.03, 3)).astype(np.float32)
    if random.random() < PHOTOS.glare:
        middle, size = random.uniform(-0.5, 0.5, 2), random.uniform(0.05, 0.3)
        glow = np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / size**2)
        picture = picture + random.uniform(20, 90) * glow[..., np.newaxis]
    return picture
