"""How well a submission to Kaggle's digit recognizer reads, and how long it takes.

    python -m benchmarks.kaggle --mnist mnist.npz       some five minutes on two cores

Kaggle's files are MNIST's 70,000 images in another order: 42,000 in train.csv, and 28,000 in test.csv, whose labels
Kaggle keeps. This benchmark makes such files of an order that is random and the same every time, and runs

    python -m handwriting.submit --train train.csv --test test.csv

in an empty folder, as a user would. A table has the share of the 28,000 that is read right, the misses, and the
seconds of the whole command.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting import console, installation
from handwriting.data.kaggle_csv import LABEL, PIXEL_COLUMNS
from handwriting.data.load import source_of
from handwriting.data.sets import Labelled
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table

SEED = 42  # of the order of the images
TRAINING = 42_000  # images in Kaggle's train.csv; the others are in test.csv


@dataclass(frozen=True)
class Submitted:
    """What a submission is worth.

    Args:
        validation: the line that the command says of its validation images.
        misses: how many images of test.csv it misread.
        count: how many images there were.
        seconds: what the command took, from its start to its end.
    """

    validation: str
    misses: int
    count: int
    seconds: float

    @property
    def row(self) -> list[str]:
        return [
            self.validation,
            f"{1 - self.misses / self.count:.2%}",
            f"{self.misses}/{self.count}",
            f"{self.seconds:.0f}",
        ]


def main() -> int:
    parser = console.Parser(prog="benchmarks.kaggle", description="Measure a submission to Kaggle.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    arguments = parser.parse_args()
    print(installation.machine(), flush=True)
    train, test = divided(all_images(arguments.mnist), TRAINING)
    print(table(submitted(train, test)))
    return 0


def all_images(mnist: Path) -> Labelled:
    """The training and the test images of a file, together."""
    source = source_of(str(mnist), None)
    if source.test is None:
        raise console.InputError(
            f"--mnist: expected an mnist.npz with its test images, got {mnist} without any"
        )
    return Labelled(
        np.concatenate([source.training.images, source.test.images]),
        np.concatenate([source.training.labels, source.test.labels]),
    )


def divided(images: Labelled, training: int) -> tuple[Labelled, Labelled]:
    """So many of the images, and the others. Which ones is random, and the same every time."""
    mixed = images.take(np.random.default_rng(SEED).permutation(len(images)))
    return mixed.take(slice(training)), mixed.take(slice(training, None))


def submitted(train: Labelled, test: Labelled, *more: str) -> Submitted:
    """Runs the command in an empty folder, with more arguments if there are any. Its output is shown."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_csv(folder / "train.csv", train, with_labels=True)
        write_csv(folder / "test.csv", test, with_labels=False)
        command = [sys.executable, "-u", "-m", "handwriting.submit"]
        command += ["--train", "train.csv", "--test", "test.csv", *more]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        validation, began = "", time.monotonic()
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, encoding="utf-8"
        ) as process:
            for line in process.stdout:
                print(line, end="", flush=True)
                if line.startswith("validation"):
                    validation = line.removeprefix("validation").strip()
        seconds = time.monotonic() - began
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        digits = submitted_digits(folder / "submission.csv")
    return Submitted(validation, int((digits != test.labels).sum()), len(test), seconds)


def write_csv(path: Path, images: Labelled, with_labels: bool) -> None:
    """Writes images as Kaggle does, with the labels in the first column or without them."""
    table = np.round(images.images.reshape(len(images), -1) * 255).astype(np.uint8)
    names = PIXEL_COLUMNS
    if with_labels:
        table, names = np.column_stack([images.labels, table]), [LABEL, *names]
    np.savetxt(path, table, "%d", ",", header=",".join(names), comments="", encoding="utf-8")


def submitted_digits(path: Path) -> np.ndarray:
    """The digits of a submission, by the numbers of their images."""
    with path.open(newline="", encoding="utf-8") as file:
        digits = {int(row["ImageId"]): int(row["Label"]) for row in csv.DictReader(file)}
    return np.array([digits[number] for number in range(1, len(digits) + 1)])


def table(result: Submitted) -> str:
    return "\n" + text_table(
        ["validation", "test.csv read right", "misses", "seconds"], [result.row], right_aligned={1, 2, 3}
    )


if __name__ == "__main__":
    sys.exit(console.guard(main, "benchmarks.kaggle"))
