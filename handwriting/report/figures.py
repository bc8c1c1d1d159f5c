"""The figures of a training run."""

from pathlib import Path

import numpy as np

from handwriting import safe_files

INK, PAPER, GRID = "#1f2933", "#ffffff", "#d9e0e6"


TRAINING_COLOUR, VALIDATION_COLOUR, WRONG_COLOUR = "#2f6db5", "#d9822b", "#c0392b"


MARGIN_INCHES = 0.1  # around figures and between their parts


LEAST_DRAWN = 1e-4  # of loss, and of the share of misses: 0 has no place on an axis of halvings


MISREAD_SHOWN = 100  # more small pictures on one sheet can't be told apart


def new_figure(width: float, height: float):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)
    figure.get_layout_engine().set(w_pad=MARGIN_INCHES, h_pad=MARGIN_INCHES)
    return figure


def save_figure(figure, path: Path) -> None:
    with safe_files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)


def draw_curves(path: Path, title: str, history: dict[str, list[float]], best: int, loss: str) -> None:
    """Loss, accuracy and learning rate over the epochs, the best epoch marked.

    Loss and accuracy are drawn so that each halving of the loss, or of the misses, is as high as any other:
    what happens between 99 and 99.9 % can then be seen beside the first epoch.

    Args:
        path: the PNG to write.
        title: the line above.
        history: the CSV's columns: loss, val_loss, accuracy, val_accuracy, learning_rate.
        best: the number, from 0, of the epoch that is saved.
        loss: Keras's name of the loss that was made small; different ones can't be compared.
    """
    epochs = np.arange(1, len(history["loss"]) + 1)
    figure = new_figure(11, 3.8)
    figure.suptitle(title, fontsize=12)
    loss_axes, accuracy_axes, rate_axes = figure.subplots(1, 3, sharex=True, width_ratios=[1, 1, 0.7])
    for axes, name in ((loss_axes, "loss"), (accuracy_axes, "accuracy")):
        for column, label, colour in (
            (name, "training", TRAINING_COLOUR),
            (f"val_{name}", "validation", VALIDATION_COLOUR),
        ):
            values = np.array(history[column])
            heights = np.maximum(values if name == "loss" else 1 - values, LEAST_DRAWN)
            axes.plot(epochs, heights, "o-", markersize=3, color=colour, label=label)
        axes.set_yscale("log")
        axes.yaxis.get_major_locator().set_params(subs=(1, 2, 5))
        axes.yaxis.set_minor_formatter(lambda value, position: "")
        axes.axvline(
            epochs[best], color=INK, linewidth=0.8, linestyle=":", label=f"saved: epoch {epochs[best]}"
        )
        axes.set_title(f"loss ({loss})" if name == "loss" else name, fontsize=10)
        axes.legend(fontsize=8, frameon=False)
    loss_axes.yaxis.set_major_formatter(lambda value, position: f"{value:g}")
    accuracy_axes.invert_yaxis()
    accuracy_axes.yaxis.set_major_formatter(lambda value, position: percent(1 - value))
    rate_axes.plot(epochs, history["learning_rate"], "o-", markersize=3, color=INK)
    rate_axes.set_ylim(bottom=0)
    rate_axes.yaxis.set_major_formatter(lambda value, position: f"{value:g}")
    rate_axes.set_title("learning rate", fontsize=10)
    for axes in (loss_axes, accuracy_axes, rate_axes):
        axes.set_xlabel("epoch", fontsize=9)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(color=GRID, linewidth=0.6)
        axes.tick_params(which="both", labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path)


def percent(accuracy: float) -> str:
    """'99.5%'; what is too near to 100 % to be drawn apart from it is 100%."""
    return "100%" if accuracy >= 1 - 1.01 * LEAST_DRAWN else f"{100 * accuracy:.6g}%"


def draw_confusion(path: Path, title: str, labels: np.ndarray, readings: np.ndarray) -> None:
    """How often each digit was read as each; only misreadings are coloured, or the diagonal would drown them."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, readings), 1)
    wrong = counts * (1 - np.eye(10, dtype=int))
    figure = new_figure(6.4, 6.2)
    axes = figure.subplots()
    axes.imshow(wrong, cmap="Reds", vmin=0, vmax=max(1, wrong.max()) * 1.4)
    for label in range(10):
        for reading in range(10):
            count = counts[label, reading]
            if count:
                weight = "bold" if label == reading else "normal"
                axes.text(
                    reading, label, f"{count}", ha="center", va="center", fontsize=9, weight=weight, color=INK
                )
    axes.set_xticks(range(10))
    axes.set_yticks(range(10))
    axes.set_xticks(np.arange(-0.5, 10), minor=True)
    axes.set_yticks(np.arange(-0.5, 10), minor=True)
    axes.grid(which="minor", color=GRID, linewidth=0.8)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel("read as")
    axes.set_ylabel("label")
    axes.set_title(title, fontsize=11)
    save_figure(figure, path)


def draw_misread(
    path: Path, title: str, digits: np.ndarray, labels: np.ndarray, probabilities: np.ndarray
) -> None:
    """The misread digits, true and read label under each, the surest mistakes first."""
    readings = probabilities.argmax(axis=1)
    confidences = probabilities.max(axis=1)
    wrong = np.flatnonzero(readings != labels)
    wrong = wrong[np.argsort(-confidences[wrong], kind="stable")]
    shown = wrong[:MISREAD_SHOWN]
    columns = 10
    rows = max(1, -(-len(shown) // columns))
    figure = new_figure(10, 0.7 + 1.25 * rows)
    if len(shown) < len(wrong):
        title = f"{title}: the surest {len(shown)} of {len(wrong)}"
    figure.suptitle(f"{title}   (label → reading)" if len(shown) else f"{title}: none", fontsize=12)
    for axes, index in zip(
        figure.subplots(rows, columns, squeeze=False).flat, [*shown, *[None] * 100], strict=False
    ):
        axes.set_axis_off()
        if index is None:
            continue
        axes.imshow(digits[index, :, :, 0], cmap="gray_r", vmin=0, vmax=1)
        caption = f"{labels[index]} → {readings[index]}  {confidences[index]:.0%}"
        axes.set_title(caption, y=-0.22, fontsize=9, color=WRONG_COLOUR)
    save_figure(figure, path)
