"""The networks, and the training settings that each was published with.

    python models.py              prints every network layer by layer
    python models.py --diagrams   also draws docs/cnn_v2.png and docs/cnn_v1.png

To add a network of your own:

1. Write a function that returns it. Use only layers that Keras has: the saved file then loads without this project.
   Put all layers into the one model, not into models inside it: training looks for batch normalisation there.
   End with `softmax_layer()`.
2. Add a row to NETWORKS at the end of this file.
3. Add the stem of its files to `handwriting/shipped.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from handwriting import console
from handwriting.digit_image import CLASSES
from handwriting.quiet_keras import keras, layers
from handwriting.report.layers import draw_network, layer_rows, layer_table
from handwriting.shipped import PROJECT

INPUT_SHAPE = (28, 28, 1)
GLOROT = "glorot_uniform"  # the initial weights of the published runs: Keras's default
DIAGRAMS = ("cnn_v2", "cnn_v1")  # the networks that --diagrams draws


@dataclass(frozen=True)
class Network:
    """A network, the training settings it was published with, and what our recipe changes.

    Args:
        build: returns the uncompiled model. Without arguments, it is the model as it was published.
        optimizer: returns the published optimizer.
        one_hot: whether the labels are one-hot, for categorical cross-entropy. If not, they are numbers, for sparse
            categorical cross-entropy.
        batch_size: images in a training step.
        epochs: the most epochs of a run. EarlyStopping may end it sooner.
        ours: the arguments of `build` in our recipe.
        peak_rate: the highest learning rate of our recipe, for batches of 128.
        spare_weights: whether the network has enough weights to learn more than MNIST's digits. Our recipe then adds
            extra images (written digits, and ink that is not a digit) and label smoothing.
    """

    build: Callable[..., keras.Model]
    optimizer: Callable[[], keras.optimizers.Optimizer]
    one_hot: bool
    batch_size: int
    epochs: int
    ours: dict
    peak_rate: float = 3e-3  # three times Adam's default: the rate is that high only for a moment
    spare_weights: bool = True


def softmax_layer() -> layers.Layer:
    """The last layer: ten probabilities, in float32 even if the other layers compute in bfloat16, which is coarse."""
    return layers.Dense(CLASSES, activation="softmax", dtype="float32", name="digits")


def cnn_v2(initializer: str = GLOROT, dropout: float = 0.5) -> keras.Model:
    """The updated CNN: four convolutions, then the mean of each feature map."""
    return keras.Sequential(
        [
            layers.Input(INPUT_SHAPE),
            layers.Conv2D(64, 3, activation="relu", kernel_initializer=initializer),
            layers.Conv2D(64, 3, activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2),
            layers.Conv2D(128, 3, activation="relu", kernel_initializer=initializer),
            layers.Conv2D(128, 3, activation="relu", kernel_initializer=initializer),
            layers.GlobalAveragePooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu", kernel_initializer=initializer),
            layers.Dropout(dropout),
            softmax_layer(),
        ],
        name="cnn_v2",
    )


def cnn_v1(initializer: str = GLOROT, dropout: float = 0.5) -> keras.Model:
    """The first CNN: two convolutions, each followed by pooling."""
    return keras.Sequential(
        [
            layers.Input(INPUT_SHAPE),
            layers.Conv2D(64, 3, activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2),
            layers.Conv2D(128, 3, activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu", kernel_initializer=initializer),
            layers.Dropout(dropout),
            softmax_layer(),
        ],
        name="cnn_v1",
    )


def mlp(initializer: str = GLOROT) -> keras.Model:
    """The dense baseline: no convolution at all."""
    return keras.Sequential(
        [
            layers.Input(INPUT_SHAPE),
            layers.Flatten(),
            layers.Dense(128, activation="relu", kernel_initializer=initializer),
            layers.Dense(64, activation="relu", kernel_initializer=initializer),
            softmax_layer(),
        ],
        name="mlp",
    )


def cnn_drawn(initializer: str = GLOROT, dropout: float = 0.5) -> keras.Model:
    """The network for digits drawn in Photoshop: deeper, with dropout after every stage."""
    return keras.Sequential(
        [
            layers.Input(INPUT_SHAPE),
            layers.Conv2D(32, 3, activation="relu", kernel_initializer=initializer),
            layers.Conv2D(32, 3, activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(64, 3, activation="relu", kernel_initializer=initializer),
            layers.Conv2D(64, 3, activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(128, 3, activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu", kernel_initializer=initializer),
            layers.Dropout(dropout),
            softmax_layer(),
        ],
        name="cnn_drawn",
    )


def cnn_small(initializer: str = GLOROT, dropout: float = 0.25) -> keras.Model:
    """The small one whose neurons are counted layer by layer: 4,608, 1,152, 1,600, 400, 10."""
    return keras.Sequential(
        [
            layers.Input(INPUT_SHAPE),
            layers.Conv2D(8, 5, padding="valid", activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2, strides=2),
            layers.Dropout(dropout),
            layers.Flatten(),
            softmax_layer(),
        ],
        name="cnn_small",
    )


def unit_convolution(filters: int, size: int, initializer: str, **more) -> layers.Layer:
    """A convolution whose filters keep the length 1. Training turns them, but makes none of them larger or smaller."""
    return layers.Conv2D(
        filters,
        size,
        kernel_initializer=initializer,
        kernel_constraint=keras.constraints.UnitNorm(axis=[0, 1, 2]),
        **more,
    )


def normalised_relu() -> list[layers.Layer]:
    """Batch normalisation and relu. The normalisation has a bias, so the convolution before it needs none."""
    return [layers.BatchNormalization(), layers.ReLU()]


def cnn_v3(initializer: str = GLOROT, dropout: float = 0.5) -> keras.Model:
    """Our own, made for CPUs: the first convolution halves the picture, and only small maps are normalised."""
    return keras.Sequential(
        [
            layers.Input(INPUT_SHAPE),
            unit_convolution(32, 5, initializer, strides=2, activation="relu"),
            unit_convolution(64, 3, initializer, activation="relu"),
            unit_convolution(64, 3, initializer, use_bias=False),
            layers.MaxPooling2D(2),
            *normalised_relu(),
            unit_convolution(128, 3, initializer, use_bias=False),
            *normalised_relu(),
            layers.Flatten(),
            layers.Dropout(dropout),
            softmax_layer(),
        ],
        name="cnn_v3",
    )


def adam() -> keras.optimizers.Optimizer:
    """Adam at its default learning rate."""
    return keras.optimizers.Adam(learning_rate=1e-3)


def old_adadelta() -> keras.optimizers.Optimizer:
    """Adadelta at 1.0, its default rate when `cnn_drawn` was published. Today's default, 0.001, learns too slowly."""
    return keras.optimizers.Adadelta(learning_rate=1.0)


# What our recipe changes in the networks.
HE = {"initializer": "he_normal"}  # initial weights made for relu: training starts faster
HE_DROPOUT = {**HE, "dropout": 0.3}
HE_LITTLE_DROPOUT = {**HE, "dropout": 0.1}  # a small network needs nearly all of its neurons
HIGH_PEAK_RATE = 1.5e-2

NETWORKS = {
    "cnn_v2": Network(cnn_v2, adam, one_hot=False, batch_size=128, epochs=15, ours=HE_DROPOUT),
    "cnn_v3": Network(
        cnn_v3,
        adam,
        one_hot=False,
        batch_size=128,
        epochs=15,
        ours=HE_DROPOUT,
        peak_rate=HIGH_PEAK_RATE,  # a network with batch normalisation stands a higher rate, and needs it
    ),
    "cnn_v1": Network(cnn_v1, adam, one_hot=False, batch_size=128, epochs=15, ours=HE_DROPOUT),
    "mlp": Network(mlp, adam, one_hot=True, batch_size=32, epochs=5, ours=HE),
    "cnn_drawn": Network(cnn_drawn, old_adadelta, one_hot=True, batch_size=128, epochs=15, ours=HE_DROPOUT),
    "cnn_small": Network(
        cnn_small,
        adam,
        one_hot=True,
        batch_size=128,
        epochs=15,
        ours=HE_LITTLE_DROPOUT,
        peak_rate=HIGH_PEAK_RATE,  # a network with few weights needs a higher rate, too
        spare_weights=False,
    ),
}


def main() -> int:
    """Prints every network layer by layer, and draws some of them if --diagrams is given."""
    parser = console.Parser(description="Show every network layer by layer.")
    parser.add_argument(
        "--diagrams", action="store_true", help="also draw docs/cnn_v2.png and docs/cnn_v1.png"
    )
    arguments = parser.parse_args()

    for name, network in NETWORKS.items():
        model = network.build()
        description = network.build.__doc__.splitlines()[0]
        print(f"\n{name}  {model.count_params():,} parameters")
        console.say(description)
        print(f"\n{layer_table(layer_rows(model), console.screen_width())}")
    if arguments.diagrams:
        for name in DIAGRAMS:
            path = PROJECT / "docs" / f"{name}.png"
            draw_network(path, name, layer_rows(NETWORKS[name].build()))
            print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
