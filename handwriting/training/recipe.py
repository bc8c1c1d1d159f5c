"""The numbers of a training recipe. `RECIPE` in cnn_model_v2.py gives each its value and its reason.

This module needs neither NumPy nor Keras, so a script that answers --help can hold a recipe.
`plan.py` makes of a network and a recipe what `compile` and `fit` take.
"""

from __future__ import annotations  # lets an old Python reach the check of its version

from collections.abc import Callable
from dataclasses import dataclass


def climb_and_fall(step: int, steps: int, warm_up: float) -> float:
    """The learning rate at a step, as a part of its peak: straight up, then straight down to almost nothing."""
    top = warm_up * steps
    return min(1.0, (step + 1) / top, (steps - step) / (steps - top))


def climb_and_stay(step: int, steps: int, warm_up: float) -> float:
    """The learning rate at a step, as a part of its peak: straight up, then no more change."""
    return min(1.0, (step + 1) / (warm_up * steps))


@dataclass(frozen=True)
class Recipe:
    """How networks are trained, whatever their layers and however many epochs.

    What differs from network to network (starting weights, dropout, the peak learning rate) is in models.py.

    Args:
        turn: augmentation: the largest rotation either way, in radians.
        scale: the smallest and the largest factor of the size.
        slant: the largest shear either way, in pixels sideways for each pixel up.
        shift: the largest shift either way, in pixels.
        warp: elastic warp: the standard deviation of the displacement, in pixels.
        warp_grid: the points of the warp's grid each way; between them it is smooth.
        other_pens: the share of images whose strokes become thicker, thinner or softer.
        pen_change: how far they change at most; 1 is all the way to the brightest, darkest or mean neighbour.
        spoilt: the share of images that are noisy, pale, blurred, covered in part or crossed by lines.
        non_digits: the share of each batch that is drawn ink of no digit.
        written: the share of each batch that is drawn digits.
        images_per_extra: training images for each drawn one; a drawn one is used again and again.
        extra_seed: the seed of what is drawn.
        smoothing: label smoothing: the share of each label that is spread over all ten digits.
        schedule: the learning rate's course: (step, steps, warm_up) -> part of the peak rate.
        warm_up: the share of the steps in which the learning rate climbs.
        peak_batch: the batch size that models.py's peak rates are for.
        averaged: the share of the steps over which the weights are averaged.
        most_averaged: at most so many steps.
        statistics_batches: the batches over which batch-norm statistics are recomputed, at most.
        usual_epochs: the length of a run for which the callbacks have their usual patience.
        calibration_images: the validation images needed to set the confidence right.
        temperatures: tried to set it right.
    """

    turn: float
    scale: tuple[float, float]
    slant: float
    shift: float
    warp: float
    warp_grid: int
    other_pens: float
    pen_change: float
    spoilt: float
    non_digits: float
    written: float
    images_per_extra: int
    extra_seed: int
    smoothing: float
    schedule: Callable[[int, int, float], float]
    warm_up: float
    peak_batch: int
    averaged: float
    most_averaged: int
    statistics_batches: int
    usual_epochs: int
    calibration_images: int
    temperatures: tuple[float, ...]
