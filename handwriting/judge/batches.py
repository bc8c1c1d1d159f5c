"""Batches of finds, varied. A batch depends on the seed, the epoch and its number alone."""

from dataclasses import dataclass

import numpy as np

from handwriting.judge.finds import Finds
from handwriting.quiet_keras import keras


@dataclass(frozen=True)
class VarySettings:
    """How squares are varied. Shares are of the squares; two numbers are the least and the most."""

    crowd: float = 0.5  # the exponent by which pages with more finds count more
    shift: int = 2  # px; a square is moved by up to so much both ways
    other_colours: float = 0.3  # have their colours exchanged
    inverted: float = 0.15
    grey: float = 0.15
    contrast: tuple[float, float] = (0.6, 1.1)  # times that of the square
    light: float = 0.05  # the standard deviation of what is added to all pixels


VARY = VarySettings()


class FindBatches(keras.utils.PyDataset):
    """The batches of all epochs, as `fit` takes them with the callback `follow_epochs()` and `shuffle=False`.

    A batch is squares, labels, and how much each counts.
    """

    def __init__(self, finds: Finds, seed: int, batch_size: int):
        super().__init__(workers=2, max_queue_size=16)
        self.finds = finds
        self.seed = seed
        self.batch_size = batch_size
        on_page = np.bincount(finds.page)
        self.weights = (on_page[finds.page] / on_page.mean()) ** (VARY.crowd - 1)
        self.start_epoch(0)

    def __len__(self) -> int:
        return len(self.finds.labels) // self.batch_size

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        numbers = self.order[index * self.batch_size :][: self.batch_size]
        random = np.random.default_rng([self.seed, self.epoch, index])
        squares = varied(self.finds.crops[numbers], random)
        return squares, self.finds.labels[numbers], self.weights[numbers].astype(np.float32)

    def start_epoch(self, epoch: int) -> None:
        """Chooses the order of an epoch."""
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.finds.labels))

    def follow_epochs(self) -> keras.callbacks.Callback:
        """The callback that tells these batches which epoch it is."""
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: self.start_epoch(epoch))


def varied(crops: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Squares in [0, 1], each a little elsewhere, in other colours and with another contrast."""
    count = len(crops)
    squares = crops.astype(np.float32) / 255
    for number, shift in enumerate(random.integers(-VARY.shift, VARY.shift + 1, (count, 2))):
        squares[number] = np.roll(squares[number], shift, (0, 1))
    for number in np.flatnonzero(random.random(count) < VARY.other_colours):
        squares[number] = squares[number][..., random.permutation(3)]
    inverted = random.random(count) < VARY.inverted
    squares[inverted] = 1 - squares[inverted]
    grey = random.random(count) < VARY.grey
    squares[grey] = squares[grey].mean(axis=3, keepdims=True)
    contrast = random.uniform(*VARY.contrast, (count, 1, 1, 1))
    light = random.normal(0, VARY.light, (count, 1, 1, 1))
    means = squares.mean(axis=(1, 2, 3), keepdims=True)
    return np.clip((squares - means) * contrast + means + light, 0, 1).astype(np.float32)
