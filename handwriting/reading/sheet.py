"""The picture sheet: each picture with its boxes, what the network sees of it, and the readings.

A picture of many digits, a page, gets a card of the sheet's width. Of many pages, each has a marked copy of its own.
"""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from handwriting import safe_files
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.find import Digit
from handwriting.reading.lettering import font, shorten_to, wrapped
from handwriting.reading.marks import marked_picture
from handwriting.reading.readings import ENSEMBLE_NAME, NEW_LINE, Reading, ReadPicture
from handwriting.reading.results import PictureRow
from handwriting.report.style import COLOURS


@dataclass(frozen=True)
class SheetStyle:
    """Sizes in pixels, and the colours that only the sheet has."""

    most: int = 100  # pictures on a sheet
    most_pages: int = 4  # pages on a sheet
    page_from: int = 11  # things found; a picture with so many is a page
    columns: int = 5  # at most
    square: int = 132  # the side of the picture, and of the network's view beside it
    page_height: int = 900  # of the picture on a page's card, at most
    page_scale: float = 3  # a small page is enlarged so many times at most
    beside: int = 400  # the reading stands beside the page if there is so much room, else below
    marked_side: int = 1600  # the longer side of a marked copy
    room: int = 14  # around a page, for the tags of digits at its edge
    margin: int = 12
    line: int = 16  # the height of a line of text
    heading: int = 15  # the size of letters
    text: int = 12
    page_text: int = 15
    page_line: int = 20  # the height of a line of a page's text
    background: str = "#f2f4f6"
    empty: str = "#e9edf0"  # of a square without a picture
    minor: str = "#6b7785"  # the readings of single networks


STYLE = SheetStyle()
FIRST = "the wrong, unsure and unreadable"  # pictures; in the order of `trouble`
LONGEST_NAME = 100  # characters of a marked copy's name


def draw_sheet(path: Path, rows: list[PictureRow], count: int | None = None) -> int:
    """Draws the picture sheet into a file.

    Args:
        path: of the file.
        rows: the pictures, or those of them that are to be shown.
        count: how many pictures there are, if rows are not all.

    Returns:
        The number of pictures on it.
    """
    shown = on_sheet(rows)
    small = [row for row in shown if not is_page(row)]
    pages = [row for row in shown if is_page(row)]
    columns = STYLE.columns if pages else min(STYLE.columns, len(small))
    cell_size = 2 * STYLE.square + 2 * STYLE.margin, text_height(rows) + STYLE.square + 2 * STYLE.margin
    width = columns * (cell_size[0] + STYLE.margin) + STYLE.margin
    cells = [draw_cell(cell_size, row) for row in small]
    cards = [draw_page(width - 2 * STYLE.margin, row) for row in pages]
    lines = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    lines += [[card] for card in cards]

    legend = wrapped(sheet_legend(len(shown), count or len(rows)), width - 2 * STYLE.margin, STYLE.heading)
    heading = (2 + len(legend.splitlines())) * STYLE.line
    height = heading + sum(line[0].height + STYLE.margin for line in lines)
    sheet = Image.new("RGB", (width, height), STYLE.background)
    ImageDraw.Draw(sheet).multiline_text(
        (STYLE.margin, STYLE.line), legend, fill=COLOURS.ink, font=font(STYLE.heading)
    )
    top = heading
    for line in lines:
        for column, cell in enumerate(line):
            sheet.paste(cell, (STYLE.margin + column * (cell.width + STYLE.margin), top))
        top += line[0].height + STYLE.margin
    save(sheet, path)
    return len(shown)


def on_sheet(rows: list[PictureRow]) -> list[PictureRow]:
    """The pictures on the sheet, those with trouble first, with at most STYLE.most_pages pages."""
    rows = sorted(rows, key=trouble)
    left_out = {id(row) for row in [row for row in rows if is_page(row)][STYLE.most_pages :]}
    return [row for row in rows if id(row) not in left_out][: STYLE.most]


def is_page(row: PictureRow) -> bool:
    """Whether so much was found on a picture that it needs a card of its own."""
    return len(row.read.shown) >= STYLE.page_from


def trouble(row: PictureRow) -> int:
    """The place of a picture on the sheet: 0 if its reading is wrong, up to 3 if all is right."""
    if row.read.ensemble.is_right(row.label) is False:
        return 0
    if row.read.ensemble.status != "ok":
        return 1
    return 2 if any(reading.is_right(row.label) is False for reading in row.read.each.values()) else 3


def sheet_legend(shown: int, count: int) -> str:
    """The text above the picture sheet."""
    what = "what was found, what the network sees, the readings. Doubted digits are orange"
    if count == 1:
        return f"1 picture: {what}"
    pictures = f"{shown} of {count:,} pictures" if shown < count else f"{count} pictures"
    return f"{pictures}, {FIRST} first: {what}"


def left_off(shown: int, count: int) -> str | None:
    """A line, if the sheet shows only some of so many pictures."""
    return f"the sheet shows {shown} of {count:,} pictures, {FIRST} first" if shown < count else None


def text_height(rows: list[PictureRow]) -> int:
    """The height of the texts in a cell: the name, and a reading for each network."""
    return STYLE.line * (len(rows[0].readings) + 1)


def draw_cell(size: tuple[int, int], row: PictureRow) -> Image.Image:
    """One picture on the sheet."""
    cell = Image.new("RGB", size, COLOURS.paper)
    draw = ImageDraw.Draw(cell)
    left = top = STYLE.margin // 2
    right = left + STYLE.square + STYLE.margin
    square = (STYLE.square, STYLE.square)
    cell.paste(marked_picture(row, square, STYLE.empty) or Image.new("RGB", square, STYLE.empty), (left, top))
    digits = [read.digit for read in row.read.shown]
    fill = "#000000" if digits else STYLE.empty
    draw.rectangle((right, top, right + STYLE.square - 1, top + STYLE.square - 1), fill=fill)
    if digits:
        seen = views(digits)
        middle = right + (STYLE.square - seen.width) // 2, top + (STYLE.square - seen.height) // 2
        cell.paste(seen, middle)
    else:
        reason = wrapped(why_empty(row.read), STYLE.square - 12, STYLE.text)
        draw.multiline_text((right + 6, top + 8), reason, fill=COLOURS.wrong, font=font(STYLE.text))
    y = STYLE.square + STYLE.margin
    # In a path, the end says most.
    shown = shorten_to(title(row), size[0] - STYLE.margin, STYLE.text, keep_end=True)
    draw.text((left, y), shown, fill=COLOURS.ink, font=font(STYLE.text))
    for name, reading in row.readings.items():
        y += STYLE.line
        wrong = reading.is_right(row.label) is False
        colour = COLOURS.wrong if wrong else COLOURS.ink if name == ENSEMBLE_NAME else STYLE.minor
        draw.text((left, y), shorten_to(name, STYLE.square, STYLE.text), fill=colour, font=font(STYLE.text))
        draw.text((right, y), answer_text(reading), fill=colour, font=font(STYLE.text))
    return cell


def draw_page(width: int, row: PictureRow) -> Image.Image:
    """A card with a page of many digits: its picture as large as fits, and the whole reading beside it or below."""
    inner = width - STYLE.margin
    size = page_size(row, (inner, STYLE.page_height), STYLE.page_scale)
    picture = marked_picture(row, size, STYLE.empty, STYLE.room)
    picture = picture or Image.new("RGB", (STYLE.square, STYLE.square), STYLE.empty)
    room = inner - picture.width - STYLE.margin
    is_beside = room >= STYLE.beside
    text = wrapped(page_text(row), room if is_beside else inner, STYLE.page_text)
    text_size = STYLE.page_line * len(text.splitlines())
    left = top = STYLE.margin // 2
    if is_beside:
        size = width, max(picture.height, text_size) + STYLE.margin
        place = left + picture.width + STYLE.margin, top
    else:
        size = width, picture.height + text_size + 2 * STYLE.margin
        place = left, top + picture.height + STYLE.margin
    card = Image.new("RGB", size, COLOURS.paper)
    card.paste(picture, (left, top))
    colour = COLOURS.wrong if row.read.ensemble.is_right(row.label) is False else COLOURS.ink
    draw = ImageDraw.Draw(card)
    for number, line in enumerate(text.splitlines()):
        at = place[0], place[1] + number * STYLE.page_line
        draw.text(at, line, fill=colour, font=font(STYLE.page_text))
    return card


def page_text(row: PictureRow) -> str:
    """The text on a page's card: its name, the confidence, the reason, the reading line by line."""
    reading = row.read.ensemble
    lines = [title(row), confidence_text(reading).strip(), reading.reason]
    return "\n".join([*filter(None, lines), "", *reading.shown.split(NEW_LINE)])


def page_size(row: PictureRow, most: tuple[int, int], most_scale: float) -> tuple[int, int]:
    """The size in which a page is shown, with some room around it."""
    width, height = row.read.picture.size
    room = 2 * STYLE.room
    scale = min((most[0] - room) / width, (most[1] - room) / height, most_scale)
    return round(width * scale) + room, round(height * scale) + room


def draw_marked_copies(folder: Path, rows: list[PictureRow]) -> int:
    """Draws a marked copy of each page into a folder, if there are more pages than the sheet shows. Returns how many.

    A folder that is there already moves to previous/.
    """
    pages = [row for row in rows if is_page(row)]
    previous = folder.parent / "previous" / folder.name
    shutil.rmtree(previous, ignore_errors=True)
    if folder.exists():
        previous.parent.mkdir(exist_ok=True)
        folder.rename(previous)
    if len(pages) <= STYLE.most_pages:
        return 0
    drawn, largest = 0, (STYLE.marked_side, STYLE.marked_side)
    for number, row in enumerate(pages, start=1):
        copy = marked_picture(row, page_size(row, largest, STYLE.page_scale), COLOURS.paper, STYLE.room)
        if copy:
            drawn += 1
            save(copy, folder / f"{number:03} {re.sub('[^-_ 0-9A-Za-z]', '_', row.name)[:LONGEST_NAME]}.png")
    return drawn


def save(picture: Image.Image, path: Path) -> None:
    """Writes a picture as PNG, whole or not at all."""
    with safe_files.replacing(path) as temporary:
        picture.save(temporary, "PNG", compress_level=3)  # the usual 6 takes longer than it is worth


def title(row: PictureRow) -> str:
    """The name of a picture, and its label."""
    return row.name if row.label is None else f"{row.name}   label {row.label}"


def why_empty(read: ReadPicture) -> str:
    """Why there is no digit on a picture."""
    status = read.ensemble.status
    return status if isinstance(read.picture, UnreadablePicture) else f"{status}: {read.ensemble.reason}"


def confidence_text(reading: Reading) -> str:
    """The confidence of a reading, and whether it is unsure."""
    if reading.confidence is None:
        return reading.status.split(":")[0]
    return f"   {reading.confidence:.0%}" + ("   unsure" if reading.status == "unsure" else "")


def answer_text(reading: Reading) -> str:
    """A reading in the space that the sheet has. Of a long number the end is left out, not its confidence."""
    if reading.confidence is None:
        return confidence_text(reading)
    ending = confidence_text(reading)
    return shorten_to(reading.shown, STYLE.square - font(STYLE.text).getlength(ending), STYLE.text) + ending


def views(digits: Sequence[Digit]) -> Image.Image:
    """What the network sees: the digit images, in as many rows as fill a square."""
    across = int(np.ceil(np.sqrt(len(digits))))
    side = max(1, (STYLE.square - 4) // across)
    mosaic = Image.new("RGB", (across * side, -(-len(digits) // across) * side))
    for number, digit in enumerate(digits):
        view = Image.fromarray((digit.image[..., 0] * 255).astype(np.uint8))
        view = view.resize((side, side), Image.Resampling.NEAREST)
        mosaic.paste(view, (number % across * side, number // across * side))
    return mosaic
