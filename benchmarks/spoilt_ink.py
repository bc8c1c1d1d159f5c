"""Ways to spoil the ink of a digit, or its paper.

Each function gives a spoilt image, from the image, the strength from 1 to 5, a source of random numbers, and the unit
in pixels. An image is a Pillow image in grey, with bright ink on black.
"""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from benchmarks.grey_images import as_image, grains


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
        draw.line(across_image(image, random), fill=255, width=unit)
    return lined


def uneven(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """In uneven light: from one side to the other, paper becomes like ink of 15 to 75 %."""
    light = 0.15 * strength * across_light(image, random)
    return as_image(np.asarray(image, float) * (1 - light) + 255 * light)


def ruled(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """On paper with a line every 5 units, as dark as ink of 17 to 85 %."""
    lined = np.asarray(image, float).copy()
    for start in range(random.integers(5) * unit, image.height, 5 * unit):
        lined[start : start + unit] = np.maximum(lined[start : start + unit], 255 * 0.17 * strength)
    return as_image(lined)


def scratched(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """By 2 to 10 straight scratches from edge to edge, in which no ink is left."""
    bare = image.copy()
    draw = ImageDraw.Draw(bare)
    for _ in range(2 * strength):
        draw.line(across_image(image, random), fill=0, width=unit)
    return bare


def blotted(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """With 1 to 5 drops of ink, 4 units wide."""
    blots = image.copy()
    draw = ImageDraw.Draw(blots)
    for _ in range(strength):
        x, y = (random.uniform(0.15, 0.85) * length for length in image.size)
        draw.ellipse((x - 2 * unit, y - 2 * unit, x + 2 * unit, y + 2 * unit), fill=255)
    return blots


def hollow(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """The middle of its strokes is 19 to 95 % paler."""
    inner = image.filter(ImageFilter.MinFilter(2 * unit + 1))
    return ImageChops.subtract(image, inner.point(lambda level: level * 0.19 * strength))


def faded(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """The ink is paler from one side to the other, at the end by 19 to 95 %."""
    return as_image(np.asarray(image, float) * (1 - 0.19 * strength * across_light(image, random)))


def across_image(image: Image.Image, random: np.random.Generator) -> tuple[float, float, float, float]:
    """A straight line from edge to edge: the x and y of both ends."""
    ends = random.uniform(0.1, 0.9, 2)
    if random.random() < 0.5:
        return (0, ends[0] * image.height, image.width, ends[1] * image.height)
    return (ends[0] * image.width, 0, ends[1] * image.width, image.height)


def across_light(image: Image.Image, random: np.random.Generator) -> np.ndarray:
    """0 at one side of the image, 1 at the other, in any direction."""
    angle = random.uniform(0, 2 * np.pi)
    down, across = np.indices((image.height, image.width)) / max(image.size)
    light = across * np.cos(angle) + down * np.sin(angle)
    return (light - light.min()) / np.ptp(light)
