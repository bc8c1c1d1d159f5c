"""Worker processes, cores, and the memory that processes take."""

from __future__ import annotations  # lets an old Python reach the check of its version

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor

MOST_WORKERS = 61  # Windows can't wait for more processes
NO_SETTINGS: Mapping[str, str] = {}
AHEAD = 4_000  # results
WORKER_NICENESS = 10  # the main process goes first, because all workers wait for it
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in the unit that the system reports memory in


@contextlib.contextmanager
def worker_processes(
    count: int, environment: Mapping[str, str] = NO_SETTINGS
) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that ignore Ctrl-C. They end with the `with` block, whatever they are doing.

    They also end when this process ends, even if it is killed.

    Args:
        environment: environment variables that they get besides those of this process.
    """
    start_tracker()
    # "spawn" on every system: a copy of a process that runs TensorFlow may hang.
    pool = ProcessPoolExecutor(
        min(count, MOST_WORKERS),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=start_worker,
        initargs=(dict(environment),),
    )
    try:
        with ctrl_c_blocked():
            for _ in range(min(count, MOST_WORKERS)):
                pool.submit(os.getpid)  # each call starts one process
        yield pool
    finally:
        # Without this, workers would first finish what nobody waits for. Python 3.14 has `kill_workers` for it.
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def start_tracker() -> None:
    """Starts Python's own process that removes what a program leaves behind when it ends at once.

    It does so without the warning that it would print then.
    """
    if os.name != "posix":
        return
    from multiprocessing import resource_tracker  # Windows needs none

    before = os.environ.get("PYTHONWARNINGS", "")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [before, "ignore:resource_tracker"]))
    try:
        resource_tracker.ensure_running()
    finally:
        os.environ["PYTHONWARNINGS"] = before


def in_order(
    pool: ProcessPoolExecutor, function: Callable, items: Sequence, at_once: int = 1, ahead: int = AHEAD
) -> Iterator:
    """What the function gives for each item, in the items' order.

    It is `pool.map` with two differences. Only a few results are computed ahead, because they take memory. And nothing
    is cancelled at an early end: a process that is killed meanwhile would make Python 3.11 print a traceback.

    Args:
        at_once: items that a process is given at a time.
        ahead: items whose results are computed before they are asked for.
    """
    calls = (
        pool.submit(results_of, function, items[first : first + at_once])
        for first in range(0, len(items), at_once)
    )
    begun = deque(
        itertools.islice(calls, max(1, ahead // at_once))
    )  # now, not when the first result is asked for
    return results_in_order(begun, calls)


def results_in_order(begun: deque, calls: Iterator) -> Iterator:
    """The results of the calls that are begun, and then of the others. One more is begun for each that is over."""
    while begun:
        results = begun.popleft().result()
        begun.extend(itertools.islice(calls, 1))
        yield from results


def results_of(function: Callable, items: Sequence) -> list:
    return [function(item) for item in items]


@contextlib.contextmanager
def ctrl_c_blocked() -> Iterator[None]:
    """Processes that are started inside never hear Ctrl-C. This process hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_worker(environment: dict[str, str]) -> None:
    """What a worker process does first."""
    os.environ.update(environment)

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
