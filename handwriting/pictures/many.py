"""Many picture files, read on all cores."""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from handwriting import processes
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.picture import Picture, read_picture

FEW = 8  # pictures; starting processes would take longer than reading so many


AT_ONCE = 16  # pictures that a process is given at a time


@contextlib.contextmanager
def read_pictures(paths: list[Path]) -> Iterator[Iterator[Picture | UnreadablePicture]]:
    """Reads many picture files, in their order, on all cores; shows progress where it takes long.

    Many are read in processes of their own, which begin at once, whenever the result is asked for, and end with the
    `with` block, whether all is read or not.
    """
    if len(paths) <= FEW:
        yield map(read_or_reason, paths)
        return
    cores = processes.usable_cores()
    pool = processes.worker_processes(cores)
    try:
        pictures = pool.map(read_or_reason, paths, chunksize=min(AT_ONCE, -(-len(paths) // (4 * cores))))
        yield with_progress(outlived(pictures, paths), len(paths))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def outlived(pictures: Iterator, paths: list[Path]) -> Iterator[Picture | UnreadablePicture]:
    """The pictures as they come; and where one of them ends its process, the others all the same."""
    done = 0
    try:
        for picture in pictures:
            yield picture
            done += 1
    except BrokenProcessPool:
        yield from one_by_one(read_or_reason, paths[done:])


def one_by_one(read: Callable, paths: list[Path]) -> Iterator[Picture | UnreadablePicture]:
    """Reads pictures in another process, and in a new one after each that ends it: by a decoder's fault, say."""
    done = 0
    while done < len(paths):
        with processes.worker_processes(1) as pool:
            try:
                while done < len(paths):
                    picture = pool.submit(read, paths[done]).result()
                    done += 1
                    yield picture
            except BrokenProcessPool:
                done += 1
                yield UnreadablePicture("reading it ended the process that did")


def with_progress(pictures: Iterator, count: int) -> Iterator:
    """The pictures as they come; says how many where it takes long."""
    began = last_shown = time.monotonic()
    for number, picture in enumerate(pictures, start=1):
        yield picture
        now = time.monotonic()
        shown_before = last_shown > began
        if now - last_shown > 1 or (shown_before and number == count):
            print(f"\rread {number:,} of {count:,} pictures", end="", flush=True)
            last_shown = now
    if last_shown > began:
        print()


def read_or_reason(path: Path) -> Picture | UnreadablePicture:
    try:
        return read_picture(path)
    except UnreadablePicture as reason:
        return reason
