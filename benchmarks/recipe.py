"""What each part of our recipe and of cnn_v3 is worth: trainings without it, or with something else in its place.

    python -m benchmarks.recipe --mnist mnist.npz --out DIR [--seeds 3]
    python -m benchmarks.recipe --mnist mnist.npz --out DIR --only "our recipe" "half the warp"

Each training is cnn_v3 for EPOCHS epochs, judged on the validation images. The test images take no part. The table
shows the loss and the misses. It also shows how many drawn non-digits get a sure digit. These non-digits are other
ones than those that were trained on.
A training takes two to three minutes on two CPU cores. A training that DIR holds already is not repeated.
"""

import json
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.recipe_changes import CHANGES, Change
from cnn_model_v2 import RECIPE
from handwriting import console, installation, safe_files
from handwriting.data.load import load
from handwriting.data.sets import Dataset, Labelled
from handwriting.digit_image import unit_range
from handwriting.quiet_keras import keras
from handwriting.reading.wording import DOUBTS
from handwriting.report.score import score
from handwriting.training.callbacks import recompute_statistics
from handwriting.training.confidence import best_temperature, tempered
from handwriting.training.plan import Extent, Plan, plan
from handwriting.training.precision import build_model, choose_precision
from handwriting.writing.other_ink import write_non_digits

EPOCHS = 7
NON_DIGITS = 4_000
NON_DIGITS_SEED = 1  # the recipe trains with the seed 0
PREDICTED_AT_ONCE = 500  # images


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
        help="these rows of the table",
    )
    arguments = parser.parse_args()

    data = load(str(arguments.mnist))
    safe_files.make_folder(arguments.out)  # now, not after the first training
    precision, reason = choose_precision("auto", planned(CHANGES["our recipe"], data), data.training)
    print(f"{installation.machine()}, {precision} ({reason})")
    others = unit_range(write_non_digits(NON_DIGITS, NON_DIGITS_SEED)[0])
    for seed in range(arguments.seeds):
        for name in arguments.only:
            path = result_path(arguments.out, name, seed)
            if not path.exists():
                model, seconds = trained(CHANGES[name], data, seed, precision)
                result = judged(model, data.validation, others)
                safe_files.write_json(path, {**result, "seconds": round(seconds, 1)})
                print(f"{name}, seed {seed}: {result}", flush=True)
    print(table(arguments.out, arguments.only, arguments.seeds))
    return 0


def result_path(out: Path, name: str, seed: int) -> Path:
    return out / "recipe" / f"{name.replace(' ', '_')}_seed{seed}.json"


def planned(change: Change, data: Dataset, epochs: int = EPOCHS) -> Plan:
    """How cnn_v3 is trained with a change."""
    extent = Extent(len(data.training), len(data.validation), epochs, change.batch_size)
    return plan(change.network, change.recipe, extent)


def trained(
    change: Change, data: Dataset, seed: int, precision: str, epochs: int = EPOCHS
) -> tuple[keras.Model, float]:
    """One training: the model, and the seconds that it took."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    with_change = planned(change, data, epochs)
    model = build_model(with_change.build, precision)
    model.compile(optimizer=with_change.optimizer(), loss=with_change.loss, metrics=["accuracy"])
    batches = with_change.batches(data.training, seed)
    callbacks = [*with_change.callbacks(batches), batches.follow_epochs()]
    started = time.perf_counter()
    model.fit(batches, epochs=epochs, shuffle=False, verbose=2, callbacks=callbacks)
    recompute_statistics(model, batches, change.recipe.statistics_batches)  # as before each validation
    return model, time.perf_counter() - started


def judged(model: keras.Model, validation: Labelled, others: np.ndarray) -> dict:
    """Loss and misses on the validation images, and the share of non-digits that get a sure digit.

    The confidence is set right first, as cnn_model_v2.py does before it saves a network.
    """
    probabilities = model.predict(validation.images, batch_size=PREDICTED_AT_ONCE, verbose=0)
    temperature = best_temperature(validation.labels, probabilities, RECIPE.temperatures)
    result = score(validation.labels, tempered(probabilities, temperature))
    of_others = tempered(model.predict(others, batch_size=PREDICTED_AT_ONCE, verbose=0), temperature)
    return {
        "loss": result.loss,
        "misses": result.misses,
        "count": result.count,
        "sure_non_digits": float((of_others.max(axis=1) >= DOUBTS.unsure).mean()),
    }


def table(out: Path, names: list[str], seeds: int) -> str:
    """The means over the seeds of each training, the smallest loss first."""
    rows = []
    for name in names:
        paths = [result_path(out, name, seed) for seed in range(seeds)]
        results = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        losses = [result["loss"] for result in results]
        misses = [result["misses"] for result in results]
        sure = statistics.mean(result["sure_non_digits"] for result in results)
        seconds = statistics.median(result["seconds"] for result in results)
        cells = [
            name,
            f"{statistics.mean(losses):.4f}{deviation(losses, 4)}",
            f"{statistics.mean(misses):.1f}{deviation(misses, 1)}",
            f"{sure:.0%}",
            str(len(results)),
            f"{seconds:.0f}",
        ]
        rows.append((statistics.mean(losses), f"| {' | '.join(cells)} |"))
    heading = [
        "| recipe | validation loss | misses of 6,000 | sure non-digits | n | seconds |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*heading, *(line for _, line in sorted(rows))])


def deviation(values: list[float], places: int) -> str:
    return f" ± {statistics.stdev(values):.{places}f}" if len(values) > 1 else ""


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
