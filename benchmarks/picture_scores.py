"""What readings of labelled pictures are worth: shares right, character error, calibration, as tables."""

import statistics
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.text_table import text_table

# Signs that can be read as digits, by the end of a file's name without its number: letter_o_0012.png.
LIKE_DIGITS = {"o", "l", "s", "z", "b", "q", "g", "i", "y", "beta", "gamma", "delta", "theta"}
BINS = 15  # of the calibration error
CHANCE_ROUNDS = 1000  # by which its usual size by chance is estimated


@dataclass(frozen=True)
class Shown:
    """A picture and what it shows.

    Args:
        path: its file.
        group: the set that it belongs to.
        label: the digits on it. Empty if there is none. None if nobody says.
    """

    path: Path
    group: str
    label: str | None


@dataclass(frozen=True)
class Read:
    """What was read on a picture.

    Args:
        shown: the picture.
        digits: the reading's.
        sure: whether the reader is sure.
        confidence: None if it gives none.
    """

    shown: Shown
    digits: str
    sure: bool = True
    confidence: float | None = None

    @property
    def right(self) -> bool:
        """Whether the reading is the label. A doubted single digit is not."""
        return self.digits == self.shown.label and (self.sure or len(self.shown.label) > 1)

    @property
    def character_error(self) -> float:
        return min(1.0, edit_distance(self.digits, self.shown.label) / len(self.shown.label))


def groups_of(reads: Iterable[Read]) -> dict[str, list[Read]]:
    """The readings of each set."""
    groups: dict[str, list[Read]] = {}
    for read in reads:
        groups.setdefault(read.shown.group, []).append(read)
    return dict(sorted(groups.items()))


def scores_table(
    columns: dict[str, list[Read]], title: str, kind: Callable, cell: Callable
) -> list[list[str]]:
    """A line for each set of pictures of a kind, with a cell for each reader. Nothing if there is no such picture.

    Args:
        columns: the readings of each reader.
        title: says what the cells show.
        kind: whether a reading belongs to the pictures of the kind.
        cell: the text of a cell, from the readings of a set by one reader.
    """
    groups = [groups_of(filter(kind, column)) for column in columns.values()]
    lines = [
        [group, str(len(reads)), *(cell(of_reader[group]) for of_reader in groups)]
        for group, reads in groups[0].items()
    ]
    return [[title, "n", *columns], *lines] if lines else []


def single_table(columns: dict[str, list[Read]]) -> str:
    """The share of single digits that each reader reads right, set by set, and the mean over the sets."""
    table = scores_table(columns, "single digits", is_single, lambda reads: f"{share_right(reads):.3f}")
    if len(table) > 2:
        means = [mean_of_sets(column) for column in columns.values()]
        table.append([f"mean of {len(table) - 1} sets", "", *(f"{mean:.3f}" for mean in means)])
    return shown_table(table)


def mean_of_sets(reads: list[Read]) -> float:
    """The mean, over the sets, of the share of single digits that are read right."""
    return statistics.mean(map(share_right, groups_of(filter(is_single, reads)).values()))


def several_table(columns: dict[str, list[Read]]) -> str:
    """Whole readings right, and the character error, of pictures with several digits."""
    title = "several digits: whole right / character error"
    return shown_table(scores_table(columns, title, is_several, whole_and_error))


def none_table(columns: dict[str, list[Read]]) -> str:
    """How many pictures of no digit are given a sure one. Signs that can be read as digits are left out."""
    return shown_table(scores_table(columns, "no digit: given a sure one", is_none, sure_digits))


def shown_table(table: list[list[str]]) -> str:
    """A table as text, its first column to the left and the others to the right."""
    return text_table(table[0], table[1:], right_aligned=set(range(1, len(table[0])))) if table else ""


def whole_and_error(reads: list[Read]) -> str:
    error = statistics.mean(read.character_error for read in reads)
    return f"{sum(read.right for read in reads)} {share_right(reads):.2f} / {error:.3f}"


def sure_digits(reads: list[Read]) -> str:
    count = sum(bool(read.digits) and read.sure for read in reads)
    return f"{count} {count / len(reads):.2f}"


def is_single(read: Read) -> bool:
    return len(read.shown.label or "") == 1


def is_several(read: Read) -> bool:
    return len(read.shown.label or "") > 1


def is_none(read: Read) -> bool:
    """Whether a picture shows no digit, and nothing that looks like one."""
    return read.shown.label == "" and not like_a_digit(read.shown.path)


def share_right(reads: list[Read]) -> float:
    return sum(read.right for read in reads) / len(reads)


def other_figures(reads: list[Read]) -> str:
    """The share of single digits that are refused, and the calibration errors."""
    single = list(filter(is_single, reads))
    several = list(filter(is_several, reads))
    lines = []
    if single:
        refused = sum(not (read.digits and read.sure) for read in single)
        lines.append(f"true single digits refused: {refused} of {len(single)} ({refused / len(single):.1%})")
    for name, some in (("single digits", single), ("several digits", several)):
        confident = [read for read in some if read.confidence is not None]
        if confident:
            confidences = np.array([read.confidence for read in confident])
            right = np.array([read.digits == read.shown.label for read in confident], float)
            lines.append(
                f"calibration error of {name} ({BINS} bins): {calibration_error(confidences, right):.3f}; "
                f"with so few, {error_by_chance(confidences):.3f} if the confidences were exact"
            )
    return "\n".join(lines)


def like_a_digit(path: Path) -> bool:
    """Whether a picture of no digit shows a sign that looks like a digit, as letter_o_0012.png does."""
    sign = path.stem.rsplit("_", 1)[0].rsplit("_", 1)[-1]
    return unicodedata.normalize("NFC", sign).lower() in LIKE_DIGITS


def calibration_error(confidences: np.ndarray, right: np.ndarray) -> float:
    """The mean distance between the confidence and the share of right readings, over bins of equal width."""
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    distances = [
        abs(confidences[bins == number].sum() - right[bins == number].sum()) for number in range(BINS)
    ]
    return float(sum(distances) / len(confidences))


def error_by_chance(confidences: np.ndarray) -> float:
    """The usual calibration error of so many readings if each is right with the probability that it claims."""
    random = np.random.default_rng(0)
    rounds = (random.random((CHANCE_ROUNDS, len(confidences))) < confidences).astype(float)
    return float(np.mean([calibration_error(confidences, right) for right in rounds]))


def edit_distance(one: str, other: str) -> int:
    """The fewest insertions, deletions and replacements that make one text of the other."""
    row = list(range(len(other) + 1))
    for number, sign in enumerate(one, start=1):
        before, row[0] = row[0], number
        for place, of_other in enumerate(other, start=1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (sign != of_other)),
            )
    return row[-1]


def is_wrong(read: Read) -> bool:
    """Whether a picture was read otherwise than its label says, if there is one."""
    if read.shown.label is None:
        return False
    if read.shown.label == "":
        return is_none(read) and bool(read.digits) and read.sure
    return not read.right
