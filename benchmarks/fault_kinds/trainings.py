"""Trainings that are killed and resumed, and trainings and readings on a full disk."""

import contextlib
import csv
import io
import random
import shutil
import subprocess
import zipfile
from collections import Counter
from pathlib import Path

import h5py
from PIL import Image

from benchmarks.fault_kinds.outcome import Outcome, seconds_of
from benchmarks.fault_kinds.running import SMALL_RUN, Reading, run, run_undisturbed, start, training
from handwriting.shipped import PROJECT
from handwriting.training.run_files import run_of

SEED = 0  # of the moments at which trainings are killed
ONE_IN_A_SAVE = 3  # one kill in so many comes while a file is being written
EARLIEST_KILL = 0.2  # of the time that a whole training takes: before, nothing but Python has started
SAVES_AN_EPOCH = 2  # files that are written: the checkpoint and the state


def kills(digits: Path, folder: Path, count: int) -> Outcome:
    """Kills trainings at random moments and resumes them. Each must end exactly as if it had not been killed."""
    rng, bad, moments = random.Random(SEED), [], Counter()
    seconds = seconds_of(lambda: run_undisturbed(training(digits, folder / "whole")))
    expected = results_of(folder / "whole")
    for number in range(count):
        out = folder / f"killed{number}"
        process = start(training(digits, out))
        if number % ONE_IN_A_SAVE == 0:
            moments["in the middle of a save"] += 1
            wait_for_a_save(out, process, rng.randrange(SAVES_AN_EPOCH * SMALL_RUN.epochs))
        else:
            moments["at any time"] += 1
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(rng.uniform(EARLIEST_KILL, 1) * seconds)
        process.kill()
        process.communicate()
        begun = run_of(out, SMALL_RUN.model, "npz").folder.exists()
        ended = run(training(digits, out, *(["--resume"] if begun else [])))
        if ended.code or ended.crashed:
            bad.append(f"killed run {number}: exit code {ended.code}: {ended.last_line}")
        elif results_of(out) != expected:
            bad.append(f"killed run {number}: other weights or another CSV than the run that was not killed")
    remark = ", ".join(f"{times} {moment}" for moment, times in moments.items())
    return Outcome("kill -9, then --resume", count, bad, remark)


def wait_for_a_save(out: Path, process: subprocess.Popen, earlier: int) -> None:
    """Waits until a file is being written in the run's folder, after so many earlier ones, or the process ends."""
    folder, seen, before = run_of(out, SMALL_RUN.model, "npz").folder, 0, False
    while process.poll() is None:
        with contextlib.suppress(OSError):
            now = any(".part." in path.name for path in folder.iterdir())
            seen += now and not before
            before = now
            if seen > earlier:
                return


def results_of(out: Path) -> tuple:
    """The weights and the CSV that a run has left, byte by byte."""
    files = run_of(out, SMALL_RUN.model, "npz").final
    if not files.model.exists():
        return ("nothing",)
    with zipfile.ZipFile(files.model) as archive:
        return weights_in(archive.read("model.weights.h5")), files.log.read_bytes()


def weights_in(content: bytes) -> list[bytes]:
    """All arrays of an HDF5 file."""
    arrays = []

    def take(name: str, member: h5py.Group | h5py.Dataset) -> None:
        if isinstance(member, h5py.Dataset):
            arrays.append(member[...].tobytes())

    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(take)
    return arrays


def full_disks(digits: Path, folder: Path, sizes: tuple[int, ...]) -> Outcome:
    """Trains and reads where no file may grow beyond a size. What lay there before must stay whole."""
    run_undisturbed(training(digits, folder, "--epochs", "1"))
    final = run_of(folder, SMALL_RUN.model, "npz").final
    earlier = Reading([PROJECT / "data" / "3-chalk.jpg"], [final.model], folder)
    run_undisturbed(earlier.command())
    before = {path: path.read_bytes() for path in (*final.paths(), earlier.table, earlier.sheet)}
    later = Reading([PROJECT / "data" / "7-corner.png"], [final.model], folder)
    bad, codes = [], Counter()
    for size in sizes:
        for what, command in (
            ("training", training(digits, folder, "--epochs", "2")),
            ("reading", later.command()),
        ):
            ended = run(command, file_size=size)
            codes[f"{what} exit {ended.code}"] += 1
            if ended.code not in (0, 1, 2) or ended.crashed or (ended.code and not ended.errors.strip()):
                bad.append(f"{what}, files up to {size} bytes: exit code {ended.code}: {ended.last_line}")
            harmed = [path for path in before if path.read_bytes() != before[path]]
            if what == "reading":  # the table may be new although there was no space for the sheet
                harmed = [path for path in harmed if not is_whole(path)]
            if ended.code and harmed:
                names = ", ".join(path.name for path in harmed)
                bad.append(f"{what}, files up to {size} bytes: {names} changed")
            shutil.rmtree(folder / "running", ignore_errors=True)
            for path, content in before.items():
                path.write_bytes(content)
    remark = ", ".join(f"{times} × {code}" for code, times in sorted(codes.items()))
    return Outcome("full disk", sum(codes.values()), bad, remark)


def is_whole(path: Path) -> bool:
    """Whether a table has all its columns in each row, or a picture can be decoded."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        return len(rows) > 1 and len({len(row) for row in rows}) == 1
    with Image.open(path) as picture:
        picture.load()
    return True
