"""Written digits in the forms that are nearest to a person's digits."""

import numpy as np

from handwriting.digit_image import CLASSES, unit_range
from handwriting.filters import box_blurred
from handwriting.writing.glyphs import FORMS, STRAIGHT_FORMS
from handwriting.writing.hand import paths_in_forms
from handwriting.writing.pen import in_ink

SAMPLES = 16  # digits that are written in each form, to compare with
NEAREST = 3  # of these; their mean distance tells how near a form is
BLUR = 2  # px; strokes that lie beside each other are near, too


def write_alike(
    images: np.ndarray, labels: np.ndarray, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Digits in the forms that are nearest to those of digit images: uint8 (about count, 28, 28), and their labels.

    Of the forms of a digit, the usual ones are more frequent than among the images: a person mostly keeps to one form,
    and others may be mistaken for it. A digit that no image shows is written in all its forms, so that it is not
    mistaken for one that is shown.
    """
    random = np.random.default_rng([seed, 0, 3])  # another stream than those of other written digits
    pixels, shown = [], []
    for digit in range(CLASSES):
        of_digit = images[labels == digit]
        forms = [strokes for _, strokes in FORMS[digit]] + STRAIGHT_FORMS[digit]
        shares = frequencies(of_digit, forms, random) ** 2 if len(of_digit) else np.ones(len(forms))
        wanted = -(-count // CLASSES)
        pixels.append(in_ink(paths_in_forms(list(zip(shares, forms, strict=True)), wanted, random), random))
        shown.append(np.full(wanted, digit))
    return np.concatenate(pixels), np.concatenate(shown)


def frequencies(images: np.ndarray, forms: list, random: np.random.Generator) -> np.ndarray:
    """For each form of a digit, how many of these images are nearest to it."""
    written = [in_ink(paths_in_forms([(1, strokes)], SAMPLES, random), random) for strokes in forms]
    samples = blurred(unit_range(np.concatenate(written)))
    distances = np.linalg.norm(blurred(images)[:, np.newaxis] - samples, axis=2)
    nearest = np.sort(distances.reshape(len(images), len(forms), SAMPLES), axis=2)[..., :NEAREST]
    return np.bincount(nearest.mean(axis=2).argmin(axis=1), minlength=len(forms))


def blurred(images: np.ndarray) -> np.ndarray:
    """Digit images (n, 28, 28, 1), blurred, as rows (n, 784)."""
    for axis in (1, 2):
        images = box_blurred(images, BLUR, axis)
    return images.reshape(len(images), -1)
