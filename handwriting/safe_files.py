"""Files that are written whole or not at all."""

from __future__ import annotations  # lets an old Python reach the check of its version

import contextlib
import errno
import glob
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from handwriting import console

UNLISTED = "a folder that may not be listed"
OLD_PART_SECONDS = 24 * 3600  # a partial file that is so old was left by a process that was killed


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and moves it over `path` once it is whole and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_old_parts(path)
    # The name contains the process number, because another process may write the same file.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.filename == str(temporary):  # whose name tells nobody anything
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def remove_old_parts(path: Path) -> None:
    """Removes the partial files of processes that were killed while they wrote this file."""
    for part in path.parent.glob(f".{glob.escape(path.stem)}.*.part{glob.escape(path.suffix)}"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > OLD_PART_SECONDS:
                part.unlink()


def write_text(path: Path, text: str) -> None:
    """Writes a text file, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, content: dict | list) -> None:
    """Writes a JSON file, whole or not at all."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def keep_previous(path: Path) -> None:
    """Copies a file into the folder previous/ beside it. If there is no such file, deletes the earlier copy."""
    previous = path.parent / "previous" / path.name
    if path.exists():
        with replacing(previous) as temporary:
            shutil.copyfile(path, temporary)
    else:
        previous.unlink(missing_ok=True)


def check_space(folder: Path, size: int) -> None:
    """Raises the error of a full disk if fewer bytes are free, before anything is written."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OSError(
            errno.ENOSPC, f"expected {size / 1e6:,.1f} MB free, got {free / 1e6:,.1f} MB", str(folder)
        )


def make_folder(folder: Path) -> None:
    """Makes a folder for results. Raises InputError if it can't be made or written in."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise console.InputError(
            f"expected a folder that can be written in, got {folder} ({error.strerror}); choose another with --out"
        ) from error


def is_folder(path: Path) -> bool:
    """Whether a path is a folder. False for what lies in a folder that may not be entered."""
    try:
        return path.is_dir()
    except OSError:
        return False


def may_be_listed(folder: Path) -> bool:
    """Whether one may see what is in a folder."""
    try:
        with os.scandir(folder):
            return True
    except OSError:
        return False


def unusable(path: Path, bytes_cap: int) -> str | None:
    """Why a path can't be opened as a file, or None if it can."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return "a link to nothing" if path.is_symlink() else "no such file"
    except OSError as error:
        return f"not to be opened ({error.strerror})"
    if stat.S_ISDIR(status.st_mode):
        return "a folder" if may_be_listed(path) else UNLISTED
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    size = status.st_size
    if size == 0:
        return "an empty file"
    return f"too large: {size:,} bytes" if size > bytes_cap else None
