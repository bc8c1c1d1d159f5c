"""Trains a network that learns from written pages, the finder or the judge, and leaves the records of the run."""

import argparse
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting import console, installation, safe_files, stopping
from handwriting.quiet_keras import keras
from handwriting.report.figures import draw_curves
from handwriting.shipped import RESULTS
from handwriting.training.callbacks import averaging_adam, schedule_callback
from handwriting.training.history import History, read_log
from handwriting.training.precision import build_model
from handwriting.training.recipe import climb_and_fall
from handwriting.training.results import escaped, save_portable
from handwriting.training.resume import Resume, check_same_run, read_state
from handwriting.training.run_files import Run, how_to_go_on
from handwriting.training.watching import watched

# Seeds of pages: a training has --seed, from 0 on.
VALIDATION_SEED, TEST_SEED = 2**32 - 1, 2**32 - 2
# Not by the loss: a few digits that nobody can read may make most of it.
JUDGED_BY = "val_accuracy"


@dataclass(frozen=True)
class PageRecipe:
    """How such a network is trained. What both have is named as in `training.recipe.Recipe`."""

    epochs: int
    pages: int  # of an epoch. The finder sees new ones in each, the judge the same ones again
    batch_size: int
    validation: int  # pages
    test: int = 500  # pages
    peak: float = 2e-3  # the highest learning rate
    averaged: float = 0.05  # of the steps
    most_averaged: int = 500  # steps
    longest: float = 5.0  # gradients of a variable that are longer are shortened
    warm_up: float = 0.05  # of the steps
    schedule = staticmethod(climb_and_fall)

    @property
    def peak_batch(self) -> int:
        """The batch size that the learning rate is for."""
        return self.batch_size


@dataclass(frozen=True)
class PageTraining:
    """What is trained, on what, and how it is scored.

    Args:
        program: the command.
        stem: of the run's files.
        recipe: how to train.
        build: gives the untrained network.
        loss: what the training makes small.
        metrics: what else is logged. One of them is called accuracy.
        data: gives the batches, which follow the epochs by `follow_epochs()`, and the validation data.
        test: scores the saved network: in words, and in numbers for the record.
        settings: which a resumed run must share, besides those of the command line.
        start: weights to start from.
    """

    program: str
    stem: str
    recipe: PageRecipe
    build: Callable[[], keras.Model]
    loss: Callable
    metrics: list
    data: Callable[[], AbstractContextManager[tuple[keras.utils.PyDataset, tuple]]]
    test: Callable[[keras.Model], tuple[str, dict]]
    settings: dict
    start: list[np.ndarray] | None = None


def add_arguments(parser: console.Parser, recipe: PageRecipe) -> None:
    """The options that both trainings have."""
    add = parser.add_argument
    add("--epochs", type=console.positive_integer, default=recipe.epochs, help="(default: %(default)s)")
    add("--seed", type=console.natural_number, default=0, help="of weights and pages (default: %(default)s)")
    add(
        "--out",
        type=console.path_given,
        default=RESULTS,
        help="the folder for checkpoints/ and logs/ (default: the project's; the current one after pip install .)",
    )
    add("--precision", choices=("float32", "bfloat16"), default="bfloat16", help="(default: %(default)s)")
    add("--resume", action="store_true", help="continue an interrupted run; give its other arguments, too")


def guarded(
    train: Callable[[argparse.Namespace], int], arguments: argparse.Namespace, program: str, stem: str
) -> int:
    """Trains, unless there is nothing to resume. What goes wrong is said in one line, and how to go on.

    Returns the exit code.
    """
    run = Run(arguments.out, stem)

    def train_if_there_is_something_to_do() -> int:
        if arguments.resume and not run.is_unfinished:
            print(run.nothing_to_resume())
            return 0
        return train(arguments)

    return console.guard(
        train_if_there_is_something_to_do, program, lambda: console.EarlyEnd(how_to_go_on([run]))
    )


def run_training(training: PageTraining, arguments: argparse.Namespace) -> int:
    """One run. Returns the exit code."""
    run = Run(arguments.out, training.stem)
    settings = {name: getattr(arguments, name) for name in ("epochs", "seed", "precision")}
    settings |= training.settings
    with run.claim(arguments.resume) as files:
        state = read_state(run.state) if arguments.resume and run.state.exists() else None
        if state:
            check_same_run(state, settings, run)
        model, history = fit(training, run, settings, state)
        if history.failed:
            console.complain(f"{training.program}: {history.failure()}; {history.what_is_kept()}")
        if not history.good_epochs:
            return 1
        with stopping.signals_wait():
            save_portable(model, training.build, files.model)
            said, numbers = training.test(keras.models.load_model(files.model))
            report(training, run, settings, history, said, numbers)
        run.publish()
    print(f"\ntest  {said}")
    for path in run.final.paths():
        if path.exists():
            print(f"wrote {console.shown(path)}")
    return 1 if history.failed else 0


def compiled(training: PageTraining, settings: dict, steps: int) -> keras.Model:
    """The network, untrained or with weights to start from, ready for `fit`."""
    recipe = training.recipe
    keras.utils.clear_session()
    keras.utils.set_random_seed(settings["seed"])
    model = build_model(training.build, settings["precision"])
    if training.start:
        model.set_weights(training.start)
    optimizer = averaging_adam(recipe, recipe.peak, recipe.batch_size, steps, recipe.longest)
    model.compile(optimizer, training.loss, metrics=training.metrics)
    print(f"network  {model.name}: {model.count_params():,} parameters, {settings['precision']}", flush=True)
    return model


def fit(training: PageTraining, run: Run, settings: dict, state) -> tuple[keras.Model, History]:
    """Trains, from the start or from a state. The model then has its best epoch's weights."""
    started = time.perf_counter()
    files, epochs = run.running, settings["epochs"]
    with training.data() as (batches, validation):
        steps = epochs * len(batches)
        model = compiled(training, settings, steps)
        callbacks = [
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),  # first: the others see the averaged weights
            schedule_callback(training.recipe, steps),
            # Neither this nor ReduceLROnPlateau acts before the end: one restores the best weights, the other fills
            # the log's column learning_rate.
            keras.callbacks.EarlyStopping(
                monitor=JUDGED_BY, mode="max", patience=epochs, restore_best_weights=True
            ),
            keras.callbacks.ModelCheckpoint(
                escaped(files.model), monitor=JUDGED_BY, mode="max", save_best_only=True
            ),
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=epochs),
            keras.callbacks.CSVLogger(files.log, append=True),
            keras.callbacks.TerminateOnNaN(),
            batches.follow_epochs(),
        ]
        resume = Resume(run, settings, callbacks, state, started)
        with watched(files.log, callbacks) as watching:
            model.fit(
                batches,
                epochs=epochs,
                initial_epoch=resume.first_epoch,
                validation_data=validation,
                validation_batch_size=training.recipe.batch_size,
                callbacks=[*callbacks, *watching, resume],
                verbose=0,
                shuffle=False,
            )
    return model, History(read_log(files.log), resume.seconds, JUDGED_BY)


def report(
    training: PageTraining, run: Run, settings: dict, history: History, said: str, numbers: dict
) -> None:
    """Writes the record, and draws the curves."""
    columns, best = history.columns, history.best_epoch
    record = {
        **settings,
        "best_epoch": best + 1,
        "validation": {"loss": columns["val_loss"][best], "accuracy": columns["val_accuracy"][best]},
        "test": numbers,
        "seconds": round(history.seconds, 1),
        "versions": installation.versions(),
        "machine": installation.machine(),
    }
    safe_files.write_json(run.running.record, record)
    name = Path(run.stem).name
    draw_curves(run.running.curves, f"{name}: {said}", columns, best, training.loss.__name__)
