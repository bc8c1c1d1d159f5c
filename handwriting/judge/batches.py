"""Batches of finds, varied. A batch depends on the seed, the epoch and its number alone."""

from dataclasses import dataclass

import numpy as np

from handwriting.judge.crops import INK_SIDE
from handwriting.judge.finds import Finds
from handwriting.quiet_keras import keras


@dataclass(frozen=True)
class VarySettings:
    """How squares are varied. Shares are of the squares; two numbers are the least and the most."""

    crowd: float = 0.5  # the exponent by which pages with more finds count more
    shift: int = 2  # px; a square is moved by up to so much both ways
    other_colours: float = 0.25  # have their colours exchanged
    two_colours: float = 0.2  # are shown between two colours, such as red on blue
    apart: float = 0.35  # that these differ at least, in red, green or blue
    inverted: float = 0.15
    grey: float = 0.15
    contrast: tuple[float, float] = (0.6, 1.1)  # times that of the square
    light: float = 0.05  # the standard deviation of what is added to all pixels


VARY = VarySettings()


class FindBatches(keras.utils.PyDataset):
    """The batches of all epochs, as `fit` takes them with the callback `follow_epochs()` and `shuffle=False`.

    A batch is squares, targets as `loss.py` has them, and how much each counts.
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
        random = np.random.default_rng([self.seed, self.epoch, 1 + index])  # 0 is that of the order
        some = moved(self.finds.take(numbers), random)
        return varied(some.crops, random), targets_of(some), self.weights[numbers].astype(np.float32)

    def start_epoch(self, epoch: int) -> None:
        """Chooses the order of an epoch."""
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.finds.labels))

    def follow_epochs(self) -> keras.callbacks.Callback:
        """The callback that tells these batches which epoch it is."""
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: self.start_epoch(epoch))


def targets_of(finds: Finds) -> np.ndarray:
    """What the network should answer: the labels, and then the ink."""
    inks = finds.inks.reshape(len(finds.labels), -1).astype(np.float32) / 255
    return np.concatenate([finds.labels[:, np.newaxis].astype(np.float32), inks], axis=1)


def moved(finds: Finds, random: np.random.Generator) -> Finds:
    """Finds whose squares, and ink, are each a little elsewhere. Ink that leaves its map is gone."""
    most = VARY.shift
    crops, inks = finds.crops.copy(), finds.inks.copy()
    around = np.pad(inks, ((0, 0), (most, most), (most, most)))
    for number, (down, right) in enumerate(random.integers(-most, most + 1, (len(crops), 2))):
        crops[number] = np.roll(crops[number], (down, right), (0, 1))
        inks[number] = around[number, most - down :, most - right :][:INK_SIDE, :INK_SIDE]
    return Finds(crops, inks, finds.labels, finds.page)


def varied(crops: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Squares in [0, 1], some in other colours, each with another contrast."""
    count = len(crops)
    squares = crops.astype(np.float32) / 255
    for number in np.flatnonzero(random.random(count) < VARY.other_colours):
        squares[number] = squares[number][..., random.permutation(3)]
    for number in np.flatnonzero(random.random(count) < VARY.two_colours):
        squares[number] = between_two_colours(squares[number], random)
    inverted = random.random(count) < VARY.inverted
    squares[inverted] = 1 - squares[inverted]
    grey = random.random(count) < VARY.grey
    squares[grey] = squares[grey].mean(axis=3, keepdims=True)
    contrast = random.uniform(*VARY.contrast, (count, 1, 1, 1))
    light = random.normal(0, VARY.light, (count, 1, 1, 1))
    means = squares.mean(axis=(1, 2, 3), keepdims=True)
    return np.clip((squares - means) * contrast + means + light, 0, 1).astype(np.float32)


def between_two_colours(square: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A square whose darkest grey is one colour and whose brightest is another."""
    grey = square.mean(axis=2, keepdims=True)
    share = (grey - grey.min()) / max(float(np.ptp(grey)), 0.2)
    one, other = random.random((2, 3))
    while np.abs(one - other).max() < VARY.apart:
        one, other = random.random((2, 3))
    return one + share * (other - one)
