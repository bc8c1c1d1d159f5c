"""The finder: a fully convolutional network that says where digits are, and which they are.

It also says which ink is theirs, and where the middle of the ink's digit is. Both only help it to learn.

For each cell of 4 × 4 pixels it gives the CHANNELS numbers that `answers.py` names.
"""

from dataclasses import dataclass

from handwriting.finder.answers import CHANNELS
from handwriting.quiet_keras import keras

layers = keras.layers


@dataclass(frozen=True)
class FinderSettings:
    """The size of the network."""

    stem: int = 32  # maps at half the resolution
    fine: int = 64  # maps at a quarter
    coarse: int = 80  # maps at an eighth
    fine_blocks: int = 1
    dilations: tuple[int, ...] = (1, 2, 4, 8)  # of the coarse blocks; each sees further around
    added: float = 0.02  # of the usual variance; what a block adds at first. More would grow block by block
    rare: float = -4.0  # the first bias of the middles' logit: most cells are the middle of no digit


FINDER = FinderSettings()


def build_finder(settings: FinderSettings = FINDER) -> keras.Model:
    """The untrained network. It takes pictures (n, height, width, 3) in [0, 1] whose sides are multiples of STRIDE."""
    pictures = keras.Input((None, None, 3))
    x = conv(pictures, settings.stem, 5, strides=2)
    fine = conv(x, settings.fine, 3, strides=2)
    for _ in range(settings.fine_blocks):
        fine = residual(fine, settings.fine, 1, settings.added)
    coarse = conv(fine, settings.coarse, 3, strides=2)
    for dilation in settings.dilations:
        coarse = residual(coarse, settings.coarse, dilation, settings.added)
    x = residual(
        layers.Add()([fine, doubled(conv(coarse, settings.fine, 1))]), settings.fine, 1, settings.added
    )
    middles = layers.Conv2D(
        1, 1, bias_initializer=keras.initializers.Constant(settings.rare), name="middles"
    )(x)
    others = layers.Conv2D(CHANNELS - 1, 1, name="classes_boxes_votes_ink")(x)
    answers = layers.Concatenate(dtype="float32")([middles, others])
    return keras.Model(pictures, answers, name="finder")


def conv(x, maps: int, side: int, strides: int = 1, dilation: int = 1):
    """A convolution with ReLU. Without batch normalisation, which would take a third of the training time."""
    return layers.Conv2D(
        maps, side, strides, "same", dilation_rate=dilation, activation="relu", kernel_initializer="he_normal"
    )(x)


def doubled(x):
    """Twice as high and wide, by linear interpolation.

    UpSampling2D can interpolate itself, but not in a compiled function for pictures of all sizes.
    """
    x = layers.AveragePooling2D(2, strides=1, padding="same")(layers.UpSampling2D(2)(x))
    return layers.AveragePooling2D(2, strides=1)(layers.ZeroPadding2D(((1, 0), (1, 0)))(x))


def residual(x, maps: int, dilation: int, added: float):
    """Two convolutions, added to what they are given."""
    y = conv(x, maps, 3, dilation=dilation)
    small = keras.initializers.VarianceScaling(added, "fan_in")
    y = layers.Conv2D(maps, 3, padding="same", kernel_initializer=small)(y)
    return layers.ReLU()(layers.Add()([x, y]))
