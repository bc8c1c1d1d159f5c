"""Worker processes, cores, the memory that processes take, and signals that wait for the end of a training step."""

from __future__ import annotations  # lets an old Python reach the check of its version

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

MOST_WORKERS = 61  # Windows can't wait for more processes
WORKER_NICENESS = 10  # the main process goes first, because all workers wait for it
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in the unit that the system reports memory in


def worker_processes(count: int) -> ProcessPoolExecutor:
    """A pool of processes that ignore Ctrl-C and end when this process ends, even if it is killed."""
    # "spawn" on every system: a copy of a process that runs TensorFlow may hang.
    return ProcessPoolExecutor(
        min(count, MOST_WORKERS), mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
    )


def start_worker() -> None:
    """What a worker process does first."""

    def end_with_parent() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(WORKER_NICENESS)
    threading.Thread(target=end_with_parent, daemon=True).start()


def usable_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def largest_child() -> int:
    """The most memory, in bytes, that any finished child process has taken. Not available on Windows."""
    import resource  # Windows doesn't have it

    return MEMORY_UNIT * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def stop_on_signal(number: int, frame) -> None:
    """A signal handler that ends the program as Ctrl-C does."""
    raise KeyboardInterrupt(number)


@contextlib.contextmanager
def signals_wait() -> Iterator[Callable]:
    """Lets Ctrl-C and SIGTERM wait for the end of a training step. A second signal doesn't wait.

    An exception raised in the middle of a step may surface inside TensorFlow, which swallows some of them.

    Yields:
        A function to call when a run may stop. It raises KeyboardInterrupt if there was a signal.
    """
    received = []

    def note(number: int, frame) -> None:
        if received:
            stop_on_signal(number, frame)
        received.append(number)

    def stop_if_asked(batch=None, logs=None) -> None:
        if received:
            raise KeyboardInterrupt(received[0])

    # The shell tells a script in the background to ignore Ctrl-C. It stays ignored.
    numbers = [
        number
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) not in (signal.SIG_IGN, None)
    ]
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield stop_if_asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    stop_if_asked()
