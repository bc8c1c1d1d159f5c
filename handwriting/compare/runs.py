"""The runs of cnn_model_v2.py, as their logs tell of them.

Anybody's file may lie where a log is expected. So all that is read is checked, and what can't be used has a reason.
"""

import csv
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from handwriting import safe_files
from handwriting.console import printable, shown
from handwriting.shipped import name_of
from handwriting.training.history import History, read_log

RECORD, CURVES = ".json", ".csv"  # how the names of the two logs of a run end
OTHER_CSVS = ("predictions.csv", "digits.csv")  # of test_load.py, which writes them beside the logs
BYTES_CAP = 10_000_000  # of a log; those of a thousand epochs have a hundredth
LONGEST_TEXT = 60  # characters of a name or a machine that a log tells of

# The settings that make two runs two seeds of one setting if all of them are equal.
SETTINGS = (
    "model",
    "recipe",
    "epochs",
    "batch_size",
    "precision",
    "limit",
    "smoothing",
    "backend",
    "start",
    "start_checksum",
)
COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")


class UnusableLog(Exception):
    """A log can't be used. The text says what was expected, and what it is instead."""


class ForeignLog(UnusableLog):
    """A log is whole, but of another program."""


@dataclass(frozen=True)
class Images:
    """The images that a run learned from and was tested on. Runs are ranked only if all of this is equal.

    Args:
        kind: one word for their source, such as mnist.
        checksum: of the training images and their labels.
        training: how many images the network learned from.
        validation: how many images the epochs were judged by.
        test: how many images the network was scored on in the end.
        tested_on: what these are.
        test_checksum: of the test images and their labels. Empty if the log does not say.
    """

    kind: str
    checksum: str
    training: int
    validation: int
    test: int
    tested_on: str = "test images"
    test_checksum: str = ""


@dataclass(frozen=True)
class Score:
    """How well images were read.

    Args:
        accuracy: the share of them that was read right.
        loss: as the log has it.
    """

    accuracy: float
    loss: float


@dataclass(frozen=True)
class Record:
    """What only the JSON of a run tells.

    Args:
        images: what it learned from and was tested on.
        settings: those in SETTINGS that the log names.
        seed: of weights and order.
        test: the score on the test images.
        misses: how many test images were misread.
        seconds: the time of the training.
        machine: what it was trained on.
    """

    images: Images
    settings: dict[str, str]
    seed: int
    test: Score
    misses: int
    seconds: float
    machine: str


@dataclass(frozen=True)
class LoggedRun:
    """A run, as its logs tell of it.

    Args:
        place: the path of its logs, without .json or .csv.
        network: the name that it is shown by.
        epochs: how many were trained.
        best_epoch: the one whose weights were saved, counted from 1.
        validation: the score of the best epoch on the validation images.
        record: what only the JSON tells. None without it.
        curves: the columns of the CSV. None without it.
    """

    place: Path
    network: str
    epochs: int
    best_epoch: int
    validation: Score
    record: Record | None
    curves: dict[str, list[float]] | None


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
    """Whether two runs are one, of which a copy lies elsewhere: they took the same time to a tenth of a second."""
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


def run_of_curves(place: Path, curves: dict[str, list[float]]) -> LoggedRun:
    """The run of a CSV alone, such as one that is not finished. It is shown by the name of its file."""
    history = History(curves, seconds=0)
    best = history.best_epoch
    return LoggedRun(
        place=place,
        network=in_short(name_of(place.name)),
        epochs=history.epochs,
        best_epoch=best + 1,
        validation=Score(curves["val_accuracy"][best], curves["val_loss"][best]),
        record=None,
        curves=curves,
    )


def read_curves(path: Path, run: LoggedRun | None) -> dict[str, list[float]]:
    """The columns of a CSV log. Raises UnusableLog, also if the record of its run tells of other epochs."""
    check_file(path)
    try:
        text = path.read_text(encoding="utf-8")
        names = next(csv.reader(text.splitlines()[:1]), [])
        if missing := [name for name in COLUMNS if name not in names]:
            raise UnusableLog(f"expected the columns of a training, got a file without {', '.join(missing)}")
        if not text.endswith("\n"):
            raise UnusableLog("expected whole lines, got a last one that is cut")
        curves = {name: values for name, values in read_log(path).items() if name in COLUMNS}
    except IndexError:
        raise UnusableLog("expected a line for each epoch, got none: no epoch was whole") from None
    except (OSError, ValueError, TypeError, csv.Error):
        raise UnusableLog("expected a number in every column, got something else: it is damaged") from None
    if not all(
        0 <= rate <= 1 for rate in (*curves["accuracy"], *curves["val_accuracy"]) if not math.isnan(rate)
    ):
        raise UnusableLog("expected accuracies from 0 to 1, got others: it is damaged")
    if not History(curves, seconds=0).good_epochs:
        raise UnusableLog("expected an epoch with a validation loss, got none: the training failed")
    epochs = len(curves["loss"])
    if run and run.epochs != epochs:
        raise UnusableLog(
            f"expected {run.epochs} epochs, as the .json says, got {epochs}: it is cut, or of another run"
        )
    return curves


def read_record(path: Path) -> LoggedRun:
    """The run of a JSON, without its curves. Raises UnusableLog."""
    check_file(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise UnusableLog("expected whole JSON, got text that is cut or damaged") from None
    if not isinstance(content, dict) or not isinstance(content.get("model"), str):
        raise ForeignLog("expected the record of a training, got JSON of another program")
    try:
        place = path.with_suffix("")
        return learned(place, content) if "after" in content else trained(place, content)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        model = in_short(content["model"])
        raise ForeignLog(
            f"expected the record of a digit network, got that of another program ({model})"
        ) from None


def trained(place: Path, content: dict) -> LoggedRun:
    """The run of a training's record."""
    test = content["test"]
    counts = {name: whole(count) for name, count in content["images"].items()}
    images = Images(
        kind=in_short(content["data"]),
        checksum=in_short(content["data_checksum"]),
        training=counts["training"],
        validation=counts["validation"],
        test=whole(test["count"], least=1),
        # MNIST's test images are always the same.
        test_checksum="" if content["data"] == "mnist" else in_short(content.get("test_checksum", "")),
    )
    return run_of_record(
        place,
        content,
        network=in_short(content["model"]),
        images=images,
        validation=Score(share(content["validation"]["accuracy"]), finite(content["validation"]["loss"])),
        test=Score(share(test["accuracy"]), finite(test["loss"])),
    )


def learned(place: Path, content: dict) -> LoggedRun:
    """The run of a network that has learned a hand."""
    hand, others, images = content["after"]["hand"], content["after"]["others"], content["images"]
    counts = {
        name: whole(hand_or_others["count"], least=1) for name, hand_or_others in content["after"].items()
    }
    return run_of_record(
        place,
        {**content, "recipe": "hand", "test": hand},
        network=in_short(name_of(content["model"])),
        images=Images(
            kind=in_short(content["data"]),
            checksum=in_short(content["data_checksum"]),
            training=whole(images["learned"]),
            validation=counts["others"],
            test=counts["hand"],
            tested_on=in_short(content["judged_by"]),
        ),
        validation=Score(share(1 - others["misses"] / counts["others"]), finite(others["loss"])),
        test=Score(share(1 - hand["misses"] / counts["hand"]), finite(hand["loss"])),
    )


def run_of_record(
    place: Path, content: dict, network: str, images: Images, validation: Score, test: Score
) -> LoggedRun:
    """A run from what both kinds of records tell in the same way."""
    record = Record(
        images=images,
        settings={name: in_short(str(content[name])) for name in SETTINGS if content.get(name) is not None},
        seed=whole(content["seed"]),
        test=test,
        misses=whole(content["test"]["misses"]),
        seconds=finite(content["seconds"]),
        machine=in_short(content["machine"]),
    )
    epochs, best = whole(content["epochs_trained"], least=1), whole(content["best_epoch"], least=1)
    return LoggedRun(place, network, epochs, best, validation, record, curves=None)


def check_file(path: Path) -> None:
    """Raises UnusableLog if a path can't be opened as a file."""
    if reason := safe_files.unusable(path, BYTES_CAP):
        raise UnusableLog(f"expected the log of a training, got {reason}")


def finite(value: object) -> float:
    """A number of a record."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number")
    return float(value)


def share(value: object) -> float:
    """A number of a record that lies from 0 to 1."""
    if not 0 <= finite(value) <= 1:
        raise ValueError("not a share")
    return float(value)


def whole(value: object, least: int = 0) -> int:
    """A whole number of a record."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError("not a count")
    return value


def in_short(text: object) -> str:
    """A text of a log that can be printed on part of a line."""
    if not isinstance(text, str):
        raise TypeError("not a text")
    text = printable(text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
