"""Training images a little changed, as other hands would write them."""

import numpy as np

from handwriting.digit_image import SIDE

# How much `varied` changes a training image.
TURN = 0.17  # radians, either way


SCALE = (0.88, 1.14)


SLANT = 0.2  # sideways for each pixel up or down


SHIFT = 1.5  # pixels; the contract centres every digit


BEND = 1.0  # spread, in pixels, of how far each of a grid of bumps is moved


BUMPS_ACROSS = 5


OTHER_PENS = 0.15  # of the images get thicker, thinner or softer strokes


# Each of their pixels goes at most this part of the way to the most, the least or the mean of its neighbours.
PEN_CHANGE = 0.7


AT_ONCE = 32  # pictures; the arrays for more are so large that the system hands out, and clears, new memory for each


def smooth_bumps(across: int) -> np.ndarray:
    """A grid of across × across soft bumps whose sum is 1 everywhere: (across², 784)."""
    middles = np.linspace(0, SIDE - 1, across)
    distance = (np.arange(SIDE) - middles[:, np.newaxis]) / (middles[1] - middles[0])
    bump = np.exp(-(distance**2))
    bump /= bump.sum(axis=0)
    return np.einsum("ay,bx->abyx", bump, bump).reshape(across**2, -1).astype(np.float32)


BUMPS = smooth_bumps(BUMPS_ACROSS)


# Each pixel as (y, x, 1), y and x counted from the middle: (3, 784).
FROM_MIDDLE = np.stack(
    [
        *(np.indices((SIDE, SIDE)).reshape(2, -1) - (SIDE - 1) / 2),
        np.ones(SIDE**2),
    ]
).astype(np.float32)


def varied(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each picture (n, 28, 28, 1) a little turned, scaled, slanted, shifted and bent, as other hands would write it."""
    count = len(pictures)
    turn = random.uniform(-TURN, TURN, count)
    scale = 1 / random.uniform(*SCALE, count)
    slant = random.uniform(-SLANT, SLANT, count)
    # For each pixel of the result, the place in the picture that it shows: rows of (y, x, 1) -> y and x.
    take_from = np.empty((count, 2, 3), np.float32)
    take_from[:, 0, 0] = scale * np.cos(turn)
    take_from[:, 0, 1] = scale * np.sin(turn)
    take_from[:, 1, 0] = slant * take_from[:, 0, 0] - scale * np.sin(turn)
    take_from[:, 1, 1] = slant * take_from[:, 0, 1] + scale * np.cos(turn)
    take_from[:, :, 2] = random.uniform(-SHIFT, SHIFT, (count, 2)) + (SIDE - 1) / 2
    bends = random.standard_normal((count, 2, len(BUMPS)), np.float32) * np.float32(BEND)
    places = take_from @ FROM_MIDDLE + bends @ BUMPS
    groups = [slice(start, start + AT_ONCE) for start in range(0, count, AT_ONCE)]
    moved = np.concatenate([sampled(pictures[group], places[group]) for group in groups])
    others = slice(count - round(OTHER_PENS * count), count)
    moved[others] = with_other_pens(moved[others], random)
    return moved


def with_other_pens(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each picture's strokes made a little thicker, thinner or softer."""
    count = len(pictures)
    framed = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)))
    inside, before, behind = slice(1, -1), slice(None, -2), slice(2, None)
    neighbours = [pictures]
    neighbours += [framed[:, rows, inside] for rows in (before, behind)]
    neighbours += [framed[:, inside, columns] for columns in (before, behind)]
    pens = [np.max(neighbours, axis=0), np.min(neighbours, axis=0), np.mean(neighbours, axis=0)]
    which = random.integers(0, len(pens), count)
    far = random.uniform(0, PEN_CHANGE, (count, 1, 1, 1)).astype(np.float32)
    return pictures + far * (np.stack(pens)[which, np.arange(count)] - pictures)


def sampled(pictures: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pictures (n, 28, 28, 1) at places (n, 2, 784) between their pixels, y and x; outside there is no ink."""
    count, side = len(pictures), SIDE + 3
    framed = np.zeros((count, side, side), np.float32)
    framed[:, 1:-2, 1:-2] = pictures[..., 0]
    pixels = framed.ravel()
    places = np.clip(places + 1, 0, side - 2)
    corner = places.astype(np.int32)
    (down, right) = np.moveaxis(places - corner.astype(np.float32), 1, 0)
    first = corner[:, 0] * side + corner[:, 1] + np.arange(count, dtype=np.int32)[:, np.newaxis] * side**2

    def between_columns(index: np.ndarray) -> np.ndarray:
        left = pixels.take(index)
        return left + right * (pixels.take(index + 1) - left)

    above = between_columns(first)
    return (above + down * (between_columns(first + side) - above)).reshape(pictures.shape)
