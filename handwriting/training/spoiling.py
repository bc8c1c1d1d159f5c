"""Spoilt images: digits that a person still reads at a glance, though noisy, pale, blurred, half covered or crossed.

Each function takes images (n, 28, 28, 1) with ink from 0 to 1, and spoils each of them in its own way.
"""

import numpy as np

from handwriting.digit_image import SIDE

MOST_NOISE = 0.4  # of full ink, as a standard deviation
PALEST = 0.15  # of the ink that was there
MOST_BLUR = 2.2  # px, the standard deviation of the Gaussian
REACH = 5  # px to each side, beyond which a blurred pixel gives nothing
COVERED = (3, 11)  # px, the sides of a covered square
LINES = (1.0, 0.5, 0.3)  # the chances of a first line, a second and a third
PALEST_LINE = 0.4  # of full ink
LINE_WIDTH = (1.0, 2.0)  # px
FARTHEST = 11  # px, a line's distance from the middle
MIDDLE = (SIDE - 1) / 2


def with_spoilt(images: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    """The images, of which a share is spoilt, each in one way. On average the share holds for small batches, too."""
    count = int(share * len(images) + random.random())
    if not count:
        return images
    images = images.copy()
    chosen = random.choice(len(images), count, replace=False)
    ways = random.integers(len(WAYS), size=count)
    for number in np.unique(ways):
        some = chosen[ways == number]
        images[some] = WAYS[number](images[some], random)
    return images


def noisy(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """With normal noise on every pixel."""
    strength = each(random.uniform(0, MOST_NOISE, len(images)))
    return np.clip(images + strength * random.standard_normal(images.shape, np.float32), 0, 1)


def pale(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """With less ink."""
    return images * each(random.uniform(PALEST, 1, len(images)))


def covered(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """With a square of paper over a part of the digit."""
    sides = random.integers(*COVERED, (2, len(images), 1), endpoint=True)
    starts = random.uniform(0.2 * SIDE, 0.8 * SIDE, sides.shape) - sides / 2
    rows, columns = (np.arange(SIDE) >= starts) & (np.arange(SIDE) < starts + sides)
    return images * ~(rows[:, :, np.newaxis] & columns[:, np.newaxis, :])[..., np.newaxis]


def crossed(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """With one to three straight lines from edge to edge."""
    y, x = np.indices((SIDE, SIDE), np.float32)[..., np.newaxis] - np.float32(MIDDLE)
    for chance in LINES:
        angle = each(random.uniform(0, np.pi, len(images)))
        distance = each(random.uniform(-FARTHEST, FARTHEST, len(images)))
        width = each(random.uniform(*LINE_WIDTH, len(images)))
        ink = each(random.uniform(PALEST_LINE, 1, len(images)) * (random.random(len(images)) < chance))
        from_line = np.abs(x * np.cos(angle) + y * np.sin(angle) - distance)
        images = np.maximum(images, ink * np.clip((width + 1) / 2 - from_line, 0, 1))
    return images


def blurred(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Out of focus."""
    offsets = np.arange(-REACH, REACH + 1)
    deviation = random.uniform(0, MOST_BLUR, (len(images), 1)) + 0.1
    weights = np.exp(-((offsets / deviation) ** 2) / 2)
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    for axis in (1, 2):
        padded = np.pad(images.swapaxes(1, axis), ((0, 0), (REACH, REACH), (0, 0), (0, 0)))
        moved = (padded[:, start : start + SIDE] for start in range(len(offsets)))
        images = sum(each(weight) * of_moved for weight, of_moved in zip(weights.T, moved, strict=True))
        images = images.swapaxes(1, axis)
    return images


def each(values: np.ndarray) -> np.ndarray:
    """A value for each image, in the shape that images are multiplied with."""
    return values.astype(np.float32).reshape(-1, 1, 1, 1)


WAYS = (noisy, pale, covered, crossed, blurred)
