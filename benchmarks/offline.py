"""Train on written digits alone, and score real MNIST: what a machine without the download gets.

    python -m benchmarks.offline --mnist mnist.npz --out DIR

Each training is one `python cnn_model_v2.py --data offline …` in a folder of its own under DIR. A training that is
already there is not repeated. MNIST's test images are only scored. It also times the writing, and looks for copies: it
compares the distance from written digits to the nearest of MNIST's training images with the same for the test images.
With three seeds it takes about an hour on two CPU cores with fast bfloat16.
"""

import argparse
import json
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.networks import mean_and_deviation, train
from handwriting import console, processes, safe_files
from handwriting.data.load import source_of
from handwriting.digit_image import unit_range
from handwriting.quiet_keras import keras
from handwriting.report.score import score
from handwriting.text_table import text_table
from handwriting.training.run_files import run_of
from handwriting.writing.digits import BLOCK, write_block, write_digits

# What is trained: its name, the network, the epochs. "first" is README's first command without a download.
TRAININGS = {"first": ("cnn_v2", 5), "long": ("cnn_v2", 15), "mlp": ("mlp", 5)}
WRITTEN = 60_000  # digits whose writing is timed
TESTED = 10_000  # the first of the written digits are the offline test; networks learn from those after them
COMPARED = 10_000  # written digits, of those learned from, that are compared with MNIST's training images
AT_ONCE = 1000  # images compared at once; twice their distances to 60,000 others take 480 MB
NEAR = 1  # per cent of the test images that count as near to a training image


def main() -> int:
    parser = console.Parser(description="Train on written digits alone, and score real MNIST.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the trainings")
    parser.add_argument(
        "--seeds", type=console.positive_integer, default=3, help="how many (default: %(default)s)"
    )
    parser.add_argument("--trainings", nargs="+", choices=TRAININGS, default=list(TRAININGS))
    arguments = parser.parse_args()

    mnist = source_of(str(arguments.mnist), limit=None)
    if mnist.test is None:
        raise console.InputError(
            f"expected MNIST's training and test images, got {mnist.description} without test images"
        )
    print(writing_time())
    original, nearness = compared(mnist.training.images, mnist.test.images)
    print(nearness)
    for name in arguments.trainings:
        for seed in range(arguments.seeds):
            timed_training(name, seed, arguments.out)
    print(table(arguments, mnist.test))
    return 0 if original else 1


def writing_time() -> str:
    """The speed of the writing, on one core and on all."""

    def digits_a_second(write: Callable, count: int) -> float:
        started = time.perf_counter()
        write(count)
        return count / (time.perf_counter() - started)

    blocks = 12
    alone = digits_a_second(
        lambda count: [write_block(0, block) for block in range(count // BLOCK)],
        blocks * BLOCK,
    )
    together = digits_a_second(write_digits, WRITTEN)
    return (
        f"writing: {alone:,.0f} digits/s on one core, {together:,.0f} on {processes.usable_cores()}: "
        f"{WRITTEN:,} in {WRITTEN / together:.1f} s"
    )


def compared(training: np.ndarray, test: np.ndarray) -> tuple[bool, str]:
    """Whether the written digits are no copies of MNIST's training images, and the distances that say so.

    Near is the distance that one in a hundred of the test images has to a training image. The test images are nobody's
    copies. Some written 1s come as near, because all plain 1s are alike (15 of 10,000 when this was written). So the
    share of near digits must not be larger among the written ones than among the test images.
    """
    written = unit_range(write_digits(TESTED + COMPARED, seed=0)[0][TESTED:])
    of_test, of_written = nearest_distances(test, training), nearest_distances(written, training)
    near = np.percentile(of_test, NEAR)
    lines = [f"distance to the nearest of MNIST's {len(training):,} training images, ink being 1:"]
    for name, distances in (("test images", of_test), ("written digits", of_written)):
        lines.append(
            f"  {name:14} least {distances.min():.2f}, first percentile {np.percentile(distances, 1):.2f}, "
            f"median {np.median(distances):.2f}, nearer than {near:.2f}: {(distances < near).mean():.2%}"
        )
    original = (of_written < near).mean() <= NEAR / 100
    lines.append(
        f"  {'the written digits are no copies' if original else 'TOO MANY written digits are near copies'}"
    )
    return original, "\n".join(lines)


def nearest_distances(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The Euclidean distance from each image to the nearest of the others."""
    images, others = (array.reshape(len(array), -1) for array in (images, others))
    lengths = (others**2).sum(axis=1)
    squared = [
        (lengths - 2 * part @ others.T).min(axis=1) + (part**2).sum(axis=1)
        for part in np.array_split(images, -(-len(images) // AT_ONCE))
    ]
    return np.sqrt(np.maximum(np.concatenate(squared), 0))


def timed_training(name: str, seed: int, out: Path) -> None:
    """One training. The whole time that a user waits for it is kept beside its files."""
    network, epochs = TRAININGS[name]
    folder = out / name / f"seed{seed}"
    if (folder / "seconds.json").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)  # an interrupted training has no true time
    started = time.perf_counter()
    train(network, seed, "offline", folder, "--epochs", str(epochs))
    safe_files.write_json(folder / "seconds.json", {"seconds": time.perf_counter() - started})


def table(arguments: argparse.Namespace, real) -> str:
    """The accuracy on real and on written digits, and the time of the whole command."""
    rows = []
    for name in arguments.trainings:
        network, epochs = TRAININGS[name]
        accuracies, written, seconds = [], [], []
        for seed in range(arguments.seeds):
            folder = arguments.out / name / f"seed{seed}"
            files = run_of(folder, network, "offline").final
            model = keras.models.load_model(files.model)
            probabilities = model.predict(real.images, batch_size=500, verbose=0)
            accuracies.append(100 * score(real.labels, probabilities).accuracy)
            written.append(100 * read_json(files.record)["test"]["accuracy"])
            seconds.append(read_json(folder / "seconds.json")["seconds"])
        rows.append(
            [network, str(epochs), mean_and_deviation(accuracies), mean_and_deviation(written)]
            + [str(len(accuracies)), f"{statistics.median(seconds):.0f}"]
        )
    return text_table(
        ["network", "epochs", "real MNIST test", "written test", "n", "seconds"],
        rows,
        right_aligned={1, 4, 5},
    )


def read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
