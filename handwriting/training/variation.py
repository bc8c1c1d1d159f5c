"""Augmentation: training images a little changed, as other hands would have written them."""

import functools

import numpy as np

from handwriting.digit_image import SIDE
from handwriting.training.recipe import Recipe

# Images resampled at once. The arrays of more images are so large that the system clears new memory for them each time.
AT_ONCE = 32


def varied(images: np.ndarray, recipe: Recipe, random: np.random.Generator) -> np.ndarray:
    """Images (n, 28, 28, 1), each a little rotated, scaled, slanted, shifted and warped. Some get other strokes."""
    count = len(images)
    places = source_places(count, recipe, random)
    groups = [slice(start, start + AT_ONCE) for start in range(0, count, AT_ONCE)]
    moved = np.concatenate([sampled(images[group], places[group]) for group in groups])
    others = slice(count - round(recipe.other_pens * count), count)
    moved[others] = with_other_pens(moved[others], recipe.pen_change, random)
    return moved


def source_places(count: int, recipe: Recipe, random: np.random.Generator) -> np.ndarray:
    """For each pixel of each varied image, the place (y, x) in the original that it shows: (count, 2, 784)."""
    turn = random.uniform(-recipe.turn, recipe.turn, count)
    scale = 1 / random.uniform(*recipe.scale, count)
    slant = random.uniform(-recipe.slant, recipe.slant, count)
    # An affine map for each image: rows of (y, x, 1) -> y and x.
    affine = np.empty((count, 2, 3), np.float32)
    affine[:, 0, 0] = scale * np.cos(turn)
    affine[:, 0, 1] = scale * np.sin(turn)
    affine[:, 1, 0] = slant * affine[:, 0, 0] - scale * np.sin(turn)
    affine[:, 1, 1] = slant * affine[:, 0, 1] + scale * np.cos(turn)
    affine[:, :, 2] = random.uniform(-recipe.shift, recipe.shift, (count, 2)) + (SIDE - 1) / 2
    bumps = smooth_bumps(recipe.warp_grid)
    warps = random.standard_normal((count, 2, len(bumps)), np.float32) * np.float32(recipe.warp)
    return affine @ pixels_from_middle() + warps @ bumps


@functools.cache
def smooth_bumps(across: int) -> np.ndarray:
    """A grid of across × across smooth bumps whose sum is 1 everywhere: (across², 784)."""
    middles = np.linspace(0, SIDE - 1, across)
    distance = (np.arange(SIDE) - middles[:, np.newaxis]) / (middles[1] - middles[0])
    bump = np.exp(-(distance**2))
    bump /= bump.sum(axis=0)
    return np.einsum("ay,bx->abyx", bump, bump).reshape(across**2, -1).astype(np.float32)


@functools.cache
def pixels_from_middle() -> np.ndarray:
    """Each pixel as (y, x, 1), y and x counted from the image's middle: (3, 784)."""
    y, x = np.indices((SIDE, SIDE)).reshape(2, -1) - (SIDE - 1) / 2
    return np.stack([y, x, np.ones(SIDE**2)]).astype(np.float32)


def sampled(images: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Images (n, 28, 28, 1), bilinearly sampled at places (n, 2, 784) of y and x. Outside an image there is no ink."""
    count, side = len(images), SIDE + 3
    padded = np.zeros((count, side, side), np.float32)
    padded[:, 1:-2, 1:-2] = images[..., 0]
    pixels = padded.ravel()
    places = np.clip(places + 1, 0, side - 2)
    corner = places.astype(np.int32)
    (down, right) = np.moveaxis(places - corner.astype(np.float32), 1, 0)
    first = corner[:, 0] * side + corner[:, 1] + np.arange(count, dtype=np.int32)[:, np.newaxis] * side**2

    def between_columns(index: np.ndarray) -> np.ndarray:
        left = pixels.take(index)
        return left + right * (pixels.take(index + 1) - left)

    above = between_columns(first)
    return (above + down * (between_columns(first + side) - above)).reshape(images.shape)


def with_other_pens(images: np.ndarray, most: float, random: np.random.Generator) -> np.ndarray:
    """Images whose strokes become thicker, thinner or softer: up to `most` of the way to a neighbour's brightness."""
    count = len(images)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    inside, before, behind = slice(1, -1), slice(None, -2), slice(2, None)
    neighbours = [images]
    neighbours += [padded[:, rows, inside] for rows in (before, behind)]
    neighbours += [padded[:, inside, columns] for columns in (before, behind)]
    pens = [np.max(neighbours, axis=0), np.min(neighbours, axis=0), np.mean(neighbours, axis=0)]
    which = random.integers(0, len(pens), count)
    far = random.uniform(0, most, (count, 1, 1, 1)).astype(np.float32)
    return images + far * (np.stack(pens)[which, np.arange(count)] - images)
