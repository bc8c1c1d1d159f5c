"""Batches of written pages. No page is seen twice. A batch depends on the seed, the epoch and its number alone."""

from concurrent.futures import Executor

import numpy as np

from handwriting.finder.pages import written_batch
from handwriting.quiet_keras import keras

AHEAD = 8  # batches that are written while the network learns


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
