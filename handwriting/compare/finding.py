"""Files and folders of logs -> the runs that they tell of, each once."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from handwriting import safe_files
from handwriting.compare.logs import (
    BYTES_CAP,
    CURVES,
    RECORD,
    ForeignLog,
    UnusableLog,
    read_curves,
    read_record,
    run_of_curves,
)
from handwriting.compare.runs import LoggedRun
from handwriting.console import shown

OTHER_CSVS = ("predictions.csv", "digits.csv")  # of test_load.py, which writes them beside the logs


def find_runs(logs: Iterable[Path]) -> tuple[list[LoggedRun], list[str]]:
    """The runs behind the given files and folders, each once, and a line for each log that can't be used."""
    places, complaints = places_of(logs)
    runs = []
    for place in places:
        run, reasons = read_run(place)
        complaints += reasons
        if run and not any(is_copy(run, other) for other in runs):
            runs.append(run)
    return runs, complaints


def is_copy(one: LoggedRun, other: LoggedRun) -> bool:
    """Whether two runs are one, of which a copy lies elsewhere. Then their records are equal, seconds and all."""
    return one.record is not None and one.record == other.record


def places_of(logs: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """The paths of logs without .json and .csv, each once, and a line for each path that leads to none."""
    places, complaints = {}, []
    for path in logs:
        try:
            files = logs_in(path) if safe_files.is_folder(path) else [as_log(path)]
        except UnusableLog as reason:
            complaints.append(f"{shown(path)}: {reason}")
            continue
        places.update({file.resolve().with_suffix(""): file.with_suffix("") for file in files})
    return list(places.values()), complaints


def logs_in(folder: Path) -> list[Path]:
    """The logs in a folder itself. Its folders are not searched."""
    if not safe_files.may_be_listed(folder):
        raise UnusableLog("expected a folder with logs, got one that may not be listed")
    files = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in (RECORD, CURVES) and path.name not in OTHER_CSVS and not path.name.startswith(".")
    ]
    if not files:
        inside = folder / "logs"
        hint = f"; try {shown(inside)}" if inside.is_dir() else ""
        raise UnusableLog(f"expected a folder with the .json and .csv of trainings, got one without{hint}")
    return files


def as_log(path: Path) -> Path:
    """A path that is not a folder's, if a log may be there."""
    reason = safe_files.unusable(path, BYTES_CAP)
    if reason:
        raise UnusableLog(f"expected the .json or .csv of a training, or a folder with them, got {reason}")
    if path.suffix not in (RECORD, CURVES):
        raise UnusableLog("expected the .json or .csv of a training, got another kind of file")
    return path


def read_run(place: Path) -> tuple[LoggedRun | None, list[str]]:
    """The run whose logs are here, and a line for each of the two logs that can't be used. One of the two is enough."""
    record, curves = (place.with_name(place.name + ending) for ending in (RECORD, CURVES))
    reasons, run, columns = [], None, None
    try:
        run = read_record(record) if is_there(record) else None
    except ForeignLog as reason:
        return None, [f"{shown(record)}: {reason}"]  # the CSV beside it is of that program, too
    except UnusableLog as reason:
        reasons.append(f"{shown(record)}: {reason}")
    try:
        columns = read_curves(curves, run) if is_there(curves) else None
    except UnusableLog as reason:
        reasons.append(f"{shown(curves)}: {reason}")
    if run:
        return replace(run, curves=columns), reasons
    return (run_of_curves(place, columns) if columns else None), reasons


def is_there(path: Path) -> bool:
    """Whether there is something at a path, if only a link to nothing."""
    return path.exists() or path.is_symlink()
