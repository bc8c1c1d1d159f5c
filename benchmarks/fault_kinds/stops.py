"""Stops the two scripts at random moments with Ctrl-C and SIGTERM, once or more often."""

import contextlib
import functools
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.fault_kinds.outcome import Outcome, seconds_of
from benchmarks.fault_kinds.running import Reading, run_undisturbed, training
from handwriting import console
from handwriting.shipped import PROJECT, shipped_network


@dataclass(frozen=True)
class Limits:
    """What is stopped, and what is allowed."""

    pictures: int = 400  # so many are read
    earliest: float = 0.1  # seconds; before, Python itself starts, and prints a traceback of its own
    latest: float = 0.9  # of the whole time; so that few programs end before they are stopped
    most_signals: int = 3
    apart: float = 1.0  # seconds; the most between two signals
    seconds: float = 2.0  # from the first signal to the prompt
    given_up: float = 30.0  # seconds, after which the process is killed
    settled: float = 1.0  # seconds; Python's own helper process ends a little later than the program


LIMITS = Limits()
SEMAPHORES = Path("/dev/shm")  # where Linux shows them


def stops(digits: Path, folder: Path, count: int) -> Outcome:
    """Stops readings and trainings at random moments. Bad: too slow, a process or semaphore left, a traceback."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in the background of a shell
        signal.signal(signal.SIGINT, signal.default_int_handler)  # or the programs would ignore it, too
    pictures = many_pictures(folder / "pictures", LIMITS.pictures)
    commands = {
        "reading": Reading([pictures], [shipped_network("cnn_v3")], folder / "read").command(),
        "training": training(digits, folder / "trained"),
    }
    lengths = {
        name: seconds_of(functools.partial(run_undisturbed, command)) for name, command in commands.items()
    }
    random = np.random.default_rng(0)
    seconds, bad = [], []
    for number in console.progress(range(count), count, "stopping"):
        name = list(commands)[number % len(commands)]
        moment = random.uniform(LIMITS.earliest, LIMITS.latest * lengths[name])
        signals = random.choice([signal.SIGINT, signal.SIGTERM], random.integers(1, LIMITS.most_signals + 1))
        gaps = random.uniform(0, LIMITS.apart, len(signals))
        out = ["--out", str(folder / f"stopped_{number}")]
        stopped = stop(commands[name] + out, moment, signals, gaps)
        if stopped is None:
            continue
        took, fault = stopped
        seconds.append(took)
        if fault:
            sent = ", ".join(signal.Signals(number).name for number in signals)
            bad.append(f"{name} stopped after {moment:.2f} s by {sent}: {fault}")
    remark = f"to the prompt: median {np.median(seconds):.1f} s, most {max(seconds):.1f} s"
    return Outcome("signals while reading and training", len(seconds), bad, remark)


def many_pictures(folder: Path, count: int) -> Path:
    """A folder with so many links to the project's own pictures."""
    folder.mkdir(parents=True)
    own = sorted(path for path in (PROJECT / "data").glob("*.*") if path.is_file())
    for number in range(count):
        picture = own[number % len(own)]
        (folder / f"{picture.stem}_{number}{picture.suffix}").symlink_to(picture)
    return folder


def stop(
    command: list[str], moment: float, signals: np.ndarray, gaps: np.ndarray
) -> tuple[float, str] | None:
    """The seconds from the first signal to the end of the program, and what was bad: nothing, or a text.

    None if the program ended before the first signal.
    """
    semaphores = set(SEMAPHORES.glob("*"))
    # A group of its own, so that Ctrl-C reaches its workers, too, as on a terminal.
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(moment)
        process.stderr.close()
        return None
    started = time.perf_counter()
    for number, gap in zip(map(int, signals), gaps, strict=True):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(gap)
            break
    try:
        process.wait(LIMITS.given_up)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return LIMITS.given_up, "it went on"
    took = time.perf_counter() - started
    time.sleep(LIMITS.settled)
    left = group_exists(process.pid)
    if left:
        os.killpg(process.pid, signal.SIGKILL)
    errors = process.stderr.read()
    process.stderr.close()
    if left:
        return took, f"processes are left; {errors[-200:]!r}"
    if lost := set(SEMAPHORES.glob("*")) - semaphores:
        return took, f"semaphores are left: {lost}"
    if "Traceback" in errors or "leaked" in errors:
        return took, errors[-2000:]
    return took, f"it took {took:.1f} s" if took > LIMITS.seconds else ""


def group_exists(group: int) -> bool:
    """Whether a process of this group runs. A zombie, which has ended, does not."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True)
    states = [line.split()[1] for line in listed.stdout.splitlines() if int(line.split()[0]) == group]
    return any(not state.startswith("Z") for state in states)
