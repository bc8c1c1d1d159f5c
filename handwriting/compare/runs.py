"""A run, as its logs tell of it: what is shown and compared of a training."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Images:
    """The images that a run learned from and was tested on. Runs are ranked only if all of this is equal.

    Args:
        kind: one word for their source, such as mnist.
        checksum: of the training images and their labels.
        training: how many images the network learned from.
        validation: how many images the epochs were judged by.
        test: how many images the network was scored on in the end.
        tested_on: what these are.
        test_checksum: of the test images and their labels. Empty if the log does not say.
    """

    kind: str
    checksum: str
    training: int
    validation: int
    test: int
    tested_on: str = "test images"
    test_checksum: str = ""


@dataclass(frozen=True)
class Score:
    """How well images were read.

    Args:
        accuracy: the share of them that was read right.
        loss: as the log has it.
    """

    accuracy: float
    loss: float


@dataclass(frozen=True)
class Record:
    """What only the JSON of a run tells.

    Args:
        images: what it learned from and was tested on.
        settings: those in SETTINGS that the log names.
        seed: of weights and order.
        test: the score on the test images.
        misses: how many test images were misread.
        seconds: the time of the training.
        machine: what it was trained on.
    """

    images: Images
    settings: dict[str, str]
    seed: int
    test: Score
    misses: int
    seconds: float
    machine: str


@dataclass(frozen=True)
class LoggedRun:
    """A run, as its logs tell of it.

    Args:
        place: the path of its logs, without .json or .csv.
        network: the name that it is shown by.
        epochs: how many were trained.
        best_epoch: the one whose weights were saved, counted from 1.
        validation: the score of the best epoch on the validation images.
        record: what only the JSON tells. None without it.
        curves: the columns of the CSV. None without it.
    """

    place: Path
    network: str
    epochs: int
    best_epoch: int
    validation: Score
    record: Record | None
    curves: dict[str, list[float]] | None
