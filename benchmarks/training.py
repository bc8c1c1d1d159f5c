"""Our training beside the usual scripts': how fast, and how soon it reads how well.

    python -m benchmarks.training --mnist mnist.npz --out DIR           hours: every training of the table
    python -m benchmarks.training --mnist mnist.npz --out DIR --quick   minutes: the speeds, and what DIR holds

The usual scripts are a plain one of the same cnn_v2 and the small convolutional example: float32, batches of 128,
Adam, `model.fit` on the arrays and nothing else. All learn from the same 54,000 images; the 6,000 validation images
say how many epochs are needed, and MNIST's test images must agree. What DIR holds already is not trained again.

A usual script that stops after k epochs is the first k epochs of a longer run of it, as its learning rate knows no
end: it is scored after each. Ours does know it, so each number of epochs is a run of its own, scored once.
"""

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import cnn_model_v2
from benchmarks.networks import mean_and_deviation, train
from handwriting import console, installation, safe_files
from handwriting.data.load import load
from handwriting.quiet_keras import keras, layers
from handwriting.shipped import STEMS
from handwriting.text_table import text_table
from handwriting.training import run_files
from handwriting.training.batches import Batches
from handwriting.training.precision import build_model, convolution_seconds

BATCH = 128
TARGETS = (99.0, 99.06, 99.35, 99.5, 99.65, 99.7)  # per cent
PLAIN, SMALL = "plain cnn_v2", "small example"
USUAL_EPOCHS = 15
USUAL_SEEDS = {PLAIN: 1, SMALL: 3}  # twenty minutes a training, two minutes a training
# Our trainings: network -> number of epochs -> number of seeds.
OURS = {
    "cnn_v2": {2: 3, 3: 3, 4: 3, 15: 3},
    "cnn_v3": {1: 3, 2: 3, 3: 5, 15: 3, 30: 3},
    "cnn_small": {15: 3},
}
ROUNDS = 5  # all contestants in turn, so that a disturbance meets each of them
STEPS, FIRST_STEPS = 24, 4  # a round's; the first ones are not timed
LARGE_CONVOLUTIONS = ((26, 64), (26, 128), (14, 256))  # side and channels; the fastest counts


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
    print(f"timing {STEPS} steps of each, {ROUNDS} times in turn", flush=True)
    print(speeds(data.training))
    if not arguments.quick:
        train_all(data, arguments)
    usual = {name: usual_runs(name, arguments.out) for name in USUAL_SEEDS}
    ours = {name: our_runs(name, arguments.out) for name in OURS}
    print("\nevery finished training")
    print(all_trainings(usual, ours))
    print("\nthe shortest training whose mean reaches the target, on the validation and on the test images")
    print(times_to_targets(usual, ours))
    return 0


# ---------------------------------------------------------------- contestants


def small_example():
    """The small convolutional network that many scripts copy: 34,826 parameters."""

    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def usual_model(name: str):
    """A usual script's compiled model."""
    import models

    model = models.cnn_v2() if name == PLAIN else small_example()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def our_network(name: str):
    """A network with our recipe for a long run."""
    import models

    return cnn_model_v2.with_our_recipe(models.NETWORKS[name], BATCH, steps=10_000)


def our_model(network, precision: str):
    """Its compiled model, as cnn_model_v2.py makes it."""
    model = build_model(network, precision)
    model.compile(optimizer=network.optimizer(), loss=network.loss, metrics=["accuracy"])
    return model


# ---------------------------------------------------------------- speed


def speeds(training) -> str:
    """Images a second in `fit`, what varying them costs, and what part of the bare limit is reached: a table."""

    precisions = ["float32"]
    slower = convolution_seconds("bfloat16") / convolution_seconds("float32")
    if slower < 1:
        precisions.append("bfloat16")
    else:
        print(f"bfloat16 is left out: a convolution takes {slower:.2g} times as long in it here")
    contestants = {(name, "float32"): usual_model(name) for name in USUAL_SEEDS}
    networks = {f"our {name}": our_network(name) for name in OURS}
    contestants |= {
        (name, precision): our_model(network, precision)
        for name, network in networks.items()
        for precision in precisions
    }
    rates = {key: [] for key in contestants}
    costs = {key: [] for key in contestants}
    convolution = {precision: [] for precision in precisions}
    for _ in range(ROUNDS):
        for (name, precision), model in contestants.items():
            if name in USUAL_SEEDS:
                rates[name, precision].append(usual_rate(model, training))
            else:
                rate, unvaried = (our_rate(networks[name], model, training, vary) for vary in (True, False))
                rates[name, precision].append(rate)
                costs[name, precision].append(1 - rate / unvaried)
        for precision in precisions:
            convolution[precision] += [convolution_speed(*size, precision) for size in LARGE_CONVOLUTIONS]
    rows = []
    for (name, precision), model in contestants.items():
        rate = statistics.median(rates[name, precision])
        limit = max(convolution[precision]) / (2 * 3 * multiplications(model))
        cost = f"{statistics.median(costs[name, precision]):.0%}" if costs[name, precision] else ""
        row = [name, precision, f"{rate:,.0f}", f"{len(training) / rate:.1f}", cost, f"{limit:,.0f}"]
        rows.append([*row, f"{rate / limit:.2f}"])
    titles = ["network", "precision", "images/s", "s/epoch", "varying costs", "bare limit", "part of it"]
    return text_table(titles, rows, right_aligned={2, 3, 4, 5, 6})


def usual_rate(model, training) -> float:
    """Images a second of `fit` on arrays."""
    images, labels = training.images[: STEPS * BATCH], training.labels[: STEPS * BATCH]
    stopwatch = Stopwatch()
    model.fit(images, labels, batch_size=BATCH, verbose=0, callbacks=[stopwatch.callback()])
    return stopwatch.rate()


def our_rate(network, model, training, vary: bool) -> float:
    """Images a second of `fit` on our batches, with what drives our learning rate."""

    images = training.images[: STEPS * BATCH]
    targets = cnn_model_v2.targets(training.labels[: STEPS * BATCH], network)
    company = cnn_model_v2.company(network, len(images))
    batches = Batches(images, targets, BATCH, seed=0, vary=vary, company=company)
    stopwatch = Stopwatch()
    callbacks = [*cnn_model_v2.our_callbacks(10_000, batches), batches.follow_epochs(), stopwatch.callback()]
    model.fit(batches, verbose=0, shuffle=False, callbacks=callbacks)
    return stopwatch.rate()


class Stopwatch:
    """Notes when each batch ended."""

    def __init__(self):
        self.moments = []

    def callback(self):

        return keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: self.moments.append(time.perf_counter())
        )

    def rate(self) -> float:
        """Images a second, the first steps left out."""
        timed = self.moments[FIRST_STEPS - 1 :]
        return BATCH * (len(timed) - 1) / (timed[-1] - timed[0])


def convolution_speed(side: int, channels: int, precision: str) -> float:
    """Flop a second of one large convolution, forward."""

    layer = keras.layers.Conv2D(
        channels, 3, use_bias=False, dtype="mixed_bfloat16" if precision == "bfloat16" else "float32"
    )
    pictures = keras.random.normal((BATCH, side + 2, side + 2, channels), dtype=precision)
    layer(pictures)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        float(layer(pictures)[0, 0, 0, 0])  # asked for, so that it is really computed
        times.append(time.perf_counter() - started)
    return 2 * BATCH * (side * channels * 3) ** 2 / min(times)


def multiplications(model) -> int:
    """The multiplications of one image's way through the network: convolutions and dense layers."""

    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            _, height, width, _ = layer.output.shape
            total += height * width * int(np.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total


# ---------------------------------------------------------------- trainings


@dataclass(frozen=True)
class Run:
    """A finished training: per cent of the validation and of the test images, and the seconds it took."""

    validation: float
    test: float
    seconds: float


def train_all(data, arguments: argparse.Namespace) -> None:
    """Every training of the table that is not there yet."""
    for name, seeds in USUAL_SEEDS.items():
        for seed in range(seeds):
            train_usual(name, seed, data, usual_path(name, seed, arguments.out))
    for network, plan in OURS.items():
        for epochs, seeds in plan.items():
            for seed in range(seeds):
                folder = our_folder(network, epochs, seed, arguments.out)
                train(network, seed, str(arguments.mnist), folder, "--epochs", str(epochs))


def train_usual(name: str, seed: int, data, path: Path) -> None:
    """A usual script's training; writes what it would have been after each of its epochs."""

    if path.exists():
        return
    print(f"\n=== {name}, seed {seed}", flush=True)
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model, results, seconds = usual_model(name), [], 0.0
    for _ in range(USUAL_EPOCHS):
        started = time.perf_counter()
        model.fit(data.training.images, data.training.labels, batch_size=BATCH, verbose=2)
        seconds += time.perf_counter() - started
        validation, test = (percent_right(model, part) for part in (data.validation, data.test))
        results.append({"validation": validation, "test": test, "seconds": seconds})
    safe_files.write_settings(path, results)


def percent_right(model, part) -> float:
    return 100 * model.evaluate(part.images, part.labels, batch_size=500, verbose=0)[1]


def usual_path(name: str, seed: int, out: Path) -> Path:
    return out / "usual" / f"{name.replace(' ', '_')}_seed{seed}.json"


def usual_runs(name: str, out: Path) -> dict[int, list[Run]]:
    """Number of epochs -> the finished trainings of a usual script, one a seed."""
    paths = [path for seed in range(USUAL_SEEDS[name]) if (path := usual_path(name, seed, out)).exists()]
    seeds = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {
        epochs: [Run(**results[epochs - 1]) for results in seeds]
        for epochs in range(1, USUAL_EPOCHS + 1)
        if seeds
    }


def our_folder(network: str, epochs: int, seed: int, out: Path) -> Path:
    """Where a training lies; those of the usual length are where benchmarks/networks.py puts them."""
    import models

    usual = epochs == models.NETWORKS[network].epochs
    return out / ("ours" if usual else f"ours_epochs{epochs}") / f"seed{seed}"


def our_runs(network: str, out: Path) -> dict[int, list[Run]]:
    """Number of epochs -> the finished trainings of ours, one a seed."""
    found = {}
    for epochs, seeds in OURS[network].items():
        folders = [our_folder(network, epochs, seed, out) for seed in range(seeds)]
        paths = [run_files.final_files(folder, STEMS[network]).settings for folder in folders]
        stories = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]
        if stories:
            found[epochs] = [our_run(story) for story in stories]
    return found


def our_run(story: dict) -> Run:
    return Run(100 * story["validation"]["accuracy"], 100 * story["test"]["accuracy"], story["seconds"])


# ---------------------------------------------------------------- tables


def all_trainings(usual: dict, ours: dict) -> str:
    """Every number of epochs: mean accuracy, seconds."""
    rows = []
    for name, by_epochs in usual.items():
        if by_epochs:
            rows.append(training_row(name, USUAL_EPOCHS, by_epochs[USUAL_EPOCHS]))
    for name, by_epochs in ours.items():
        rows += [training_row(f"our {name}", epochs, found) for epochs, found in by_epochs.items()]
    return tables_text(rows, ["network", "epochs", "seconds", "validation", "test", "n"], {1, 2, 5})


def training_row(name: str, epochs: int, found: list[Run]) -> list[str]:
    return [
        name,
        str(epochs),
        f"{statistics.mean(run.seconds for run in found):.0f}",
        mean_and_deviation([run.validation for run in found]),
        mean_and_deviation([run.test for run in found]),
        str(len(found)),
    ]


def times_to_targets(usual: dict, ours: dict) -> str:
    """For each network and target the shortest training that reaches it, and its part of the usual scripts' time."""
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


def shortest(by_epochs: dict[int, list[Run]], target: float) -> int | None:
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
    raise SystemExit(console.exit_code(main))
