"""Train the digit-or-not network, which tells digits from other ink when pictures are read.

    python -m benchmarks.digit_or_not --data mnist.npz --out checkpoints/reader/digit_or_not.keras

It learns from the training images, from drawn digits of all shapes, and from drawn ink that is no digit. Then it prints
how much of each it takes for a digit, of images and drawings that it has not seen. It takes about a quarter of an hour
on two CPU cores. The test images take no part.
"""

import math
from pathlib import Path

import numpy as np

import models
from cnn_model_v2 import RECIPE
from handwriting import console, safe_files
from handwriting.data.load import load
from handwriting.digit_image import unit_range
from handwriting.quiet_keras import keras, layers
from handwriting.text_table import text_table
from handwriting.training.batches import Batches
from handwriting.training.callbacks import averaging_adam, recipe_callbacks
from handwriting.training.variation import varied
from handwriting.writing.digits import write_all_forms
from handwriting.writing.other_ink import KINDS, write_non_digits

WRITTEN = 30_000  # drawn digits, beside MNIST's 54,000 training images
NON_DIGITS = 50_000
JUDGED = 4_000  # drawn digits, and as many non-digits
JUDGED_SEED = 2  # other drawings than those it learned from, and than those of benchmarks/ensemble.py
EPOCHS = 10
BATCH_SIZE = 128
PEAK_RATE = 6e-3
PREDICTED_AT_ONCE = 500  # images
EXPECTED = 0.01  # the share of ink on people's pictures that is no digit; of what it learned from, it is over a third


def main() -> int:
    parser = console.Parser(description="Train the network that tells digits from other ink.")
    parser.add_argument("--data", default="mnist", help="as cnn_model_v2.py takes it (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="the .keras file to write")
    parser.add_argument(
        "--epochs", type=console.positive_integer, default=EPOCHS, help="(default: %(default)s)"
    )
    parser.add_argument("--seed", type=console.natural_number, default=0, help="(default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.out.suffix != ".keras":
        parser.error(f"expected an --out that ends in .keras, got {arguments.out}")
    safe_files.make_folder(arguments.out.parent)

    data = load(arguments.data)
    digits, _ = write_all_forms(WRITTEN, seed=0)
    others, _ = write_non_digits(NON_DIGITS, seed=0, progress=True)
    images = np.concatenate([data.training.images, unit_range(digits), unit_range(others)])
    is_digit = np.arange(len(images)) < len(images) - len(others)
    model = trained(images, is_digit, arguments.epochs, arguments.seed)
    expect(model, 1 - is_digit.mean(), EXPECTED)
    print(judgement(model, data.validation.images))
    with safe_files.replacing(arguments.out) as temporary:
        model.save(temporary)
    print(f"wrote {console.shown(arguments.out)}")
    return 0


def trained(images: np.ndarray, is_digit: np.ndarray, epochs: int, seed: int) -> keras.Model:
    """A network that gives two probabilities: of other ink, and of a digit. It is trained by our recipe."""
    keras.utils.set_random_seed(seed)
    model = network()
    batches = Batches(
        images,
        is_digit.astype(np.int64),
        BATCH_SIZE,
        seed,
        augment=lambda images, random: varied(images, RECIPE, random),
    )
    steps = epochs * len(batches)
    model.compile(
        averaging_adam(RECIPE, PEAK_RATE, BATCH_SIZE, steps),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    callbacks = [*recipe_callbacks(RECIPE, steps, batches), batches.follow_epochs()]
    model.fit(batches, epochs=epochs, shuffle=False, verbose=2, callbacks=callbacks)
    portable = keras.Sequential.from_config(model.get_config())  # without the optimizer
    portable.set_weights(model.get_weights())
    return portable


def network() -> keras.Model:
    """cnn_v3 without batch normalisation, with two probabilities instead of ten."""

    def convolution(filters: int, size: int, **more) -> layers.Layer:
        return layers.Conv2D(filters, size, activation="relu", kernel_initializer="he_normal", **more)

    return keras.Sequential(
        [
            layers.Input(models.INPUT_SHAPE),
            convolution(32, 5, strides=2),
            convolution(64, 3),
            convolution(64, 3),
            layers.MaxPooling2D(2),
            convolution(128, 3),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(2, activation="softmax", name="other_or_digit"),
        ],
        name="digit_or_not",
    )


def expect(model: keras.Model, learned: float, expected: float) -> None:
    """Changes the last bias of a model that learned from a share of non-digits, so that it expects another share."""
    weights, bias = model.layers[-1].get_weights()
    shift = math.log((1 - expected) / expected) - math.log((1 - learned) / learned)
    model.layers[-1].set_weights([weights, bias + np.float32([0, shift])])


def judgement(model: keras.Model, validation: np.ndarray) -> str:
    """The share of images, of drawn digits and of each kind of non-digit that the model takes for digits."""
    digits, _ = write_all_forms(JUDGED, JUDGED_SEED)
    others, kinds = write_non_digits(JUDGED, JUDGED_SEED)
    shown = {"validation images": validation, "written digits": unit_range(digits)}
    shown |= {name: unit_range(others[kinds == number]) for number, name in enumerate(KINDS)}
    rows = []
    for name, images in shown.items():
        taken = model.predict(images, batch_size=PREDICTED_AT_ONCE, verbose=0).argmax(axis=1)
        rows.append([name, f"{len(images):,}", f"{taken.mean():.2%}"])
    return text_table(["shown", "n", "taken for digits"], rows, right_aligned={1, 2})


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
