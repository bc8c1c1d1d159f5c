"""Labelled images, and the three sets of a run."""

from dataclasses import dataclass

import numpy as np

from handwriting import console


@dataclass(frozen=True)
class Labelled:
    """Images (n, 28, 28, 1) and their labels (n,)."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices) -> "Labelled":
        return Labelled(self.images[indices], self.labels[indices])


@dataclass(frozen=True)
class Source:
    """What a source holds: training images, test images where it has its own, and one line about it."""

    kind: str
    description: str
    training: Labelled
    test: Labelled | None


@dataclass(frozen=True)
class Dataset:
    """The three sets of a run."""

    kind: str
    description: str
    training: Labelled
    validation: Labelled
    test: Labelled


SPLIT_SEED = 28  # one fixed order before any split, whatever --seed says


HELD_OUT = 10  # one image in ten: validation of the training images, and test where there is none


FEWEST_IMAGES = 20  # below that a tenth for validation means nothing


def split(source: Source, limit: int | None) -> Dataset:
    """Cuts a source into training, validation and test images, always the same ones.

    Folders come sorted by class, so one fixed permutation goes before any cut.
    """
    training = source.training.take(fixed_order(len(source.training)))
    test = source.test
    if test is None:
        test_size = len(training) // HELD_OUT
        test, training = training.take(slice(test_size)), training.take(slice(test_size, None))
    training = training.take(slice(limit))
    if len(training) < FEWEST_IMAGES:
        raise console.InputError(
            f"expected at least {FEWEST_IMAGES} training images, got {len(training)} ({source.description}); "
            "add images or raise --limit"
        )
    validation_size = len(training) // HELD_OUT
    return Dataset(
        kind=source.kind,
        description=source.description,
        training=training.take(slice(validation_size, None)),
        validation=training.take(slice(validation_size)),
        test=test,
    )


def fixed_order(count: int) -> np.ndarray:
    return np.random.default_rng(SPLIT_SEED).permutation(count)
