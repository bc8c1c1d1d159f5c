"""A network layer by layer: table and diagram."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.quiet_keras import keras, layers
from handwriting.report.figures import INK, PAPER, new_figure, save_figure
from handwriting.text_table import text_table


@dataclass(frozen=True)
class LayerRow:
    """What the layer tables and diagrams say of one layer."""

    kind: str
    details: str
    output_shape: tuple[int, ...]
    neurons: int
    parameters: int


def layer_rows(model: keras.Model) -> list[LayerRow]:
    """One row a layer: what it is, the shape and number of its outputs ("neurons"), its parameters."""
    rows = []
    for layer in model.layers:
        shape = tuple(layer.output.shape[1:])
        parameters = layer.count_params()
        rows.append(LayerRow(type(layer).__name__, details(layer), shape, math.prod(shape), parameters))
    return rows


def details(layer: layers.Layer) -> str:
    """The layer's arguments in a few words."""
    if isinstance(layer, layers.Conv2D):
        words = [f"{layer.filters} filters", times(layer.kernel_size), layer.padding]
        if layer.strides != (1, 1):
            words.append(f"stride {layer.strides[0]}")
        if not layer.use_bias:
            words.append("no bias")
        if layer.activation is not keras.activations.linear:
            words.append(layer.activation.__name__)
        return ", ".join(words)
    if isinstance(layer, layers.MaxPooling2D):
        return f"{times(layer.pool_size)}, stride {layer.strides[0]}"
    if isinstance(layer, layers.Dense):
        return f"{layer.units} neurons, {layer.activation.__name__}"
    if isinstance(layer, layers.Dropout):
        return f"rate {layer.rate}"
    return ""


def times(lengths: tuple[int, ...]) -> str:
    """(5, 5) -> '5×5'."""
    return "×".join(str(length) for length in lengths)


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
