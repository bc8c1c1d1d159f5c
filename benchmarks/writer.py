"""How similar written digits are to MNIST's.

    python -m benchmarks.writer --mnist mnist.npz

It trains a small network that tells the writer's forms apart, not only its digits. Then it prints how well that network
reads MNIST's training images, which digits it takes for which, and how often it sees each form among them. The shares
in handwriting/writing/glyphs.py come in part from the last table. HABITS were tried out with the first figure. The test
images take no part. It takes about three minutes on two CPU cores.
"""

from pathlib import Path

import numpy as np

from cnn_model_v2 import RECIPE
from handwriting import console
from handwriting.data.load import source_of
from handwriting.digit_image import unit_range
from handwriting.quiet_keras import keras, layers
from handwriting.training.batches import Batches
from handwriting.training.variation import varied
from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import paths_in_forms
from handwriting.writing.pen import in_ink

WRITTEN = 30_000
READ = 20_000  # of MNIST's training images
EPOCHS = 4
BATCH_SIZE = 128
EVENING = 0.7  # the power of each share; below 1, rare forms are written more often, so that the network sees enough
ROUNDS = 50  # of expectation and maximisation; the shares don't change any more then
MOST_MISTAKES = 12  # kinds of mistakes that are shown


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
        shares = np.array([share for share, _ in FORMS[digit]], float)
        print(f"{digit}  FORMS   {in_hundredths(shares / shares.sum())}")
        print(f"   seen    {in_hundredths(seen)}")
    return 0


def write_forms(forms: list[tuple[int, int]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Written digits, and the number of each one's form."""
    random = np.random.default_rng(seed)
    shares = np.array([FORMS[digit][number][0] for digit, number in forms], float)
    of_digit = {digit: sum(share for share, _ in FORMS[digit]) for digit in FORMS}
    share = (shares / [of_digit[digit] for digit, _ in forms]) ** EVENING
    chosen = np.sort(random.choice(len(forms), WRITTEN, p=share / share.sum()))
    pixels = []
    for form, count in zip(*np.unique(chosen, return_counts=True), strict=True):
        digit, number = forms[form]
        paths = paths_in_forms([FORMS[digit][number]], count, random)
        pixels.append(in_ink(paths, random))
    return np.concatenate(pixels), chosen


def trained(pixels: np.ndarray, targets: np.ndarray, classes: int, seed: int) -> keras.Model:
    """A small network with batch normalisation that has learned to tell the forms apart."""
    keras.utils.set_random_seed(seed)
    blocks = []
    for filters, size, strides in ((32, 5, 2), (64, 3, 1), (64, 3, 1), (96, 3, 1)):
        convolution = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)
        blocks += [convolution, layers.BatchNormalization(), layers.ReLU()]
    blocks.insert(6, layers.MaxPooling2D(2))
    head = [layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(classes, activation="softmax")]
    network = keras.Sequential([layers.Input((28, 28, 1)), *blocks, *head])

    def augment(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return varied(images, RECIPE, random)

    batches = Batches(unit_range(pixels), targets, BATCH_SIZE, seed, augment)
    rate = keras.optimizers.schedules.CosineDecay(4e-3, EPOCHS * len(batches))
    network.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(batches, epochs=EPOCHS, shuffle=False, callbacks=[batches.follow_epochs()])
    return network


def reading(by_form: np.ndarray, digit_of_form: np.ndarray, labels: np.ndarray) -> str:
    """The share of digits that are read right, in all and for each digit, and the most frequent mistakes."""
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
    """The share of each form, by expectation and maximisation from the network's probabilities (images, forms)."""
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
