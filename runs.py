"""Where a run's files lie, what they say, how they are written safely; and what both scripts share.

Only the standard library is imported here: this module must load on a machine where
nothing else is installed yet, to say so in one line.
"""

from __future__ import annotations  # so that a Python that is too old gets as far as being told so

import argparse
import contextlib
import errno
import glob
import json
import logging
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path

# The name that --model takes -> the stem of the files that its run leaves.
STEMS = {
    "cnn_v2": "cnn_digit02",
    "cnn_v3": "cnn_digit03",
    "cnn_v1": "cnn_digit01",
    "mlp": "mlp",
    "cnn_drawn": "cnn_drawn",
    "cnn_small": "cnn_small",
}

PROJECT = Path(__file__).resolve().parent

OLDEST_PYTHON = (3, 11)
# Files saved by this Keras can't be read by 3.14 and older.
OLDEST_PACKAGES = {
    "keras": "3.15",
    "numpy": "2.0",
    "matplotlib": "3.8",
    "pillow": "11.0",
    "tensorflow": "2.19",
}
PART_SECONDS = 24 * 3600  # a file half written for so long will never be whole
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, in which a process's memory is told
MOST_WORKERS = 61  # processes that Windows lets one wait for
YIELDING = 10  # how far workers give way to the process that began them, for which all are waiting


class InputError(Exception):
    """What the user gave can't be used; its text is the one line to print. Exit code 2."""


def exit_code(main: Callable[[], int]) -> int:
    """That of a benchmark, or a module that shows what it makes; what it can't use, and Ctrl-C, end it with a line."""
    accept_all_characters()
    try:
        return main()
    except InputError as error:
        print(f"{Path(sys.argv[0]).name}: {printable(str(error))}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        return error.returncode  # which has said why
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 128 + signal.SIGINT


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str):
        self.exit(2, f"{self.prog}: {message}; --help shows what can be given\n")


def positive_integer(text: str) -> int:
    """Reads a command-line number that must be at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, came {text!r}")
    return int(text)


def natural_number(text: str) -> int:
    """Reads a command-line number that must be from 0 to 2**32 - 1, as seeds are."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to 4294967295, came {text!r}")
    return int(text)


def check_installation() -> None:
    """Ends the program with one line where Python or a package is missing or too old."""
    if sys.version_info < OLDEST_PYTHON:
        stop(
            f"expected Python {'.'.join(map(str, OLDEST_PYTHON))} or newer, came {platform.python_version()}; "
            "install a newer Python (3.13 is best) and make the virtual environment with it"
        )
    for package, version in OLDEST_PACKAGES.items():
        if package == "tensorflow" and backend() != "tensorflow":
            continue
        installed = installed_version(package)
        if version_numbers(installed) < version_numbers(version):
            stop(
                f"expected {package} {version} or newer, came {installed}; "
                "run: python -m pip install -r requirements.txt"
            )
    if installed_version(backend()) == "none":
        stop(
            f"KERAS_BACKEND names {backend()}, which is not installed; run: python -m pip install {backend()}"
        )


def backend() -> str:
    """What Keras is to compute with."""
    return os.environ.get("KERAS_BACKEND") or "tensorflow"  # Keras, too, takes an empty name for none


def start_keras() -> None:
    """Checks the installation, then imports Keras without the log lines that TensorFlow greets with.

    Since TensorFlow 2.19 no setting silences those, so they are kept from the error output until a first
    operation has started the devices; they are shown where that fails.
    """
    check_installation()
    os.environ["KERAS_BACKEND"] = backend()  # what was checked, and what a run's story will name
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # It would warn that several models are used in one program.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.stderr.flush()
    with tempfile.TemporaryFile() as greeting:
        error_output = os.dup(2)
        os.dup2(greeting.fileno(), 2)
        try:
            import keras

            # Whatever other projects wrote into ~/.keras/keras.json.
            keras.config.set_image_data_format("channels_last")
            keras.config.set_floatx("float32")
            keras.ops.zeros(1)
        except Exception:
            greeting.seek(0)
            os.write(error_output, greeting.read())
            raise
        finally:
            os.dup2(error_output, 2)
            os.close(error_output)


def accept_all_characters() -> None:
    """Lets a console or file that lacks a character show a replacement instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def output_cut_off(program: str, advice: str) -> int:
    """Says that what took the output had enough of it, as `head` has; gives the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python's own last flush would fail, too
    print(f"{program}: the output was cut off; {advice}", file=sys.stderr)
    return 1


def stop(line: str):
    """Ends the program: one line on the error output, exit code 2."""
    print(line, file=sys.stderr)
    raise SystemExit(2)


def installed_version(package: str) -> str:
    """The version of an installed package, or 'none'; `tensorflow-cpu` counts as TensorFlow."""
    for name in [package, f"{package}-cpu"]:
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "none"


def version_numbers(version: str) -> tuple[int, ...]:
    """'2.21.0rc1' -> (2, 21); no number -> ()."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


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
    make_folder(folder)
    lock = (folder / "lock").open("a+b")
    try:
        for place in (out / "checkpoints", out / "logs"):
            make_folder(place)  # now, not after an hour of training
        if not lock_file(lock):
            raise InputError(f"another run is training {stem} in {folder}; wait for it or stop it first")
        left_by_dead_run = state_file(out, stem).exists()
        if left_by_dead_run and not resume:
            raise InputError(
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
                with replacing(previous_path) as temporary:
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


def make_folder(folder: Path) -> None:
    """Makes a folder for results; raises InputError where that can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"expected a folder that can be written in, came {folder} ({error.strerror}); choose another with --out"
        ) from error


def worker_processes(count: int):
    """A pool of processes that leave Ctrl-C to this one and end when it ends, even by being killed."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # "spawn" everywhere: a copy of a process that runs TensorFlow may hang.
    return ProcessPoolExecutor(
        min(count, MOST_WORKERS), mp_context=multiprocessing.get_context("spawn"), initializer=begin_working
    )


def begin_working() -> None:
    """What a worker process does first."""
    import multiprocessing

    def end_with_parent() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):  # Windows has other means
        os.nice(YIELDING)
    threading.Thread(target=end_with_parent, daemon=True).start()


def unusable(path: Path, bytes_cap: int) -> str | None:
    """Why a path is not that of a file to open, or None where it is."""
    if path.is_dir():
        return "a folder"
    if not path.exists():
        return "a link to nothing" if path.is_symlink() else "no such file"
    if not path.is_file():
        return "not a regular file"
    size = path.stat().st_size
    if size == 0:
        return "an empty file"
    return f"too large: {size:,} bytes" if size > bytes_cap else None


def printable(text: str) -> str:
    """A name or message without line breaks, control characters and what is no text at all."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def first_line(error: Exception, length: int = 120) -> str:
    """What an exception says, short enough for a line."""
    lines = str(error).splitlines()
    return lines[0][:length] if lines else type(error).__name__


def shown(path: Path) -> str:
    """A path as short as it can be said from where the user is."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def write_text(path: Path, text: str) -> None:
    """Writes a text file whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def check_space(folder: Path, size: int) -> None:
    """Raises the error that a full disk raises, before so many bytes are written rather than in the middle."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OSError(
            errno.ENOSPC, f"expected {size / 1e6:,.1f} MB free, came {free / 1e6:,.1f} MB", str(folder)
        )


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and moves it over `path` once it is whole and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_old_parts(path)
    # Of this process's own: another may write the same file.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_old_parts(path: Path) -> None:
    """Removes what processes that were killed while they wrote this file have left."""
    for part in path.parent.glob(f".{glob.escape(path.stem)}.*.part{glob.escape(path.suffix)}"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > PART_SECONDS:
                part.unlink()


def write_settings(path: Path, settings: dict) -> None:
    write_text(path, json.dumps(settings, indent=2, ensure_ascii=False) + "\n")


def versions() -> dict[str, str]:
    """The versions that a figure depends on."""
    packages = {name: installed_version(name) for name in ("keras", backend(), "numpy", "pillow")}
    return {"python": platform.python_version(), **packages}


def machine() -> str:
    """One line that names the processor and how many of its cores may be used."""
    name = platform.processor() or platform.machine()
    cpu_list = Path("/proc/cpuinfo")
    if cpu_list.exists():
        lines = [line for line in cpu_list.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].partition(":")[2].strip() if lines else name
    return f"{platform.system()}, {name}, {usable_cores()} cores"


def largest_child() -> int:
    """The most memory, in bytes, that any finished process of this one's has taken; not on Windows."""
    import resource

    return MEMORY_UNIT * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
