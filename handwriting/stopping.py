"""How a program ends when it is told to: soon, whatever it is doing, and in a safe place where it can."""

from __future__ import annotations  # lets an old Python reach the check of its version

import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE = 0.8  # seconds that a stopped program has for its own end
EXIT_GRACE = 0.4  # seconds that Python has for its own end
SHOW_CURSOR = "\x1b[?25h"  # a progress bar hides it


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
            silence_threads()
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


def silence_threads() -> None:
    """Silences the tracebacks of threads and callbacks. They fail when a program stops, as what they use is gone."""
    threading.excepthook = sys.unraisablehook = lambda error: None


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
    silence_threads()
    kill_children()
    last = threading.Timer(EXIT_GRACE, os._exit, [code])
    last.daemon = True
    last.start()
    raise SystemExit(code)


def leave_threads(code: int) -> None:
    """Ends a program whose threads still compute. Python's own end would take from them what they use."""
    kill_children()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # the output may be gone
            stream.flush()
    os._exit(code)


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


@contextlib.contextmanager
def signals_handed_on(process: subprocess.Popen) -> Iterator[list[int]]:
    """Hands Ctrl-C and SIGTERM on to another program of the project, while this one waits for its end.

    That program ends soon, and says what to do next. So `stopped_by_signals` has no part in it meanwhile.

    Yields:
        The numbers of the signals so far.
    """
    received = []

    def hand_on(number: int, frame) -> None:
        received.append(number)
        if os.name != "nt" or number != signal.SIGINT:  # Windows itself gives Ctrl-C to both
            process.send_signal(number)

    earlier_mouth = signal.set_wakeup_fd(-1)
    before = {number: signal.signal(number, hand_on) for number in heard_signals()}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(earlier_mouth)
