"""Many picture files, opened on all cores. Needs no Keras."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from handwriting import console, processes
from handwriting.pictures.decoding import FilePage, Opened, Source, UnreadablePicture, open_picture

FEW = 8  # pictures; starting processes would take longer than opening so many
MOST_AT_ONCE = 16  # pictures that a process is given at a time
AHEAD = 128  # pictures that are open before they are asked for; each may take 5 MB
TURNS = 4  # each process is given its pictures in at least so many turns, so that none has to wait long at the end


@contextlib.contextmanager
def open_pictures(paths: list[Path | FilePage]) -> Iterator[Iterator[Opened | UnreadablePicture]]:
    """Opens many picture files on all cores, in their order. A progress bar appears if it takes long.

    Many pictures are opened in processes of their own. These start at once, before the first result is asked for. They
    end with the `with` block, even if not all pictures have been opened.
    """
    if len(paths) <= FEW:
        yield map(open_or_reason, paths)
        return
    cores = processes.usable_cores()
    at_once = min(MOST_AT_ONCE, -(-len(paths) // (TURNS * cores)))
    with processes.worker_processes(cores) as pool:
        pictures = processes.in_order(pool, open_or_reason, paths, at_once, AHEAD)
        # Closed with the block: a bar that is still drawn would swallow what is said on the error output.
        with contextlib.closing(
            console.progress(outlived(pictures, paths), len(paths), "reading pictures")
        ) as shown:
            yield shown


def outlived(pictures: Iterator, paths: list[Path | FilePage]) -> Iterator[Opened | UnreadablePicture]:
    """The pictures. If one of them ends its process, the others are read all the same."""
    done = 0
    try:
        for picture in pictures:
            yield picture
            done += 1
    except BrokenProcessPool:
        yield from one_by_one(open_or_reason, paths[done:])


def one_by_one(read: Callable, paths: list[Path | FilePage]) -> Iterator[Opened | UnreadablePicture]:
    """Reads pictures one by one in another process. A new process follows when a fault in a decoder ends it.

    A process may also die of something else, such as a want of memory. So a picture is tried twice.
    """
    done = crashes = 0
    while done < len(paths):
        with processes.worker_processes(1) as pool:
            try:
                while done < len(paths):
                    picture = pool.submit(read, paths[done]).result()
                    done, crashes = done + 1, 0
                    yield picture
            except BrokenProcessPool:
                crashes += 1
        if crashes == 2:
            done, crashes = done + 1, 0
            yield UnreadablePicture("its decoder crashed")


def open_or_reason(source: Source) -> Opened | UnreadablePicture:
    """The picture, or the reason why it can't be read."""
    try:
        return open_picture(source)
    except UnreadablePicture as reason:
        return reason
