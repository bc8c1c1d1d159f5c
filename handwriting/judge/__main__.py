"""Train the judge: the network that looks at each find of the finder alone, and says whether it is a digit, and which.

    python -m handwriting.judge                trains it: one to two hours on two CPU cores
    python -m handwriting.judge --epochs 2     a short try; give --out, too
    python -m handwriting.judge --resume       goes on with an interrupted training
    python -m handwriting.judge --data mnist   with MNIST's digits on some of the pages

It learns from what the finder finds on written pages, so nothing is downloaded. With --data, some of the pages have
digits that people wrote, from MNIST or a file of your own. The training takes 2.5 GB of memory. After every epoch it is
tested on finds on pages that it has not seen. It leaves checkpoints/reader/judge.keras and logs/reader/judge.csv, .json
and .png. The last lines name the files. The line before them says how well it judges finds on still other pages:

    test  judged right 84.39% of 4,498 finds
"""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from handwriting import console, stopping
from handwriting.data.load import load
from handwriting.finder.files import load_finding_network
from handwriting.judge.batches import FindBatches
from handwriting.judge.finds import Finds, finds_on
from handwriting.judge.judging import answers_of
from handwriting.judge.network import build_judge
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
from handwriting.writing.pasted import Collected

PROGRAM = "python -m handwriting.judge"
MOST_COLLECTED = 10_000  # digits of --data; each process that writes pages gets them again and again
STEM = "reader/judge"
RECIPE = PageRecipe(epochs=4, pages=30_000, batch_size=128, validation=300)


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = console.Parser(prog=PROGRAM, description="Train the network that judges what the finder finds.")
    add_arguments(parser, RECIPE)
    parser.add_argument(
        "--data", metavar="DATA", help="mnist, or a file or folder of digits; some pages are made of them"
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    return guarded(train, parse_arguments(argv), PROGRAM, STEM)


def train(arguments: argparse.Namespace) -> int:
    """One run. Returns the exit code."""
    training = PageTraining(
        program=PROGRAM,
        stem=STEM,
        recipe=RECIPE,
        build=build_judge,
        loss=judge_loss,
        metrics=["accuracy"],
        data=lambda: finds_to_learn_from(arguments),
        test=scored,
        settings={
            "model": "judge",
            "pages": RECIPE.pages,
            "data": arguments.data and Path(arguments.data).name,
        },
    )
    return run_training(training, arguments)


def judge_loss(labels, answers):
    """The cross-entropy."""
    return keras.losses.sparse_categorical_crossentropy(labels, answers, from_logits=True)


@contextlib.contextmanager
def finds_to_learn_from(arguments: argparse.Namespace) -> Iterator[tuple[FindBatches, tuple]]:
    """The batches, and the validation finds."""
    collected = arguments.data and collected_digits(arguments.data)
    validation = finds_on_written_pages(VALIDATION_SEED, RECIPE.validation)
    finds = finds_on_written_pages(arguments.seed, RECIPE.pages, collected)
    print(
        f"training on {len(finds.labels):,} finds on {RECIPE.pages:,} written pages in {arguments.epochs} epochs, "
        f"seed {arguments.seed}"
    )
    batches = FindBatches(finds, arguments.seed, RECIPE.batch_size)
    yield batches, (validation.crops.astype(np.float32) / 255, validation.labels)


def collected_digits(data: str) -> Collected:
    """Some of the training images that --data names."""
    training = load(data).training.take(slice(MOST_COLLECTED))
    return Collected((training.images[..., 0] * 255).astype(np.uint8), training.labels)


def finds_on_written_pages(seed: int, count: int, collected: Collected | None = None) -> Finds:
    """What the finder finds on so many pages."""
    pages = write_pages(seed, range(count), collected)
    return finds_on(
        load_finding_network(), console.progress(pages, count, "finding digits on written pages"), seed
    )


def scored(judge: keras.Model) -> tuple[str, dict]:
    """How many finds on other pages the network judges right."""
    finds = finds_on_written_pages(TEST_SEED, RECIPE.test)
    right = int((answers_of(judge, finds.crops).argmax(axis=1) == finds.labels).sum())
    count = len(finds.labels)
    return f"judged right {right / count:.2%} of {count:,} finds", {"right": right, "finds": count}


if __name__ == "__main__":
    stopping.leave(main())
