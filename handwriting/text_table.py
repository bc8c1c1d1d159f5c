"""Tables of text, in aligned columns."""

import textwrap
from collections.abc import Sequence

GAP = 2  # columns of the screen between two columns of a table
LEAST_LEFT = 20  # columns of the screen that repeated columns leave for the others, if these need as many


def text_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right_aligned: set[int] = frozenset()
) -> str:
    """A table with a header, a rule under it, and aligned columns.

    Args:
        header: the names of the columns.
        rows: the cells of each row.
        right_aligned: the numbers of the columns that hold figures, counted from 0.
    """
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def aligned(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if column in right_aligned else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return (GAP * " ").join(padded).rstrip()

    rule = ["─" * width for width in widths]
    return "\n".join(aligned(row) for row in [header, rule, *rows])


def fitted_tables(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    repeated: int,
    width: int,
    break_at: str,
    right_aligned: set[int] = frozenset(),
) -> str:
    """The columns in as many tables as they need, one below the other, no cell wider than the screen.

    A cell that is too long for its column is broken into lines: first where `break_at` stands, which is left out then.
    On a narrow screen, the repeated columns are narrowed.

    Args:
        header: the names of the columns.
        rows: the cells of each row.
        repeated: so many columns stand at the beginning of each table.
        width: of the screen, in characters.
        break_at: where a long cell is broken first.
        right_aligned: the numbers of the columns that hold figures, counted from 0.
    """
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for_others = min(LEAST_LEFT, max(widths[repeated:]))
    widths[:repeated] = narrowed(widths[:repeated], width - repeated * GAP - for_others)
    left = width - sum(GAP + size for size in widths[:repeated])
    widths[repeated:] = [min(size, left) for size in widths[repeated:]]
    groups: list[list[int]] = []
    free = 0
    for column in range(repeated, len(header)):
        if not groups or widths[column] + GAP > free:
            groups.append([])
            free = left + GAP
        groups[-1].append(column)
        free -= widths[column] + GAP
    tables = []
    for group in groups:
        columns = [*range(repeated), *group]
        limits = [widths[column] for column in columns]
        lines = [
            line for row in rows for line in broken([row[column] for column in columns], limits, break_at)
        ]
        right = {place for place, column in enumerate(columns) if column in right_aligned}
        tables.append(text_table([header[column] for column in columns], lines, right))
    return "\n\n".join(tables)


def narrowed(widths: list[int], most: int) -> list[int]:
    """Widths that add up to at most so much, if that is possible. The widest is narrowed first."""
    while sum(widths) > max(most, len(widths)):
        widest = widths.index(max(widths))
        widths = [*widths[:widest], widths[widest] - 1, *widths[widest + 1 :]]
    return widths


def broken(cells: Sequence[str], widths: Sequence[int], break_at: str = "\n") -> list[list[str]]:
    """A row as one or more rows, with no cell wider than its column."""
    parts = [
        [cell]
        if len(cell) <= width
        else [line for part in cell.split(break_at) for line in textwrap.wrap(part, width)]
        for cell, width in zip(cells, widths, strict=True)
    ]
    count = max(map(len, parts))
    return [[part[line] if line < len(part) else "" for part in parts] for line in range(count)]
