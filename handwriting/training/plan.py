"""A network and a recipe -> what `compile` and `fit` take. Published settings and our recipe give the same type."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from handwriting.data.sets import Labelled
from handwriting.digit_image import CLASSES
from handwriting.quiet_keras import keras
from handwriting.training.batches import Batches, ExtraImages
from handwriting.training.callbacks import averaging_adam, recipe_callbacks
from handwriting.training.confidence import best_temperature
from handwriting.training.extra_images import draw_extra_images
from handwriting.training.recipe import Recipe
from handwriting.training.spoiling import with_spoilt
from handwriting.training.variation import varied


@dataclass(frozen=True)
class Extent:
    """How much a run trains.

    Args:
        images: training images.
        validation: validation images.
        epochs: at most so many.
        batch_size: images a step.
    """

    images: int
    validation: int
    epochs: int
    batch_size: int

    @property
    def steps(self) -> int:
        return self.epochs * -(-self.images // self.batch_size)


def no_callbacks(batches: Batches) -> list[keras.callbacks.Callback]:
    return []


def no_calibration(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return 1.0


@dataclass(frozen=True)
class Plan:
    """How one network is trained.

    Args:
        build: makes the uncompiled model.
        optimizer: makes its optimizer.
        loss: Keras's name of it.
        labels: class numbers (n,) -> labels as the loss takes them.
        batch_size: images a step.
        steps: in all epochs, at most.
        patience: the factor for the callbacks' usual patience.
        smoothing: the label smoothing that `labels` contains.
        augment: changes the training images of a batch, or None.
        draw_extra: draws the images that are mixed into every batch, or None.
        callbacks: what the plan adds before the usual callbacks.
        temperature: validation labels and probabilities -> what to divide the network's logits by.
    """

    build: Callable[[], keras.Model]
    optimizer: Callable[[], keras.optimizers.Optimizer]
    loss: str
    labels: Callable[[np.ndarray], np.ndarray]
    batch_size: int
    steps: int
    patience: int = 1
    smoothing: float = 0.0
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    draw_extra: Callable[[], ExtraImages | None] | None = None
    callbacks: Callable[[Batches], list[keras.callbacks.Callback]] = no_callbacks
    temperature: Callable[[np.ndarray, np.ndarray], float] = no_calibration

    def batches(self, training: Labelled, seed: int) -> Batches:
        """The training batches. Drawing the extra images takes some seconds."""
        extra = self.draw_extra() if self.draw_extra else None
        labels = self.labels(training.labels)
        return Batches(training.images, labels, self.batch_size, seed, self.augment, extra)


def plan(network, recipe: Recipe | None, extent: Extent) -> Plan:
    """How a network is trained by a recipe; without one, by the settings it was published with.

    Args:
        network: an entry of NETWORKS in models.py.
        recipe: the recipe, or None.
        extent: how much is trained.
    """
    return published_plan(network, extent) if recipe is None else recipe_plan(network, recipe, extent)


def published_plan(network, extent: Extent) -> Plan:
    """Training as the network was published."""
    return Plan(
        build=network.build,
        optimizer=network.optimizer,
        loss="categorical_crossentropy" if network.one_hot else "sparse_categorical_crossentropy",
        labels=one_hot if network.one_hot else class_numbers,
        batch_size=extent.batch_size,
        steps=extent.steps,
    )


def recipe_plan(network, recipe: Recipe, extent: Extent) -> Plan:
    """Training by a recipe.

    Label smoothing keeps the confidence low until the validation images set it right. Too few of them can't, so the
    labels are not smoothed then. A network without spare weights gets neither smoothed labels nor extra images, and
    none of its images is spoilt.
    """
    calibrated = extent.validation >= recipe.calibration_images
    smoothing = recipe.smoothing if calibrated and network.spare_weights else 0.0
    smooth = functools.partial(smoothed, smoothing=smoothing)
    return Plan(
        build=functools.partial(network.build, **network.ours),
        optimizer=functools.partial(
            averaging_adam, recipe, network.peak_rate, extent.batch_size, extent.steps
        ),
        # The Kullback-Leibler divergence is the cross-entropy minus the entropy of the smoothed labels.
        loss="kl_divergence" if smoothing else "categorical_crossentropy",
        labels=lambda labels: smooth(one_hot(labels)),
        batch_size=extent.batch_size,
        steps=extent.steps,
        patience=max(1, extent.epochs // recipe.usual_epochs),
        smoothing=smoothing,
        augment=functools.partial(augmented, recipe, recipe.spoilt if network.spare_weights else 0.0),
        draw_extra=functools.partial(smoothed_extra, recipe, extent.images, smooth)
        if network.spare_weights
        else None,
        callbacks=functools.partial(recipe_callbacks, recipe, extent.steps),
        temperature=functools.partial(best_temperature, tried=recipe.temperatures)
        if calibrated
        else no_calibration,
    )


def augmented(recipe: Recipe, spoilt: float, images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The images of a batch, varied; a share of them is spoilt, too."""
    return with_spoilt(varied(images, recipe, random), spoilt, random)


def smoothed_extra(recipe: Recipe, training_images: int, smooth: Callable) -> ExtraImages | None:
    """The recipe's extra images with smoothed targets."""
    extra = draw_extra_images(recipe, training_images)
    return extra and replace(extra, targets=smooth(extra.targets))


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Class numbers (n,) as one-hot labels (n, 10)."""
    return keras.utils.to_categorical(labels, CLASSES)


def class_numbers(labels: np.ndarray) -> np.ndarray:
    """Class numbers as they are."""
    return labels


def smoothed(rows: np.ndarray, smoothing: float) -> np.ndarray:
    """One-hot labels after label smoothing."""
    return (1 - smoothing) * rows + smoothing / rows.shape[1]
