"""What each part of our recipe and of cnn_v3 is worth: trainings without it, or with something else in its place.

    python -m benchmarks.recipe --mnist mnist.npz --out DIR [--seeds 3]
    python -m benchmarks.recipe --mnist mnist.npz --out DIR --only "our recipe" "half the bends"

Each training is cnn_v3 for EPOCHS epochs, judged on the 6,000 validation images; the test images take no part. Beside
their loss and misses stands how many drawn non-digits (synth.py, other ones than were trained on) get a sure digit:
from the network alone, and with doubter.py's network, as reader.py asks it. A training takes some two to three minutes
on two CPU cores; what DIR holds already is not trained again.
"""

import contextlib
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest import mock

import cnn_model_v2
from handwriting import console, installation, safe_files
from handwriting.data.load import load
from handwriting.digit_image import unit_range
from handwriting.quiet_keras import keras, layers
from handwriting.reading import reader
from handwriting.report.score import score
from handwriting.training import batches, variation
from handwriting.training.batches import Batches
from handwriting.training.confidence import best_temperature, tempered
from handwriting.training.precision import build_model, choose_precision
from handwriting.writing.other_ink import write_non_digits

MODEL, EPOCHS, BATCH = "cnn_v3", 7, 128
NON_DIGITS, NON_DIGITS_SEED = 4_000, 1  # others than dataset.py learns from


@dataclass(frozen=True)
class Change:
    """A recipe that differs from ours.

    Args:
        script: other values of cnn_model_v2.py's constants and functions.
        variation: other values of dataset.py's.
        network: other arguments of the network's build function.
        peak_rate: another highest learning rate.
        build: another network, taking the same arguments.
        batch_size: images a step.
        varied: whether training images are varied at all.
        company: whether what synth.py draws is among the images.
    """

    script: dict = field(default_factory=dict)
    variation: dict = field(default_factory=dict)
    network: dict = field(default_factory=dict)
    peak_rate: float | None = None
    build: Callable | None = None
    batch_size: int = BATCH
    varied: bool = True
    company: bool = True


def rate_that_stays(step: int, steps: int) -> float:
    """The learning rate as a part of its peak: up, and then no more change."""
    return min(1.0, (step + 1) / (cnn_model_v2.WARM_UP * steps))


def convolution(filters: int, size: int, initializer: str, **more) -> list:
    """A convolution as the published networks have it."""

    return [layers.Conv2D(filters, size, activation="relu", kernel_initializer=initializer, **more)]


def network_of(*parts: list, dropout: float):
    """The parts one after the other, then the ten digits."""

    import models

    body = [layer for part in parts for layer in part]
    ending = [layers.Flatten(), layers.Dropout(dropout), models.softmax_layer()]
    return keras.Sequential([layers.Input(models.INPUT_SHAPE), *body, *ending])


def not_normalised(initializer: str, dropout: float):
    """cnn_v3 without batch normalisation."""

    return network_of(
        convolution(32, 5, initializer, strides=2),
        convolution(64, 3, initializer),
        convolution(64, 3, initializer),
        [layers.MaxPooling2D(2)],
        convolution(128, 3, initializer),
        dropout=dropout,
    )


def normalised_after_relu(initializer: str, dropout: float):
    """cnn_v3 with batch normalisation after relu, and where there is pooling, after that, when maps are smaller."""

    return network_of(
        [*convolution(32, 5, initializer, strides=2), layers.BatchNormalization()],
        [*convolution(64, 3, initializer), layers.BatchNormalization()],
        [*convolution(64, 3, initializer), layers.MaxPooling2D(2), layers.BatchNormalization()],
        [*convolution(128, 3, initializer), layers.BatchNormalization()],
        dropout=dropout,
    )


def padded_stem(initializer: str, dropout: float):
    """cnn_v3 whose first convolution keeps the picture's edge: larger maps everywhere."""

    import models

    return network_of(
        models.normalised_convolution(32, 5, initializer, strides=2, padding="same"),
        models.normalised_convolution(64, 3, initializer),
        models.normalised_convolution(64, 3, initializer),
        [layers.MaxPooling2D(2)],
        models.normalised_convolution(128, 3, initializer),
        dropout=dropout,
    )


def one_more_convolution(initializer: str, dropout: float):
    """cnn_v3 with two convolutions after the pooling."""

    import models

    return network_of(
        models.normalised_convolution(32, 5, initializer, strides=2),
        models.normalised_convolution(64, 3, initializer),
        models.normalised_convolution(64, 3, initializer),
        [layers.MaxPooling2D(2)],
        models.normalised_convolution(128, 3, initializer, padding="same"),
        models.normalised_convolution(128, 3, initializer),
        dropout=dropout,
    )


CHANGES = {
    "our recipe": Change(),
    "images not varied": Change(varied=False),
    "no bends": Change(variation={"BEND": 0.0}),
    "half the bends": Change(variation={"BEND": 0.5}),
    "bends alone": Change(variation={"TURN": 0.0, "SCALE": (1.0, 1.0), "SLANT": 0.0, "SHIFT": 0.0}),
    "no other pens": Change(variation={"OTHER_PENS": 0.0}),
    "shifts up to 2.5 px": Change(variation={"SHIFT": 2.5}),
    "Keras's own starting weights": Change(network={"initializer": "glorot_uniform"}),
    "weights not averaged": Change(script={"AVERAGED": 1e-9}),
    "rate climbs and stays": Change(script={"rate_shape": rate_that_stays}),
    "rate climbs and stays, weights not averaged": Change(
        script={"rate_shape": rate_that_stays, "AVERAGED": 1e-9}
    ),
    "peak rate 0.003": Change(peak_rate=3e-3),
    "peak rate 0.006": Change(peak_rate=6e-3),
    "peak rate 0.03": Change(peak_rate=3e-2),
    "no dropout": Change(network={"dropout": 0.0}),
    "dropout 0.5": Change(network={"dropout": 0.5}),
    "labels not smoothed": Change(script={"SMOOTHING": 0.0}),
    "neither non-digits nor written digits": Change(company=False),
    "no non-digits": Change(variation={"NON_DIGITS": 0.0}),
    "no written digits": Change(variation={"WRITTEN": 0.0}),
    "twice the written digits": Change(variation={"WRITTEN": 0.05}),
    "batches of 256": Change(batch_size=256),
    "no batch normalisation": Change(build=not_normalised, peak_rate=6e-3),
    "batch normalisation after relu": Change(build=normalised_after_relu),
    "padded first convolution": Change(build=padded_stem),
    "one more convolution": Change(build=one_more_convolution),
}


def main() -> int:
    parser = console.Parser(description="Measure what each part of our recipe is worth.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the results")
    parser.add_argument(
        "--seeds", type=console.positive_integer, default=3, help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=CHANGES,
        default=list(CHANGES),
        metavar="NAME",
        help="these recipes of the table",
    )
    arguments = parser.parse_args()
    import models

    data = load(str(arguments.mnist))
    safe_files.make_folder(arguments.out)  # now, not after the first training
    network = cnn_model_v2.with_our_recipe(models.NETWORKS[MODEL], BATCH, steps=10_000)
    precision, reason = choose_precision("auto", network, data.training, BATCH)
    print(f"{installation.machine()}, {precision} ({reason})")
    others, digit_or_not = non_digits()
    for seed in range(arguments.seeds):
        for name in arguments.only:
            path = result_path(arguments.out, name, seed)
            if not path.exists():
                model, seconds = trained(CHANGES[name], seed, data.training, precision)
                result = judged(model, data.validation, others, digit_or_not) | {"seconds": round(seconds, 1)}
                safe_files.write_settings(path, result)
                print(f"{name}, seed {seed}: {result}", flush=True)
    print(table(arguments.out, arguments.only, arguments.seeds))
    return 0


def result_path(out: Path, name: str, seed: int) -> Path:
    return out / "recipe" / f"{name.replace(' ', '_')}_seed{seed}.json"


def non_digits() -> tuple:
    """Drawn ink that is no digit, and what doubter.py's network says of it."""

    others = unit_range(write_non_digits(NON_DIGITS, NON_DIGITS_SEED)[0])
    return others, reader.answer_of(reader.load_doubter(), others)


def trained(change: Change, seed: int, training, precision: str) -> tuple:
    """One training: the model and the seconds."""

    import models

    steps = EPOCHS * -(-len(training) // change.batch_size)
    with changed(cnn_model_v2, change.script), changed_images(change.variation):
        network = models.NETWORKS[MODEL]
        network = replace(
            network,
            build=change.build or network.build,
            ours={**network.ours, **change.network},
            peak_rate=change.peak_rate or network.peak_rate,
        )
        network = cnn_model_v2.with_our_recipe(network, change.batch_size, steps)
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        model = build_model(network, precision)
        model.compile(optimizer=network.optimizer(), loss=network.loss, metrics=["accuracy"])
        targets = cnn_model_v2.targets(training.labels, network)
        company = cnn_model_v2.company(network, len(targets)) if change.company else None
        training_batches = Batches(training.images, targets, change.batch_size, seed, change.varied, company)
        callbacks = [*cnn_model_v2.our_callbacks(steps, training_batches), training_batches.follow_epochs()]
        started = time.perf_counter()
        model.fit(training_batches, epochs=EPOCHS, shuffle=False, verbose=2, callbacks=callbacks)
        cnn_model_v2.normalise_anew(model, training_batches)  # as at each validation
    return model, time.perf_counter() - started


def judged(model, validation, others, digit_or_not) -> dict:
    """Loss and misses on the validation images, and how many non-digits get a sure digit.

    The probabilities are brought to the right confidence first, as cnn_model_v2.py does before it saves a network.
    """

    probabilities = model.predict(validation.images, batch_size=500, verbose=0)
    temperature = best_temperature(validation.labels, probabilities)
    result = score(validation.labels, tempered(probabilities, temperature))
    of_others = tempered(model.predict(others, batch_size=500, verbose=0), temperature)
    with_doubt = reader.with_doubt(of_others, digit_or_not)
    return {
        "loss": result.loss,
        "misses": result.misses,
        "count": result.count,
        "sure_non_digits": float((of_others.max(axis=1) >= reader.UNSURE).mean()),
        "sure_with_doubt": float((with_doubt.max(axis=1) >= reader.UNSURE).mean()),
    }


@contextlib.contextmanager
def changed(module, values: dict) -> Iterator[None]:
    """A module with other values for a while."""
    with mock.patch.multiple(module, **values) if values else contextlib.nullcontext():
        yield


def changed_images(values: dict) -> contextlib.ExitStack:
    """The modules that make training images, with other values for a while."""
    stack = contextlib.ExitStack()
    for module in (variation, batches):
        stack.enter_context(
            changed(module, {name: value for name, value in values.items() if hasattr(module, name)})
        )
    return stack


def table(out: Path, names: list[str], seeds: int) -> str:
    """Each recipe's mean loss and misses, the best first."""
    rows = []
    for name in names:
        results = [
            json.loads(result_path(out, name, seed).read_text(encoding="utf-8")) for seed in range(seeds)
        ]
        losses, misses = ([result[key] for result in results] for key in ("loss", "misses"))
        sure = [
            f"{statistics.mean(result[key] for result in results):.0%}"
            for key in ("sure_non_digits", "sure_with_doubt")
        ]
        seconds = statistics.median(result["seconds"] for result in results)
        rows.append((statistics.mean(losses), name, losses, misses, sure, seconds))
    lines = [
        "| recipe | validation loss | misses of 6,000 | sure non-digits | with doubter.py's network | n | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for mean, name, losses, misses, sure, seconds in sorted(rows):
        lines.append(
            f"| {name} | {mean:.4f}{deviation(losses, 4)} | {statistics.mean(misses):.1f}{deviation(misses, 1)} "
            f"| {' | '.join(sure)} | {len(losses)} | {seconds:.0f} |"
        )
    return "\n".join(lines)


def deviation(values: list[float], places: int) -> str:
    return f" ± {statistics.stdev(values):.{places}f}" if len(values) > 1 else ""


if __name__ == "__main__":
    raise SystemExit(console.exit_code(main))
