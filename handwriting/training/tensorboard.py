"""What TensorBoard shows of a training. The package tensorboard is not one of the project's: few need it."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

from handwriting import console
from handwriting.training.run_files import Run

# Keras writes with TensorFlow, which needs this package for it, and no longer installs it.
NEEDED = ("tensorflow", "tensorboard")
EVENTS = "events.out.tfevents.*"


def tensorboard_callbacks(folder: Path | None, resume: bool) -> Callable[[Run], list]:
    """A function that gives the callbacks of a run: one if a folder for TensorBoard is given, else none.

    Raises InputError at once, before any work, if a package is missing.

    Args:
        folder: what --tensorboard names.
        resume: whether the run goes on. Then its events go on where they were.
    """
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None] if folder else []
    if missing:
        raise console.InputError(
            f"--tensorboard: expected the package {missing[0]}, got none; "
            f"run: python -m pip install {' '.join(missing)}"
        )
    return lambda run: [writer_of(events_folder(folder, run, resume))] if folder else []


def events_folder(folder: Path, run: Run, resume: bool) -> Path:
    """The run's own folder in the one for TensorBoard, so that several networks can share that one.

    Raises InputError if another run's curves are there: TensorBoard would draw both as one.

    Args:
        folder: what --tensorboard names.
        run: the run that will write there.
        resume: whether the run goes on. Then its events go on where they were.
    """
    events = folder / run.stem
    try:
        is_taken = any(events.rglob(EVENTS))
        events.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise console.InputError(
            f"--tensorboard: expected a folder that can be written in, got {folder} ({error.strerror}); "
            "choose another"
        ) from error
    if is_taken and not resume:
        raise console.InputError(
            f"--tensorboard: expected a folder without an earlier run of {run.stem}, got one in "
            f"{console.shown(events)}; delete that, or choose another folder"
        )
    return events


def writer_of(events: Path):
    """The callback that writes the events. After each epoch they are on the disk: a killed run loses none."""
    import tensorflow

    from handwriting.quiet_keras import keras

    class SavedTensorBoard(keras.callbacks.TensorBoard):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            for writer in (self._train_writer, self._val_writer):
                tensorflow.summary.flush(writer)

    return SavedTensorBoard(str(events))
