"""A quick judge of the digit writer, on MNIST's training images.

    python -m benchmarks.writer --mnist mnist.npz

Trains a small network to tell the writer's forms apart, not only its digits. Then it says how well that network reads
MNIST's training images, which digits it takes for which, and how often each form is seen among them. The figures in
synth.FORMS lean on that last table; its habits were tried out with the first figure. Test images take no part.
Some three minutes on two CPU cores.
"""

from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.data.load import source_of
from handwriting.digit_image import unit_range
from handwriting.quiet_keras import keras, layers
from handwriting.training.batches import Batches
from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import paths_in_forms
from handwriting.writing.pen import in_ink

WRITTEN = 30_000
READ = 20_000  # of MNIST's training images
EPOCHS = 4
BATCH = 128
EVENING = 0.7  # rare forms are written more often than they are, or the network would hardly see them
ROUNDS = 50  # until the shares stand still
MOST_MISTAKES = 12


def main() -> int:
    parser = console.Parser(description="Judge the digit writer on MNIST's training images.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    parser.add_argument("--seed", type=console.natural_number, default=0, help="(default: %(default)s)")
    arguments = parser.parse_args()

    mnist = source_of(str(arguments.mnist), limit=None).training.take(slice(READ))
    forms = [(digit, number) for digit in FORMS for number in range(len(FORMS[digit]))]
    digit_of_form = np.array([digit for digit, _ in forms])
    pixels, form_numbers = write_forms(forms, arguments.seed)
    network = trained(pixels, form_numbers, len(forms), arguments.seed)
    by_form, labels = network.predict(mnist.images, batch_size=500, verbose=0), mnist.labels
    print(reading(by_form, digit_of_form, labels))
    written = np.bincount(form_numbers, minlength=len(forms))
    for digit in FORMS:
        columns = np.flatnonzero(digit_of_form == digit)
        seen = shares_seen(by_form[labels == digit][:, columns], written[columns])
        often = np.array([form[0] for form in FORMS[digit]], float)
        print(f"{digit}  FORMS   {in_hundredths(often / often.sum())}")
        print(f"   seen    {in_hundredths(seen)}")
    return 0


def write_forms(forms: list[tuple[int, int]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Digits and the number of the form of each."""
    random = np.random.default_rng(seed)
    often = np.array([FORMS[digit][number][0] for digit, number in forms], float)
    of_digit = {digit: sum(form[0] for form in FORMS[digit]) for digit in FORMS}
    share = (often / [of_digit[digit] for digit, _ in forms]) ** EVENING
    chosen = np.sort(random.choice(len(forms), WRITTEN, p=share / share.sum()))
    pixels = []
    for form, count in zip(*np.unique(chosen, return_counts=True), strict=True):
        digit, number = forms[form]
        paths = paths_in_forms([FORMS[digit][number]], count, random)
        pixels.append(in_ink(paths, random))
    return np.concatenate(pixels), chosen


def trained(pixels: np.ndarray, targets: np.ndarray, classes: int, seed: int):
    """A small batch-normalised network that has learned to tell the forms apart."""

    keras.utils.set_random_seed(seed)
    blocks = []
    for filters, size, strides in ((32, 5, 2), (64, 3, 1), (64, 3, 1), (96, 3, 1)):
        convolution = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)
        blocks += [convolution, layers.BatchNormalization(), layers.ReLU()]
    blocks.insert(6, layers.MaxPooling2D(2))
    head = [layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(classes, activation="softmax")]
    network = keras.Sequential([layers.Input((28, 28, 1)), *blocks, *head])
    batches = Batches(unit_range(pixels), targets, BATCH, seed, vary=True)
    rate = keras.optimizers.schedules.CosineDecay(4e-3, EPOCHS * len(batches))
    network.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(batches, epochs=EPOCHS, shuffle=False, callbacks=[batches.follow_epochs()])
    return network


def reading(by_form: np.ndarray, digit_of_form: np.ndarray, labels: np.ndarray) -> str:
    """How well the digits are read, each digit's share, and the commonest mistakes."""
    by_digit = np.stack([by_form[:, digit_of_form == digit].sum(axis=1) for digit in range(10)], axis=1)
    read = by_digit.argmax(axis=1)
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, read), 1)
    right = confusion.diagonal() / confusion.sum(axis=1)
    mistakes = confusion - np.diag(confusion.diagonal())
    common = np.argsort(-mistakes, axis=None)[:MOST_MISTAKES]
    return (
        f"reads {(read == labels).mean():.2%} of MNIST's first {len(labels):,} training images\n"
        f"of each digit {in_hundredths(right)}\n"
        "mistakes " + ", ".join(f"{place // 10} as {place % 10}: {mistakes.flat[place]}" for place in common)
    )


def shares_seen(probabilities: np.ndarray, written: np.ndarray) -> np.ndarray:
    """How often each form occurs, by expectation and maximisation from the network's probabilities (images, forms)."""
    prior = written / written.sum()
    likelihood = (probabilities + 1e-6) / prior
    shares = prior
    for _ in range(ROUNDS):
        belonging = likelihood * shares
        belonging /= belonging.sum(axis=1, keepdims=True)
        shares = belonging.mean(axis=0)
    return shares


def in_hundredths(shares: np.ndarray) -> str:
    return " ".join(f"{100 * share:5.1f}" for share in shares)


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
