"""Extra training images: digit shapes that MNIST lacks, and ink that is not a digit.

A network that learns them reads more than MNIST holds, and takes less other ink for a digit.
"""

import numpy as np

from handwriting.digit_image import unit_range
from handwriting.training.batches import ExtraImages
from handwriting.training.recipe import Recipe
from handwriting.writing.digits import write_all_forms
from handwriting.writing.other_ink import write_non_digits


def draw_extra_images(recipe: Recipe, training_images: int) -> ExtraImages | None:
    """Draws the extra images for so many training images; None if the recipe has no use for any.

    The target of a non-digit is the same for all ten digits: what a network should answer where it can't tell.
    """
    share = recipe.non_digits + recipe.written
    if not share:
        return None
    count = -(-training_images // recipe.images_per_extra)
    non_digit_count = round(count * recipe.non_digits / share)
    non_digits, _ = write_non_digits(non_digit_count, recipe.extra_seed)
    digits, labels = write_all_forms(count - non_digit_count, recipe.extra_seed)
    targets = np.concatenate([np.full((non_digit_count, 10), 0.1), np.eye(10)[labels]])
    return ExtraImages(unit_range(np.concatenate([non_digits, digits])), targets, share)
