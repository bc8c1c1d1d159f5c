"""The judge's network. It tells a square around a find from ten digits, and from what is no digit."""

from dataclasses import dataclass

from handwriting.finder.network import conv, residual
from handwriting.judge.crops import ANSWERS, SIDE
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


JUDGE = JudgeSettings()


def build_judge(settings: JudgeSettings = JUDGE) -> keras.Model:
    """The untrained network. It takes squares (n, SIDE, SIDE, 3) in [0, 1]."""
    squares = keras.Input((SIDE, SIDE, 3))
    x = conv(squares, settings.stem, 3)
    for maps, blocks in settings.stages:
        x = conv(x, maps, 3, strides=2)
        for _ in range(blocks):
            x = residual(x, maps, 1, settings.added)
    x = layers.Flatten()(layers.AveragePooling2D(2)(x))
    x = layers.Dropout(settings.dropout)(x)
    return keras.Model(squares, layers.Dense(ANSWERS, dtype="float32")(x), name="judge")
