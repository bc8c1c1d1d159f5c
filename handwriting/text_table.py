"""Tables of text, in aligned columns."""

from collections.abc import Sequence


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
        return "  ".join(padded).rstrip()

    rule = ["─" * width for width in widths]
    return "\n".join(aligned(row) for row in [header, rule, *rows])
