"""The picture sheet and the table."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor

from handwriting.digit_image import tight_box
from handwriting.pictures.find import Digit
from handwriting.pictures.picture import Picture
from handwriting.reading import sheet
from handwriting.reading.lettering import font, wrapped
from handwriting.reading.marks import MARKS, draw_marks, marked_picture, tag_place, take, within
from handwriting.reading.readings import ReadDigit, Reading, ReadPicture
from handwriting.reading.results import PictureRow, readings_table
from handwriting.reading.sheet import STYLE, answer_text, draw_marked_copies, draw_sheet, sheet_legend
from tests.helpers import draw_strokes, read_picture


def test_a_picture_that_is_gone_when_the_sheet_is_drawn_stays_blank(tmp_path):
    draw_strokes("7").save(tmp_path / "7.png")
    picture = read_picture(tmp_path / "7.png")
    (tmp_path / "7.png").unlink()
    reading = Reading("7", 0.9, "ok")
    digits = [ReadDigit(digit, np.full(10, 0.1)) for digit in picture.digits]
    row = PictureRow(
        tmp_path / "7.png", "7.png", "7", ReadPicture(picture, digits, {"mlp": reading}, reading)
    )
    assert draw_sheet(tmp_path / "sheet.png", [row]) == 1
    assert (tmp_path / "sheet.png").exists()


def test_a_large_picture_is_not_decoded_a_second_time(tmp_path, monkeypatch):
    monkeypatch.setattr("handwriting.pictures.picture.LARGE", 140 * 140 - 1)
    path = tmp_path / "7.png"
    draw_strokes("7").resize((140, 140)).save(path)
    picture = read_picture(path)
    path.unlink()
    reading = Reading("7", 0.9, "ok")
    digits = [ReadDigit(digit, np.eye(10)[7]) for digit in picture.digits]
    row = PictureRow(path, "7.png", "7", ReadPicture(picture, digits, {"mlp": reading}, reading))
    marked = marked_picture(row, (100, 100), STYLE.empty)
    assert np.asarray(marked.convert("L")).min() < 60  # the ink


@pytest.mark.parametrize("size", [(120, 120), (160, 120), (120, 160)])
def test_a_page_has_room_around_it_for_tags(tmp_path, size):
    Image.new("RGB", (100, 100)).save(tmp_path / "dark.png")
    reading = Reading("", None, "no digit")
    read = ReadPicture(Picture((100, 100), []), [], {"mlp": reading}, reading)
    row = PictureRow(tmp_path / "dark.png", "dark.png", None, read)
    dark = np.asarray(marked_picture(row, size, "#ffffff", room=10).convert("L")) < 128
    left, top, right, bottom = tight_box(dark)
    assert (right - left, bottom - top) == (100, 100)
    assert (left, top) == ((size[0] - 100) // 2, (size[1] - 100) // 2)


def test_a_long_numbers_confidence_is_on_the_sheet():
    for status in ("ok", "unsure"):
        text = answer_text(Reading("1234567890" * 3, 0.87, status))
        assert text.startswith("12345")
        assert "...   87%" in text
        assert ("unsure" in text) == (status == "unsure")
        assert font(12).getlength(text) <= STYLE.square
    assert answer_text(Reading("42", 0.5, "ok")) == "42   50%"


@pytest.mark.parametrize(("shown", "count"), [(1, 1), (2, 2), (100, 1000)])
def test_the_legend_fits_above_one_picture(shown, count):
    legend = sheet_legend(shown, count)
    assert ("the wrong" in legend) == (count > 1)
    lines = wrapped(legend, 2 * STYLE.square, 15).splitlines()
    assert " ".join(lines) == legend
    assert all(font(15).getlength(line) <= 2 * STYLE.square for line in lines)


def test_tags_stay_in_the_square_and_over_no_other():
    side = 132
    boxes = [(12 * number, 40, 10 + 12 * number, 80) for number in range(10)]
    boxes += [(4 * number, 1, 3 + 4 * number, 124) for number in range(4)]
    taken, covered = np.zeros((side, side), bool), np.zeros((side, side), int)
    for left, top, right, bottom in boxes:
        take(taken, (left, top, right, bottom))
        covered[top : bottom + 1, left : right + 1] = 1
    tags = 0
    for box in boxes:
        place = tag_place(box, (9, 11), taken)
        if place:
            left, top, right, bottom = place
            assert (right - left, bottom - top) == (8, 10)
            assert left >= 0
            assert right < side
            assert top >= 0
            assert bottom < side
            assert not covered[top : bottom + 1, left : right + 1].any()
            covered[top : bottom + 1, left : right + 1] = 1
            take(taken, place)
            tags += 1
    assert tags >= 6


def test_no_tag_covers_the_middle_of_a_digit_and_boxes_may_reach_beyond_the_canvas():
    assert within((10, 20, 40, 60)) == (13, 23, 37, 57)
    left, top, right, bottom = within((10, 20, 12, 22))
    assert (left, top, right, bottom) == (11, 21, 11, 21)
    taken = np.zeros((50, 50), bool)
    take(taken, (-5, -5, 3, 2))
    take(taken, (-9, -9, -2, -2))
    take(taken, (45, 48, 60, 60))
    assert taken.sum() == 4 * 3 + 5 * 2


def test_doubted_digits_are_orange_and_what_is_left_out_is_grey():
    canvas = Image.new("RGB", (200, 60), "white")
    picture = [
        ReadDigit(
            Digit(np.zeros((28, 28, 1)), (40 * n, 20, 40 * n + 20, 50), chance=float(is_digit)),
            np.eye(10)[n],
            doubted=is_doubted,
        )
        for n, (is_digit, is_doubted) in enumerate([(True, False), (True, True), (False, True)])
    ]
    draw_marks(canvas, (10, 0), 1.0, picture)
    colours = [canvas.getpixel((10 + 40 * n - 2, 40)) for n in range(3)]
    assert colours == [ImageColor.getrgb(name) for name in (MARKS.sure, MARKS.doubted, MARKS.left_out)]


def test_the_boxes_on_a_long_narrow_picture_lie_on_its_digits(tmp_path):
    """Its width is drawn in whole pixels: by that alone, the last box would lie a digit's height too low."""
    strip = Image.new("RGB", (400, 8000), "white")
    strip.paste("black", (150, 6900, 250, 6990))
    strip.save(tmp_path / "strip.png")
    digit = Digit(np.zeros((28, 28, 1)), (150, 6900, 250, 6990))
    picture = Picture((400, 8000), [digit])
    read = ReadPicture(picture, [ReadDigit(digit, np.eye(10)[1])], {}, Reading("1", 0.9, "ok"))
    row = PictureRow(tmp_path / "strip.png", "strip.png", None, read)
    marked = np.asarray(marked_picture(row, (872, 872), "white")).astype(int)
    blue = (marked == ImageColor.getrgb(MARKS.sure)).all(axis=2).any(axis=1)
    inked = (marked.max(axis=2) < 100).any(axis=1)
    assert np.flatnonzero(inked)[-1] < np.flatnonzero(blue)[-1] < np.flatnonzero(inked)[-1] + 5


def page_row(path: Path, count: int) -> PictureRow:
    """A picture with so many digits, each read as a 7."""
    page = Image.new("RGB", (60 * count, 100), "white")
    for number in range(count):
        page.paste(draw_strokes("7").resize((60, 100)), (60 * number, 0))
    page.save(path)
    picture = read_picture(path)
    reading = Reading("7" * len(picture.digits), 0.9, "ok")
    found = [ReadDigit(digit, np.eye(10)[7]) for digit in picture.digits]
    return PictureRow(path, path.name, None, ReadPicture(picture, found, {"mlp": reading}, reading))


def test_a_page_has_a_card_of_full_width_with_its_whole_reading(tmp_path, monkeypatch):
    row = page_row(tmp_path / "long.png", 15)
    assert len(row.read.digits) == 15
    written = []
    real = sheet.wrapped
    monkeypatch.setattr(sheet, "wrapped", lambda text, *more: written.append(text) or real(text, *more))
    assert draw_sheet(tmp_path / "sheet.png", [row]) == 1
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.width > 1400
    assert any("7" * 15 in text for text in written)


def test_many_pages_have_marked_copies_and_the_earlier_ones_are_kept(tmp_path):
    rows = [page_row(tmp_path / f"page{number}.png", 12) for number in range(5)]
    marked = tmp_path / "logs" / "marked"
    assert draw_marked_copies(marked, rows[:4]) == 0
    assert not marked.exists()
    assert draw_sheet(tmp_path / "sheet.png", rows) == 4
    assert draw_marked_copies(marked, rows) == 5
    assert [path.name for path in sorted(marked.iterdir())] == [
        f"00{n + 1} page{n}_png.png" for n in range(5)
    ]
    with Image.open(marked / "001 page0_png.png") as copy:
        assert copy.width == STYLE.marked_side
    assert draw_marked_copies(marked, rows[:1]) == 0
    assert len(list((marked.parent / "previous" / "marked").iterdir())) == 5


def test_the_end_of_a_long_path_is_shown():
    reading = Reading("7", 0.9, "ok")
    read = ReadPicture(Picture((1, 1), []), [], {"mlp": reading}, reading)
    paths = [f"/home/someone/pictures/of-very-many-digits/{digit}/scan.png" for digit in "37"]
    rows = [PictureRow(Path(path), path, label, read) for path, label in zip(paths, "37", strict=True)]
    lines = readings_table(rows, ["mlp"], width=80).splitlines()
    shown = [line.split()[0] for line in lines[2:]]
    assert shown == [f"…es/of-very-many-digits/{digit}/scan.png" for digit in "37"]
