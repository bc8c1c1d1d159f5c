"""The judge's network. It classifies the square around a find: one of the ten digits, or no digit.

It also says which ink in the middle of the square is the digit's own.
"""

from dataclasses import dataclass

from handwriting.finder.network import conv, residual
from handwriting.judge.crops import ANSWERS, INK_SIDE, SIDE
from handwriting.quiet_keras import keras

layers = keras.layers


@dataclass(frozen=True)
class JudgeSettings:
    """The size of the network."""

    stem: int = 16  # maps at the full resolution
    stages: tuple[tuple[int, int], ...] = (
        (32, 1),
        (64, 2),
        (128, 1),
    )  # maps and residual blocks; each halves
    added: float = 0.02  # of the usual variance; what a block adds at first
    dropout: float = 0.3
    rare: float = -3.0  # the first bias of the ink's logit: most pixels are not the digit's ink


JUDGE = JudgeSettings()


def build_judge(settings: JudgeSettings = JUDGE) -> keras.Model:
    """The untrained network. It takes squares (n, SIDE, SIDE, 3) in [0, 1], and gives OUTPUTS logits for each."""
    squares = keras.Input((SIDE, SIDE, 3))
    x = conv(squares, settings.stem, 3)
    finer = []
    for maps, blocks in settings.stages:
        finer.append(x)
        x = conv(x, maps, 3, strides=2)
        for _ in range(blocks):
            x = residual(x, maps, 1, settings.added)
    ink = ink_of(x, finer, settings)
    x = layers.Flatten()(layers.AveragePooling2D(2)(x))
    x = layers.Dropout(settings.dropout)(x)
    answers = layers.Dense(ANSWERS, dtype="float32")(x)
    outputs = layers.Concatenate(dtype="float32")([answers, layers.Flatten(dtype="float32")(ink)])
    return keras.Model(squares, outputs, name="judge")


def ink_of(x, finer: list, settings: JudgeSettings):
    """The logits of the digit's own ink: the middle of the coarsest maps, made finer and finer."""
    x = middle(x)
    for maps in reversed(finer):
        wide = conv(layers.UpSampling2D(2)(x), maps.shape[-1], 1)
        x = conv(layers.Add()([wide, middle(maps)]), maps.shape[-1], 3)
    rare = keras.initializers.Constant(settings.rare)
    return layers.Conv2D(1, 1, bias_initializer=rare, dtype="float32")(x)


def middle(maps):
    """The part of maps of a square that the answer about ink is for."""
    return layers.Cropping2D(maps.shape[1] * (SIDE - INK_SIDE) // (2 * SIDE))(maps)
