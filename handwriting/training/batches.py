"""Training batches whose order and variation are a function of (seed, epoch)."""

import numpy as np

from handwriting.digit_image import unit_range
from handwriting.quiet_keras import keras
from handwriting.training.variation import varied
from handwriting.writing.digits import write_all_forms
from handwriting.writing.other_ink import write_non_digits

# What synth.py draws (`company`) takes the place of so much of each batch.
NON_DIGITS = 0.03


WRITTEN = 0.025


IMAGES_PER_COMPANION = 10  # one is drawn for so many images; each serves often, turned and bent anew


COMPANY_SEED = 0  # benchmarks read non-digits of other seeds


class Batches(keras.utils.PyDataset):
    """Training batches whose order and variation are a pure function of (seed, epoch).

    Keras tells a PyDataset nothing of the epoch: give `fit` the callback `follow_epochs()` and
    `shuffle=False`.

    Args:
        images: (n, 28, 28, 1).
        targets: a row or number for each image.
        batch_size: images a step; the last step of an epoch may have fewer.
        seed: of the order and the variation.
        vary: whether the images are varied, anew in every epoch.
        company: pictures and their targets, some of which take the place of images in every batch.
    """

    def __init__(
        self,
        images: np.ndarray,
        targets: np.ndarray,
        batch_size: int,
        seed: int,
        vary: bool = False,
        company: tuple[np.ndarray, np.ndarray] | None = None,
    ):
        # With a single worker Keras lets tf.data tune itself, and the next epoch waits until its tuning thread, which
        # sleeps for longer and longer, wakes up.
        super().__init__(workers=2)
        self.images = images
        self.targets = targets
        self.batch_size = batch_size
        self.seed = seed
        self.vary = vary
        self.company = company
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.images))

    def __len__(self) -> int:
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        pictures, targets = self.images[chosen], self.targets[chosen]
        random = np.random.default_rng([self.seed, self.epoch, 1 + index])
        if self.company:
            others, their_targets = self.company
            # On average that many: of small batches, too.
            replaced = int((NON_DIGITS + WRITTEN) * len(pictures) + random.random())
            drawn = random.integers(0, len(others), replaced)
            pictures[:replaced], targets[:replaced] = others[drawn], their_targets[drawn]
        if self.vary:
            pictures = varied(pictures, random)
        return pictures, targets

    def follow_epochs(self) -> keras.callbacks.Callback:
        """The callback that tells these batches which epoch it is."""
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: self.start_epoch(epoch))


def company(beside: int) -> tuple[np.ndarray, np.ndarray]:
    """What a network learns beside so many images, so that it reads more than they hold, and takes less for a digit.

    Digits in forms that people write and MNIST hardly has; and ink that is no digit, whose target is the same for each
    digit: what a network should answer where it can't tell.

    Returns:
        Pictures (n, 28, 28, 1) and targets (n, 10).
    """
    count = -(-beside // IMAGES_PER_COMPANION)
    without = round(count * NON_DIGITS / (NON_DIGITS + WRITTEN))
    others, _ = write_non_digits(without, COMPANY_SEED)
    digits, labels = write_all_forms(count - without, COMPANY_SEED)
    targets = np.concatenate([np.full((without, 10), 0.1), np.eye(10)[labels]])
    return unit_range(np.concatenate([others, digits])), targets
