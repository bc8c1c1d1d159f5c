"""Writes and counts the workers' results row by row, so that the rows are never all in memory."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from handwriting import console, safe_files
from handwriting.reading.results import (
    PictureRow,
    count_readings,
    labelled_names,
    names_by_reason,
    readings_table,
    reasons_in_words,
    some_labels_in_words,
    totals_table,
)
from handwriting.reading.sheet import on_sheet
from handwriting.reading.written import (
    COLUMNS,
    DIGIT_COLUMNS,
    WORKBOOK_COLUMNS,
    csv_file,
    digit_cells,
    prediction_cells,
    workbook_cells,
)
from handwriting.workbook import write_workbook

MOST_SHOWN = 1_000  # pictures; of more, there is no line for each on the screen
MOST_IN_WORKBOOK = 50_000  # pictures; spreadsheets open no more of them within a minute
MOST_NAMED = 100  # unreadable pictures; the CSV has all of them


@dataclass
class Summary:
    """What is kept of the rows that are written.

    Args:
        pictures: how many there are.
        counts: as `count_readings` counts them.
        labelled: the names of those that have labels.
        reasons: the pictures that need a line on the screen, by the reason.
        unreadable: names, and why they can't be read.
        shown: the rows, without their digits, if they are few.
        workbook: the cells of predictions.xlsx, unless there are too many.
        worst: the pictures for the picture sheet.
    """

    pictures: int = 0
    counts: Counter = field(default_factory=Counter)
    labelled: list[str] = field(default_factory=list)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    shown: list[PictureRow] = field(default_factory=list)
    workbook: list[list] = field(default_factory=list)
    worst: list[PictureRow] = field(default_factory=list)

    def add(self, rows: list[PictureRow], total: int) -> None:
        """Counts some rows of so many."""
        self.pictures += len(rows)
        self.counts += count_readings(rows)
        self.labelled += labelled_names(rows)
        for reason, names in names_by_reason(rows).items():
            self.reasons.setdefault(reason, []).extend(names)
        self.unreadable += [(row.name, str(row.unreadable)) for row in rows if row.unreadable]
        if total <= MOST_SHOWN:
            self.shown += [replace(row, read=replace(row.read, found=[])) for row in rows]
        if total <= MOST_IN_WORKBOOK:
            self.workbook += map(workbook_cells, rows)
        self.worst = on_sheet([*self.worst, *rows])


def write_tables(logs: Path, rows: Iterable[list[PictureRow]], total: int) -> tuple[Summary, list[Path]]:
    """Writes the three tables while the rows arrive, a few at a time. Each is whole or not there.

    Args:
        logs: the folder.
        rows: of all pictures.
        total: how many there are.

    Returns:
        What was counted, and the files.
    """
    summary = Summary()
    predictions, workbook, digits = (
        logs / name for name in ("predictions.csv", "predictions.xlsx", "digits.csv")
    )
    with contextlib.ExitStack() as stack:
        add_predictions = stack.enter_context(csv_file(predictions, COLUMNS))
        add_digits = stack.enter_context(csv_file(digits, DIGIT_COLUMNS))
        for some in rows:
            add_predictions(cells for row in some for cells in prediction_cells(row))
            add_digits(cells for row in some for cells in digit_cells(row))
            summary.add(some, total)
        for path in (predictions, workbook, digits):
            safe_files.keep_previous(path)
    if not summary.workbook:
        workbook.unlink(missing_ok=True)  # the one before is in previous/
        return summary, [predictions, digits]
    write_workbook(workbook, WORKBOOK_COLUMNS, summary.workbook)
    return summary, [predictions, workbook, digits]


def show(summary: Summary, names: list[str]) -> None:
    """Prints the readings of these networks if they are few, why some are missing or in doubt, and the totals."""
    if summary.shown:
        print(readings_table(summary.shown, names, console.screen_width()))
    else:
        console.say(f"more than {MOST_SHOWN:,} pictures: the readings are in predictions.csv")
    if lines := reasons_in_words(summary.reasons):
        console.say("", *lines)
    print(f"\n{totals_table(summary.counts, names, len(summary.labelled))}\n")
    if line := some_labels_in_words(summary.labelled, summary.pictures):
        console.say(line)
    if summary.pictures > MOST_IN_WORKBOOK:
        console.say(f"more than {MOST_IN_WORKBOOK:,} pictures: no predictions.xlsx is written")


def complain_of_unreadable(summary: Summary) -> None:
    """Names the pictures that can't be read, the first of them if they are many."""
    for name, why in summary.unreadable[:MOST_NAMED]:
        console.complain(f"unreadable  {name}: {console.printable(why)}")
    if (more := len(summary.unreadable) - MOST_NAMED) > 0:
        console.complain(f"unreadable  {more:,} more, which predictions.csv names")
