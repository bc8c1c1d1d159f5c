"""Ways to spoil the form of a digit: its parts are elsewhere, or spread.

Each function gives a spoilt image, from the image, the strength from 1 to 5, a source of random numbers, and the unit
in pixels. An image is a Pillow image in grey, with bright ink on black.
"""

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from benchmarks.grey_images import as_image, grains

BILINEAR = Image.Resampling.BILINEAR
MESH = 4  # parts of a warped image, across and down


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


def coarse(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """As if it had 86 to 29 % of the pixels each way."""
    size = [max(1, round(length / unit * (1 - strength / 7))) for length in image.size]
    return image.resize(size, Image.Resampling.BOX).resize(image.size, BILINEAR)


def doubled(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """With a copy of its ink 4 units beside it, 17 to 85 % as dark."""
    angle = random.uniform(0, 2 * np.pi)
    copy = affine(image, (1, 0, 4 * unit * np.cos(angle), 0, 1, 4 * unit * np.sin(angle)))
    return ImageChops.lighter(image, copy.point(lambda level: level * 0.17 * strength))


def smeared(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """As if the paper was moved by 1.5 to 7.5 units meanwhile."""
    length, angle = 1.5 * strength * unit, random.uniform(0, np.pi)
    steps = np.linspace(-length / 2, length / 2, round(length) + 1)
    moments = [
        np.asarray(affine(image, (1, 0, step * np.cos(angle), 0, 1, step * np.sin(angle))), float)
        for step in steps
    ]
    return as_image(np.mean(moments, axis=0))


def waved(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """Its rows are moved sideways in waves of 9 units, by up to 0.5 to 2.5 units."""
    columns = np.arange(image.width)
    phases = np.arange(image.height) / (9 * unit) * 2 * np.pi + random.uniform(0, 2 * np.pi)
    moves = 0.5 * strength * unit * np.sin(phases)
    rows = zip(np.asarray(image, float), moves, strict=True)
    return as_image(
        np.stack([np.interp(columns + move, columns, row, left=0, right=0) for row, move in rows])
    )


def frayed(image: Image.Image, strength: int, random: np.random.Generator, unit: int) -> Image.Image:
    """Each unit shows another one near it, at most 1 to 3 units away."""
    farthest = (1 + strength) / 2
    shape = image.height // unit, image.width // unit
    away = np.round(random.uniform(-farthest, farthest, (2, *shape))).astype(int) * unit
    places = np.indices((image.height, image.width)) + np.stack([grains(part, unit) for part in away])
    down, across = places[0].clip(0, image.height - 1), places[1].clip(0, image.width - 1)
    return as_image(np.asarray(image)[down, across])


def either(random: np.random.Generator) -> int:
    """1 or -1."""
    return 1 if random.random() < 0.5 else -1


def affine(image: Image.Image, matrix: tuple[float, ...]) -> Image.Image:
    """An image whose pixel (x, y) is that at the matrix times (x, y, 1) on the image. Beyond it there is paper."""
    return image.transform(image.size, Image.Transform.AFFINE, matrix, BILINEAR)
