"""The picture sheet: each picture with its boxes, what the network sees of it, and the readings."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handwriting import safe_files
from handwriting.pictures.decoding import UnreadablePicture, open_picture
from handwriting.pictures.picture import Digit
from handwriting.reading.readings import ENSEMBLE_NAME, Reading, ReadPicture
from handwriting.reading.results import PictureRow
from handwriting.report.style import COLOURS

Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True)
class SheetStyle:
    """Sizes in pixels, and the colours that only the sheet has."""

    most: int = 100  # pictures on a sheet
    columns: int = 5  # at most
    square: int = 132  # the side of the picture, and of the network's view beside it
    margin: int = 12
    line: int = 16  # the height of a line of text
    tag: tuple[int, int] = (9, 11)  # width and height of the digit that was read, beside a digit's box
    touching: int = 3  # a tag may cover so much of another digit's box, which is empty there
    heading: int = 15  # the size of letters
    text: int = 12
    tag_text: int = 11
    background: str = "#f2f4f6"
    empty: str = "#e9edf0"  # of a square without a picture
    box: str = "#1689d8"
    minor: str = "#6b7785"  # the readings of single networks


STYLE = SheetStyle()


def draw_sheet(path: Path, rows: list[PictureRow]) -> int:
    """Draws the picture sheet into a file.

    Returns:
        The number of pictures on it. The wrong and the rejected come first.
    """
    shown = sorted(rows, key=trouble)[: STYLE.most]
    columns = min(STYLE.columns, len(shown))
    lines = -(-len(shown) // columns)
    cell_width = 2 * STYLE.square + 3 * STYLE.margin
    cell_height = STYLE.square + STYLE.line * (len(shown[0].readings) + 1) + 3 * STYLE.margin
    width = columns * cell_width + STYLE.margin
    legend = wrapped(sheet_legend(len(shown), len(rows)), width - 2 * STYLE.margin, STYLE.heading)
    heading = (2 + len(legend.splitlines())) * STYLE.line
    sheet = Image.new("RGB", (width, lines * cell_height + heading + STYLE.margin), STYLE.background)
    ImageDraw.Draw(sheet).multiline_text(
        (STYLE.margin, STYLE.line), legend, fill=COLOURS.ink, font=font(STYLE.heading)
    )
    for number, row in enumerate(shown):
        cell = draw_cell((cell_width - STYLE.margin, cell_height - STYLE.margin), row)
        line, column = divmod(number, columns)
        sheet.paste(cell, (STYLE.margin + column * cell_width, heading + line * cell_height))
    with safe_files.replacing(path) as temporary:
        sheet.save(temporary, compress_level=3)  # the usual 6 takes longer than it is worth
    return len(shown)


def trouble(row: PictureRow) -> int:
    """The place of a picture on the sheet: 0 if its reading is wrong, up to 3 if all is right."""
    if row.read.ensemble.is_right(row.label) is False:
        return 0
    if row.read.ensemble.status != "ok":
        return 1
    return 2 if any(reading.is_right(row.label) is False for reading in row.read.each.values()) else 3


def sheet_legend(shown: int, count: int) -> str:
    """The text above the picture sheet."""
    what = "what was found, what the network sees, the readings"
    if count == 1:
        return f"1 picture: {what}"
    pictures = f"{shown} of {count:,} pictures" if shown < count else f"{count} pictures"
    return f"{pictures}, the wrong and the rejected first: {what}"


def draw_cell(size: tuple[int, int], row: PictureRow) -> Image.Image:
    """One picture on the sheet."""
    cell = Image.new("RGB", size, COLOURS.paper)
    draw = ImageDraw.Draw(cell)
    left = STYLE.margin // 2
    right = left + STYLE.square + STYLE.margin
    top = STYLE.margin // 2
    paste_original(cell, (left, top), row)
    digits = [read.digit for read in row.read.digits]
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
    title = row.name if row.label is None else f"{row.name}   label {row.label}"
    shown = shorten_to(
        title, size[0] - STYLE.margin, STYLE.text, keep_end=True
    )  # in a path, the end says most
    draw.text((left, y), shown, fill=COLOURS.ink, font=font(STYLE.text))
    for name, reading in row.readings.items():
        y += STYLE.line
        wrong = reading.is_right(row.label) is False
        colour = COLOURS.wrong if wrong else COLOURS.ink if name == ENSEMBLE_NAME else STYLE.minor
        draw.text((left, y), shorten_to(name, STYLE.square, STYLE.text), fill=colour, font=font(STYLE.text))
        draw.text((right, y), answer_text(reading), fill=colour, font=font(STYLE.text))
    return cell


def why_empty(read: ReadPicture) -> str:
    """Why there is no digit on a picture."""
    if isinstance(read.picture, UnreadablePicture) or not read.picture.empty_because:
        return read.ensemble.status
    return f"{read.ensemble.status}: {read.picture.empty_because}"


def answer_text(reading: Reading) -> str:
    """A reading in the space that the sheet has. Of a long number the end is left out, not its confidence."""
    if reading.confidence is None:
        return reading.status.split(":")[0]
    ending = f"   {reading.confidence:.0%}" + ("   unsure" if reading.status == "unsure" else "")
    return shorten_to(reading.digits, STYLE.square - font(STYLE.text).getlength(ending), STYLE.text) + ending


def paste_original(cell: Image.Image, corner: tuple[int, int], row: PictureRow) -> None:
    """The picture in a square, with a box around each digit and, if there is room, what was read there."""
    draw = ImageDraw.Draw(cell)
    left, top = corner
    draw.rectangle((left, top, left + STYLE.square - 1, top + STYLE.square - 1), fill=STYLE.empty)
    if row.unreadable:
        return
    try:
        original = open_picture(row.file, 2 * STYLE.square)[1]
    except UnreadablePicture:  # it is gone by now
        return
    scale = STYLE.square / max(original.size)
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    original = original.resize([max(1, round(side * scale)) for side in original.size], how)
    x, y = left + (STYLE.square - original.width) // 2, top + (STYLE.square - original.height) // 2
    cell.paste(original, (x, y))
    shrink = original.width / row.read.picture.size[0]
    boxes = [box_around(read.digit, (x, y), shrink) for read in row.read.digits]
    inset = STYLE.touching
    taken = [(box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset) for box in boxes]
    for box, digit in zip(boxes, row.read.ensemble.digits, strict=True):
        draw.rectangle(box, outline=STYLE.box)
        tag = tag_place(box, corner, taken)
        if tag:
            taken.append(tag)
            draw.rectangle(tag, fill=STYLE.box)
            middle = ((tag[0] + tag[2]) / 2, (tag[1] + tag[3]) / 2)
            draw.text(middle, digit, fill=COLOURS.paper, font=font(STYLE.tag_text), anchor="mm")


def box_around(digit: Digit, corner: tuple[int, int], scale: float) -> Box:
    """The box to draw around a digit on the picture in the cell, a pixel or two away from its ink."""
    left, top, right, bottom = (round(edge * scale) for edge in digit.box)
    x, y = corner
    return x + left - 2, y + top - 2, x + right + 1, y + bottom + 1


def tag_place(box: Box, corner: tuple[int, int], taken: list[Box]) -> Box | None:
    """The box of a digit's tag: above or below the digit, inside the square, and over no digit or other tag."""
    width, height = STYLE.tag
    left = min(max(box[0], corner[0]), corner[0] + STYLE.square - width)
    for top in (box[1] - height, box[3] + 1):
        place = (left, top, left + width - 1, top + height - 1)
        inside = corner[1] <= top and place[3] < corner[1] + STYLE.square
        if inside and not any(overlap(place, other) for other in taken):
            return place
    return None


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share a pixel. Right and bottom belong to a box."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


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


@functools.cache
def font(size: int) -> ImageFont.ImageFont:
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
