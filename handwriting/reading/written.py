"""The files of readings: predictions.csv, predictions.xlsx and digits.csv. `logs/previous/` keeps the ones before."""

import contextlib
import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from handwriting import safe_files
from handwriting.digit_image import CLASSES
from handwriting.reading.results import PictureRow
from handwriting.workbook import write_workbook

COLUMNS = ["image", "label", "model", "reading", "confidence", "status", "reason"]
WORKBOOK_COLUMNS = [column for column in COLUMNS if column != "model"]
DIGIT_COLUMNS = ["image", "line", "place", "left", "top", "right", "bottom", "digit", "confidence", "status"]
DIGIT_COLUMNS += [f"probability_{digit}" for digit in range(CLASSES)]


def write_readings(logs: Path, rows: list[PictureRow]) -> list[Path]:
    """Writes the three files into a folder. What is there moves to previous/ first."""
    predictions, workbook, digits = (
        logs / name for name in ("predictions.csv", "predictions.xlsx", "digits.csv")
    )
    for path in (predictions, workbook, digits):
        safe_files.keep_previous(path)
    write_csv(predictions, COLUMNS, (cells for row in rows for cells in prediction_cells(row)))
    write_workbook(workbook, WORKBOOK_COLUMNS, [workbook_cells(row) for row in rows])
    write_csv(digits, DIGIT_COLUMNS, (cells for row in rows for cells in digit_cells(row)))
    return [predictions, workbook, digits]


def write_csv(path: Path, columns: list[str], rows: Iterable[list[str]]) -> None:
    """Writes a CSV file, whole or not at all."""
    with csv_file(path, columns) as add:
        add(rows)


@contextlib.contextmanager
def csv_file(path: Path, columns: list[str]) -> Iterator[Callable[[Iterable[list[str]]], None]]:
    """A CSV file that is written row by row, and is there once it is whole. Yields a function that adds rows."""
    with safe_files.replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        yield lambda rows: writer.writerows([no_formula(cell) for cell in row] for row in rows)


def prediction_cells(row: PictureRow) -> list[list[str]]:
    """A row of predictions.csv for each network, and for the ensemble."""
    return [
        [
            row.name,
            row.label or "",
            model,
            reading.text,
            "" if reading.confidence is None else f"{reading.confidence:.4f}",
            reading.status,
            reading.reason,
        ]
        for model, reading in row.readings.items()
    ]


def workbook_cells(row: PictureRow) -> list[str | float | None]:
    """The row of predictions.xlsx: what the ensemble reads."""
    reading = row.read.ensemble
    confidence = None if reading.confidence is None else round(reading.confidence, 4)
    return [row.name, row.label, reading.text, confidence, reading.status, reading.reason]


def digit_cells(row: PictureRow) -> list[list[str]]:
    """A row of digits.csv for each digit that the ensemble reads. Lines, and places in a line, are counted from 1."""
    cells, places, lines = [], {}, {}
    for found in row.read.digits:
        line = lines.setdefault(found.digit.line, len(lines) + 1)
        places[line] = places.get(line, 0) + 1
        cells.append(
            [
                row.name,
                str(line),
                str(places[line]),
                *map(str, found.digit.box),
                str(found.likeliest),
                f"{found.confidence:.4f}",
                "unsure" if found.doubted else "ok",
                *(f"{probability:.4f}" for probability in found.probabilities),
            ]
        )
    return cells


def no_formula(cell: str) -> str:
    """A cell that a spreadsheet shows as it is. It would compute a cell that begins with one of these signs."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
