"""The changes that benchmarks/recipe.py measures: recipes and networks that differ from ours in one respect each."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import models
from cnn_model_v2 import RECIPE
from handwriting.quiet_keras import keras, layers
from handwriting.training.recipe import Recipe, climb_and_stay

MODEL = "cnn_v3"
BATCH_SIZE = 128


@dataclass(frozen=True)
class Change:
    """A training that differs from ours.

    Args:
        recipe: the recipe.
        build: another network; it takes the same arguments.
        arguments: other arguments of the network's build function.
        peak_rate: another highest learning rate.
        batch_size: images a step.
    """

    recipe: Recipe = RECIPE
    build: Callable[..., keras.Model] = models.cnn_v3
    arguments: dict = field(default_factory=dict)
    peak_rate: float = models.NETWORKS[MODEL].peak_rate
    batch_size: int = BATCH_SIZE

    @property
    def network(self) -> models.Network:
        """cnn_v3 with this change."""
        ours = models.NETWORKS[MODEL]
        arguments = {**ours.ours, **self.arguments}
        return replace(ours, build=self.build, ours=arguments, peak_rate=self.peak_rate)


def network_of(*body: layers.Layer, dropout: float) -> keras.Model:
    """The layers one after the other, then those that end cnn_v3."""
    ending = [layers.Flatten(), layers.Dropout(dropout), models.softmax_layer()]
    return keras.Sequential([layers.Input(models.INPUT_SHAPE), *body, *ending])


def filters_of_any_length(initializer: str, dropout: float) -> keras.Model:
    """cnn_v3 whose filters may have any length."""
    model = models.cnn_v3(initializer, dropout)
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            layer.kernel.constraint = layer.kernel_constraint = None
    return model


def all_normalised(initializer: str, dropout: float) -> keras.Model:
    """cnn_v3 with batch normalisation after each convolution, whose filters may have any length."""
    convolution = functools.partial(layers.Conv2D, use_bias=False, kernel_initializer=initializer)
    return network_of(
        *[convolution(32, 5, strides=2), *models.normalised_relu()],
        *[convolution(64, 3), *models.normalised_relu()],
        *[convolution(64, 3), *models.normalised_relu()],
        layers.MaxPooling2D(2),
        *[convolution(128, 3), *models.normalised_relu()],
        dropout=dropout,
    )


def not_normalised(initializer: str, dropout: float) -> keras.Model:
    """cnn_v3 without batch normalisation."""
    convolution = functools.partial(models.unit_convolution, initializer=initializer, activation="relu")
    return network_of(
        convolution(32, 5, strides=2),
        convolution(64, 3),
        convolution(64, 3),
        layers.MaxPooling2D(2),
        convolution(128, 3),
        dropout=dropout,
    )


def resized(initializer: str, dropout: float, last: int = 128, padding: str = "valid") -> keras.Model:
    """cnn_v3 with so many maps in its last convolution, and this padding in its first."""
    convolution = functools.partial(models.unit_convolution, initializer=initializer)
    return network_of(
        convolution(32, 5, strides=2, activation="relu", padding=padding),
        convolution(64, 3, activation="relu"),
        convolution(64, 3, use_bias=False),
        layers.MaxPooling2D(2),
        *models.normalised_relu(),
        convolution(last, 3, use_bias=False),
        *models.normalised_relu(),
        dropout=dropout,
    )


WARP_ALONE = replace(RECIPE, turn=0.0, scale=(1.0, 1.0), slant=0.0, shift=0.0)
NO_EXTRA_IMAGES = replace(RECIPE, non_digits=0.0, written=0.0)

CHANGES = {
    "our recipe": Change(),
    "no augmentation": Change(replace(WARP_ALONE, warp=0.0, other_pens=0.0)),
    "no warp": Change(replace(RECIPE, warp=0.0)),
    "half the warp": Change(replace(RECIPE, warp=0.5)),
    "warp alone": Change(WARP_ALONE),
    "no other pens": Change(replace(RECIPE, other_pens=0.0)),
    "no spoilt images": Change(replace(RECIPE, spoilt=0.0)),
    "shifts up to 2.5 px": Change(replace(RECIPE, shift=2.5)),
    "Keras's own starting weights": Change(arguments={"initializer": models.GLOROT}),
    "weights not averaged": Change(replace(RECIPE, averaged=0.0)),
    "rate climbs and stays": Change(replace(RECIPE, schedule=climb_and_stay)),
    "rate climbs and stays, weights not averaged": Change(
        replace(RECIPE, schedule=climb_and_stay, averaged=0.0)
    ),
    "peak rate 0.003": Change(peak_rate=3e-3),
    "peak rate 0.006": Change(peak_rate=6e-3),
    "peak rate 0.03": Change(peak_rate=3e-2),
    "no dropout": Change(arguments={"dropout": 0.0}),
    "dropout 0.5": Change(arguments={"dropout": 0.5}),
    "labels not smoothed": Change(replace(RECIPE, smoothing=0.0)),
    "neither non-digits nor written digits": Change(NO_EXTRA_IMAGES),
    "no non-digits": Change(replace(RECIPE, non_digits=0.0)),
    "no written digits": Change(replace(RECIPE, written=0.0)),
    "twice the written digits": Change(replace(RECIPE, written=0.05)),
    "batches of 256": Change(batch_size=256),
    "filters of any length": Change(build=filters_of_any_length),
    "batch normalisation after each convolution": Change(build=all_normalised),
    "no batch normalisation": Change(build=not_normalised, peak_rate=6e-3),
    "256 maps in the last convolution": Change(build=functools.partial(resized, last=256)),
    "padded first convolution": Change(build=functools.partial(resized, padding="same")),
}
