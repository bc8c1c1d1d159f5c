"""Labelled images, and how a source of them is split into training, validation and test images."""

from dataclasses import dataclass

import numpy as np

from handwriting import console


@dataclass(frozen=True)
class Labelled:
    """Digit images, an array of shape (n, 28, 28, 1), and their labels, an array of shape (n,)."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: np.ndarray | slice) -> "Labelled":
        """The images and labels at these indices, in this order."""
        return Labelled(self.images[indices], self.labels[indices])


@dataclass(frozen=True)
class Source:
    """The images of one file, folder or download, before they are split.

    Args:
        kind: one word for the source: mnist, npz, idx, csv, pictures or offline.
        description: the source in one line, for the user.
        training: the training images.
        test: the test images, or None if the source has none of its own.
        unread: how many files or folders of the source could not be read.
    """

    kind: str
    description: str
    training: Labelled
    test: Labelled | None
    unread: int = 0


@dataclass(frozen=True)
class Dataset:
    """The three sets of a training run. `kind`, `description` and `unread` are those of the source."""

    kind: str
    description: str
    training: Labelled
    validation: Labelled
    test: Labelled
    unread: int

    def summary(self) -> str:
        """A line with the source, and one with the sizes of the sets."""
        return (
            f"{self.description}\n         {len(self.training):,} for training, "
            f"{len(self.validation):,} for validation, {len(self.test):,} for the test"
        )


@dataclass(frozen=True)
class SplitSettings:
    """How a source is split."""

    seed: int = 28  # of the fixed order of the images; --seed does not change it
    one_in: int = 10  # one image in so many is held out: a tenth leaves enough for training and tells enough
    fewest: int = 150  # training images; with fewer, neither the network nor its figures are worth the time


SPLIT = SplitSettings()


def split(source: Source, limit: int | None) -> Dataset:
    """Splits a source into training, validation and test images, the same ones every time.

    Many sources are sorted by digit. So their images are put into a fixed random order first.

    Args:
        source: the images.
        limit: use only so many training images, including those for validation. None means all.
    """
    training = source.training.take(fixed_order(len(source.training)))
    test = source.test
    if test is None:
        test, training = held_out(training)
    training = training.take(slice(limit))
    if len(training) < SPLIT.fewest:
        more = "add images or raise --limit" if limit else "add images"
        beside = f" and {len(test)} for the test" if source.test is None else ""
        raise console.InputError(
            f"expected at least {SPLIT.fewest} training images, got {len(training)}{beside} "
            f"({source.description}): a network "
            f"learns nothing from so few; {more}, have a trained network learn them (--start "
            "checkpoints/cnn_digit03.keras), or read them with the networks that are trained already: "
            "python test_load.py"
        )
    if len(classes := np.unique(training.labels)) == 1:
        raise console.InputError(
            f"expected images of several digits, got {classes[0]}s alone ({source.description}): a network would "
            "learn nothing from them; add images of the other digits"
        )
    validation, training = held_out(training)
    return Dataset(
        kind=source.kind,
        description=source.description,
        training=training,
        validation=validation,
        test=test,
        unread=source.unread,
    )


def fixed_order(count: int) -> np.ndarray:
    """The numbers from 0 to count - 1 in an order that looks random and is the same every time."""
    return np.random.default_rng(SPLIT.seed).permutation(count)


def held_out(labelled: Labelled) -> tuple[Labelled, Labelled]:
    """The first tenth of the images, and the rest."""
    size = len(labelled) // SPLIT.one_in
    return labelled.take(slice(size)), labelled.take(slice(size, None))
