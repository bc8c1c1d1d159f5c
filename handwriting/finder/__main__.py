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
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from handwriting import console, processes, stopping
from handwriting.finder.batches import PageBatches
from handwriting.finder.files import load_finding_network
from handwriting.finder.loss import accuracy, finder_loss
from handwriting.finder.network import build_finder
from handwriting.finder.pages import written_batch
from handwriting.finder.score import found_on
from handwriting.model_answers import answering
from handwriting.quiet_keras import keras
from handwriting.training.page_training import (
    TEST_SEED,
    VALIDATION_SEED,
    PageRecipe,
    PageTraining,
    add_arguments,
    guarded,
    run_training,
)
from handwriting.writing.pages import write_pages

PROGRAM = "python -m handwriting.finder"
STEM = "reader/finder"
RECIPE = PageRecipe(epochs=90, pages=2_000, batch_size=8, validation=200)
PEAK_FURTHER = 1e-3  # the highest learning rate for a finder that is trained further


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = console.Parser(prog=PROGRAM, description="Train the network that finds digits on pages.")
    add_arguments(parser, RECIPE)
    parser.add_argument(
        "--start", type=console.path_given, metavar="FINDER", help="a trained finder, to train it further"
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    return guarded(train, parse_arguments(argv), PROGRAM, STEM)


def train(arguments: argparse.Namespace) -> int:
    """One run. Returns the exit code."""
    start = arguments.start and weights_to_start_from(arguments.start)
    training = PageTraining(
        program=PROGRAM,
        stem=STEM,
        recipe=replace(RECIPE, peak=PEAK_FURTHER) if start else RECIPE,
        build=build_finder,
        loss=finder_loss,
        metrics=[accuracy],
        data=lambda: pages_to_learn_from(arguments),
        test=scored,
        start=start,
        settings={
            "model": "finder",
            "pages": RECIPE.pages,
            "start": arguments.start and arguments.start.name,
        },
    )
    return run_training(training, arguments)


@contextlib.contextmanager
def pages_to_learn_from(arguments: argparse.Namespace) -> Iterator[tuple[PageBatches, tuple]]:
    """The batches, and the validation pages."""
    count = arguments.epochs * RECIPE.pages
    print(f"training on {count:,} written pages in {arguments.epochs} epochs, seed {arguments.seed}")
    validation = written_batch(VALIDATION_SEED, 0, RECIPE.validation)
    with processes.worker_processes(processes.usable_cores()) as pool:
        yield (
            PageBatches(pool, arguments.seed, RECIPE.pages // RECIPE.batch_size, RECIPE.batch_size),
            validation,
        )


def scored(network: keras.Model) -> tuple[str, dict]:
    """How well the network finds digits on other pages."""
    found = found_on(answering(network), write_pages(TEST_SEED, range(RECIPE.test)))
    return str(found), {"right": found.right, "digits": found.digits, "invented": found.invented}


def weights_to_start_from(path: Path) -> list[np.ndarray]:
    """The weights of a trained finder. Raises InputError if the file holds none."""
    try:
        weights = load_finding_network(path).get_weights()
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


if __name__ == "__main__":
    stopping.leave(main())
