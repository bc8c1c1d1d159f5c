"""The colours and sizes that all figures share, and how a figure is made and saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handwriting import safe_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Colours:
    """The colours of figures and of the picture sheet."""

    ink: str = "#1f2933"  # text and outlines: softer than black
    paper: str = "#ffffff"  # the background
    grid: str = "#d9e0e6"  # pale, so that it stays behind the data
    faint: str = "#6b7785"  # headings of columns
    details: str = "#52606d"  # small print: darker than a heading, because it is smaller
    training: str = "#2f6db5"  # curves of the training images
    validation: str = "#d9822b"  # curves of the validation images
    wrong: str = "#c0392b"  # what was misread


COLOURS = Colours()


@dataclass(frozen=True)
class FontSizes:
    """The sizes of text, in points."""

    network: float = 13  # the title of a network's diagram
    title: float = 12  # the title of a figure with several parts
    single_title: float = 11  # the title of a figure with one part
    part: float = 10  # the title of a part, and the name of a layer
    number: float = 9.5  # the numbers in a network's diagram
    label: float = 9  # the names of axes and columns, counts and captions
    small: float = 8  # ticks, legends and details: the smallest that can be read at this resolution


FONT = FontSizes()


@dataclass(frozen=True)
class PageSettings:
    """What all figures have in common apart from colours and text."""

    margin: float = 0.1  # inches around a figure and between its parts
    resolution: int = 110  # pixels an inch: sharp on a screen, and the files stay small


PAGE = PageSettings()


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches."""
    from matplotlib.figure import Figure  # here, because it takes long to load and only figures need it

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=COLOURS.paper)
    figure.get_layout_engine().set(w_pad=PAGE.margin, h_pad=PAGE.margin)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a figure as a PNG, whole or not at all."""
    with safe_files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=PAGE.resolution)
