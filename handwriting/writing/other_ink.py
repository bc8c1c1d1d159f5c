"""Ink that is no digit: letters, scribbles, lines, blots, pairs of digits, textures."""

from dataclasses import dataclass

import numpy as np

from handwriting.digit_image import BOX_SIDE, SIDE, cropped_to_ink, make_digit_image
from handwriting.writing.digits import BLOCK, in_blocks
from handwriting.writing.glyphs import FORMS, LETTERS
from handwriting.writing.hand import POINTS, path_matrix, paths_in_forms, spline
from handwriting.writing.pen import in_ink

# The kinds of ink besides digits that people show to a reader of digits, and the share of each.
KINDS = {"letter": 0.4, "scribble": 0.15, "lines": 0.1, "blot": 0.1, "two digits": 0.1, "texture": 0.15}

WIDEST_LETTER = 1.7  # times its width in LETTERS; people's small letters are often as wide as high
BLOT_PENS = (2.5, 4)  # times the usual pen; the thinnest and the thickest pen that draws blots


@dataclass(frozen=True)
class TextureSettings:
    """How textures look. Each has two numbers: the least and the most."""

    grain: tuple[float, float] = (1.5, 4.0)  # px; the size of its patches
    hardness: tuple[float, float] = (2, 6)  # the slope from paper to ink
    level: tuple[float, float] = (-0.1, 0.5)  # of the highest patch; what is higher is ink
    faintest: float = 0.15  # of full ink; fainter ink is paper


TEXTURE = TextureSettings()


def write_non_digits(count: int, seed: int = 0, progress: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Digit images of ink that is no digit: uint8 (count, 28, 28), and the number of each one's kind in KINDS.

    Image number i depends on the seed and on i alone.
    """
    return in_blocks(
        write_non_digit_block, count, seed, f"drawing {count:,} non-digits" if progress else None
    )


def write_non_digit_block(seed: int, block: int) -> tuple[np.ndarray, np.ndarray]:
    """One block of non-digits: uint8 (BLOCK, 28, 28), and the number of each one's kind in KINDS."""
    random = np.random.default_rng([seed, block, 1])  # another stream than that of digits
    kinds = random.choice(len(KINDS), size=BLOCK, p=list(KINDS.values()))
    pixels = np.empty((BLOCK, SIDE, SIDE), np.uint8)
    writers = (letter_paths, scribble_paths, line_paths, blot_paths, pair_paths)
    for kind, paths_of_kind in enumerate(writers):
        which = np.flatnonzero(kinds == kind)
        pens = random.uniform(*BLOT_PENS, (len(which), 1)) if paths_of_kind is blot_paths else 1.0
        pixels[which] = in_ink(paths_of_kind(len(which), random), random, pens)
    textures = np.flatnonzero(kinds == list(KINDS).index("texture"))
    pixels[textures] = textures_in_ink(len(textures), random)
    return pixels, kinds


def letter_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """Letters, as wide as in LETTERS or wider."""
    paths = paths_in_forms(LETTERS, count, random)
    paths[..., 0] *= random.uniform(1, WIDEST_LETTER, (count, 1))
    return paths


def scribble_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """A pen that wanders about and crosses itself."""
    control = random.uniform(0, 1, (count, 9, 2)) * random.uniform(0.6, 1, (count, 1, 2))
    return spline(9, POINTS) @ control


def line_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """Three lines, or two that cross two others, as on ruled and on squared paper."""
    paths = np.empty((count, POINTS, 2))
    for number, crossed in enumerate(random.random(count) < 0.5):
        places = np.linspace(0, 1, 2 if crossed else 3)
        if crossed:
            places = 0.5 + (places - 0.5) * random.uniform(0.4, 0.7)
        lines = [[(0, place), (1, place)] for place in places]
        if crossed:
            lines += [[(place, 0), (place, 1)] for place in places]
        strokes = np.array(lines) + random.normal(0, 0.03, (len(lines), 2, 2))
        paths[number] = path_matrix(list(strokes), POINTS)[0] @ strokes.reshape(-1, 2)
    paths[..., 1] *= random.uniform(0.6, 1, (count, 1))
    turned = random.random(count) < 0.5
    paths[turned] = paths[turned][..., ::-1]
    return paths


def blot_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """Paths from the middle outwards and back, all around. A very thick pen makes blots of them."""
    angles = np.linspace(0, 2 * np.pi, 13) + random.uniform(0, 2 * np.pi, (count, 1))
    reach = random.uniform(0.2, 0.5, (count, 13)) * (np.arange(13) % 2)
    return spline(13, POINTS) @ np.stack([reach * np.cos(angles), reach * np.sin(angles)], axis=2)


def pair_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """Two digits that touch."""
    every_form = [form for forms in FORMS.values() for form in forms]
    left, right = (paths_in_forms(every_form, count, random)[:, ::2] for _ in range(2))
    left = left - left.max(axis=1, keepdims=True) * [1, 0]
    right = right - right.min(axis=1, keepdims=True) * [1, 0]
    right += random.uniform([-0.12, -0.1], [0.02, 0.1], (count, 1, 2))
    return np.concatenate([left, right], axis=1)


def textures_in_ink(count: int, random: np.random.Generator) -> np.ndarray:
    """Digit images of what the ink of a piece of a photograph looks like: uint8 (count, 28, 28)."""
    noise = random.standard_normal((count, BOX_SIDE, BOX_SIDE)).astype(np.float32)
    places = np.arange(BOX_SIDE)
    grain = random.uniform(*TEXTURE.grain, (count, 1, 1))
    smoothing = np.exp(-(((places - places[:, np.newaxis]) / grain) ** 2)).astype(np.float32)
    patches = smoothing @ noise @ smoothing
    patches /= patches.max(axis=(1, 2), keepdims=True)
    hardness, level = (random.uniform(*of, (count, 1, 1)) for of in (TEXTURE.hardness, TEXTURE.level))
    ink = np.minimum(hardness * (patches - level), 1)
    ink[ink < TEXTURE.faintest] = 0
    images = [make_digit_image(cropped_to_ink(patch))[..., 0] for patch in ink]
    return (np.reshape(images, (count, SIDE, SIDE)) * 255).round().astype(np.uint8)
