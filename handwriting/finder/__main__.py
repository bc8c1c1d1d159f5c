"""Train the finder: the network that finds the digits on a page.

    python -m handwriting.finder                   trains it: some hours on two CPU cores
    python -m handwriting.finder --start FINDER    trains a trained finder further
    python -m handwriting.finder --epochs 2        a short try; give --out, too
    python -m handwriting.finder --resume          goes on with an interrupted training

It learns from written pages, a new one each time, so nothing is downloaded. After every epoch it is judged by pages
that it has not seen. It leaves checkpoints/reader/finder.keras and logs/reader/finder.csv, .json and .png. The last
lines name the files. The line before them says how well it finds digits on still other pages:

    test  found and read right 97.31% of 8,912 digits  invented 0.52%
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting import console, installation, processes, safe_files, stopping
from handwriting.finder.batches import PageBatches
from handwriting.finder.files import load_finder
from handwriting.finder.loss import accuracy, finder_loss
from handwriting.finder.network import build_finder
from handwriting.finder.pages import written_batch
from handwriting.finder.score import Found, found_on
from handwriting.quiet_keras import keras
from handwriting.report.figures import draw_curves
from handwriting.shipped import PROJECT
from handwriting.training.callbacks import averaging_adam, schedule_callback
from handwriting.training.precision import build_model
from handwriting.training.progress import training_progress
from handwriting.training.recipe import climb_and_fall
from handwriting.training.results import History, close_log, escaped, read_log, save_portable
from handwriting.training.resume import Resume, check_same_run, read_state
from handwriting.training.run_files import Run, how_to_go_on
from handwriting.writing.pages import write_pages

PROGRAM = "python -m handwriting.finder"
STEM = "reader/finder"


@dataclass(frozen=True)
class FinderRecipe:
    """How the finder is trained. The names are those of `training.recipe.Recipe`."""

    epochs: int = 90
    batches: int = 250  # in an epoch
    batch_size: int = 8  # pages
    validation: int = 200  # pages
    test: int = 500  # pages
    peak: float = 2e-3  # the highest learning rate
    peak_further: float = 1e-3  # the same for a finder that is trained further
    schedule = staticmethod(climb_and_fall)
    warm_up: float = 0.05
    peak_batch: int = 8
    averaged: float = 0.05  # of the steps
    most_averaged: int = 500  # steps
    longest: float = 5.0  # gradients of a variable that are longer are shortened


RECIPE = FinderRecipe()
# Not by the loss: a few digits that nobody can read may make most of it.
JUDGED_BY = "val_accuracy"
# Seeds of pages: the training has --seed, from 0 on.
VALIDATION_SEED, TEST_SEED = 2**32 - 1, 2**32 - 2


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = console.Parser(prog=PROGRAM, description="Train the network that finds digits on pages.")
    add = parser.add_argument
    add("--epochs", type=console.positive_integer, default=RECIPE.epochs, help="(default: %(default)s)")
    add("--seed", type=console.natural_number, default=0, help="of weights and pages (default: %(default)s)")
    add("--start", type=console.path_given, metavar="FINDER", help="a trained finder, to train it further")
    add(
        "--out",
        type=console.path_given,
        default=PROJECT,
        help="the folder for checkpoints/ and logs/ (default: the project)",
    )
    add("--precision", choices=("float32", "bfloat16"), default="bfloat16", help="(default: %(default)s)")
    add("--resume", action="store_true", help="continue an interrupted run; give its other arguments, too")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    return console.guard(
        lambda: train(arguments),
        PROGRAM,
        lambda: console.EarlyEnd(how_to_go_on([Run(arguments.out, STEM)])),
    )


def train(arguments: argparse.Namespace) -> int:
    """One run. Returns the exit code."""
    run = Run(arguments.out, STEM)
    if arguments.resume and not run.is_unfinished:
        print(run.nothing_to_resume())
        return 0
    start = arguments.start and weights_to_start_from(arguments.start)
    settings = {name: getattr(arguments, name) for name in ("epochs", "seed", "precision")}
    settings |= {
        "model": "finder",
        "batches": RECIPE.batches,
        "start": arguments.start and arguments.start.name,
    }
    with run.claim(arguments.resume) as files:
        state = read_state(run.state) if arguments.resume and run.state.exists() else None
        if state:
            check_same_run(state, settings, run)
        model = compiled_finder(settings, start)
        pages = arguments.epochs * RECIPE.batches * RECIPE.batch_size
        print(f"network  finder: {model.count_params():,} parameters, {arguments.precision}")
        print(
            f"training on {pages:,} written pages in {arguments.epochs} epochs, seed {arguments.seed}",
            flush=True,
        )
        history = fit(model, run, settings, state)
        if history.failed:
            console.complain(f"{PROGRAM}: {history.failure()}")
        if not history.good_epochs:
            return 1
        with stopping.signals_wait():
            save_portable(model, build_finder, files.model)
            found = found_on(keras.models.load_model(files.model), write_pages(TEST_SEED, range(RECIPE.test)))
            report(run, settings, found, history)
        run.publish()
    print(f"\ntest  {found}")
    for path in run.final.paths():
        if path.exists():
            print(f"wrote {console.shown(path)}")
    return 1 if history.failed else 0


def weights_to_start_from(path: Path) -> list[np.ndarray]:
    """The weights of a trained finder. Raises InputError if the file holds none."""
    try:
        weights = load_finder(path).get_weights()
    except console.ProjectError as error:
        raise console.InputError(f"--start: {error}") from None
    wanted, got = [
        [tuple(array.shape) for array in arrays] for arrays in (build_finder().get_weights(), weights)
    ]
    if got != wanted:
        raise console.InputError(
            f"--start: expected a finder of this version's size, got another network in {console.shown(path)}"
        )
    return weights


def compiled_finder(settings: dict, start: list[np.ndarray] | None) -> keras.Model:
    """The finder, untrained or with weights to start from, ready for `fit`."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(settings["seed"])
    model = build_model(build_finder, settings["precision"])
    if start:
        model.set_weights(start)
    peak = RECIPE.peak_further if start else RECIPE.peak
    steps = settings["epochs"] * settings["batches"]
    model.compile(
        averaging_adam(RECIPE, peak, RECIPE.batch_size, steps, RECIPE.longest),
        finder_loss,
        metrics=[accuracy],
    )
    return model


def fit(model: keras.Model, run: Run, settings: dict, state) -> History:
    """Trains a compiled model, from the start or from a state. The model then has its best epoch's weights."""
    started = time.perf_counter()
    files = run.running
    validation = written_batch(VALIDATION_SEED, 0, RECIPE.validation)
    with processes.worker_processes(processes.usable_cores()) as pool:
        batches = PageBatches(pool, settings["seed"], settings["batches"], RECIPE.batch_size)
        callbacks = [
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),  # first: the others see the averaged weights
            schedule_callback(RECIPE, settings["epochs"] * settings["batches"]),
            # Neither this nor ReduceLROnPlateau acts before the end: one restores the best weights, the other fills
            # the log's column learning_rate.
            keras.callbacks.EarlyStopping(
                monitor=JUDGED_BY, mode="max", patience=settings["epochs"], restore_best_weights=True
            ),
            keras.callbacks.ModelCheckpoint(
                escaped(files.model), monitor=JUDGED_BY, mode="max", save_best_only=True
            ),
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=settings["epochs"]),
            keras.callbacks.CSVLogger(files.log, append=True),
            keras.callbacks.TerminateOnNaN(),
            batches.follow_epochs(),
        ]
        resume = Resume(run, settings, callbacks, state, started)
        try:
            with stopping.signals_wait() as stop_if_asked, training_progress() as progress:
                stop_callback = keras.callbacks.LambdaCallback(on_train_batch_end=stop_if_asked)
                model.fit(
                    batches,
                    epochs=settings["epochs"],
                    initial_epoch=resume.first_epoch,
                    validation_data=validation,
                    validation_batch_size=RECIPE.batch_size,
                    callbacks=[*callbacks, progress, stop_callback, resume],
                    verbose=0,
                    shuffle=False,
                )
        finally:
            close_log(files.log, callbacks)
    return History(read_log(files.log), resume.seconds, JUDGED_BY)


def report(run: Run, settings: dict, found: Found, history: History) -> None:
    """Writes the record, and draws the curves."""
    columns, best = history.columns, history.best_epoch
    record = {
        **settings,
        "best_epoch": best + 1,
        "validation": {"loss": columns["val_loss"][best], "accuracy": columns["val_accuracy"][best]},
        "test": {"right": found.right, "digits": found.digits, "invented": found.invented},
        "seconds": round(history.seconds, 1),
        "versions": installation.versions(),
        "machine": installation.machine(),
    }
    safe_files.write_json(run.running.record, record)
    draw_curves(run.running.curves, f"finder: {found}", columns, best, "finder_loss")


if __name__ == "__main__":
    stopping.leave(main())
