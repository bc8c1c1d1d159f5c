"""Train the network by which reader.py tells digits from other ink.

    python -m benchmarks.doubter --data mnist.npz --out checkpoints/reader/digit_or_not.keras

It learns from the training images, from digits that synth.py writes in all forms, and from ink that is no digit, drawn
by synth.py too; then prints how much of each it takes for a digit, of images and drawings that it has not seen. Some
quarter of an hour on two CPU cores. The test images take no part.
"""

import math
from pathlib import Path

import numpy as np

import cnn_model_v2
from handwriting import console, safe_files
from handwriting.data.load import load
from handwriting.digit_image import unit_range
from handwriting.quiet_keras import keras, layers
from handwriting.text_table import text_table
from handwriting.training.batches import Batches
from handwriting.writing.digits import write_all_forms
from handwriting.writing.other_ink import KINDS, write_non_digits

WRITTEN, NON_DIGITS = 30_000, 50_000  # beside the 54,000 images
JUDGED = 4_000
JUDGED_SEED = 2  # neither those it learned from, nor those on which ensemble.py judges the whole
EPOCHS, BATCH, PEAK_RATE = 10, 128, 6e-3
# What part of the ink on people's pictures is no digit: of what it learned from, more than a third was none.
EXPECTED = 0.01


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


def trained(images: np.ndarray, is_digit: np.ndarray, epochs: int, seed: int):
    """A network of two probabilities: that it is shown other ink, and that it is shown a digit."""

    keras.utils.set_random_seed(seed)
    model = network()
    batches = Batches(images, is_digit.astype(np.int64), BATCH, seed, vary=True)
    steps = epochs * len(batches)
    model.compile(
        cnn_model_v2.our_optimizer(PEAK_RATE, BATCH, steps),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    callbacks = [*cnn_model_v2.our_callbacks(steps, batches), batches.follow_epochs()]
    model.fit(batches, epochs=epochs, shuffle=False, verbose=2, callbacks=callbacks)
    portable = keras.Sequential.from_config(model.get_config())  # without the optimizer
    portable.set_weights(model.get_weights())
    return portable


def network():
    """cnn_v3 as it was before it had batch normalisation, with two probabilities instead of ten."""

    import models

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


def expect(model, learned: float, expected: float) -> None:
    """Brings the answers of a model that learned from so many non-digits to where so many are expected."""
    weights, bias = model.layers[-1].get_weights()
    shift = math.log((1 - expected) / expected) - math.log((1 - learned) / learned)
    model.layers[-1].set_weights([weights, bias + np.float32([0, shift])])


def judgement(model, validation: np.ndarray) -> str:
    """What part of the images, of written digits and of each kind of non-digit is more likely a digit than not."""

    digits, _ = write_all_forms(JUDGED, JUDGED_SEED)
    others, kinds = write_non_digits(JUDGED, JUDGED_SEED)
    shown = {"validation images": validation, "written digits": unit_range(digits)}
    shown |= {name: unit_range(others[kinds == number]) for number, name in enumerate(KINDS)}
    rows = []
    for name, pictures in shown.items():
        taken = model.predict(pictures, batch_size=500, verbose=0).argmax(axis=1)
        rows.append([name, f"{len(pictures):,}", f"{taken.mean():.2%}"])
    return text_table(["shown", "n", "taken for digits"], rows, right_aligned={1, 2})


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
