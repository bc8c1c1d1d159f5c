"""What goes on around `fit`: its progress is shown, Ctrl-C ends it, and its log is closed."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from handwriting import stopping
from handwriting.quiet_keras import keras
from handwriting.training.progress import training_progress


@contextlib.contextmanager
def watched(log: Path, callbacks: list[keras.callbacks.Callback]) -> Iterator[list[keras.callbacks.Callback]]:
    """Gives `fit` the callbacks that show its progress and end it between two batches when that is asked for.

    Args:
        log: CSVLogger's file.
        callbacks: the others, with CSVLogger among them.
    """
    try:
        with stopping.signals_wait() as stop_if_asked, training_progress() as progress:
            yield [progress, keras.callbacks.LambdaCallback(on_train_batch_end=stop_if_asked)]
    finally:
        close_log(log, callbacks)


def close_log(path: Path, callbacks: list[keras.callbacks.Callback]) -> None:
    """Closes CSVLogger's file, which an interrupted `fit` leaves open. Mends its lines, which end twice on Windows."""
    for callback in callbacks:
        log_file = getattr(callback, "csv_file", None)
        if log_file:
            log_file.close()
    if path.exists() and b"\r\r\n" in (text := path.read_bytes()):
        path.write_bytes(text.replace(b"\r\r\n", b"\r\n"))
