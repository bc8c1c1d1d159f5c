"""Reads one log of a run: the .csv that CSVLogger writes, or the .json.

Anybody's file may lie where a log is expected. So all that is read is checked, and what can't be used has a reason.
"""

import csv
import json
import math
from pathlib import Path

from handwriting import safe_files
from handwriting.compare.runs import Images, LoggedRun, Record, Score
from handwriting.console import printable
from handwriting.shipped import name_of
from handwriting.training.history import History, read_log

RECORD, CURVES = ".json", ".csv"  # how the names of the two logs of a run end
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
        raise UnusableLog("expected a line for each epoch, got none: no epoch was finished") from None
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
