"""Where a run's files lie; the lock that keeps a second run out; how they get into place."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from handwriting import console, safe_files


@dataclass(frozen=True)
class RunFiles:
    """The six files that a run leaves."""

    model: Path
    log: Path
    settings: Path
    curves: Path
    confusion: Path
    misread: Path

    def paths(self) -> list[Path]:
        return [getattr(self, field.name) for field in fields(self)]


def files_of(checkpoints: Path, logs: Path, stem: str) -> RunFiles:
    """The run's six files, in these two folders."""
    return RunFiles(
        model=checkpoints / f"{stem}.keras",
        log=logs / f"{stem}.csv",
        settings=logs / f"{stem}.json",
        curves=logs / f"{stem}.png",
        confusion=logs / f"{stem}_confusion.png",
        misread=logs / f"{stem}_misread.png",
    )


def final_files(out: Path, stem: str) -> RunFiles:
    """Where the files of a whole run lie."""
    return files_of(out / "checkpoints", out / "logs", stem)


def previous_files(out: Path, stem: str) -> RunFiles:
    """Where the files of the run before it lie."""
    return files_of(out / "checkpoints" / "previous", out / "logs" / "previous", stem)


def running_files(out: Path, stem: str) -> RunFiles:
    """Where the files lie while the run is under way."""
    folder = running_folder(out, stem)
    return files_of(folder, folder, stem)


def running_folder(out: Path, stem: str) -> Path:
    return out / "running" / stem


def state_file(out: Path, stem: str) -> Path:
    """What `--resume` goes on from."""
    return running_folder(out, stem) / "state.npz"


def kept_mark(out: Path, stem: str) -> Path:
    """What is there once the earlier files are kept and the new ones may replace them."""
    return running_folder(out, stem) / "kept"


@contextlib.contextmanager
def claim(out: Path, stem: str, resume: bool) -> Iterator[RunFiles]:
    """Holds `running/<stem>/` for one run, and gives the paths of the files that belong in it.

    The folder and a locked file in it keep a second run out; the operating system lets go of
    the lock when a run dies. A run that dies before its first epoch ended leaves nothing to go on with.

    Args:
        out: the folder with checkpoints/, logs/ and running/.
        stem: the stem of the run's files.
        resume: go on with what a run that died left there.
    """
    folder = running_folder(out, stem)
    safe_files.make_folder(folder)
    lock = (folder / "lock").open("a+b")
    try:
        for place in (out / "checkpoints", out / "logs"):
            safe_files.make_folder(place)  # now, not after an hour of training
        if not lock_file(lock):
            raise console.InputError(
                f"another run is training {stem} in {folder}; wait for it or stop it first"
            )
        left_by_dead_run = state_file(out, stem).exists()
        if left_by_dead_run and not resume:
            raise console.InputError(
                f"an unfinished run lies in {folder}; go on with it by adding --resume, "
                "or delete that folder to start anew"
            )
        if not left_by_dead_run:
            for path in (*running_files(out, stem).paths(), kept_mark(out, stem)):
                path.unlink(missing_ok=True)
        yield running_files(out, stem)
    finally:
        lock.close()
        # Another process's lock, or the state of a run to go on with, keeps the folder.
        if not state_file(out, stem).exists():
            remove_unlocked(folder)


def left_unfinished(out: Path, stem: str) -> bool:
    """Whether a run that was killed left its folder there, its files not yet in place."""
    whole = kept_mark(out, stem).exists() and not state_file(out, stem).exists()
    return running_folder(out, stem).exists() and not whole


def remove_unlocked(folder: Path) -> None:
    """Removes a run's folder, unless another run has just taken it."""
    with contextlib.suppress(OSError):
        with (folder / "lock").open("a+b") as lock:
            free = lock_file(lock)
        if free:
            shutil.rmtree(folder)
    out = folder.parent.parent
    for place in (folder.parent, out / "checkpoints", out / "logs"):
        with contextlib.suppress(OSError):
            place.rmdir()  # where it is empty


def lock_file(file) -> bool:
    """Locks an open file until it is closed or the process ends; False where another process holds it."""
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


def publish(out: Path, stem: str) -> RunFiles:
    """Moves a whole run's files into place; what lay there becomes the one previous set.

    Killed on the way, it is done again by `--resume`, and must not take the new files for the earlier set then.
    """
    new, final, previous = running_files(out, stem), final_files(out, stem), previous_files(out, stem)
    kept = kept_mark(out, stem)
    if not kept.exists():
        for final_path, previous_path in zip(final.paths(), previous.paths(), strict=True):
            if final_path.exists():
                with safe_files.replacing(previous_path) as temporary:
                    shutil.copyfile(final_path, temporary)
            else:  # of the run before that one
                previous_path.unlink(missing_ok=True)
        kept.touch()
    for new_path, final_path in zip(new.paths(), final.paths(), strict=True):
        if new_path.exists():
            final_path.parent.mkdir(parents=True, exist_ok=True)
            new_path.replace(final_path)
    state_file(out, stem).unlink(missing_ok=True)
    return final
