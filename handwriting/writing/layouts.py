"""What stands where on a page: lines of text with their place and size, lines of rulings and tables, scribbles.

All in pixels of a flat page. `pages.py` writes it and brings it into the view of a camera.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from handwriting.writing.signs import OPERATORS
from handwriting.writing.texts import (
    PRINTED_WORDS,
    a_sum,
    any_text,
    number,
    only_signs_or_words,
    printed_words,
    some_raised,
    with_separators,
)


@dataclass(frozen=True)
class LayoutSettings:
    """What pages are like."""

    boxes: float = 0.08  # of the pages have boxes to tick
    more_ones: float = (
        0.15  # of the pages with one digit get a 1, apart from chance: a bar is hard to recognise
    )
    small_print: float = 0.15  # of the page's side; smaller words are on the page as a whole, or nearly so


SHARES = LayoutSettings()


@dataclass(frozen=True)
class TextLine:
    """A line of text.

    Args:
        text: digits, signs, LETTER for any letter, spaces.
        left, base: where it begins, and the height on the page of the line that it stands on.
        height: of a digit.
        spacing: digit heights; added to the person's usual gap between characters.
        printed: whether it is printed, in real letters then.
        raised: these characters, counted without spaces, are superscripts.
    """

    text: str
    left: float
    base: float
    height: float
    spacing: float = 0.0
    printed: bool = False
    raised: tuple[int, ...] = ()


@dataclass
class Layout:
    """A page before it is written.

    Args:
        lines: of text.
        rules: straight strokes ((x, y), (x, y), width) of tables, frames, underlines.
        drawn: whether the rules are drawn by the person, or printed.
        scribbles: boxes (left, top, width, height) that are filled with scribble.
    """

    lines: list[TextLine] = field(default_factory=list)
    rules: list[tuple[tuple[float, float], tuple[float, float], float]] = field(default_factory=list)
    drawn: bool = False
    scribbles: list[tuple[float, float, float, float]] = field(default_factory=list)


def one_line(random: np.random.Generator, side: int) -> Layout:
    """One number, or one sum, in the middle."""
    text = any_text(random)
    height = min(side * random.uniform(0.08, 0.5), 1.25 * side / max(1, len(text)))
    left = random.uniform(0.02, 0.15) * side
    spacing = random.uniform(0, 1.5) if random.random() < 0.2 else 0.0
    base, raised = side * random.uniform(0.4, 0.7), some_raised(text, random)
    return Layout([TextLine(text, left, base, height / (1 + spacing), spacing, raised=raised)])


def rows(random: np.random.Generator, side: int) -> Layout:
    """Rows of text, one below the other. Some have gaps, some are underlined."""
    height = side * float(np.exp(random.uniform(np.log(0.045), np.log(0.2))))
    distance = height * random.uniform(1.0, 2.4)
    spacing = random.uniform(0.5, 1.5) if random.random() < 0.15 else 0.0
    kind = any_text if random.random() < 0.5 else (number, with_separators, a_sum)[random.integers(3)]
    layout, base = Layout(drawn=random.random() < 0.6), height + random.uniform(0.02, 0.3) * side
    while base < side * 0.97:
        left = side * random.uniform(0.02, 0.25)
        while left < 0.8 * side:
            text = kind(random)
            layout.lines.append(TextLine(text, left, base, height, spacing, raised=some_raised(text, random)))
            width = len(text) * height * (0.75 + spacing)
            if random.random() < 0.1:
                layout.rules.append(
                    ((left, base + 0.15 * height), (left + width, base + 0.15 * height), 0.03 * height)
                )
            if random.random() < 0.03:
                layout.rules.append(
                    ((left, base - 0.5 * height), (left + width, base - 0.5 * height), 0.05 * height)
                )
            left += width + height * random.uniform(1.0, 4.0)
            if random.random() < 0.4:
                break
        base += distance
    return layout


def column_sum(random: np.random.Generator, side: int) -> Layout:
    """Numbers one below the other with an operator, a line below, and the result."""
    height = side * random.uniform(0.08, 0.2)
    right, base = side * random.uniform(0.5, 0.9), height * random.uniform(1.2, 2.5)
    layout = Layout(drawn=True)
    for text in [number(random, 1, 4) for _ in range(random.integers(2, 4))]:
        layout.lines.append(TextLine(text, right - len(text) * 0.7 * height, base, height))
        base += height * random.uniform(1.1, 1.5)
    sign = str(random.choice(list(OPERATORS)))
    layout.lines.append(TextLine(sign, max(0.0, right - 4 * height), base - 1.3 * height, height))
    line = base - height * 0.95
    layout.rules.append(((max(0.0, right - 4 * height), line), (right + 0.2 * height, line), 0.04 * height))
    layout.lines.append(TextLine(number(random, 1, 4), right - 2.5 * height, base + 0.25 * height, height))
    return layout


def table(random: np.random.Generator, side: int) -> Layout:
    """A table, a sudoku, a training sheet, or form fields: cells with a number each, some empty, some printed."""
    columns, lines = int(random.integers(2, 11)), int(random.integers(2, 11))
    width, height = side * random.uniform(0.6, 1.1) / columns, side * random.uniform(0.5, 1.1) / lines
    left, top = side * random.uniform(-0.05, 0.2), side * random.uniform(-0.05, 0.25)
    size = min(width, height) * random.uniform(0.4, 0.85)
    most = max(1, int(0.9 * width / (0.75 * size)))
    thick = random.uniform(0.5, 2.5)
    layout = Layout(drawn=random.random() < 0.2)
    with_lines, every_third = random.random() < 0.8, random.random() < 0.3
    for row in range(lines + 1):
        y = top + row * height
        if with_lines and random.random() < 0.97:
            bold = 2.2 if every_third and row % 3 == 0 else 1.0
            layout.rules.append(((left, y), (left + columns * width, y), bold * thick))
    for column in range(columns + 1):
        x = left + column * width
        if with_lines and random.random() < 0.97:
            bold = 2.2 if every_third and column % 3 == 0 else 1.0
            layout.rules.append(((x, top), (x, top + lines * height), bold * thick))
    filled, printed = random.uniform(0.4, 1), random.uniform(0, 0.5) if random.random() < 0.3 else 0.0
    with_words = random.random() < 0.2
    for row in range(lines):
        for column in range(columns):
            if random.random() > filled:
                continue
            base = top + (row + 0.5) * height + size * random.uniform(0.35, 0.6)
            x = left + (column + random.uniform(0.08, 0.35)) * width
            if with_words and (row == 0 or column == 0):
                word = str(random.choice(PRINTED_WORDS))
                layout.lines.append(
                    TextLine(word, left + (column + 0.05) * width, base, 0.45 * size, printed=True)
                )
            else:
                text = number(random, 1, min(most, 4))
                layout.lines.append(TextLine(text, x, base, size, printed=bool(random.random() < printed)))
    return layout


def form(random: np.random.Generator, side: int) -> Layout:
    """A printed form: words with numbers behind them, some in boxes."""
    layout, size = Layout(), side * random.uniform(0.05, 0.12)
    base = size * random.uniform(1.5, 3)
    while base < 0.95 * side:
        left = side * random.uniform(0.02, 0.1)
        word = str(random.choice(PRINTED_WORDS))
        layout.lines.append(TextLine(word, left, base, size * random.uniform(0.5, 0.8), printed=True))
        left += size * (0.5 * len(word) + random.uniform(0.5, 2))
        text = number(random, 1, 6) if random.random() < 0.7 else with_separators(random)
        boxed = random.random() < 0.4
        if boxed:
            text = number(random, 2, 6)
            cell = size * random.uniform(1.0, 1.3)
            for place in range(len(text) + 1):
                x = left + place * cell
                layout.rules.append(((x, base - 1.15 * size), (x, base + 0.15 * size), 1.0))
            for y in (base - 1.15 * size, base + 0.15 * size):
                layout.rules.append(((left, y), (left + len(text) * cell, y), 1.0))
            for place, digit in enumerate(text):
                layout.lines.append(TextLine(digit, left + (place + 0.25) * cell, base, 0.9 * size))
        else:
            layout.lines.append(TextLine(text, left, base, size))
            if random.random() < 0.5:
                layout.rules.append(((left, base + 0.1 * size), (0.95 * side, base + 0.1 * size), 1.0))
        base += size * random.uniform(1.5, 2.6)
    return layout


def single(random: np.random.Generator, side: int) -> Layout:
    """One digit, large or small, as people photograph it."""
    height = side * float(np.exp(random.uniform(np.log(0.08), np.log(0.75))))
    left = random.uniform(0.05, max(0.06, 0.95 - 0.7 * height / side)) * side
    base = random.uniform(height, max(height + 1, 0.97 * side))
    digit = 1 if random.random() < SHARES.more_ones else random.integers(10)
    return Layout([TextLine(str(digit), left, base, height)])


def scattered(random: np.random.Generator, side: int) -> Layout:
    """Numbers here and there, each of its own size, most of them a single digit."""
    layout, taken = Layout(), []
    for _ in range(random.integers(2, 14)):
        text = number(random, 1, 1 if random.random() < 0.7 else 4)
        height = side * float(np.exp(random.uniform(np.log(0.05), np.log(0.3))))
        width = 0.9 * height * len(text)
        left, top = random.uniform(0, side, 2)
        box = (left - 0.2 * height, top - 0.2 * height, left + width, top + 1.3 * height)
        if any(overlap(box, other) for other in taken):
            continue
        taken.append(box)
        layout.lines.append(TextLine(text, left, top + height, height))
    return layout


def with_boxes(layout: Layout, random: np.random.Generator, side: int) -> Layout:
    """The layout with printed boxes to tick, as small as digits, where nothing is written."""
    for _ in range(random.integers(1, 6)):
        width, height = side * np.exp(random.uniform(np.log(0.03), np.log(0.12), 2))
        left, top = random.uniform(0, side, 2)
        right, bottom, thick = left + width, top + height, random.uniform(0.5, 2)
        around = (left - width, top - height, right + width, bottom + height)
        if any(overlap(around, box_of(line)) for line in layout.lines):
            continue
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        layout.rules += [(start, end, thick) for start, end in itertools.pairwise(corners)]
    return layout


def box_of(line: TextLine) -> tuple[float, float, float, float]:
    """The box (left, top, right, bottom) that a line of text takes, roughly."""
    width = len(line.text) * line.height * (0.8 + line.spacing)
    return line.left, line.base - line.height, line.left + width, line.base


def overlap(box: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes (left, top, right, bottom) share a place."""
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def no_digit(random: np.random.Generator, side: int) -> Layout:
    """Words, signs, scribbles, drawn or printed: nothing that is a digit."""
    layout = Layout(drawn=True)
    for _ in range(random.integers(0, 4)):
        box = random.uniform(0, 0.7, 2) * side, random.uniform(0.05, 0.6, 2) * side
        layout.scribbles.append((*box[0], *box[1]))
    if random.random() < 0.8:
        height = side * float(np.exp(random.uniform(np.log(0.05), np.log(0.5))))
        base = height * random.uniform(1, 1.5)
        while base < side:
            printed = bool(random.random() < 0.3)
            text = (
                printed_words(random, height < SHARES.small_print * side)
                if printed
                else only_signs_or_words(random)
            )
            layout.lines.append(TextLine(text, side * random.uniform(0, 0.3), base, height, printed=printed))
            base += height * random.uniform(1.2, 4)
    return layout


LAYOUTS: dict[Callable[[np.random.Generator, int], Layout], float] = {
    one_line: 0.2,
    rows: 0.32,
    column_sum: 0.05,
    table: 0.15,
    form: 0.06,
    single: 0.1,
    scattered: 0.07,
    no_digit: 0.12,
}


def any_layout(random: np.random.Generator, side: int) -> Layout:
    """A page of any kind."""
    kinds, shares = list(LAYOUTS), np.array(list(LAYOUTS.values()))
    layout = kinds[random.choice(len(kinds), p=shares / shares.sum())](random, side)
    return with_boxes(layout, random, side) if random.random() < SHARES.boxes else layout
