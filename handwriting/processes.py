"""Worker processes, cores, the memory that processes take, and how a program ends when it is told to."""

from __future__ import annotations  # lets an old Python reach the check of its version

import contextlib
import itertools
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

MOST_WORKERS = 61  # Windows can't wait for more processes
AHEAD = 4_000  # results; nobody takes any while Keras starts
WORKER_NICENESS = 10  # the main process goes first, because all workers wait for it
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE = 1.4  # seconds that a stopped program has for its own end
EXIT_GRACE = 0.6  # seconds that Python has for its own end
SHOW_CURSOR = "\x1b[?25h"  # a progress bar hides it
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in the unit that the system reports memory in


@contextlib.contextmanager
def worker_processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that ignore Ctrl-C. They end with the `with` block, whatever they are doing.

    They also end when this process ends, even if it is killed.
    """
    # "spawn" on every system: a copy of a process that runs TensorFlow may hang.
    pool = ProcessPoolExecutor(
        min(count, MOST_WORKERS), mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
    )
    try:
        with ctrl_c_blocked():
            pool.submit(os.getpid)  # starts all processes
        yield pool
    finally:
        # Python 3.14 has `kill_workers` for this. What nobody waits for any more would keep the workers for seconds.
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


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


@contextlib.contextmanager
def stopped_by_signals(last_words: Callable[[], str]) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM raises KeyboardInterrupt, with the signal's number. Later ones change nothing.

    The exception may be lost, for example in a callback of the garbage collector, or what it interrupts may clean up
    for long. So a thread ends the program if it still runs after GRACE seconds.

    Args:
        last_words: gives what the thread prints then.
    """
    if threading.current_thread() is not threading.main_thread():  # no other thread can hear signals
        yield
        return
    received = []

    def stop(number: int, frame) -> None:
        received.append(number)
        if len(received) == 1:
            raise KeyboardInterrupt(number)

    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    before = {number: signal.signal(number, stop) for number in heard_signals()}
    earlier_mouth = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=end_late, args=(ear, last_words), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(earlier_mouth)
        mouth.close()
        if not received:  # else the program ends, and no further signal may disturb it
            for number, handler in before.items():
                signal.signal(number, handler)


def heard_signals() -> list[int]:
    """The signals that stop this program. The shell tells a script in the background to ignore Ctrl-C."""
    return [number for number in STOP_SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]


def end_late(ear: socket.socket, last_words: Callable[[], str]) -> None:
    """Waits for a signal. Then ends the program, unless the socket is closed within GRACE seconds."""
    with ear:
        number = 0
        while number not in STOP_SIGNALS:
            if not (heard := ear.recv(1)):
                return
            number = heard[0]
        deadline = time.monotonic() + GRACE
        while (left := deadline - time.monotonic()) > 0:
            ear.settimeout(left)
            with contextlib.suppress(TimeoutError):
                if not ear.recv(1):
                    return
    kill_children()
    with contextlib.suppress(Exception):  # the output may be gone
        print((SHOW_CURSOR if sys.stderr.isatty() else "") + last_words(), file=sys.stderr, flush=True)
    os._exit(128 + number)


def kill_children() -> None:
    """Ends the processes that this one has started."""
    for child in multiprocessing.active_children():
        child.kill()


def leave(code: int) -> None:
    """Ends the program with an exit code, within EXIT_GRACE seconds, whatever its threads and processes do."""
    for number in heard_signals():
        signal.signal(number, signal.SIG_IGN)
    kill_children()
    last = threading.Timer(EXIT_GRACE, os._exit, [code])
    last.daemon = True
    last.start()
    raise SystemExit(code)


@contextlib.contextmanager
def signals_wait() -> Iterator[Callable]:
    """Lets Ctrl-C and SIGTERM wait for a safe place, such as the end of a training step.

    An exception raised in the middle of a step may surface inside TensorFlow, which swallows some of them.

    Yields:
        A function to call when a run may stop. It raises KeyboardInterrupt if there was a signal.
    """
    received = []

    def note(number: int, frame) -> None:
        received.append(number)
        if callable(before[number]):
            with contextlib.suppress(KeyboardInterrupt):  # raised later, by `stop_if_asked`
                before[number](number, frame)

    def stop_if_asked(batch=None, logs=None) -> None:
        if received:
            raise KeyboardInterrupt(received[0])

    before = {number: signal.getsignal(number) for number in heard_signals()}
    for number in before:
        signal.signal(number, note)
    try:
        yield stop_if_asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    stop_if_asked()
