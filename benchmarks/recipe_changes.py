"""The changes that benchmarks/recipe.py measures: recipes and networks that differ from ours in one respect each."""

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


def plain_convolution(filters: int, size: int, initializer: str, **more) -> list[layers.Layer]:
    """A convolution as the published networks have it."""
    return [layers.Conv2D(filters, size, activation="relu", kernel_initializer=initializer, **more)]


def network_of(*parts: list[layers.Layer], dropout: float) -> keras.Model:
    """The parts one after the other, then the layers that end cnn_v3."""
    body = [layer for part in parts for layer in part]
    ending = [layers.Flatten(), layers.Dropout(dropout), models.softmax_layer()]
    return keras.Sequential([layers.Input(models.INPUT_SHAPE), *body, *ending])


def not_normalised(initializer: str, dropout: float) -> keras.Model:
    """cnn_v3 without batch normalisation."""
    return network_of(
        plain_convolution(32, 5, initializer, strides=2),
        plain_convolution(64, 3, initializer),
        plain_convolution(64, 3, initializer),
        [layers.MaxPooling2D(2)],
        plain_convolution(128, 3, initializer),
        dropout=dropout,
    )


def normalised_after_relu(initializer: str, dropout: float) -> keras.Model:
    """cnn_v3 with batch normalisation after relu; after the pooling if there is one, because its maps are smaller."""
    return network_of(
        [*plain_convolution(32, 5, initializer, strides=2), layers.BatchNormalization()],
        [*plain_convolution(64, 3, initializer), layers.BatchNormalization()],
        [*plain_convolution(64, 3, initializer), layers.MaxPooling2D(2), layers.BatchNormalization()],
        [*plain_convolution(128, 3, initializer), layers.BatchNormalization()],
        dropout=dropout,
    )


def padded_stem(initializer: str, dropout: float) -> keras.Model:
    """cnn_v3 whose first convolution pads the image: all maps are larger."""
    return network_of(
        models.normalised_convolution(32, 5, initializer, strides=2, padding="same"),
        models.normalised_convolution(64, 3, initializer),
        models.normalised_convolution(64, 3, initializer),
        [layers.MaxPooling2D(2)],
        models.normalised_convolution(128, 3, initializer),
        dropout=dropout,
    )


def one_more_convolution(initializer: str, dropout: float) -> keras.Model:
    """cnn_v3 with two convolutions after the pooling."""
    return network_of(
        models.normalised_convolution(32, 5, initializer, strides=2),
        models.normalised_convolution(64, 3, initializer),
        models.normalised_convolution(64, 3, initializer),
        [layers.MaxPooling2D(2)],
        models.normalised_convolution(128, 3, initializer, padding="same"),
        models.normalised_convolution(128, 3, initializer),
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
    "no batch normalisation": Change(build=not_normalised, peak_rate=6e-3),
    "batch normalisation after relu": Change(build=normalised_after_relu),
    "padded first convolution": Change(build=padded_stem),
    "one more convolution": Change(build=one_more_convolution),
}
