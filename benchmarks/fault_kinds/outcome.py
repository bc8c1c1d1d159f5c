"""The outcome of a fault, and the judgement of a call of test_load.py with damaged files."""

import contextlib
import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fault_kinds.running import Reading, run
from handwriting import model_files
from handwriting.finder.files import load_finder
from handwriting.pictures.decoding import UnreadablePicture, open_picture
from handwriting.pictures.picture import digits_on


@dataclass(frozen=True)
class Outcome:
    """The outcome of one kind of fault.

    Args:
        fault: its name.
        tried: how many were tried.
        bad: a line for each of them that was handled badly.
        remark: what else is worth knowing.
    """

    fault: str
    tried: int
    bad: list[str]
    remark: str


@dataclass(frozen=True)
class BadFrom:
    """What is too much, so that an outcome is bad."""

    seconds: float = 10  # for one picture or model: nobody should wait longer for a file from a stranger
    memory: int = 2_000_000_000  # bytes that a process takes: small computers have little more
    share: float = 0.03  # of the time without care, that care takes


BAD_FROM = BadFrom()


def judge(fault: str, reading: Reading, damaged: str) -> Outcome:
    """Runs test_load.py with damaged files. It must end well, and account for every file.

    A file is accounted for if its name is in the table of readings, or in a line that says why it was not used.

    Args:
        fault: the name of the outcome.
        reading: the call. Either its pictures or its models are damaged.
        damaged: "image" or "model": the column of the table in which the names of the damaged files stand.
    """
    files = reading.pictures if damaged == "image" else reading.models
    began = time.monotonic()
    ended = run(reading.command())
    seconds = time.monotonic() - began
    if ended.code not in (0, 1) or ended.crashed:
        return Outcome(fault, len(files), [f"exit code {ended.code}: {ended.last_line}"], "")
    with reading.table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    not_used = [line for line in ended.errors.splitlines() if line.startswith("not used")]
    names = [path.name if damaged == "image" else path.stem for path in files]
    named = {row[damaged] for row in rows}
    bad = [
        f"{name} is in no row and no line"
        for name in names
        if name not in named and not any(name in line for line in not_used)
    ]
    if ended.memory > BAD_FROM.memory:
        bad.append(f"a process took {ended.memory / 1e9:.1f} GB")
    finder = load_finder()
    slowest = max(seconds_alone(file, finder) for file in files)
    if slowest > BAD_FROM.seconds:
        bad.append(f"one took {slowest:.0f} s")
    unreadable = {row["image"] for row in rows if row["status"].startswith("unreadable")}
    refused = len(unreadable) + len(not_used)
    remark = f"{refused} refused; {seconds:.0f} s, one at most {slowest:.1f} s, {ended.memory / 1e9:.1f} GB"
    return Outcome(fault, len(files), bad, remark)


def seconds_alone(path: Path, finder) -> float:
    """The seconds that one picture or model takes by itself."""
    if path.suffix == ".keras":
        with contextlib.suppress(model_files.RefusedModel):
            return seconds_of(lambda: model_files.load_model(path))
    return seconds_of(lambda: read_or_reason(path, finder))


def read_or_reason(path: Path, finder) -> None:
    """Reads a picture, or finds out why it can't be read."""
    with contextlib.suppress(UnreadablePicture):
        digits_on(open_picture(path), finder)


def seconds_of(task: Callable[[], object]) -> float:
    """The seconds that a task takes."""
    began = time.monotonic()
    task()
    return time.monotonic() - began
