"""One training run on the disk: where its files are, the lock against a second run, how its results get into place."""

from __future__ import annotations  # lets an old Python reach the check of its version

import argparse
import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from handwriting import console, safe_files
from handwriting.shipped import LEARNED, STEMS

# Runs on other data than MNIST get stems of their own: they never take the place of a shipped network.
SUFFIX_OF_DATA = {"mnist": "", "offline": "_offline"}
OWN_DATA = "_own"
SHORT_RUN = "_try"
OTHER_LOGS = ("digits", "predictions", "comparison")  # the stems of other files in logs/


@dataclass(frozen=True)
class RunFiles:
    """The six files that a run leaves."""

    model: Path
    log: Path
    record: Path
    curves: Path
    confusion: Path
    misread: Path

    def paths(self) -> list[Path]:
        return [getattr(self, field.name) for field in fields(self)]


@dataclass(frozen=True)
class Run:
    """A training run.

    Args:
        out: the folder with checkpoints/, logs/ and running/.
        stem: what the names of its files begin with.
    """

    out: Path
    stem: str

    @property
    def final(self) -> RunFiles:
        """The files of a finished run."""
        return self.files_in(self.out / "checkpoints", self.out / "logs")

    @property
    def previous(self) -> RunFiles:
        """The files of the finished run before it, as `safe_files.keep_previous` keeps them."""
        return RunFiles(*(path.parent / "previous" / path.name for path in self.final.paths()))

    @property
    def running(self) -> RunFiles:
        """The files while the run goes on."""
        return self.files_in(self.folder, self.folder)

    @property
    def folder(self) -> Path:
        """The folder of a run that goes on or was killed."""
        return self.out / "running" / self.stem

    @property
    def state(self) -> Path:
        """What `--resume` continues from."""
        return self.folder / "state.npz"

    @property
    def lock(self) -> Path:
        """Locked by the process that the run belongs to."""
        return self.folder / "lock"

    @property
    def kept_mark(self) -> Path:
        """Exists once the earlier files are kept and the new ones may replace them."""
        return self.folder / "kept"

    @property
    def is_unfinished(self) -> bool:
        """Whether a run was killed before all its files were in place."""
        whole = self.kept_mark.exists() and not self.state.exists()
        return self.folder.exists() and not whole

    def files_in(self, checkpoints: Path, logs: Path) -> RunFiles:
        """The six files, in these two folders."""
        return RunFiles(
            model=checkpoints / f"{self.stem}.keras",
            log=logs / f"{self.stem}.csv",
            record=logs / f"{self.stem}.json",
            curves=logs / f"{self.stem}.png",
            confusion=logs / f"{self.stem}_confusion.png",
            misread=logs / f"{self.stem}_misread.png",
        )

    def others_unfinished(self) -> list[str]:
        """The stems of other unfinished runs that the same program can go on with.

        The finder and the judge, which lie one folder deeper, have a program each.
        """
        if self.stem != Path(self.stem).name:
            return []
        runs = [Run(self.out, path.name) for path in (self.out / "running").glob("*/")]
        return sorted(run.stem for run in runs if run.lock.exists() and run.is_unfinished)

    def replaced(self) -> str | None:
        """Where the files of the run before are and how they come back, if there was one. For a finished run."""
        if not self.previous.model.exists():
            return None
        places = [console.shown(path.parent) for path in (self.previous.model, self.previous.log)]
        return (
            f"the {self.stem} that was there before is now in {places[0]} and {places[1]}; "
            "to bring it back, move those files one folder up"
        )

    def nothing_to_resume(self) -> str:
        """Why `--resume` has nothing to do, and what to do instead."""
        others = ", ".join(self.others_unfinished())
        return (
            f"nothing left to resume: no unfinished run of {self.stem} lies in {self.folder.parent}\n"
            + (f"to go on with {others} give that run's other arguments, too\n" if others else "")
            + f"leave out --resume to train {self.stem} anew"
        )

    @contextlib.contextmanager
    def claim(self, resume: bool) -> Iterator[RunFiles]:
        """Holds the run's folder for this process, and gives the paths of the files that belong in it.

        The folder and a locked file in it keep a second run out. The operating system releases the lock when a run
        dies. A run that dies before the end of its first epoch leaves nothing to continue from.

        Args:
            resume: whether to continue from what a killed run left.
        """
        safe_files.make_folder(self.folder)
        lock = self.lock.open("a+b")
        try:
            for folder in (self.out / "checkpoints", self.out / "logs"):
                safe_files.make_folder(folder)  # now, not after an hour of training
            if not lock_file(lock):
                raise console.InputError(
                    f"another run is training {self.stem} in {self.folder}; wait for it or stop it first"
                )
            left_by_killed_run = self.state.exists()
            if left_by_killed_run and not resume:
                raise console.InputError(
                    f"an unfinished run lies in {self.folder}; go on with it by adding --resume, "
                    "or delete that folder to start anew"
                )
            if not left_by_killed_run:
                for path in (*self.running.paths(), self.kept_mark):
                    path.unlink(missing_ok=True)
            yield self.running
        finally:
            lock.close()
            # Another process's lock, or a state to continue from, keeps the folder.
            if not self.state.exists():
                remove_unlocked(self)

    def publish(self) -> RunFiles:
        """Moves the files of a finished run into place. What was there becomes the one previous set.

        If this is killed half-way, `--resume` does it again. The mark tells it that the earlier set is already kept,
        so that it does not keep new files as the earlier set.
        """
        if not self.kept_mark.exists():
            for path in self.final.paths():
                safe_files.keep_previous(path)
            self.kept_mark.touch()
        for new, final in zip(self.running.paths(), self.final.paths(), strict=True):
            if new.exists():
                final.parent.mkdir(parents=True, exist_ok=True)
                new.replace(final)
        self.state.unlink(missing_ok=True)
        return self.final

    def forget(self) -> None:
        """Deletes what the unfinished run has left, for a run that holds the folder. The finished one stays."""
        for path in (self.state, self.kept_mark, *self.running.paths()):
            path.unlink(missing_ok=True)

    def take_back(self) -> None:
        """Moves the files of the finished run to the folders previous/, the network first."""
        for path, previous in zip(self.final.paths(), self.previous.paths(), strict=True):
            if path.exists():
                previous.parent.mkdir(exist_ok=True)
                path.replace(previous)


def run_of(out: Path, model: str, data_kind: str, limit: int | None = None) -> Run:
    """The run of a network on one kind of data. A limit makes it a short run."""
    suffix = SUFFIX_OF_DATA.get(data_kind, OWN_DATA)
    return Run(out, STEMS[model] + suffix + (SHORT_RUN if limit else ""))


def learned_run(out: Path, start: Path, name: str | None = None) -> Run:
    """The run that goes on from a trained network with a person's digits.

    Args:
        out: the folder with checkpoints/, logs/ and running/.
        start: the trained network's file.
        name: the stem of its files. None means that of the start, with an ending.
    """
    return Run(out, name or re.sub("[^A-Za-z0-9_-]", "_", start.stem.removesuffix(LEARNED)) + LEARNED)


def network_name(text: str) -> str:
    """Parses the name of a network of one's own. It becomes a file's name, and takes no shipped network's place."""
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,63}", text):
        raise argparse.ArgumentTypeError(f"expected letters, digits, _ and - alone, got {text!r}")
    if text.lower() in {*STEMS, *STEMS.values(), *OTHER_LOGS}:
        raise argparse.ArgumentTypeError(f"expected a name that no file of the project has, got {text!r}")
    return text


def how_to_go_on(runs: list[Run]) -> str:
    """What to do after a stop. Only a run with a whole epoch can be continued."""
    with contextlib.suppress(OSError):  # the stop may be due to a folder that can't be looked into
        if any(run.state.exists() for run in runs):
            return "the same command with --resume continues after the last whole epoch"
    return "no epoch was finished, so there is nothing to resume; start again"


def possible_runs(out: Path, model: str, data: str | None, limit: int | None = None) -> list[Run]:
    """The runs of a network that a command line may mean, before its data is loaded.

    Without --data it is MNIST, or written digits if that can't be had. A path may be that of MNIST.
    """
    kinds = {None: ["mnist", "offline"], "mnist": ["mnist"], "offline": ["offline"]}.get(
        data, ["mnist", OWN_DATA]
    )
    return [run_of(out, model, kind, limit) for kind in kinds]


def remove_unlocked(run: Run) -> None:
    """Removes the run's folder, unless another run has just taken it; and folders that are empty then."""
    with contextlib.suppress(OSError):
        with run.lock.open("a+b") as lock:
            free = lock_file(lock)
        if free:
            shutil.rmtree(run.folder)
    for place in (run.folder.parent, run.out / "checkpoints", run.out / "logs"):
        with contextlib.suppress(OSError):
            place.rmdir()  # does so only if it is empty


def lock_file(file) -> bool:
    """Locks an open file until it is closed or the process ends. False if another process holds the lock."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # each system's way to say that another holds it
        return False
    return True
