"""What is printed of the readings: the table, the totals, and the reasons."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from handwriting import console
from handwriting.pictures.decoding import FilePage, UnreadablePicture
from handwriting.pictures.files import label_of
from handwriting.reading.readings import ENSEMBLE_NAME, NEW_LINE, Reading, ReadPicture
from handwriting.text_table import fitted_tables, text_table

LONGEST_NAME = 34  # characters
LONGEST_LABEL = 12  # characters
WRONG = "×"  # a character that western Windows can write to files, too
MOST_NAMES = 5  # of pictures in a line of the screen; the CSV has them all
LOOK_THERE = "when a reading is wrong, look at predictions.png first: it shows what the networks see"


@dataclass(frozen=True)
class PictureRow:
    """A picture with all that is shown of it.

    Args:
        file: the picture, or one page of a file with several.
        name: what it is called in the tables.
        label: the digits that its name says it shows, if any.
        read: what was read on it.
    """

    file: Path | FilePage
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


def picture_rows(
    files: list[Path | FilePage], read: list[ReadPicture], labelled: bool = True
) -> list[PictureRow]:
    """A row for each picture. Without labels, their names are nothing but names."""
    return [
        picture_row(file, name, of_file, labelled)
        for file, name, of_file in zip(files, shown_names(files), read, strict=True)
    ]


def picture_row(file: Path | FilePage, name: str, read: ReadPicture, labelled: bool) -> PictureRow:
    """The row of a picture. Without labels, its name is nothing but a name."""
    return PictureRow(file, name, label_of(file) if labelled and isinstance(file, Path) else None, read)


def shown_names(files: list[Path | FilePage]) -> list[str]:
    """File names that can be printed, with the folder if two files have the same name, and the number of the page."""
    paths = [file if isinstance(file, Path) else file.path for file in files]
    folders_of_name = {}
    for path in paths:
        folders_of_name.setdefault(path.name, set()).add(path.parent)
    return [
        console.printable(path.name if len(folders_of_name[path.name]) == 1 else path.as_posix())
        + ("" if isinstance(file, Path) else f" page {file.number + 1}")
        for file, path in zip(files, paths, strict=True)
    ]


def readings_table(rows: list[PictureRow], names: list[str], width: int) -> str:
    """A line for each picture: its label and the readings of these networks, with a mark if they are wrong.

    Args:
        rows: the pictures.
        names: networks, or the ensemble.
        width: of the screen, in characters.
    """
    labelled = is_labelled(rows)
    first = ["picture", "label"] if labelled else ["picture"]
    lines = [
        [
            shortened(row.name, LONGEST_NAME, keep_end=True),  # in a path, the end says most
            *([shortened(row.label or "", LONGEST_LABEL)] if labelled else []),
            *(reading_text(row.readings[name], row.label) for name in names),
        ]
        for row in rows
    ]
    return fitted_tables([*first, *names], lines, len(first), width, break_at=NEW_LINE)


def is_labelled(rows: list[PictureRow]) -> bool:
    """Whether at least one picture has a label."""
    return any(row.label is not None for row in rows)


def shortened(text: str, length: int, keep_end: bool = False) -> str:
    """A text of at most this length: all of it, its beginning, or its end."""
    if len(text) <= length:
        return text
    return "…" + text[1 - length :] if keep_end else text[: length - 1] + "…"


def reading_text(reading: Reading, label: str | None) -> str:
    """'7 99%', 'no digit' or 'unreadable', with a cross if it is wrong."""
    mark = f" {WRONG}" if reading.is_right(label) is False else ""
    if reading.confidence is None:
        return reading.status.split(":")[0] + mark
    return f"{reading.shown} {reading.confidence:.0%}{mark}"


def totals(rows: list[PictureRow], names: list[str]) -> str:
    """How many labelled pictures these networks read right, and of how many they are unsure."""
    return totals_table(count_readings(rows), names, len(labelled_names(rows)))


def count_readings(rows: Iterable[PictureRow]) -> Counter:
    """How many readings of each network are right, unsure, or without a digit: by its name and one of these words."""
    counts = Counter()
    for row in rows:
        for name, reading in row.readings.items():
            counts[name, "right"] += bool(reading.is_right(row.label))
            counts[name, "unsure"] += reading.status == "unsure"
            counts[name, "without"] += reading.confidence is None
    return counts


def totals_table(counts: Counter, names: list[str], labelled: int) -> str:
    """The table of these counts for these networks. So many pictures have labels."""
    lines = []
    for name in names:
        shown = f"{counts[name, 'right']} of {labelled}" if labelled else "no labels"
        lines.append([name, shown, str(counts[name, "unsure"]), str(counts[name, "without"])])
    return text_table(["model", "right", "unsure", "no digit or unreadable"], lines, right_aligned={1, 2, 3})


def labelled_names(rows: Iterable[PictureRow]) -> list[str]:
    """The names of the pictures that have labels."""
    return [row.name for row in rows if row.label is not None]


def reasons(rows: list[PictureRow]) -> list[str]:
    """Lines for pictures without a digit, and for those that were turned or of which a part was not read."""
    return reasons_in_words(names_by_reason(rows))


def names_by_reason(rows: Iterable[PictureRow]) -> dict[str, list[str]]:
    """The names of the pictures that need a line, by the reason."""
    names = {}
    for row in rows:
        if not row.unreadable and needs_a_line(row.read):
            names.setdefault(f"{row.read.ensemble.status}, {row.read.ensemble.reason}", []).append(row.name)
    return names


def reasons_in_words(names: dict[str, list[str]]) -> list[str]:
    """A line for each reason, with the first of its pictures."""
    return [f"{reason}: {listed(of_reason)}" for reason, of_reason in names.items()]


def listed(names: list[str]) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - MOST_NAMES
    shown = [shortened(name, LONGEST_NAME, keep_end=True) for name in names[:MOST_NAMES]]
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def needs_a_line(read: ReadPicture) -> bool:
    """Whether the table shows too little of it. Doubted digits have their question marks there."""
    return not read.digits or bool(read.picture.note)


def some_labels(rows: list[PictureRow]) -> str | None:
    """A line, if only some of the pictures have names that look like labels."""
    return some_labels_in_words(labelled_names(rows), len(rows))


def some_labels_in_words(labelled: list[str], count: int) -> str | None:
    """The line, if only these of so many names look like labels."""
    if not 0 < len(labelled) < count:
        return None
    return (
        f"{len(labelled):,} of {count:,} names look like labels, such as {labelled[0]}; "
        "add --no-labels if they are not"
    )
