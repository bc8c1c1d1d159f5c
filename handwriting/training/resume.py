"""A killed run continues after its last whole epoch: same weights, same CSV rows, same best model.

After every epoch the callback `Resume` writes everything that the next epoch depends on into one file, whole or not at
all. It stands last in the callback list: at the end of an epoch it sees what the others did, and when training starts
it sets them after they have reset themselves. It also needs a data order that depends on the seed and the epoch alone:
see `batches.py`.
"""

import hashlib
import json
import math
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting import console, safe_files
from handwriting.quiet_keras import keras
from handwriting.training.run_files import Run

# What the callbacks remember from one epoch to the next. EarlyStopping's best weights are kept as arrays.
REMEMBERED = {
    "SwapEMAWeights": ("_ema_weights_in_model",),
    "EarlyStopping": ("best", "best_epoch", "wait", "stopped_epoch"),
    "ModelCheckpoint": ("best",),
    "ReduceLROnPlateau": ("best", "wait", "cooldown_counter"),
}
FACTS = ("settings", "epochs_done", "finished", "seconds", "log_text", "callbacks")
FLOAT_BYTES = 4
FREE_SPACE = 2  # this many times a state's size must be free, because a checkpoint is written, too


@dataclass(frozen=True)
class State:
    """A run after its last whole epoch."""

    settings: dict
    epochs_done: int
    finished: bool
    seconds: float
    log_text: str
    callbacks: dict[str, dict]
    variables: list[np.ndarray]
    best_weights: list[np.ndarray]


def read_state(path: Path) -> State:
    """Reads a state file. Raises InputError if it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        facts = json.loads(str(arrays.pop("facts")))
        counts = facts.pop("counts")
        return State(
            **facts,
            variables=[arrays[f"variable_{number}"] for number in range(counts["variables"])],
            best_weights=[arrays[f"best_{number}"] for number in range(counts["best_weights"])],
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise console.InputError(
            f"{path} is damaged ({console.first_line(error)}); delete the folder {path.parent} and train anew"
        ) from error


def write_state(path: Path, state: State) -> None:
    """Writes a state file, whole or not at all."""
    facts = {name: getattr(state, name) for name in FACTS}
    facts["counts"] = {"variables": len(state.variables), "best_weights": len(state.best_weights)}
    arrays = {f"variable_{number}": array for number, array in enumerate(state.variables)}
    arrays |= {f"best_{number}": array for number, array in enumerate(state.best_weights)}
    safe_files.check_space(path.parent, FREE_SPACE * sum(array.nbytes for array in arrays.values()))
    with safe_files.replacing(path) as temporary:
        np.savez(temporary, facts=np.array(json.dumps(facts)), **arrays)


def check_same_run(state: State, settings: dict, run: Run) -> None:
    """Raises InputError, with the name of the setting, if a run would continue with other settings or data."""
    for name, now in settings.items():
        before = state.settings.get(name)
        if before != now:
            raise console.InputError(
                f"--resume: the unfinished run had {name} {before}, this command has {now}; "
                f"give the same settings, or delete the folder {run.folder} to start anew"
            )


def checksum(*arrays: np.ndarray) -> str:
    """A short fingerprint of arrays. Other data have another one."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


class Resume(keras.callbacks.Callback):
    """Saves the run's state after every epoch, and restores it when a run continues.

    Args:
        run: the run, whose CSV is written by CSVLogger with `append=True`.
        settings: what must be the same when the run continues.
        callbacks: the other callbacks, whose memory is kept.
        state: what to continue from, or None for a new run.
        started: when this part of the run began, by `time.perf_counter`.
    """

    def __init__(
        self,
        run: Run,
        settings: dict,
        callbacks: list[keras.callbacks.Callback],
        state: State | None,
        started: float,
    ):
        super().__init__()
        self.run = run
        self.settings = settings
        self.remembering = {
            type(callback).__name__: callback
            for callback in callbacks
            if type(callback).__name__ in REMEMBERED
        }
        self.state = state
        self.seconds_before = state.seconds if state else 0.0
        self.started = started
        # CSVLogger appends to what it finds: exactly the rows of the whole epochs.
        safe_files.write_text(run.running.log, state.log_text if state else "")

    @property
    def first_epoch(self) -> int:
        """`fit`'s initial epoch. A run that had finished its training has no epoch left."""
        if self.state is None:
            return 0
        return self.settings["epochs"] if self.state.finished else self.state.epochs_done

    @property
    def seconds(self) -> float:
        """The seconds that the run has trained, all its parts together."""
        return self.seconds_before + time.perf_counter() - self.started

    def on_train_begin(self, logs=None):
        # The first checkpoint comes before the first state. A full disk is reported before an epoch is spent.
        sizes = [math.prod(variable.shape) for variable in self.all_variables()]
        safe_files.check_space(self.run.folder, FREE_SPACE * FLOAT_BYTES * sum(sizes))
        if self.state is None:
            return
        if [variable.shape for variable in self.all_variables()] != [v.shape for v in self.state.variables]:
            raise console.InputError(
                f"--resume: the unfinished run's network had other layers than {self.settings['model']} has now; "
                f"delete the folder {self.run.folder} to start anew"
            )
        for variable, value in zip(self.all_variables(), self.state.variables, strict=True):
            variable.assign(value)
        for name, callback in self.remembering.items():
            for attribute, value in self.state.callbacks[name].items():
                setattr(callback, attribute, value)
        self.remembering["EarlyStopping"].best_weights = self.state.best_weights

    def on_epoch_end(self, epoch, logs=None):
        if not np.isfinite([logs["loss"], logs["val_loss"]]).all():
            return  # the last good state is worth keeping, not this one
        write_state(
            self.run.state,
            State(
                settings=self.settings,
                epochs_done=epoch + 1,
                finished=self.model.stop_training or epoch + 1 == self.settings["epochs"],
                seconds=self.seconds,
                log_text=self.run.running.log.read_bytes().decode("utf-8"),
                callbacks={
                    name: {attribute: getattr(callback, attribute) for attribute in REMEMBERED[name]}
                    for name, callback in self.remembering.items()
                },
                variables=[keras.ops.convert_to_numpy(variable) for variable in self.all_variables()],
                best_weights=self.remembering["EarlyStopping"].best_weights,
            ),
        )

    def all_variables(self) -> list:
        """Weights, the random states of dropout layers, and the optimizer's memory. Metrics start anew anyway."""
        self.model.optimizer.build(self.model.trainable_variables)
        metrics = {id(variable) for variable in self.model.metrics_variables}
        own = [variable for variable in self.model.variables if id(variable) not in metrics]
        return [*own, *self.model.optimizer.variables]
