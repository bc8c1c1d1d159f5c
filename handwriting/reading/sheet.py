"""The picture sheet."""

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handwriting import safe_files
from handwriting.pictures.decoding import UnreadablePicture, open_picture
from handwriting.report.style import COLOURS

BOX_COLOUR = "#1689d8"


SHEET_FILES = 100


THUMB = 132  # px of the original's and of the network's view on the sheet


MARGIN, LINE = 12, 16


TAG = (9, 11)  # px: the reading beside a digit's box


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
    ImageDraw.Draw(sheet).multiline_text((MARGIN, LINE), legend, fill=COLOURS.ink, font=font(15))
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

    cell = Image.new("RGB", size, COLOURS.paper)
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
            (right[0] + 6, right[1] + 8), wrapped(reason, THUMB - 12, 12), fill=COLOURS.wrong, font=font(12)
        )
    y = THUMB + MARGIN
    title = name if label is None else f"{name}   label {label}"
    shown = shorten_to(title, size[0] - MARGIN, 12, keep_end=True)  # of a path the end tells most
    draw.text((left[0], y), shown, fill=COLOURS.ink, font=font(12))
    for model, reading in readings.items():
        y += LINE
        wrong = reading.is_right(label) is False
        colour = COLOURS.wrong if wrong else COLOURS.ink if model == "ensemble" else "#6b7785"
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

    draw = ImageDraw.Draw(cell)
    draw.rectangle((*corner, corner[0] + THUMB - 1, corner[1] + THUMB - 1), fill="#e9edf0")
    if isinstance(picture, UnreadablePicture):
        return
    try:
        original = open_picture(file, 2 * THUMB)[1]
    except UnreadablePicture:  # it is gone by now
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
            draw.text(middle, read, fill=COLOURS.paper, font=font(11), anchor="mm")


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
    """What the network sees: the digits' digit images side by side, in as many rows as fill a square."""
    from PIL import Image

    per_row = int(np.ceil(np.sqrt(len(digits))))
    side = max(1, (THUMB - 4) // per_row)
    mosaic = Image.new("RGB", (per_row * side, -(-len(digits) // per_row) * side))
    for number, digit in enumerate(digits):
        view = Image.fromarray((digit.image[..., 0] * 255).astype(np.uint8)).resize(
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
