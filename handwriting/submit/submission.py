"""The file that Kaggle's digit recognizer asks for: a header, then the number and the digit of each image."""

import csv
from collections.abc import Sequence
from pathlib import Path

from handwriting import console, safe_files

COLUMNS = ["ImageId", "Label"]
DIGITS = set("0123456789")


class DamagedSubmission(console.InputError):
    """The file that was written is not what was to be written."""

    code = 1


def write_submission(path: Path, digits: Sequence[int]) -> None:
    """Writes a row for each digit. The first image has the number 1."""
    rows = [COLUMNS, *([str(number), str(digit)] for number, digit in enumerate(digits, start=1))]
    safe_files.write_text(path, "".join(",".join(row) + "\n" for row in rows))


def check_submission(path: Path, count: int) -> None:
    """Reads a submission back. Raises DamagedSubmission unless it has the right form, for so many images."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except (ValueError, csv.Error) as error:
        fault = f"expected a CSV file, got another file ({console.first_line(error)})"
    else:
        fault = fault_in(rows, count)
    if fault:
        raise DamagedSubmission(f"{path}: {fault}; to write it again, give the same command with --resume")


def fault_in(rows: list[list[str]], count: int) -> str | None:
    """What is wrong with the rows of a submission, the header included. None if nothing is."""
    if rows[:1] != [COLUMNS]:
        return (
            f"expected the columns {','.join(COLUMNS)}, got {','.join(rows[0]) if rows else 'an empty file'}"
        )
    if len(rows) - 1 != count:
        return f"expected {count:,} rows, one for each image, got {len(rows) - 1:,}"
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(COLUMNS) or row[0] != str(number):
            return f"expected the image {number} and its digit in row {number}, got {','.join(row)}"
        if row[1] not in DIGITS:
            return f"expected a digit from 0 to 9 in row {number}, got {row[1]}"
    return None
