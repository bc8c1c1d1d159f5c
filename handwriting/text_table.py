"""Tables of text, in aligned columns."""

import textwrap
from collections.abc import Sequence

GAP = 2  # columns of the screen between two columns of a table


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
    """The columns in as many tables as they need, one below the other, none wider than the screen.

    A cell that is too long for its column is broken into lines: first where `break_at` stands, which is left out then.

    Args:
        header: the names of the columns.
        rows: the cells of each row.
        repeated: so many columns stand at the beginning of each table. They must leave room for another column.
        width: of the screen, in characters.
        break_at: where a long cell is broken first.
        right_aligned: the numbers of the columns that hold figures, counted from 0.
    """
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    left = width - sum(GAP + size for size in widths[:repeated])
    groups: list[list[int]] = []
    free = 0
    for column in range(repeated, len(header)):
        needed = min(widths[column], left)
        if not groups or needed + GAP > free:
            groups.append([])
            free = left + GAP
        groups[-1].append(column)
        free -= needed + GAP
    tables = []
    for group in groups:
        columns = [*range(repeated), *group]
        lines = [line for row in rows for line in broken([row[column] for column in columns], left, break_at)]
        right = {place for place, column in enumerate(columns) if column in right_aligned}
        tables.append(text_table([header[column] for column in columns], lines, right))
    return "\n\n".join(tables)


def broken(cells: Sequence[str], width: int, break_at: str = "\n") -> list[list[str]]:
    """A row as one or more rows, with no cell wider than this."""
    parts = [
        [cell]
        if len(cell) <= width
        else [line for part in cell.split(break_at) for line in textwrap.wrap(part, width)]
        for cell in cells
    ]
    count = max(map(len, parts))
    return [[part[line] if line < len(part) else "" for part in parts] for line in range(count)]
