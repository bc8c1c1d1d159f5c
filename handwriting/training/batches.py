"""Training batches. Their order, and what chance changes in them, depend on the seed and the epoch alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from handwriting.quiet_keras import keras


@dataclass(frozen=True)
class ExtraImages:
    """Images that take the place of some training images in every batch.

    Args:
        images: (n, 28, 28, 1).
        targets: (n, 10).
        share: the part of each batch that they take, on average.
    """

    images: np.ndarray
    targets: np.ndarray
    share: float

    def __len__(self) -> int:
        return len(self.targets)


class Batches(keras.utils.PyDataset):
    """The batches of all epochs, as `fit` takes them.

    Keras doesn't tell a PyDataset which epoch it is: give `fit` the callback `follow_epochs()` and `shuffle=False`.

    Args:
        images: (n, 28, 28, 1).
        targets: a row or a number for each image.
        batch_size: images a step. The last step of an epoch may have fewer.
        seed: of the order and of all chance.
        augment: changes the images of a batch at random: (images, random generator) -> images.
        extra: mixed into every batch.
    """

    def __init__(
        self,
        images: np.ndarray,
        targets: np.ndarray,
        batch_size: int,
        seed: int,
        augment: Callable | None = None,
        extra: ExtraImages | None = None,
    ):
        # With one worker Keras lets tf.data tune itself, and the next epoch waits for a tuning thread that sleeps for
        # longer and longer.
        super().__init__(workers=2)
        self.images = images
        self.targets = targets
        self.batch_size = batch_size
        self.seed = seed
        self.augment = augment
        self.extra = extra
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.images))

    def __len__(self) -> int:
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        images, targets = self.images[chosen], self.targets[chosen]
        random = np.random.default_rng([self.seed, self.epoch, 1 + index])
        if self.extra:
            # Rounded up or down by chance: small batches get their share on average, too.
            replaced = int(self.extra.share * len(images) + random.random())
            drawn = random.integers(0, len(self.extra), replaced)
            images[:replaced], targets[:replaced] = self.extra.images[drawn], self.extra.targets[drawn]
        if self.augment:
            images = self.augment(images, random)
        return images, targets

    def follow_epochs(self) -> keras.callbacks.Callback:
        """The callback that tells these batches which epoch it is."""
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: self.start_epoch(epoch))
