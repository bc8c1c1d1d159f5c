"""Train on written digits alone, and score real MNIST: what a machine without the download gets.

    python benchmarks/offline.py --mnist mnist.npz --out DIR

Each training is one `python cnn_model_v2.py --data offline …` in a folder of its own under DIR; those that are
already there are not trained again. MNIST's test images are only scored. It also times the writing, and looks
for copies: the distance from written digits to the nearest of MNIST's training images, beside the same for its
test images. With three seeds it takes about an hour on two CPU cores with fast bfloat16.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import runs  # noqa: E402
from benchmarks.networks import mean_and_deviation, train  # noqa: E402

# What is trained: its name, the network, the epochs. "first" is README's first command without a download.
TRAININGS = {"first": ("cnn_v2", 5), "long": ("cnn_v2", 15), "mlp": ("mlp", 5)}
WRITTEN = 60_000  # digits whose writing is timed
COMPARED = 10_000  # written digits that are compared with MNIST's training images
CHUNK = 1000  # images compared at once: their distances to 60,000 others take 240 MB


def main() -> int:
    parser = runs.Parser(description="Train on written digits alone, and score real MNIST.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the trainings")
    parser.add_argument(
        "--seeds", type=runs.positive_integer, default=3, help="how many (default: %(default)s)"
    )
    parser.add_argument("--trainings", nargs="+", choices=TRAININGS, default=list(TRAININGS))
    arguments = parser.parse_args()
    print(writing_time())
    print(copies(arguments.mnist))
    for name in arguments.trainings:
        for seed in range(arguments.seeds):
            timed_training(name, seed, arguments.out)
    print(table(arguments))
    return 0


def writing_time() -> str:
    """How long the writing takes, on one core and on all."""
    import synth

    def digits_a_second(write, count: int) -> float:
        started = time.perf_counter()
        write(count)
        return count / (time.perf_counter() - started)

    blocks = 12
    alone = digits_a_second(
        lambda count: [synth.write_block(0, block) for block in range(count // synth.BLOCK)],
        blocks * synth.BLOCK,
    )
    together = digits_a_second(synth.write_digits, WRITTEN)
    return (
        f"writing: {alone:,.0f} digits/s on one core, {together:,.0f} on {runs.usable_cores()}: "
        f"{WRITTEN:,} in {WRITTEN / together:.1f} s"
    )


def copies(mnist: Path) -> str:
    """How near written digits come to MNIST's training images, beside how near its test images come."""
    import synth

    with np.load(mnist) as arrays:
        training, test = arrays["x_train"], arrays["x_test"]
    written, _ = synth.write_digits(COMPARED, seed=0)
    nearest = {
        "test images": nearest_distances(test, training),
        "written": nearest_distances(written, training),
    }
    bound = np.percentile(nearest["test images"], 1)
    closest = "\n".join(
        f"  {name:12} least {values.min():.2f}, first percentile {np.percentile(values, 1):.2f}, "
        f"median {np.median(values):.2f}"
        for name, values in nearest.items()
    )
    return (
        f"distance to the nearest of MNIST's {len(training):,} training images (grey levels from 0 to 1):\n{closest}\n"
        f"  written digits nearer than the test images' first percentile: {(nearest['written'] < bound).mean():.2%}"
    )


def nearest_distances(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The Euclidean distance from each image to the nearest of the others."""
    images, others = (a.reshape(len(a), -1).astype(np.float32) / 255 for a in (images, others))
    lengths = (others**2).sum(axis=1)
    squared = [
        (lengths - 2 * part @ others.T).min(axis=1) + (part**2).sum(axis=1)
        for part in np.array_split(images, -(-len(images) // CHUNK))
    ]
    return np.sqrt(np.maximum(np.concatenate(squared), 0))


def timed_training(name: str, seed: int, out: Path) -> None:
    """One training, whose whole time, as a user waits for it, is kept beside its files."""
    network, epochs = TRAININGS[name]
    folder = out / name / f"seed{seed}"
    if (folder / "seconds.json").exists():
        return
    started = time.perf_counter()
    train(network, seed, "offline", folder, "--epochs", str(epochs))
    runs.write_settings(folder / "seconds.json", {"seconds": time.perf_counter() - started})


def table(arguments: argparse.Namespace) -> str:
    """Accuracy on real and on written digits, and the time of the whole command."""
    runs.start_keras()
    import keras

    import dataset
    import report

    real = dataset.load(str(arguments.mnist)).test
    rows = []
    for name in arguments.trainings:
        network, epochs = TRAININGS[name]
        accuracies, written, seconds = [], [], []
        for seed in range(arguments.seeds):
            folder = arguments.out / name / f"seed{seed}"
            files = runs.final_files(folder, f"{runs.STEMS[network]}_offline")
            model = keras.models.load_model(files.model)
            probabilities = model.predict(real.images, batch_size=500, verbose=0)
            accuracies.append(100 * report.score(real.labels, probabilities).accuracy)
            written.append(100 * read_json(files.settings)["test"]["accuracy"])
            seconds.append(read_json(folder / "seconds.json")["seconds"])
        rows.append(
            [network, str(epochs), mean_and_deviation(accuracies), mean_and_deviation(written)]
            + [str(len(accuracies)), f"{statistics.median(seconds):.0f}"]
        )
    return report.text_table(
        ["network", "epochs", "real MNIST test", "written test", "n", "seconds"],
        rows,
        right_aligned={1, 4, 5},
    )


def read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    raise SystemExit(main())
