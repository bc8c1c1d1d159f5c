"""Runs the two scripts in processes of their own, and tells how they ended and how much memory they took."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

try:
    import resource
except ImportError:  # Windows has no limits for processes
    resource = None

from handwriting import console, processes
from handwriting.shipped import PROJECT
from handwriting.writing.digits import write_digits


@dataclass(frozen=True)
class SmallRun:
    """The training that is killed again and again."""

    model: str = "cnn_small"  # the network whose epochs are the shortest
    epochs: int = 5  # so that most kills come after the first saved state
    digits: int = 3_000  # images: an epoch takes seconds


SMALL_RUN = SmallRun()
SHOWN_LETTERS = 200  # of an error output's last line


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Args:
        code: its exit code.
        errors: what it wrote to its error output.
        memory: the most memory in bytes that it, or a process that it started, has taken.
    """

    code: int
    errors: str
    memory: int

    @property
    def crashed(self) -> bool:
        """Whether the process was ended by a signal or an unexpected exception."""
        return self.code < 0 or "Traceback" in self.errors

    @property
    def last_line(self) -> str:
        """The last line of the error output."""
        return (self.errors.strip().splitlines() or ["(no error output)"])[-1][:SHOWN_LETTERS]


@dataclass(frozen=True)
class Reading:
    """One call of test_load.py: pictures are read with models, and the results are written into a folder."""

    pictures: list[Path]
    models: list[Path]
    out: Path

    def command(self) -> list[str]:
        """The command line."""
        return script("test_load.py", *self.pictures, "--models", *self.models, "--out", self.out)

    @property
    def table(self) -> Path:
        """The table of readings that the call leaves."""
        return self.out / "logs" / "predictions.csv"

    @property
    def sheet(self) -> Path:
        """The picture sheet that the call leaves."""
        return self.out / "logs" / "predictions.png"


def check_system() -> None:
    """Raises InputError on a system that has no limits for processes."""
    if resource is None:
        raise console.InputError(
            "expected Linux or macOS, got Windows, which has no limits for processes; run it there"
        )


def digits_file(path: Path) -> Path:
    """Writes the training images of SMALL_RUN, and returns their path."""
    pixels, labels = write_digits(SMALL_RUN.digits)
    np.savez(path, x_train=pixels, y_train=labels)
    return path


def training(digits: Path, out: Path, *more: str) -> list[str]:
    """The command line of SMALL_RUN. Arguments in `more` override the usual ones."""
    usual = ["--model", SMALL_RUN.model, "--epochs", SMALL_RUN.epochs, "--precision", "float32"]
    return script("cnn_model_v2.py", "--data", digits, "--out", out, *usual, *more)


def script(name: str, *arguments: object) -> list[str]:
    """The command line of one of the project's scripts."""
    return [sys.executable, str(PROJECT / name), *map(str, arguments)]


def run(command: list[str], file_size: int | None = None) -> Ended:
    """Runs a command to its end.

    The memory is never less than what this process has when it starts the other: at that moment, the other process is
    a copy of this one.

    Args:
        command: the command line.
        file_size: the bytes beyond which no file may grow, as on a full disk. None means no limit.
    """
    with start(command, file_size) as process:
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(process.returncode, errors, usage.ru_maxrss * processes.MEMORY_UNIT)


def run_undisturbed(command: list[str]) -> None:
    """Runs a command that nothing disturbs. If it fails all the same, the benchmark ends with its error output."""
    ended = run(command)
    if ended.code:
        print(ended.errors, file=sys.stderr)
        raise subprocess.CalledProcessError(ended.code, command)


def start(command: list[str], file_size: int | None = None) -> subprocess.Popen:
    """Starts a command. The arguments are those of `run`."""

    def limit_file_size() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that writing fails, as on a full disk

    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        preexec_fn=None if file_size is None else limit_file_size,
    )
