"""The table on the screen, and predictions.csv."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from handwriting import console, safe_files
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.files import label_of
from handwriting.reading.readings import ENSEMBLE_NAME, Reading, ReadPicture
from handwriting.text_table import fitted_tables, text_table

LONGEST_NAME = 34  # characters
LONGEST_LABEL = 12  # characters
WRONG = "×"  # a character that western Windows can write to files, too
COLUMNS = ["image", "label", "model", "reading", "confidence", "status"]


@dataclass(frozen=True)
class PictureRow:
    """A picture with all that is shown of it.

    Args:
        file: the picture.
        name: what it is called in the tables.
        label: the digits that its name says it shows, if any.
        read: what was read on it.
    """

    file: Path
    name: str
    label: str | None
    read: ReadPicture

    @property
    def readings(self) -> dict[str, Reading]:
        """All readings in the order of the columns: each network's, then the ensemble's."""
        return {**self.read.each, ENSEMBLE_NAME: self.read.ensemble}

    @property
    def unreadable(self) -> UnreadablePicture | None:
        """Why the picture can't be read, if it can't."""
        return self.read.picture if isinstance(self.read.picture, UnreadablePicture) else None


def picture_rows(files: list[Path], read: list[ReadPicture]) -> list[PictureRow]:
    """A row for each picture."""
    return [
        PictureRow(file, name, label_of(file), of_file)
        for file, name, of_file in zip(files, shown_names(files), read, strict=True)
    ]


def shown_names(paths: list[Path]) -> list[str]:
    """File names that can be printed, with the folder if two files have the same name."""
    names = Counter(path.name for path in paths)
    return [console.printable(path.name if names[path.name] == 1 else path.as_posix()) for path in paths]


def readings_table(rows: list[PictureRow], names: list[str], width: int) -> str:
    """A line for each picture: its label and the readings of these networks, with a mark if they are wrong.

    Args:
        rows: the pictures.
        names: networks, or the ensemble.
        width: of the screen, in characters.
    """
    lines = [
        [
            shortened(row.name, LONGEST_NAME, keep_end=True),  # in a path, the end says most
            shortened(row.label or "", LONGEST_LABEL),
            *(reading_text(row.readings[name], row.label) for name in names),
        ]
        for row in rows
    ]
    return fitted_tables(["picture", "label", *names], lines, repeated=2, width=width)


def shortened(text: str, length: int, keep_end: bool = False) -> str:
    """A text of at most this length: all of it, its beginning, or its end."""
    if len(text) <= length:
        return text
    return "…" + text[1 - length :] if keep_end else text[: length - 1] + "…"


def reading_text(reading: Reading, label: str | None) -> str:
    """'7 99%', 'no digit' or 'unreadable', with a cross if it is wrong and a question mark if it is unsure."""
    mark = f" {WRONG}" if reading.is_right(label) is False else ""
    if reading.confidence is None:
        return reading.status.split(":")[0] + mark
    doubt = "?" if reading.status == "unsure" else ""
    return f"{reading.digits}{doubt} {reading.confidence:.0%}{mark}"


def totals(rows: list[PictureRow], names: list[str]) -> str:
    """How many labelled pictures these networks read right, and of how many they are unsure."""
    labelled = sum(row.label is not None for row in rows)
    lines = []
    for name in names:
        readings = [(row.readings[name], row.label) for row in rows]
        right = sum(bool(reading.is_right(label)) for reading, label in readings)
        unsure = sum(reading.status == "unsure" for reading, _ in readings)
        without = sum(reading.confidence is None for reading, _ in readings)
        lines.append([name, f"{right} of {labelled}", str(unsure), str(without)])
    return text_table(["model", "right", "unsure", "no digit or unreadable"], lines, right_aligned={1, 2, 3})


def write_table(path: Path, rows: list[PictureRow]) -> None:
    """Writes predictions.csv: a row for each picture and network."""
    with safe_files.replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            for model, reading in row.readings.items():
                confidence = "" if reading.confidence is None else f"{reading.confidence:.4f}"
                cells = [row.name, row.label or "", model, reading.digits, confidence, reading.status]
                writer.writerow(map(no_formula, cells))


def no_formula(cell: str) -> str:
    """A cell that a spreadsheet shows as it is. It would compute a cell that begins with one of these signs."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
