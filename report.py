"""Labels and probabilities in; lines, tables and figures out.

The figures are made without pyplot, so no window can open and nothing waits.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handwriting import safe_files

if TYPE_CHECKING:
    from models import LayerRow

INK, PAPER, GRID = "#1f2933", "#ffffff", "#d9e0e6"
TRAINING_COLOUR, VALIDATION_COLOUR, WRONG_COLOUR = "#2f6db5", "#d9822b", "#c0392b"
BOX_COLOUR = "#1689d8"
MARGIN_INCHES = 0.1  # around figures and between their parts
LEAST_DRAWN = 1e-4  # of loss, and of the share of misses: 0 has no place on an axis of halvings
MISREAD_SHOWN = 100  # more small pictures on one sheet can't be told apart


@dataclass(frozen=True)
class Score:
    """How well labelled images were read."""

    loss: float
    misses: int
    count: int

    @property
    def accuracy(self) -> float:
        return 1 - self.misses / self.count

    def __str__(self) -> str:
        return f"loss {self.loss:.4f}  accuracy {self.accuracy:.2%}  misses {self.misses}/{self.count}"


def score(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """The mean cross-entropy, and how many labels are not the most probable digit."""
    of_label = np.clip(probabilities[np.arange(len(labels)), labels].astype(np.float64), 1e-7, 1)
    misses = int((probabilities.argmax(axis=1) != labels).sum())
    return Score(loss=float(-np.log(of_label).mean()), misses=misses, count=len(labels))


# ---------------------------------------------------------------- text


def text_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right_aligned: set[int] = frozenset()
) -> str:
    """Aligned columns under a header.

    Args:
        header: the columns' names.
        rows: their cells.
        right_aligned: numbers of the columns that hold figures.
    """
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if column in right_aligned else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(header), line(["─" * width for width in widths]), *map(line, rows)])


def layer_table(rows: Sequence[LayerRow]) -> str:
    """A network layer by layer."""
    cells = [
        [row.kind, row.details, shape_text(row.output_shape), f"{row.neurons:,}", f"{row.parameters:,}"]
        for row in rows
    ]
    return text_table(
        ["layer", "arguments", "output", "neurons", "parameters"], cells, right_aligned={2, 3, 4}
    )


def shape_text(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


# ---------------------------------------------------------------- figures of a training run


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


# ---------------------------------------------------------------- the diagram of a network

LAYER_COLOURS = {
    "Input": "#eef2f5",
    "Conv2D": "#9cc3ea",
    "MaxPooling2D": "#f4c58f",
    "GlobalAveragePooling2D": "#f4c58f",
    "Flatten": "#e3e7eb",
    "Dropout": "#e3e7eb",
    "Dense": "#a9d6b0",
}


def draw_network(path: Path, name: str, rows: Sequence[LayerRow]) -> None:
    """A network from top to bottom: a bar a layer, as wide as it has neurons (on a log scale)."""
    from matplotlib.patches import FancyBboxPatch

    total = sum(row.parameters for row in rows)
    steps = [("Input", "the picture", "28 × 28 × 1", 784, 0)]
    steps += [
        (row.kind, row.details, shape_text(row.output_shape), row.neurons, row.parameters) for row in rows
    ]
    figure = new_figure(9.5, 0.62 * len(steps) + 0.8)
    axes = figure.subplots()
    axes.set_xlim(-8.2, 8.2)
    axes.set_ylim(len(steps) - 0.4, -0.9)
    axes.set_axis_off()
    figure.suptitle(f"{name}: {total:,} parameters", fontsize=13)
    headings = (
        (-8.1, "layer", "left"),
        (0, "outputs (the wider, the more; log scale)", "center"),
        (6, "neurons", "right"),
        (8.1, "parameters", "right"),
    )
    for x, heading, alignment in headings:
        axes.text(x, -0.65, heading, ha=alignment, va="center", fontsize=9, color="#6b7785")
    for y, (kind, details, shape, neurons, parameters) in enumerate(steps):
        half_width = 0.55 + 0.6 * np.log10(neurons)
        box = FancyBboxPatch(
            (-half_width, y - 0.27),
            2 * half_width,
            0.54,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=LAYER_COLOURS.get(kind, PAPER),
            edgecolor=INK,
            linewidth=0.8,
        )
        axes.add_patch(box)
        if y:
            axes.plot([0, 0], [y - 0.73, y - 0.27], color=INK, linewidth=0.8, zorder=0)
        axes.text(0, y, shape, ha="center", va="center", fontsize=9.5, color=INK)
        raised = 0.13 if details else 0
        axes.text(-8.1, y - raised, kind, ha="left", va="center", fontsize=10, weight="bold", color=INK)
        axes.text(-8.1, y + 0.2, details, ha="left", va="center", fontsize=8, color="#52606d")
        axes.text(6, y, f"{neurons:,}", ha="right", va="center", fontsize=9.5, color=INK)
        axes.text(8.1, y, f"{parameters:,}", ha="right", va="center", fontsize=9.5, color=INK)
    save_figure(figure, path)


# ---------------------------------------------------------------- readings of pictures

SHEET_FILES = 100
THUMB = 132  # px of the original's and of the network's view on the sheet
MARGIN, LINE = 12, 16
TAG = (9, 11)  # px: the reading beside a digit's box
LONGEST_NAME = 34  # characters
MARK = "×"  # which western Windows can write to files, too


def readings_table(names: Sequence[str], labels: Sequence[str | None], readings: dict[str, Sequence]) -> str:
    """A row a picture: its label and what each model reads, with a mark where that is wrong."""
    rows = [
        [
            name
            if len(name) <= LONGEST_NAME
            else "…" + name[1 - LONGEST_NAME :],  # of a path the end tells most
            label or "",
            *(reading_text(of_model[index], label) for of_model in readings.values()),
        ]
        for index, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    return text_table(["picture", "label", *readings], rows)


def reading_text(reading, label: str | None) -> str:
    """'7 99%', with a cross where it is wrong; 'no digit'; 'unreadable'."""
    mark = f" {MARK}" if reading.is_right(label) is False else ""
    if reading.confidence is None:
        return reading.status.split(":")[0] + mark
    doubt = "?" if reading.status == "unsure" else ""
    return f"{reading.digits}{doubt} {reading.confidence:.0%}{mark}"


def totals(labels: Sequence[str | None], readings: dict[str, Sequence]) -> str:
    """How many labelled pictures each model reads right, and how many it is unsure of or refuses."""
    labelled = sum(label is not None for label in labels)
    rows = []
    for model, of_model in readings.items():
        right = sum(bool(reading.is_right(label)) for reading, label in zip(of_model, labels, strict=True))
        unsure = sum(reading.status == "unsure" for reading in of_model)
        without = sum(reading.confidence is None for reading in of_model)
        rows.append([model, f"{right} of {labelled}", str(unsure), str(without)])
    return text_table(["model", "right", "unsure", "no digit or unreadable"], rows, right_aligned={1, 2, 3})


def draw_readings(
    path: Path,
    files: Sequence[Path],
    names: Sequence[str],
    pictures: Sequence,
    labels: Sequence[str | None],
    readings: dict[str, Sequence],
) -> int:
    """The picture sheet: each file beside what the network sees of it, and the readings under it.

    Returns:
        How many files it shows: the wrong and the rejected first, at most SHEET_FILES.
    """
    from PIL import Image, ImageDraw

    def trouble(index: int) -> int:
        of_picture = [of_model[index] for of_model in readings.values()]
        if of_picture[-1].is_right(labels[index]) is False:
            return 0
        if of_picture[-1].status != "ok":
            return 1
        return 2 if any(reading.is_right(labels[index]) is False for reading in of_picture) else 3

    order = sorted(range(len(files)), key=trouble)[:SHEET_FILES]
    columns = min(5, len(order))
    rows = -(-len(order) // columns)
    cell_width = 2 * THUMB + 3 * MARGIN
    cell_height = THUMB + LINE * (len(readings) + 1) + 3 * MARGIN
    width = columns * cell_width + MARGIN
    legend = wrapped(sheet_legend(len(order), len(files)), width - 2 * MARGIN, 15)
    heading = (2 + len(legend.splitlines())) * LINE
    sheet = Image.new("RGB", (width, rows * cell_height + heading + MARGIN), "#f2f4f6")
    ImageDraw.Draw(sheet).multiline_text((MARGIN, LINE), legend, fill=INK, font=font(15))
    for position, index in enumerate(order):
        corner = (
            MARGIN + position % columns * cell_width,
            heading + position // columns * cell_height,
        )
        of_picture = {model: of_model[index] for model, of_model in readings.items()}
        cell = draw_cell(
            (cell_width - MARGIN, cell_height - MARGIN),
            files[index],
            names[index],
            pictures[index],
            labels[index],
            of_picture,
        )
        sheet.paste(cell, corner)
    with safe_files.replacing(path) as temporary:
        sheet.save(temporary, compress_level=3)  # the usual 6 takes longer than it is worth
    return len(order)


def sheet_legend(shown: int, count: int) -> str:
    """What stands above the picture sheet."""
    what = "what was found, what the network sees, the readings"
    if count == 1:
        return f"1 picture: {what}"
    pictures = f"{shown} of {count:,} pictures" if shown < count else f"{count} pictures"
    return f"{pictures}, the wrong and the rejected first: {what}"


def draw_cell(size: tuple[int, int], file: Path, name: str, picture, label: str | None, readings: dict):
    """One file on the sheet."""
    from PIL import Image, ImageDraw

    cell = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(cell)
    left, right = (MARGIN // 2, MARGIN // 2), (THUMB + MARGIN + MARGIN // 2, MARGIN // 2)
    digits = getattr(picture, "digits", [])
    draw.rectangle(
        (*right, right[0] + THUMB - 1, right[1] + THUMB - 1), fill="#000000" if digits else "#e9edf0"
    )
    ensemble = list(readings.values())[-1]
    paste_original(cell, left, file, picture, ensemble.digits)
    if digits:
        seen = views(digits)
        cell.paste(seen, (right[0] + (THUMB - seen.width) // 2, right[1] + (THUMB - seen.height) // 2))
    else:
        reason = next(iter(readings.values())).status
        reason += f": {picture.empty_because}" if getattr(picture, "empty_because", None) else ""
        draw.multiline_text(
            (right[0] + 6, right[1] + 8), wrapped(reason, THUMB - 12, 12), fill=WRONG_COLOUR, font=font(12)
        )
    y = THUMB + MARGIN
    title = name if label is None else f"{name}   label {label}"
    shown = shorten_to(title, size[0] - MARGIN, 12, keep_end=True)  # of a path the end tells most
    draw.text((left[0], y), shown, fill=INK, font=font(12))
    for model, reading in readings.items():
        y += LINE
        wrong = reading.is_right(label) is False
        colour = WRONG_COLOUR if wrong else INK if model == "ensemble" else "#6b7785"
        draw.text((left[0], y), shorten_to(model, THUMB, 12), fill=colour, font=font(12))
        draw.text((right[0], y), answer_text(reading), fill=colour, font=font(12))
    return cell


def answer_text(reading) -> str:
    """A reading as the sheet has room for it: of a long number the end is left out, not its confidence."""
    if reading.confidence is None:
        return reading.status.split(":")[0]
    ending = f"   {reading.confidence:.0%}" + ("   unsure" if reading.status == "unsure" else "")
    return shorten_to(reading.digits, THUMB - font(12).getlength(ending), 12) + ending


def paste_original(cell, corner: tuple[int, int], file: Path, picture, reading: str) -> None:
    """The picture itself in a square, with a box around each digit and, where there is room, what was read there."""
    from PIL import Image, ImageDraw

    import images

    draw = ImageDraw.Draw(cell)
    draw.rectangle((*corner, corner[0] + THUMB - 1, corner[1] + THUMB - 1), fill="#e9edf0")
    if isinstance(picture, images.UnreadablePicture):
        return
    try:
        original = images.open_picture(file, 2 * THUMB)[1]
    except images.UnreadablePicture:  # it is gone by now
        return
    scale = THUMB / max(original.size)
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    original = original.resize([max(1, round(side * scale)) for side in original.size], how)
    x, y = corner[0] + (THUMB - original.width) // 2, corner[1] + (THUMB - original.height) // 2
    cell.paste(original, (x, y))
    shrink = original.width / picture.size[0]
    digit_boxes = []
    for digit in picture.digits:
        edges = [round(edge * shrink) for edge in digit.box]
        digit_boxes.append((x + edges[0] - 2, y + edges[1] - 2, x + edges[2] + 1, y + edges[3] + 1))
    # A tag may touch another digit's box, not what is in it.
    taken = [(left + 3, top + 3, right - 3, bottom - 3) for left, top, right, bottom in digit_boxes]
    for box, read in zip(digit_boxes, reading, strict=True):
        draw.rectangle(box, outline=BOX_COLOUR)
        tag_box = tag_place(box, corner, taken)
        if tag_box:
            taken.append(tag_box)
            draw.rectangle(tag_box, fill=BOX_COLOUR)
            middle = ((tag_box[0] + tag_box[2]) / 2, (tag_box[1] + tag_box[3]) / 2)
            draw.text(middle, read, fill=PAPER, font=font(11), anchor="mm")


def tag_place(box: tuple, corner: tuple[int, int], taken: list[tuple]) -> tuple | None:
    """Where a digit's tag is drawn: above its box or below it, inside of the square and over no digit or other tag."""
    left = min(max(box[0], corner[0]), corner[0] + THUMB - TAG[0])
    for top in (box[1] - TAG[1], box[3] + 1):
        place = (left, top, left + TAG[0] - 1, top + TAG[1] - 1)
        inside = corner[1] <= top and place[3] < corner[1] + THUMB
        if inside and all(
            place[2] < other[0] or other[2] < place[0] or place[3] < other[1] or other[3] < place[1]
            for other in taken
        ):
            return place
    return None


def views(digits: Sequence):
    """What the network sees: the digits' contract arrays side by side, in as many rows as fill a square."""
    from PIL import Image

    per_row = int(np.ceil(np.sqrt(len(digits))))
    side = max(1, (THUMB - 4) // per_row)
    mosaic = Image.new("RGB", (per_row * side, -(-len(digits) // per_row) * side))
    for number, digit in enumerate(digits):
        view = Image.fromarray((digit.array[..., 0] * 255).astype(np.uint8)).resize(
            (side, side), Image.Resampling.NEAREST
        )
        mosaic.paste(view, (number % per_row * side, number // per_row * side))
    return mosaic


@functools.cache
def font(size: int):
    from PIL import ImageFont

    return ImageFont.load_default(size)


def shorten_to(text: str, width: float, size: int, keep_end: bool = False) -> str:
    """As much of a text as fits into so many pixels: its beginning, or its end."""
    shown = text
    while text and font(size).getlength(shown) > width:
        text = text[1:] if keep_end else text[:-1]
        shown = f"...{text}" if keep_end else f"{text}..."
    return shown


def wrapped(text: str, width: int, size: int) -> str:
    """A text broken into lines of at most so many pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font(size).getlength(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)
