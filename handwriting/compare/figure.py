"""The learning curves of rankings, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handwriting.compare.rows import Ranking, Row
from handwriting.report.figures import CURVES, epochs_of, finish_axes, percent
from handwriting.report.style import COLOURS, FONT, new_figure, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

MOST_RANKINGS = 20  # in one figure: a higher one could not be looked at


@dataclass(frozen=True)
class ComparisonSettings:
    """How the curves of several runs are drawn."""

    width: float = 12  # inches: two parts and the legend
    legend_width: float = 0.55  # of the legend's part; the other two parts have 1
    height: float = 3.8  # inches, of the parts of a ranking
    entry_height: float = 0.2  # inches, of a line of the legend
    legend_head: float = 1.0  # inches, of what is above and under its lines
    longest_entry: int = 34  # characters of a line of the legend
    line: float = 1.6  # points
    best: float = 5.5  # points, of the dot at the saved epoch
    band: float = 0.18  # the opacity of the band between the lowest and the highest seed
    most_errors: float = 5  # the scale ends at so many times the worst row's lowest error rate
    # No two of them look alike to people who are colour-blind, and none is too pale for a thin line.
    colours: tuple[str, ...] = ("#2f6db5", "#d9822b", "#2b8a5f", "#c0392b", "#7d5ba6", "#5f6b76")
    dashes: tuple[str | tuple, ...] = ("-", (0, (4, 1.6)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))


COMPARISON = ComparisonSettings()
PARTS = (
    ("accuracy", "accuracy on the training images"),
    ("val_accuracy", "accuracy on the validation images"),
)


def with_curves(rankings: Sequence[Ranking]) -> list[Ranking]:
    """The rankings with the rows that have curves, as many as a figure shows."""
    drawn = [
        Ranking(ranking.images, tuple(row for row in ranking.rows if curves_of(row, "accuracy")))
        for ranking in rankings
    ]
    return [ranking for ranking in drawn if ranking.rows][:MOST_RANKINGS]


def draw_comparison(path: Path, rankings: Sequence[Ranking]) -> None:
    """Draws the accuracy over the epochs: one line of parts for each ranking, one colour or dash for each row.

    The scale is that of the error rate, and logarithmic: so 99.5 and 99.6 % can be told apart beside the first epoch.

    Args:
        path: the PNG to write.
        rankings: at least one; all their rows have curves.
    """
    heights = [height_of(ranking) for ranking in rankings]
    figure = new_figure(COMPARISON.width, sum(heights))
    for part, ranking in zip(
        np.atleast_1d(figure.subfigures(len(rankings), 1, height_ratios=heights)), rankings, strict=True
    ):
        part.set_facecolor(COLOURS.paper)
        part.suptitle(ranking.title(), fontsize=FONT.title)
        *axes_pair, legend_axes = part.subplots(1, 3, width_ratios=[1, 1, COMPARISON.legend_width])
        for axes, (column, title) in zip(axes_pair, PARTS, strict=True):
            for number, row in enumerate(ranking.rows):
                draw_row(axes, row, column, number)
            axes.set_title(title, fontsize=FONT.part)
            scale_by_errors(axes)
        share_limits(axes_pair)
        write_legend(legend_axes, ranking, axes_pair[1])
    save_figure(figure, path)


def height_of(ranking: Ranking) -> float:
    """The height of a ranking's parts in inches. A long legend needs more."""
    return max(COMPARISON.height, COMPARISON.legend_head + COMPARISON.entry_height * len(ranking.rows))


def curves_of(row: Row, column: str) -> list[np.ndarray]:
    """A column of all runs of a row that have one, as error rates."""
    return [1 - np.array(run.curves[column]) for run in row.runs if run.curves]


def draw_row(axes: Axes, row: Row, column: str, number: int) -> None:
    """Draws the mean of a row's runs, a band from the lowest to the highest, and a dot at the saved epoch.

    The mean goes as far as the shortest run: of the longer ones alone it would be another mean.
    """
    curves = curves_of(row, column)
    shortest = min(map(len, curves))
    errors = np.maximum([curve[:shortest] for curve in curves], CURVES.lowest)
    mean, epochs = errors.mean(axis=0), epochs_of(errors[0])
    colour = COMPARISON.colours[number % len(COMPARISON.colours)]
    dash = COMPARISON.dashes[number // len(COMPARISON.colours) % len(COMPARISON.dashes)]
    axes.plot(epochs, mean, color=colour, linestyle=dash, linewidth=COMPARISON.line)
    if len(curves) > 1:
        lowest, highest = errors.min(axis=0), errors.max(axis=0)
        axes.fill_between(epochs, lowest, highest, color=colour, alpha=COMPARISON.band, linewidth=0)
    best = min(round(row.mean(lambda run: run.best_epoch)), shortest)
    axes.plot([best], [mean[best - 1]], "o", markersize=COMPARISON.best, color=colour)


def scale_by_errors(axes: Axes) -> None:
    """Makes the scale that of the error rate, from the many errors at the bottom to the few at the top."""
    axes.set_yscale("log")
    axes.invert_yaxis()
    axes.yaxis.get_major_locator().set_params(subs=(1, 2, 5))
    axes.yaxis.set_minor_formatter(lambda value, position: "")
    axes.yaxis.set_major_formatter(lambda value, position: percent(1 - value))
    finish_axes(axes)


def share_limits(pair: Sequence[Axes]) -> None:
    """Gives both parts the same scale, so that they can be compared. The first epochs may lie below its end."""
    limits = [limit for axes in pair for limit in axes.get_ylim()]
    worst = max(np.nanmin(line.get_ydata()) for axes in pair for line in curves_in(axes))
    for axes in pair:
        axes.set_ylim(min(max(limits), COMPARISON.most_errors * worst), min(limits))


def curves_in(axes: Axes) -> list[Line2D]:
    """The curves of a part, without the dots."""
    return [line for line in axes.lines if line.get_marker() == "None"]


def write_legend(legend_axes: Axes, ranking: Ranking, axes: Axes) -> None:
    """Writes beside the parts which line is which row, the best first, and what dots and bands are."""
    legend_axes.set_axis_off()
    names = [entry(ranking, row) for row in ranking.rows]
    several = any(len(curves_of(row, "accuracy")) > 1 for row in ranking.rows)
    band = "\nband: lowest to highest seed" if several else ""
    legend_axes.legend(
        curves_in(axes),
        names,
        loc="upper left",
        fontsize=FONT.small,
        frameon=False,
        borderaxespad=0,
        handlelength=3,
        alignment="left",
        title=f"on the test images, best first\ndot: the saved epoch{band}"
        if ranking.images
        else "dot: best epoch",
        title_fontsize=FONT.small,
    )


def entry(ranking: Ranking, row: Row) -> str:
    """A line of the legend: the name of a row, and how well it reads the test images."""
    name = ranking.name(row)
    if not row.first.record:
        return shortened(name, COMPARISON.longest_entry)
    tested = f"{100 * row.mean(lambda run: run.record.test.accuracy):.2f} %"
    runs = f" ({len(row.runs)} seeds)" if len(row.runs) > 1 else ""
    return f"{tested}  {shortened(name, COMPARISON.longest_entry - len(tested) - len(runs))}{runs}"


def shortened(text: str, length: int) -> str:
    """A text that is no longer than this. Dollar signs would be taken for formulas."""
    text = text if len(text) <= length else text[: length - 1] + "…"
    return text.replace("$", r"\$")
