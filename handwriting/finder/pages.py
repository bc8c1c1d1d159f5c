"""Batches of written pages. No page is seen twice, and page and batch depend on the seed and the epoch alone."""

from concurrent.futures import Executor

import numpy as np

from handwriting.finder.targets import target_of
from handwriting.quiet_keras import keras
from handwriting.writing.pages import write_page

AHEAD = 8  # batches that are written while the network learns
OTHER_COLOURS = 0.3  # of the pages have their colours exchanged
INVERTED = 0.1  # of the pages are inverted, beside those that are written so
GREY = 0.15  # of the pages are grey


class PageBatches(keras.utils.PyDataset):
    """The batches of all epochs, as `fit` takes them with the callback `follow_epochs()` and `shuffle=False`.

    Args:
        pool: processes that write the pages.
        seed: of the pages.
        batches: in an epoch.
        batch_size: pages in a batch.
    """

    def __init__(self, pool: Executor, seed: int, batches: int, batch_size: int):
        super().__init__(workers=4, max_queue_size=AHEAD)
        self.pool = pool
        self.seed = seed
        self.batches = batches
        self.batch_size = batch_size
        self.epoch = 0

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        first = (self.epoch * self.batches + index) * self.batch_size
        return self.pool.submit(written_batch, self.seed, first, self.batch_size).result()

    def follow_epochs(self) -> keras.callbacks.Callback:
        """The callback that tells these batches which epoch it is."""
        return keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: setattr(self, "epoch", epoch)
        )


def written_batch(seed: int, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pages in other colours, and their targets."""
    random = np.random.default_rng([seed, first, count])
    pages = [write_page(seed, number) for number in range(first, first + count)]
    pixels = np.stack([in_other_colours(page.pixels, random) for page in pages])
    return pixels, np.stack([target_of(page) for page in pages])


def in_other_colours(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A page as float32 in [0, 1], perhaps with exchanged colours, inverted, or grey."""
    picture = pixels.astype(np.float32) / 255
    if random.random() < OTHER_COLOURS:
        picture = picture[..., random.permutation(3)]
    if random.random() < INVERTED:
        picture = 1 - picture
    if random.random() < GREY:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    return picture
