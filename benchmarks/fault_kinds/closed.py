"""Reads and trains with closed standard streams, and where folders may not be opened."""

import csv
import os
import subprocess
from pathlib import Path

from benchmarks.fault_kinds.outcome import Outcome
from benchmarks.fault_kinds.running import SMALL_RUN, Reading, training
from handwriting.shipped import PROJECT, shipped_network
from handwriting.training.run_files import run_of

STREAMS = ((0,), (1,), (2,), (0, 1, 2))  # the input, the output, the errors, all


def closed_places(digits: Path, folder: Path) -> Outcome:
    """Everything must be done and written all the same. Folders are tried if this user is no administrator."""
    bad, tried = [], 0
    for streams in STREAMS:
        out = folder / "".join(map(str, streams))
        reading = Reading([PROJECT / "data"], [shipped_network("cnn_v3")], out)
        trained = run_of(out, SMALL_RUN.model, "npz").final.model
        for command, result in (
            (reading.command(), reading.table),
            (training(digits, out, "--epochs", "1"), trained),
        ):
            tried += 1
            code = run_without(command, streams)
            if code or not result.exists():
                bad.append(f"{Path(command[1]).name} without streams {streams}: exit code {code}")
    if os.geteuid():
        tried += 1
        bad += closed_folders(folder / "folders")
    remark = f"{len(STREAMS)} sets of closed streams, {'no ' if not os.geteuid() else ''}closed folders"
    return Outcome("closed streams and folders", tried, bad, remark)


def run_without(command: list[str], streams: tuple[int, ...]) -> int:
    """The exit code of a command that has not all of the three standard streams."""

    def close_them() -> None:
        for stream in streams:
            os.close(stream)

    ended = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=close_them, check=False
    )
    return ended.returncode


def closed_folders(folder: Path) -> list[str]:
    """What is wrong with a reading of folders that may not be listed, or only be listed."""
    picture = (PROJECT / "data" / "3-chalk.jpg").read_bytes()
    for name in ("open", "closed", "listed"):
        (folder / name).mkdir(parents=True)
        (folder / name / "3.jpg").write_bytes(picture)
    (folder / "closed").chmod(0o000)
    (folder / "listed").chmod(0o444)
    reading = Reading([folder], [shipped_network("cnn_v3")], folder / "out")
    code = run_without(reading.command(), ())
    for name in ("closed", "listed"):
        (folder / name).chmod(0o755)
    if code != 1:
        return [f"reading closed folders: exit code {code}, expected 1"]
    with reading.table.open(newline="", encoding="utf-8") as file:
        unreadable = {row["image"] for row in csv.DictReader(file) if row["status"].startswith("unreadable")}
    return [] if len(unreadable) == 2 else [f"reading closed folders: rows {sorted(unreadable)}, expected 2"]
