"""Rankings as tables of text."""

import statistics
import string
from collections.abc import Sequence

from handwriting.compare.rows import IN_COLUMNS, Ranking, Row
from handwriting.console import in_lines
from handwriting.text_table import fitted_tables

HEADER = ("network", "recipe", "epoch", "validation", "test", "misses", "seconds", "n", "seed")
NAMES = 2  # columns at the beginning that say which row it is
FIGURES = set(range(NAMES, len(HEADER) - 1))  # the columns with figures
UNKNOWN = "–"
EXPLANATION = "epoch: the best one / those trained; validation and test: % read right"


def tables(rankings: Sequence[Ranking], width: int) -> str:
    """A table for each ranking, under its title, then what the letters of the machines mean.

    Args:
        rankings: what is compared.
        width: of the screen, in characters.
    """
    machines = list(dict.fromkeys(machine for ranking in rankings for machine in machines_of(ranking)))
    letters = dict(zip(machines, letters_for(len(machines)), strict=True))
    parts = [
        f"{in_lines(ranking.title(), width)}\n\n{ranking_table(ranking, letters, width)}"
        for ranking in rankings
    ]
    lines = [EXPLANATION, *(f"machine {letter}: {machine}" for machine, letter in letters.items())]
    return "\n\n".join([*parts, "\n".join(in_lines(line, width) for line in lines)])


def machines_of(ranking: Ranking) -> list[str]:
    """The machines of a ranking's runs, those of the best first."""
    return [run.record.machine for row in ranking.rows for run in row.runs if run.record]


def letters_for(count: int) -> list[str]:
    """A, B … Z, then A1, B1 and so on."""
    alphabet = string.ascii_uppercase
    return [alphabet[number % 26] + (str(number // 26) if number >= 26 else "") for number in range(count)]


def ranking_table(ranking: Ranking, letters: dict[str, str], width: int) -> str:
    """The rows of a ranking, the best first."""
    cells = [row_cells(ranking, row, letters) for row in ranking.rows]
    return fitted_tables(HEADER, cells, NAMES, width, break_at=" ", right_aligned=FIGURES)


def row_cells(ranking: Ranking, row: Row, letters: dict[str, str]) -> list[str]:
    """The cells of a row, in the order of HEADER."""
    trained = f"{row.mean(lambda run: run.best_epoch):.0f}/{row.mean(lambda run: run.epochs):.0f}"
    name = ranking.name(row, told=IN_COLUMNS)
    validation = f"{100 * row.mean(lambda run: run.validation.accuracy):.2f}"
    if not row.first.record:
        return [name, UNKNOWN, trained, validation, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, row.seeds()]
    misses = row.mean(lambda run: run.record.misses)
    machines = sorted({letters[run.record.machine] for run in row.runs})
    return [
        name,
        row.settings.get("recipe", UNKNOWN),
        trained,
        validation,
        tested(row),
        f"{misses:.0f}" if misses == round(misses) else f"{misses:.1f}",
        f"{row.mean(lambda run: run.record.seconds):,.0f} {'+'.join(machines)}",
        str(len(row.runs)),
        row.seeds(),
    ]


def tested(row: Row) -> str:
    """'99.56 ± 0.04': the mean and the deviation of the test accuracy. A single run has no deviation."""
    percentages = [100 * run.record.test.accuracy for run in row.runs]
    deviation = f" ± {statistics.stdev(percentages):.2f}" if len(percentages) > 1 else ""
    return f"{statistics.mean(percentages):.2f}{deviation}"
