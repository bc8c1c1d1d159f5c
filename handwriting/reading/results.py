"""The table on the screen, and predictions.csv."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from handwriting import console, safe_files
from handwriting.text_table import text_table

LONGEST_NAME = 34  # characters


MARK = "×"  # which western Windows can write to files, too


def readings_table(names: Sequence[str], labels: Sequence[str | None], readings: dict[str, Sequence]) -> str:
    """A row a picture: its label and what each model reads, with a mark where that is wrong."""
    rows = [
        [
            name
            if len(name) <= LONGEST_NAME
            else "…" + name[1 - LONGEST_NAME :],  # of a path the end tells most
            label or "",
            *(reading_text(of_model[index], label) for of_model in readings.values()),
        ]
        for index, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    return text_table(["picture", "label", *readings], rows)


def reading_text(reading, label: str | None) -> str:
    """'7 99%', with a cross where it is wrong; 'no digit'; 'unreadable'."""
    mark = f" {MARK}" if reading.is_right(label) is False else ""
    if reading.confidence is None:
        return reading.status.split(":")[0] + mark
    doubt = "?" if reading.status == "unsure" else ""
    return f"{reading.digits}{doubt} {reading.confidence:.0%}{mark}"


def totals(labels: Sequence[str | None], readings: dict[str, Sequence]) -> str:
    """How many labelled pictures each model reads right, and how many it is unsure of or refuses."""
    labelled = sum(label is not None for label in labels)
    rows = []
    for model, of_model in readings.items():
        right = sum(bool(reading.is_right(label)) for reading, label in zip(of_model, labels, strict=True))
        unsure = sum(reading.status == "unsure" for reading in of_model)
        without = sum(reading.confidence is None for reading in of_model)
        rows.append([model, f"{right} of {labelled}", str(unsure), str(without)])
    return text_table(["model", "right", "unsure", "no digit or unreadable"], rows, right_aligned={1, 2, 3})


def write_table(path: Path, names: list[str], labels: list, readings: dict[str, list]) -> None:
    """logs/predictions.csv: a row for each picture and model."""
    with safe_files.replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "label", "model", "reading", "confidence", "status"])
        for index, (name, label) in enumerate(zip(names, labels, strict=True)):
            for model, of_model in readings.items():
                reading = of_model[index]
                confidence = "" if reading.confidence is None else f"{reading.confidence:.4f}"
                row = [name, label or "", model, reading.digits, confidence, reading.status]
                writer.writerow(map(no_formula, row))


def no_formula(cell: str) -> str:
    """A cell that a spreadsheet shows; it would compute what begins with one of these signs."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def shown_names(paths: list[Path]) -> list[str]:
    """File names, with their folder where two files share one, fit to be printed."""
    names = Counter(path.name for path in paths)
    return [console.printable(path.name if names[path.name] == 1 else path.as_posix()) for path in paths]
