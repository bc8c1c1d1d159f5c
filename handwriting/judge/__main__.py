"""Train the judge: the network that looks at each find of the finder alone, and says which digit it is, or none.

    python -m handwriting.judge                trains it: about two hours on two CPU cores
    python -m handwriting.judge --epochs 2     a short try; give --out, too
    python -m handwriting.judge --resume       goes on with an interrupted training
    python -m handwriting.judge --data mnist   with MNIST's digits on some of the pages

It learns from what the finder finds on written pages, so nothing is downloaded. With --data, some of the pages have
digits that people wrote, from MNIST or a file of your own. The training takes 4.7 GB of memory. After every epoch it is
tested on finds on pages that it has not seen. It leaves checkpoints/reader/judge.keras and logs/reader/judge.csv, .json
and .png. The last lines name the files. The line before them says how well it judges finds on still other pages:

    test  judged right 89.25% of 5,490 finds  ink 0.539 intersection over union
"""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from handwriting import console, stopping
from handwriting.data.load import load
from handwriting.judge.batches import FindBatches, targets_of
from handwriting.judge.finds import finds_on_written_pages
from handwriting.judge.judging import answers_of
from handwriting.judge.loss import accuracy, ink_shared, judge_loss
from handwriting.judge.network import build_judge
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
from handwriting.training.resume import checksum
from handwriting.writing.pasted import Collected

PROGRAM = "python -m handwriting.judge"
MOST_COLLECTED = 10_000  # digits of --data; each process that writes pages gets them again and again
STEM = "reader/judge"
RECIPE = PageRecipe(epochs=5, pages=24_000, batch_size=128, validation=300)


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
    collected = arguments.data and collected_digits(arguments.data)
    training = PageTraining(
        program=PROGRAM,
        stem=STEM,
        recipe=RECIPE,
        build=build_judge,
        loss=judge_loss,
        metrics=[accuracy, ink_shared],
        data=lambda: finds_to_learn_from(arguments, collected),
        test=scored,
        settings={
            "model": "judge",
            "pages": RECIPE.pages,
            "data": arguments.data and Path(arguments.data).name,
            "data_checksum": collected and checksum(collected.pixels, collected.labels),
        },
    )
    return run_training(training, arguments)


@contextlib.contextmanager
def finds_to_learn_from(
    arguments: argparse.Namespace, collected: Collected | None
) -> Iterator[tuple[FindBatches, tuple]]:
    """The batches, and the validation finds."""
    validation = finds_on_written_pages(VALIDATION_SEED, RECIPE.validation)
    finds = finds_on_written_pages(arguments.seed, RECIPE.pages, collected)
    print(
        f"training on {len(finds.labels):,} finds on {RECIPE.pages:,} written pages in {arguments.epochs} epochs, "
        f"seed {arguments.seed}"
    )
    batches = FindBatches(finds, arguments.seed, RECIPE.batch_size)
    yield batches, (validation.crops.astype(np.float32) / 255, targets_of(validation))


def collected_digits(data: str) -> Collected:
    """Some of the training images that --data names."""
    training = load(data).training.take(slice(MOST_COLLECTED))
    return Collected((training.images[..., 0] * 255).astype(np.uint8), training.labels)


def scored(judge: keras.Model) -> tuple[str, dict]:
    """How many finds on other pages the network judges right."""
    finds = finds_on_written_pages(TEST_SEED, RECIPE.test)
    answers, inks = answers_of(answering(judge), finds.crops)
    right, count = int((answers.argmax(axis=1) == finds.labels).sum()), len(finds.labels)
    ink, taken = finds.inks > 127, inks > 0
    shared = float((ink & taken).sum() / max(1, (ink | taken).sum()))
    said = f"judged right {right / count:.2%} of {count:,} finds  ink {shared:.3f} intersection over union"
    return said, {"right": right, "finds": count, "ink_shared": shared}


if __name__ == "__main__":
    stopping.leave(main())
