"""Compares our training with the usual scripts': images per second, and seconds to an accuracy.

    python -m benchmarks.training --mnist mnist.npz --out DIR           hours: every training of the table
    python -m benchmarks.training --mnist mnist.npz --out DIR --quick   minutes: the speeds, and what DIR holds

The usual scripts are a plain one with the same cnn_v2, and the small convolutional example. They use float32, batches
of 128, Adam, and `model.fit` on the arrays. All networks learn from the same 54,000 images. The 6,000 validation
images say how many epochs are needed, and MNIST's test images must agree. A training that DIR holds is not repeated.

The learning rate of a usual script does not depend on the length of the run. So its training for k epochs is the first
k epochs of a longer one, and it is scored after each epoch. Our learning rate falls to almost nothing at the end of a
run. So each number of epochs is a run of its own, scored once.
"""

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import models
from benchmarks.networks import mean_and_deviation, train
from benchmarks.speed import PLAIN, SMALL, TIMING, speeds, usual_model
from handwriting import console, installation, safe_files
from handwriting.data.load import load
from handwriting.data.sets import Dataset, Labelled
from handwriting.quiet_keras import keras
from handwriting.shipped import STEMS
from handwriting.text_table import text_table
from handwriting.training.run_files import Run

BATCH_SIZE = 128
TARGETS = (99.0, 99.06, 99.35, 99.5, 99.65, 99.7)  # per cent
USUAL_EPOCHS = 15
USUAL_SEEDS = {PLAIN: 1, SMALL: 3}  # twenty minutes a training, two minutes a training
# Our trainings: network -> number of epochs -> number of seeds.
OURS = {
    "cnn_v2": {2: 3, 3: 3, 4: 3, 15: 3},
    "cnn_v3": {1: 3, 2: 3, 3: 5, 15: 3, 30: 3},
    "cnn_small": {15: 3},
}


def main() -> int:
    parser = console.Parser(description="Measure our training beside the usual scripts'.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the trainings")
    parser.add_argument(
        "--quick", action="store_true", help="train nothing: the speeds, and what the folder already holds"
    )
    arguments = parser.parse_args()

    data = load(str(arguments.mnist))
    safe_files.make_folder(arguments.out)  # now, not after the first training
    print(
        f"{installation.machine()}; "
        + ", ".join(f"{name} {version}" for name, version in installation.versions().items())
    )
    print(f"timing {TIMING.steps} steps of each, {TIMING.rounds} times in turn", flush=True)
    print(speeds(data.training, list(USUAL_SEEDS), list(OURS)))
    if not arguments.quick:
        train_all(data, arguments)
    usual = {name: usual_runs(name, arguments.out) for name in USUAL_SEEDS}
    ours = {name: our_runs(name, arguments.out) for name in OURS}
    print("\nevery finished training")
    print(all_trainings(usual, ours))
    print("\nthe shortest training whose mean reaches the target, on the validation and on the test images")
    print(times_to_targets(usual, ours))
    return 0


@dataclass(frozen=True)
class Trained:
    """A finished training: per cent right of the validation and of the test images, and the seconds that it took."""

    validation: float
    test: float
    seconds: float


def train_all(data: Dataset, arguments: argparse.Namespace) -> None:
    """Every training of the table that is not there yet."""
    for name, seeds in USUAL_SEEDS.items():
        for seed in range(seeds):
            train_usual(name, seed, data, usual_path(name, seed, arguments.out))
    for network, seeds_of in OURS.items():
        for epochs, seeds in seeds_of.items():
            for seed in range(seeds):
                folder = our_folder(network, epochs, seed, arguments.out)
                train(network, seed, str(arguments.mnist), folder, "--epochs", str(epochs))


def train_usual(name: str, seed: int, data: Dataset, path: Path) -> None:
    """A usual script's training. Writes its accuracies and its seconds after each epoch."""
    if path.exists():
        return
    print(f"\n=== {name}, seed {seed}", flush=True)
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model, results, seconds = usual_model(name), [], 0.0
    for _ in range(USUAL_EPOCHS):
        started = time.perf_counter()
        model.fit(data.training.images, data.training.labels, batch_size=BATCH_SIZE, verbose=2)
        seconds += time.perf_counter() - started
        validation, test = (percent_right(model, part) for part in (data.validation, data.test))
        results.append({"validation": validation, "test": test, "seconds": seconds})
    safe_files.write_json(path, results)


def percent_right(model: keras.Model, part: Labelled) -> float:
    return 100 * model.evaluate(part.images, part.labels, batch_size=500, verbose=0)[1]


def usual_path(name: str, seed: int, out: Path) -> Path:
    return out / "usual" / f"{name.replace(' ', '_')}_seed{seed}.json"


def usual_runs(name: str, out: Path) -> dict[int, list[Trained]]:
    """Number of epochs -> the finished trainings of a usual script, one for each seed."""
    paths = [path for seed in range(USUAL_SEEDS[name]) if (path := usual_path(name, seed, out)).exists()]
    seeds = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {
        epochs: [Trained(**results[epochs - 1]) for results in seeds]
        for epochs in range(1, USUAL_EPOCHS + 1)
        if seeds
    }


def our_folder(network: str, epochs: int, seed: int, out: Path) -> Path:
    """The folder of a training. Those of the usual length lie where benchmarks/networks.py puts them."""
    usual = epochs == models.NETWORKS[network].epochs
    return out / ("ours" if usual else f"ours_epochs{epochs}") / f"seed{seed}"


def our_runs(network: str, out: Path) -> dict[int, list[Trained]]:
    """Number of epochs -> our finished trainings, one for each seed."""
    found = {}
    for epochs, seeds in OURS[network].items():
        folders = [our_folder(network, epochs, seed, out) for seed in range(seeds)]
        paths = [Run(folder, STEMS[network]).final.record for folder in folders]
        records = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]
        if records:
            found[epochs] = [our_run(record) for record in records]
    return found


def our_run(record: dict) -> Trained:
    return Trained(
        100 * record["validation"]["accuracy"], 100 * record["test"]["accuracy"], record["seconds"]
    )


def all_trainings(usual: dict, ours: dict) -> str:
    """The mean accuracy and seconds of every number of epochs."""
    rows = []
    for name, by_epochs in usual.items():
        if by_epochs:
            rows.append(training_row(name, USUAL_EPOCHS, by_epochs[USUAL_EPOCHS]))
    for name, by_epochs in ours.items():
        rows += [training_row(f"our {name}", epochs, found) for epochs, found in by_epochs.items()]
    return tables_text(rows, ["network", "epochs", "seconds", "validation", "test", "n"], {1, 2, 5})


def training_row(name: str, epochs: int, found: list[Trained]) -> list[str]:
    return [
        name,
        str(epochs),
        f"{statistics.mean(run.seconds for run in found):.0f}",
        mean_and_deviation([run.validation for run in found]),
        mean_and_deviation([run.test for run in found]),
        str(len(found)),
    ]


def times_to_targets(usual: dict, ours: dict) -> str:
    """For each network and target: the shortest training that reaches it, and its part of the usual scripts' time."""
    whole = {
        name: statistics.mean(run.seconds for run in by_epochs[USUAL_EPOCHS]) if by_epochs else None
        for name, by_epochs in usual.items()
    }
    rows = []
    for name, by_epochs in [*usual.items(), *((f"our {name}", found) for name, found in ours.items())]:
        for target in TARGETS:
            epochs = shortest(by_epochs, target)
            if epochs is not None:
                row = training_row(name, epochs, by_epochs[epochs])
                seconds = statistics.mean(run.seconds for run in by_epochs[epochs])
                parts = [f"{seconds / whole[script]:.3f}" if whole[script] else "-" for script in usual]
                rows.append([row[0], f"{target} %", *row[1:3], *parts, row[4], row[5]])
    titles = ["network", "target", "epochs", "seconds", *(f"÷ {name}" for name in usual), "test", "n"]
    return tables_text(rows, titles, {1, 2, 3, 4, 5, 7})


def shortest(by_epochs: dict[int, list[Trained]], target: float) -> int | None:
    """The fewest epochs whose mean reaches the target on the validation images, and on the test images, too."""
    for epochs in sorted(by_epochs):
        of_validation = statistics.mean(run.validation for run in by_epochs[epochs])
        of_test = statistics.mean(run.test for run in by_epochs[epochs])
        if min(of_validation, of_test) >= target:
            return epochs
    return None


def tables_text(rows: list[list[str]], titles: list[str], right_aligned: set[int]) -> str:
    return text_table(titles, rows, right_aligned=right_aligned) if rows else "nothing yet"


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
