"""What care costs: the time to save a run's state, and the time to check what is read."""

import itertools
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.fault_kinds.outcome import BAD_FROM, Outcome, seconds_of
from benchmarks.fault_kinds.running import Reading, run, script, start
from handwriting import console, model_files, safe_files
from handwriting.pictures.decoding import BYTES_CAP
from handwriting.quiet_keras import keras
from handwriting.reading.written import COLUMNS, no_formula
from handwriting.shipped import shipped_network
from handwriting.training import resume
from handwriting.training.run_files import run_of
from handwriting.writing.digits import write_digits


@dataclass(frozen=True)
class SavingRun:
    """The training of `cnn_v2` whose epochs are timed, and whose state is written again and again."""

    images: int = 1_000  # a tenth of them for validation: enough for an epoch that can be timed
    epochs: int = 4  # the first is not timed: it also compiles the network
    writes: int = 5  # of the state, of which the median is taken
    look_every: float = 0.01  # seconds: how often the benchmark looks for a new state


SAVING_RUN = SavingRun()
TRAINED_SHARE = 0.9  # of the images of a run; the others are for validation
MNIST_TRAINING = 54_000  # images: nine tenths of MNIST's 60,000
CELLS_A_PICTURE = 2 * len(COLUMNS)  # of predictions.csv: a row for the network, one for the ensemble


def cost_of_saving(digits: Path, folder: Path) -> Outcome:
    """The time to write a state of `cnn_v2`, compared with the time of an epoch on MNIST.

    A short training runs in a process of its own. Measured are

    - an epoch: the median time between two states that the training wrote, less the time to write one; as many times
      longer as MNIST has more images;
    - the writing: the median time that `write_state` takes for the training's own last state. Copying the arrays out
      of the model is not in it.
    """
    path = folder / "state.npz"
    epoch_and_writing = statistics.median(seconds_between_states(digits, folder / "run", path))
    state = resume.read_state(path)
    writings = [
        seconds_of(lambda: resume.write_state(folder / "again.npz", state)) for _ in range(SAVING_RUN.writes)
    ]
    writing = statistics.median(writings)
    trained = TRAINED_SHARE * SAVING_RUN.images
    epoch = (epoch_and_writing - writing) * MNIST_TRAINING / trained
    return compared("saving a state of cnn_v2", len(writings), writing, epoch)


def seconds_between_states(digits: Path, out: Path, copy: Path) -> list[float]:
    """Trains `cnn_v2`. Returns the seconds from each state to the next, and leaves a copy of the last state."""
    command = script(
        "cnn_model_v2.py",
        *("--model", "cnn_v2", "--data", digits, "--limit", SAVING_RUN.images),
        *("--epochs", SAVING_RUN.epochs, "--out", out),
    )
    state = run_of(out, "cnn_v2", "npz", SAVING_RUN.images).state
    written = []
    copy.parent.mkdir(parents=True, exist_ok=True)
    with start(command) as process:
        while process.poll() is None:
            time.sleep(SAVING_RUN.look_every)
            moment = state.stat().st_mtime if state.exists() else None
            if moment and moment not in written:
                written.append(moment)
                shutil.copyfile(state, copy)
        errors = process.stderr.read()
    if process.returncode:
        print(errors)
        raise subprocess.CalledProcessError(process.returncode, command)
    return [later - earlier for earlier, later in itertools.pairwise(written)]


def cost_of_reading(folder: Path, count: int) -> Outcome:
    """The time of all checks when so many pictures are read, compared with the time of reading without them.

    The checks are those of the pictures, of the network's file, of printed names, and of the table's cells.
    """
    folder.mkdir()
    paths = write_pictures(folder, count)
    model = shipped_network("cnn_v2")
    reading = Reading([folder], [model], folder.with_name("reading_out"))
    whole = seconds_of(lambda: run(reading.command()))
    model_files.load_model(model)  # the first load sets up what later ones use
    checks = seconds_of(lambda: model_files.load_model(model)) - seconds_of(
        lambda: keras.models.load_model(model)
    )
    checks += seconds_of(lambda: [safe_files.unusable(path, BYTES_CAP) for path in paths])
    checks += seconds_of(lambda: [console.printable(path.name) for path in paths])
    checks += seconds_of(lambda: [no_formula("0.9998") for _ in range(CELLS_A_PICTURE * count)])
    return compared(f"checking {count:,} pictures and a network", count, checks, whole - checks)


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Writes so many written digits as picture files, and returns their paths."""
    pixels, labels = write_digits(count)
    paths = [folder / f"{label}-{number:05d}.png" for number, label in enumerate(labels)]
    for path, picture in zip(paths, pixels, strict=True):
        Image.fromarray(picture).save(path)
    return paths


def compared(what: str, tried: int, care: float, without: float) -> Outcome:
    """The outcome of a comparison: seconds that care takes, and seconds that the work takes without it."""
    share = care / without
    bad = [f"{share:.1%} of the time without"] if share > BAD_FROM.share else []
    return Outcome(what, tried, bad, f"{1000 * care:,.0f} ms beside {without:,.1f} s: {share:.1%}")
