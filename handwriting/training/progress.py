"""What is seen of a training while it goes on: a line for each epoch, and the time that is left for all of them."""

import contextlib
import time
from collections.abc import Iterator

from handwriting import console
from handwriting.quiet_keras import keras

HEADER = "epoch      loss  accuracy  validation loss  accuracy  seconds  left at most"


class Progress(keras.callbacks.Callback):
    """Prints a line for each epoch, and moves a progress bar if there is one.

    Args:
        bar: a `rich.progress.Progress`, or None.
    """

    def __init__(self, bar):
        super().__init__()
        self.bar = bar

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch_began = time.perf_counter()
        if not hasattr(self, "first_epoch"):
            self.first_epoch, self.began = epoch, self.epoch_began
            print(HEADER, flush=True)
            if self.bar:
                steps = (self.params["epochs"] - epoch) * self.params["steps"]
                self.task = self.bar.add_task("training", total=steps)

    def on_train_batch_end(self, batch, logs=None):
        if self.bar:
            self.bar.advance(self.task)

    def on_epoch_end(self, epoch, logs=None):
        now = time.perf_counter()
        done = epoch + 1 - self.first_epoch
        left = (now - self.began) / done * (self.params["epochs"] - epoch - 1)
        number = f"{epoch + 1}/{self.params['epochs']}"
        line = (
            f"{number:>5}  {logs['loss']:>8.4f}  {logs['accuracy']:>8.2%}  {logs['val_loss']:>15.4f}  "
            f"{logs['val_accuracy']:>8.2%}  {now - self.epoch_began:>7.0f}  {in_words(left):>12}"
        )
        show = self.bar.console.print if self.bar else print
        show(line)


@contextlib.contextmanager
def training_progress() -> Iterator[Progress]:
    """The callback. On a terminal, with a progress bar below the lines."""
    if not console.on_terminal():
        yield Progress(None)
        return
    from rich import progress  # takes a tenth of a second

    columns = (progress.TextColumn("{task.description}"), progress.BarColumn(), progress.TaskProgressColumn())
    with progress.Progress(*columns, progress.TimeRemainingColumn(), transient=True) as bar:
        yield Progress(bar)


def in_words(seconds: float) -> str:
    """'40 s', '12 min', '2.5 h'."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"
