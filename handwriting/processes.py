"""Worker processes, cores, and the memory that processes take."""

from __future__ import annotations  # so that a Python that is too old gets as far as being told so

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator


def stop_on_signal(number: int, frame) -> None:
    raise KeyboardInterrupt(number)


@contextlib.contextmanager
def signals_wait() -> Iterator[Callable]:
    """Lets Ctrl-C and SIGTERM wait for the end of a batch; a second one doesn't wait.

    An exception raised in the middle of a step may come up inside TensorFlow, which swallows some of them.

    Yields:
        A function to call where a run may stop: it raises KeyboardInterrupt if a signal has come.
    """
    came = []

    def note(number: int, frame) -> None:
        if came:
            stop_on_signal(number, frame)
        came.append(number)

    def stop_if_asked(batch=None, logs=None) -> None:
        if came:
            raise KeyboardInterrupt(came[0])

    # A run in a script's background is told to ignore Ctrl-C; that stays.
    heard = [
        number
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) not in (signal.SIG_IGN, None)
    ]
    before = {number: signal.signal(number, note) for number in heard}
    try:
        yield stop_if_asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    stop_if_asked()


MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, in which a process's memory is told


MOST_WORKERS = 61  # processes that Windows lets one wait for


YIELDING = 10  # how far workers give way to the process that began them, for which all are waiting


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


def largest_child() -> int:
    """The most memory, in bytes, that any finished process of this one's has taken; not on Windows."""
    import resource

    return MEMORY_UNIT * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
