"""Reading with `test_load.py --cluster local`, beside the same without it.

    python -m benchmarks.cluster                   20,000 and 200,000 pictures; hours on two cores
    python -m benchmarks.cluster --pictures 500    a try: so many, and as many for the memory

It needs requirements-cluster.txt, and Linux. The pictures are copies of the small ones in data/. For the memory they
are copies of ten digit images, in which no digit has to be found. Three measurements:

    time      the whole command, divided by the whole command without --cluster
    kills     the same with `kill -9` of a worker at three random moments: rows that are missing, twice, or other ones
    memory    the largest memory of the process that holds the scheduler and the client
"""

import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from handwriting import console, installation
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table
from handwriting.writing.digits import write_digits

PICTURES = 20_000
MEMORY_PICTURES = 200_000
SMALL = 20_000  # bytes of a picture's file, at most
DIGIT_IMAGES = 10
KILLS = 3
LOADING = 30  # seconds; before that, workers have hardly begun
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Measured:
    """One run of test_load.py."""

    seconds: float
    memory: int  # bytes
    logs: Path


def main() -> int:
    parser = console.Parser(description="Measure test_load.py --cluster local beside test_load.py.")
    parser.add_argument("--pictures", type=console.positive_integer, help="fewer, for a try")
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        raise console.InputError("expected Linux, whose /proc tells memory and processes; measure there")
    count, many = arguments.pictures or PICTURES, arguments.pictures or MEMORY_PICTURES
    print(installation.machine(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pictures = copies(small_pictures(), folder / "pictures", count)
        alone = measured(pictures, folder / "alone")
        cluster = measured(pictures, folder / "cluster", "--cluster", "local")
        kills = kill_times(alone.seconds)
        killed = measured(pictures, folder / "killed", "--cluster", "local", kills=kills)
        large = measured(
            copies(digit_images(folder), folder / "many", many), folder / "large", "--cluster", "local"
        )
        rows = [
            ["without --cluster", f"{count:,}", f"{alone.seconds:.0f} s", ""],
            ["--cluster local", f"{count:,}", *beside(cluster, alone)],
            [f"the same, {KILLS} workers killed", f"{count:,}", *beside(killed, alone)],
            ["memory of client and scheduler", f"{many:,}", f"{large.memory / 1e9:.2f} GB", ""],
        ]
    print(text_table(["what", "pictures", "measured", "beside the first line"], rows))
    return 0


def small_pictures() -> list[Path]:
    """The small pictures in data/."""
    return [path for path in sorted((PROJECT / "data").glob("*.*")) if path.stat().st_size <= SMALL]


def digit_images(folder: Path) -> list[Path]:
    """PNG files of written digit images."""
    paths = [folder / f"digit{number}.png" for number in range(DIGIT_IMAGES)]
    for path, pixels in zip(paths, write_digits(DIGIT_IMAGES)[0], strict=True):
        Image.fromarray(pixels).save(path)
    return paths


def copies(pictures: list[Path], folder: Path, count: int) -> list[Path]:
    """A folder with so many pictures. They are links to a few files, which takes no space."""
    folder.mkdir()
    for number in range(count):
        path = pictures[number % len(pictures)]
        (folder / f"{path.stem}_{number}{path.suffix}").symlink_to(path)
    return [folder]


def kill_times(seconds: float) -> list[float]:
    """Random moments of a run that takes about so long."""
    source = random.Random(0)
    return sorted(source.uniform(min(LOADING, seconds / 2), 0.9 * seconds) for _ in range(KILLS))


def measured(pictures: list[Path], out: Path, *more: str, kills: list[float] | None = None) -> Measured:
    """Runs test_load.py. Meanwhile it watches the memory of its main process, and kills workers at these times."""
    command = [sys.executable, str(PROJECT / "test_load.py"), *map(str, pictures), "--out", str(out), *more]
    started, left, most = time.perf_counter(), list(kills or []), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        errors = []
        reader = threading.Thread(target=lambda: errors.append(run.stderr.read()))
        reader.start()
        while run.poll() is None:
            most = max(most, peak_memory(run.pid))
            if left and time.perf_counter() - started > left[0] and (workers := workers_of(run.pid)):
                os.kill(random.choice(workers), signal.SIGKILL)
                left.pop(0)
            time.sleep(LOOK_SECONDS)
        seconds = time.perf_counter() - started
        reader.join()
    if run.returncode or left:
        raise console.InputError(
            f"{' '.join(command[1:])}: exit code {run.returncode}, {len(left)} kills left; {errors[0]}"
        )
    return Measured(seconds, most, out / "logs")


def peak_memory(process: int) -> int:
    """The most memory that a process has taken so far, in bytes. 0 if it has just ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def workers_of(process: int) -> list[int]:
    """The workers among the processes that a process has started: what Python's multiprocessing spawned."""
    children = Path(f"/proc/{process}/task").glob("*/children")
    started = [int(number) for path in children for number in path.read_text().split()]
    return [child for child in started if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def beside(run: Measured, alone: Measured) -> list[str]:
    """The time, and what differs from the tables without --cluster."""
    ours, theirs = table(run), table(alone)
    missing = len(set(theirs) - set(ours))
    other = sum(ours[key] != theirs[key] for key in set(ours) & set(theirs))
    twice = len(lines_of(run)) - len(ours)
    words = f"× {run.seconds / alone.seconds:.2f}; rows missing {missing}, twice {twice}, other {other}"
    return [f"{run.seconds:.0f} s", words]


def lines_of(run: Measured) -> list[list[str]]:
    with (run.logs / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def table(run: Measured) -> dict[tuple[str, str], list[str]]:
    """The rows of predictions.csv by picture and model."""
    return {(line[0], line[2]): line for line in lines_of(run)}


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
