"""A network layer by layer, as a table and as a diagram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handwriting.quiet_keras import keras, layers
from handwriting.report.style import COLOURS, FONT, new_figure, save_figure
from handwriting.text_table import GAP, broken, text_table

MIN_ARGUMENTS = 22  # characters; a narrower column of arguments would break names of layers, too

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class LayerRow:
    """One layer in the table and in the diagram.

    Args:
        kind: the name of its class.
        details: its arguments in a few words.
        output_shape: the shape of its output for one image.
        neurons: how many values that output has.
        parameters: how many weights it has.
    """

    kind: str
    details: str
    output_shape: tuple[int, ...]
    neurons: int
    parameters: int


def layer_rows(model: keras.Model) -> list[LayerRow]:
    """One row for each layer of a model."""
    rows = []
    for layer in model.layers:
        shape = tuple(layer.output.shape[1:])
        rows.append(
            LayerRow(
                kind=type(layer).__name__,
                details=details(layer),
                output_shape=shape,
                neurons=math.prod(shape),
                parameters=layer.count_params(),
            )
        )
    return rows


def details(layer: layers.Layer) -> str:
    """The arguments of a layer in a few words, such as '64 filters, 3×3, valid, relu'."""
    if isinstance(layer, layers.Conv2D):
        words = [f"{layer.filters} filters", times(layer.kernel_size), layer.padding]
        if layer.strides != (1, 1):
            words.append(f"stride {layer.strides[0]}")
        if not layer.use_bias:
            words.append("no bias")
        if isinstance(layer.kernel_constraint, keras.constraints.UnitNorm):
            words.append("unit norm")
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
    """Lengths such as (5, 5) as '5×5'."""
    return "×".join(str(length) for length in lengths)


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape such as (28, 28, 1) as '28 × 28 × 1'."""
    return " × ".join(map(str, shape))


def layer_table(rows: Sequence[LayerRow], width: int) -> str:
    """The layers of a network as a table of text. On a narrow screen, long arguments are broken into lines."""
    header = ["layer", "arguments", "output", "neurons", "parameters"]
    cells = [
        [row.kind, row.details, shape_text(row.output_shape), f"{row.neurons:,}", f"{row.parameters:,}"]
        for row in rows
    ]
    others = [max(len(row[column]) for row in [header, *cells]) + GAP for column in (0, 2, 3, 4)]
    arguments = max(MIN_ARGUMENTS, width - sum(others))
    lines = [line for row in cells for line in broken(row, [width, arguments, width, width, width])]
    return text_table(header, lines, right_aligned={2, 3, 4})


@dataclass(frozen=True)
class DiagramSettings:
    """The places and sizes in a network's diagram. Unless another unit is named, 1 is the distance of two layers.

    Sideways, 0 is the middle of the bars.
    """

    width: float = 9.5  # inches
    layer_height: float = 0.62  # inches
    title_height: float = 0.8  # inches
    edge: float = 8.2  # the left and right end of the drawing
    top: float = -0.9  # its upper end; the first bar lies at 0
    space_below: float = 0.6  # under the last bar's middle
    heading: float = -0.65  # the height of the columns' headings
    left: float = -8.1  # where layer names and details begin
    neurons: float = 6  # where the numbers of neurons end
    right: float = 8.1  # where the numbers of parameters end
    bar: float = 0.54  # the height of a bar
    one_neuron: float = 0.55  # half the width of the bar of a layer with one neuron
    tenfold: float = 0.6  # what ten times as many neurons add to that
    rounding: float = 0.12  # the radius of a bar's corners
    line: float = 0.8  # points, of outlines and connections
    name_raised: float = 0.13  # of a layer's name, if it has details under it
    details_lowered: float = 0.2  # of the details


DIAGRAM = DiagramSettings()

# Layers of one colour do the same kind of work. A layer that is not named here is white.
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
    """Draws a network from top to bottom. Each layer is a bar, the wider, the more neurons it has."""
    parameters = sum(row.parameters for row in rows)
    steps = [LayerRow("Input", "the picture", (28, 28, 1), neurons=28 * 28, parameters=0), *rows]
    figure = new_figure(DIAGRAM.width, DIAGRAM.layer_height * len(steps) + DIAGRAM.title_height)
    axes = figure.subplots()
    axes.set_xlim(-DIAGRAM.edge, DIAGRAM.edge)
    axes.set_ylim(len(steps) - 1 + DIAGRAM.space_below, DIAGRAM.top)
    axes.set_axis_off()
    figure.suptitle(f"{name}: {parameters:,} parameters", fontsize=FONT.network)
    write_headings(axes)
    for y, step in enumerate(steps):
        draw_bar(axes, y, step)
        write_layer(axes, y, step)
    save_figure(figure, path)


def write_headings(axes: Axes) -> None:
    """Writes the headings of the diagram's columns."""
    for x, heading, alignment in (
        (DIAGRAM.left, "layer", "left"),
        (0, "outputs (the wider, the more; log scale)", "center"),
        (DIAGRAM.neurons, "neurons", "right"),
        (DIAGRAM.right, "parameters", "right"),
    ):
        axes.text(
            x, DIAGRAM.heading, heading, ha=alignment, va="center", fontsize=FONT.label, color=COLOURS.faint
        )


def draw_bar(axes: Axes, y: int, step: LayerRow) -> None:
    """Draws the bar of a layer, and its connection with the layer above."""
    from matplotlib.patches import FancyBboxPatch  # here, because it takes long to load

    half_width = DIAGRAM.one_neuron + DIAGRAM.tenfold * np.log10(step.neurons)
    half_height = DIAGRAM.bar / 2
    bar = FancyBboxPatch(
        (-half_width, y - half_height),
        2 * half_width,
        DIAGRAM.bar,
        boxstyle=f"round,pad=0,rounding_size={DIAGRAM.rounding}",
        facecolor=LAYER_COLOURS.get(step.kind, COLOURS.paper),
        edgecolor=COLOURS.ink,
        linewidth=DIAGRAM.line,
    )
    axes.add_patch(bar)
    if y:
        above = [y - 1 + half_height, y - half_height]
        axes.plot([0, 0], above, color=COLOURS.ink, linewidth=DIAGRAM.line, zorder=0)


def write_layer(axes: Axes, y: int, step: LayerRow) -> None:
    """Writes what the table says of a layer beside its bar, and its output's shape into the bar."""

    def write(x: float, height: float, text: str, alignment: str, **style) -> None:
        axes.text(x, height, text, ha=alignment, va="center", **{"color": COLOURS.ink, **style})

    write(0, y, shape_text(step.output_shape), "center", fontsize=FONT.number)
    raised = DIAGRAM.name_raised if step.details else 0
    write(DIAGRAM.left, y - raised, step.kind, "left", fontsize=FONT.part, weight="bold")
    lowered = y + DIAGRAM.details_lowered
    write(DIAGRAM.left, lowered, step.details, "left", fontsize=FONT.small, color=COLOURS.details)
    write(DIAGRAM.neurons, y, f"{step.neurons:,}", "right", fontsize=FONT.number)
    write(DIAGRAM.right, y, f"{step.parameters:,}", "right", fontsize=FONT.number)
