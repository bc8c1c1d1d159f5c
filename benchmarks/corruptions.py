"""Sixteen ways to spoil an image of a digit, each in five strengths. `robustness.py` measures what they do to readings.

An image is a Pillow image in grey, with bright ink on black. Lengths are in units: one pixel of a digit image, or some
pixels of a picture. So both are spoilt alike.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

STRENGTHS = range(1, 6)
BILINEAR = Image.Resampling.BILINEAR
MESH = 4  # parts of a warped image, across and down


@dataclass(frozen=True)
class Kind:
    """A way to spoil images.

    Args:
        spoil: gives a spoilt image, from the image, the strength, a source of random numbers, and the unit in pixels.
        trained: whether training images are varied in this way, too, if less.
    """

    spoil: Callable[[Image.Image, int, np.random.Generator, int], Image.Image]
    trained: bool

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return self.spoil.__name__


def turned(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """By 8 to 40 degrees, to either side."""
    return image.rotate(either(random) * 8 * strength, BILINEAR)


def slanted(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """By 0.12 to 0.6 pixels for each pixel up, to either side."""
    slope = either(random) * 0.12 * strength
    return affine(image, (1, slope, -slope * image.height / 2, 0, 1, 0))


def stretched(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """Wider or narrower, by a factor of up to 1.65."""
    factor = np.exp(either(random) * 0.1 * strength)
    return affine(image, (factor, 0, (1 - factor) * image.width / 2, 0, 1, 0))


def moved(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """By 1 to 5 units, in any direction."""
    angle = random.uniform(0, 2 * np.pi)
    return affine(image, (1, 0, strength * unit * np.cos(angle), 0, 1, strength * unit * np.sin(angle)))


def warped(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """Its parts are shifted against each other, by 0.5 to 2.5 units as the standard deviation."""
    width, height = image.size
    across, down = np.meshgrid(np.linspace(0, width, MESH + 1), np.linspace(0, height, MESH + 1))
    corners = np.stack([across, down], axis=-1)
    shifted = corners.copy()
    shifted[1:-1, 1:-1] += random.normal(0, 0.5 * strength * unit, (MESH - 1, MESH - 1, 2))
    parts = []
    for row in range(MESH):
        for column in range(MESH):
            box = (
                *corners[row, column].astype(int).tolist(),
                *corners[row + 1, column + 1].astype(int).tolist(),
            )
            around = (row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1)
            parts.append((box, tuple(np.concatenate([shifted[corner] for corner in around]).tolist())))
    return image.transform(image.size, Image.Transform.MESH, parts, BILINEAR)


def thick(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """Strokes up to 2 units thicker."""
    return Image.blend(image, image.filter(ImageFilter.MaxFilter(2 * unit + 1)), strength / 5)


def thin(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """Strokes up to 2 units thinner."""
    return Image.blend(image, image.filter(ImageFilter.MinFilter(2 * unit + 1)), strength / 5)


def blurred(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """By 0.5 to 2.5 units."""
    return image.filter(ImageFilter.GaussianBlur(0.5 * strength * unit))


def noisy(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """With normal noise of 10 to 50 % of full ink, in grains of a unit."""
    noise = random.normal(0, 25 * strength, (image.height // unit, image.width // unit))
    return as_image(np.asarray(image, float) + grains(noise, unit))


def specked(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """4 to 20 % of the units are full ink or paper, at random."""
    shape = image.height // unit, image.width // unit
    levels = grains(random.choice([0, 255], shape), unit)
    which = grains(random.random(shape) < 0.04 * strength, unit)
    return as_image(np.where(which, levels, np.asarray(image)))


def dim(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """The ink 17 to 85 % paler."""
    return image.point(lambda level: level * (1 - 0.17 * strength))


def hidden(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """A square of 4 to 12 units is covered with paper, somewhere on the middle of the image."""
    side = 2 * (1 + strength) * unit
    left, top = (round(random.uniform(0.25, 0.75) * length - side / 2) for length in image.size)
    covered = image.copy()
    covered.paste(0, (left, top, left + side, top + side))
    return covered


def crossed(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """By 1 to 5 straight lines from edge to edge."""
    lined = image.copy()
    draw = ImageDraw.Draw(lined)
    for _ in range(strength):
        ends = random.uniform(0.1, 0.9, 2)
        if random.random() < 0.5:
            line = (0, ends[0] * image.height, image.width, ends[1] * image.height)
        else:
            line = (ends[0] * image.width, 0, ends[1] * image.width, image.height)
        draw.line(line, fill=255, width=unit)
    return lined


def coarse(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """As if it had 86 to 29 % of the pixels each way."""
    size = [max(1, round(length / unit * (1 - strength / 7))) for length in image.size]
    return image.resize(size, Image.Resampling.BOX).resize(image.size, BILINEAR)


def uneven(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """In uneven light: from one side to the other, paper becomes like ink of 15 to 75 %."""
    angle = random.uniform(0, 2 * np.pi)
    down, across = np.indices((image.height, image.width)) / max(image.size)
    light = across * np.cos(angle) + down * np.sin(angle)
    light = (light - light.min()) / np.ptp(light) * 0.15 * strength
    return as_image(np.asarray(image, float) * (1 - light) + 255 * light)


def doubled(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """With a copy of its ink 4 units beside it, 17 to 85 % as dark."""
    angle = random.uniform(0, 2 * np.pi)
    copy = affine(image, (1, 0, 4 * unit * np.cos(angle), 0, 1, 4 * unit * np.sin(angle)))
    return ImageChops.lighter(image, copy.point(lambda level: level * 0.17 * strength))


KINDS = [
    *(Kind(spoil, True) for spoil in (turned, slanted, stretched, moved, warped, thick, thin, blurred)),
    *(Kind(spoil, False) for spoil in (noisy, specked, dim, hidden, crossed, coarse, uneven, doubled)),
]


def either(random: np.random.Generator) -> int:
    """1 or -1."""
    return 1 if random.random() < 0.5 else -1


def affine(image: Image.Image, matrix: tuple[float, ...]) -> Image.Image:
    """An image whose pixel (x, y) is that at the matrix times (x, y, 1) on the image. Beyond it there is paper."""
    return image.transform(image.size, Image.Transform.AFFINE, matrix, BILINEAR)


def grains(values: np.ndarray, unit: int) -> np.ndarray:
    """An array in which each value covers a square of a unit."""
    return values.repeat(unit, axis=0).repeat(unit, axis=1)


def as_image(levels: np.ndarray) -> Image.Image:
    """Grey levels as an image. What is beyond 0 and 255 becomes 0 or 255."""
    return Image.fromarray(np.clip(np.round(levels), 0, 255).astype(np.uint8))
