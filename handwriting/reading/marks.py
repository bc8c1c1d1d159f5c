"""A picture with a box around everything that was found on it, and beside each digit what was read."""

import statistics
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from handwriting.pictures.decoding import UnreadablePicture, open_picture
from handwriting.reading.lettering import font
from handwriting.reading.readings import ReadDigit
from handwriting.reading.results import PictureRow

Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True)
class MarkStyle:
    """Sizes in pixels, and colours."""

    tag: float = 0.25  # of the usual box's height; the height of the tag with the digit that was read
    tags: tuple[int, int] = (11, 24)  # the least and the greatest height of a tag
    tag_width: float = 0.8  # of its height
    touching: int = 3  # a tag may cover so much of another digit's box, which is empty there
    sure: str = "#1689d8"
    doubted: str = "#e8730c"
    left_out: str = "#8a96a3"
    tag_ink: str = "#ffffff"


MARKS = MarkStyle()


def marked_picture(row: PictureRow, size: tuple[int, int], ground: str, room: int = 0) -> Image.Image | None:
    """The picture, as large as fits into this size, in the middle of it. None if it can't be read any more.

    Args:
        row: the picture and what was found on it.
        size: width and height of the result.
        ground: the colour around the picture.
        room: px; at least so much is left free at each edge, for the tags of digits there.
    """
    if row.unreadable:
        return None
    try:
        picture = open_picture(row.read.picture.view or row.file, 2 * max(size)).image
    except UnreadablePicture:  # it is gone by now
        return None
    scale = min((size[0] - 2 * room) / picture.width, (size[1] - 2 * room) / picture.height)
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    picture = picture.resize([max(1, round(side * scale)) for side in picture.size], how)
    canvas = Image.new("RGB", size, ground)
    corner = (size[0] - picture.width) // 2, (size[1] - picture.height) // 2
    canvas.paste(picture, corner)
    draw_marks(canvas, corner, max(picture.size) / max(row.read.picture.size), row.read.shown)
    return canvas


def draw_marks(canvas: Image.Image, corner: tuple[int, int], scale: float, found: list[ReadDigit]) -> None:
    """Draws the boxes and tags of what was found on a picture of this scale, which stands at this corner."""
    if not found:
        return
    draw = ImageDraw.Draw(canvas)
    boxes = [box_around(read, corner, scale) for read in found]
    tag_size = tag_size_for(boxes)
    taken = np.zeros(canvas.size[::-1], bool)
    for box in boxes:
        take(taken, within(box))
    for box, read in zip(boxes, found, strict=True):
        colour = MARKS.left_out if not read.is_digit else MARKS.doubted if read.doubted else MARKS.sure
        draw.rectangle(box, outline=colour)
        tag = tag_place(box, tag_size, taken) if read.is_digit else None
        if tag:
            take(taken, tag)
            draw.rectangle(tag, fill=colour)
            middle = ((tag[0] + tag[2]) / 2, (tag[1] + tag[3]) / 2)
            digit = str(read.likeliest)
            draw.text(middle, digit, fill=MARKS.tag_ink, font=font(tag_size[1]), anchor="mm")


def box_around(read: ReadDigit, corner: tuple[int, int], scale: float) -> Box:
    """The box to draw around a digit, a pixel or two away from its ink."""
    left, top, right, bottom = (round(edge * scale) for edge in read.digit.box)
    x, y = corner
    return x + left - 2, y + top - 2, x + right + 1, y + bottom + 1


def tag_size_for(boxes: list[Box]) -> tuple[int, int]:
    """Width and height of the tags beside boxes of this size."""
    usual = statistics.median(bottom - top for _, top, _, bottom in boxes)
    least, greatest = MARKS.tags
    height = round(min(max(MARKS.tag * usual, least), greatest))
    return round(MARKS.tag_width * height), height


def within(box: Box) -> Box:
    """The part of a digit's box that no tag may cover. It has at least a pixel."""
    left, top, right, bottom = box
    middle, level = (left + right) // 2, (top + bottom) // 2
    inset = MARKS.touching
    return (
        min(left + inset, middle),
        min(top + inset, level),
        max(right - inset, middle),
        max(bottom - inset, level),
    )


def take(taken: np.ndarray, box: Box) -> None:
    """Notes that the pixels of a box are taken. Right and bottom belong to a box."""
    left, top, right, bottom = (max(edge, 0) for edge in (box[0], box[1], box[2] + 1, box[3] + 1))
    taken[top:bottom, left:right] = True


def tag_place(box: Box, tag_size: tuple[int, int], taken: np.ndarray) -> Box | None:
    """The box of a digit's tag: beside the digit, inside the canvas, and over no digit or other tag.

    Args:
        box: of the digit.
        tag_size: width and height.
        taken: which pixels of the canvas are, (height, width).
    """
    width, height = tag_size
    left = min(max(box[0], 0), taken.shape[1] - width)
    for x, y in (
        (left, box[1] - height),
        (left, box[3] + 1),
        (box[2] + 1, box[1]),
        (box[0] - width, box[1]),
    ):
        inside = 0 <= x <= taken.shape[1] - width and 0 <= y <= taken.shape[0] - height
        if inside and not taken[y : y + height, x : x + width].any():
            return x, y, x + width - 1, y + height - 1
    return None
