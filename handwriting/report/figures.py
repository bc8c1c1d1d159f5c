"""The three figures of a training run: its curves, its confusion matrix, and the digits it misread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handwriting.digit_image import CLASSES
from handwriting.report.style import COLOURS, FONT, new_figure, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class CurveSettings:
    """How the curves of a run are drawn."""

    width: float = 11  # inches: three parts side by side
    height: float = 3.8  # inches
    rate_width: float = 0.7  # of the learning rate's part; the other two parts have 1
    lowest: float = 1e-4  # of a loss or an error rate on a log scale, on which 0 has no place
    marker: float = 3  # points, of the dot at each epoch
    thin_line: float = 0.8  # points, of the line that marks the saved epoch
    grid_line: float = 0.6  # points


@dataclass(frozen=True)
class ConfusionSettings:
    """How the confusion matrix is drawn."""

    width: float = 6.4  # inches
    height: float = 6.2  # inches
    headroom: float = 1.4  # the colour scale ends at so many times the highest count: text stays readable
    grid_line: float = 0.8  # points


@dataclass(frozen=True)
class MisreadSettings:
    """How the misread digits are drawn."""

    most_shown: int = 100  # digits: more of them on one sheet would be too small
    columns: int = 10
    width: float = 10  # inches
    row_height: float = 1.25  # inches: a digit and the caption under it
    title_height: float = 0.7  # inches
    caption_position: float = -0.22  # of the caption's line, in heights of the digit: under its lower edge


CURVES = CurveSettings()
CONFUSION = ConfusionSettings()
MISREAD = MisreadSettings()


def draw_curves(path: Path, title: str, history: dict[str, list[float]], best: int, loss: str) -> None:
    """Draws loss, accuracy and learning rate over the epochs, and marks the epoch that was saved.

    The scales are logarithmic: halving the loss, or the number of errors, moves a curve by the same height anywhere.
    So the step from 99 to 99.9 % can be seen beside the first epoch.

    Args:
        path: the PNG to write.
        title: the title of the figure.
        history: the CSV's columns: loss, val_loss, accuracy, val_accuracy and learning_rate.
        best: the number of the saved epoch, counted from 0.
        loss: Keras's name for the loss. Values of different losses can't be compared.
    """
    figure = new_figure(CURVES.width, CURVES.height)
    figure.suptitle(title, fontsize=FONT.title)
    loss_axes, accuracy_axes, rate_axes = figure.subplots(
        1, 3, sharex=True, width_ratios=[1, 1, CURVES.rate_width]
    )
    losses = {name: np.array(history[name]) for name in ("loss", "val_loss")}
    error_rates = {name: 1 - np.array(history[name]) for name in ("accuracy", "val_accuracy")}
    draw_pair(loss_axes, losses.values(), best)
    loss_axes.set_title(f"loss ({loss})", fontsize=FONT.part)
    loss_axes.yaxis.set_major_formatter(lambda value, position: f"{value:g}")
    draw_pair(accuracy_axes, error_rates.values(), best)
    accuracy_axes.set_title("accuracy", fontsize=FONT.part)
    accuracy_axes.invert_yaxis()
    accuracy_axes.yaxis.set_major_formatter(lambda value, position: percent(1 - value))
    draw_rate(rate_axes, history["learning_rate"])
    for axes in (loss_axes, accuracy_axes, rate_axes):
        finish_axes(axes)
    save_figure(figure, path)


def draw_pair(axes: Axes, pair: Iterable[np.ndarray], best: int) -> None:
    """Draws the values of the training and of the validation images on a log scale, and marks the saved epoch."""
    names = ("training", "validation")
    for values, name, colour in zip(pair, names, (COLOURS.training, COLOURS.validation), strict=True):
        heights = np.maximum(values, CURVES.lowest)
        axes.plot(epochs_of(values), heights, "o-", markersize=CURVES.marker, color=colour, label=name)
    axes.set_yscale("log")
    axes.yaxis.get_major_locator().set_params(subs=(1, 2, 5))
    axes.yaxis.set_minor_formatter(lambda value, position: "")
    axes.axvline(
        best + 1,
        color=COLOURS.ink,
        linewidth=CURVES.thin_line,
        linestyle=":",
        label=f"saved: epoch {best + 1}",
    )
    axes.legend(fontsize=FONT.small, frameon=False)


def draw_rate(axes: Axes, rates: list[float]) -> None:
    """Draws the learning rate."""
    axes.plot(epochs_of(rates), rates, "o-", markersize=CURVES.marker, color=COLOURS.ink)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, position: f"{value:g}")
    axes.set_title("learning rate", fontsize=FONT.part)


def finish_axes(axes: Axes) -> None:
    """Adds the grid, and ticks at whole epochs."""
    axes.set_xlabel("epoch", fontsize=FONT.label)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(color=COLOURS.grid, linewidth=CURVES.grid_line)
    axes.tick_params(which="both", labelsize=FONT.small)
    axes.spines[["top", "right"]].set_visible(False)


def epochs_of(values: Sequence[float]) -> np.ndarray:
    """The numbers of the epochs, from 1."""
    return np.arange(1, len(values) + 1)


def percent(accuracy: float) -> str:
    """An accuracy such as '99.5%'. The top of the axis, where smaller error rates are drawn as well, is '100%'."""
    at_top = accuracy >= 1 - 1.01 * CURVES.lowest  # a little more than the lowest, for rounding
    return "100%" if at_top else f"{100 * accuracy:.6g}%"


def draw_confusion(path: Path, title: str, labels: np.ndarray, readings: np.ndarray) -> None:
    """Draws how often each digit was read as each. Only misreadings are coloured: the diagonal would outshine them."""
    counts = np.zeros((CLASSES, CLASSES), int)
    np.add.at(counts, (labels, readings), 1)
    wrong = counts * (1 - np.eye(CLASSES, dtype=int))
    figure = new_figure(CONFUSION.width, CONFUSION.height)
    axes = figure.subplots()
    axes.imshow(wrong, cmap="Reds", vmin=0, vmax=max(1, wrong.max()) * CONFUSION.headroom)
    write_counts(axes, counts)
    axes.set_xticks(range(CLASSES))
    axes.set_yticks(range(CLASSES))
    axes.set_xticks(np.arange(-0.5, CLASSES), minor=True)  # the grid runs between the digits
    axes.set_yticks(np.arange(-0.5, CLASSES), minor=True)
    axes.grid(which="minor", color=COLOURS.grid, linewidth=CONFUSION.grid_line)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel("read as")
    axes.set_ylabel("label")
    axes.set_title(title, fontsize=FONT.single_title)
    save_figure(figure, path)


def write_counts(axes: Axes, counts: np.ndarray) -> None:
    """Writes every count that is not 0 into its square, those of right readings in bold."""
    for label, reading in np.argwhere(counts):
        axes.text(
            reading,
            label,
            f"{counts[label, reading]}",
            ha="center",
            va="center",
            fontsize=FONT.label,
            weight="bold" if label == reading else "normal",
            color=COLOURS.ink,
        )


def draw_misread(
    path: Path, title: str, digits: np.ndarray, labels: np.ndarray, probabilities: np.ndarray
) -> None:
    """Draws the misread digits, the most confident mistakes first, with label and reading under each.

    Args:
        path: the PNG to write.
        title: the title of the figure.
        digits: all digit images, an array of shape (n, 28, 28, 1).
        labels: their labels, an array of shape (n,).
        probabilities: the network's answers, an array of shape (n, 10).
    """
    readings, confidences = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(readings != labels)
    wrong = wrong[np.argsort(-confidences[wrong], kind="stable")]
    shown = wrong[: MISREAD.most_shown]
    rows = max(1, -(-len(shown) // MISREAD.columns))
    figure = new_figure(MISREAD.width, MISREAD.title_height + MISREAD.row_height * rows)
    figure.suptitle(misread_title(title, len(shown), len(wrong)), fontsize=FONT.title)
    cells = figure.subplots(rows, MISREAD.columns, squeeze=False).ravel()
    for axes in cells:
        axes.set_axis_off()
    for axes, index in zip(cells, shown, strict=False):  # the last row may have empty cells
        axes.imshow(digits[index, :, :, 0], cmap="gray_r", vmin=0, vmax=1)
        caption = f"{labels[index]} → {readings[index]}  {confidences[index]:.0%}"
        axes.set_title(caption, y=MISREAD.caption_position, fontsize=FONT.label, color=COLOURS.wrong)
    save_figure(figure, path)


def misread_title(title: str, shown: int, wrong: int) -> str:
    """The title, and what it does not say: how many of the wrong digits are shown."""
    if not shown:
        return f"{title}: none"
    if shown < wrong:
        title = f"{title}: the surest {shown} of {wrong}"
    return f"{title}   (label → reading)"
