"""The picture sheet and the table."""

from pathlib import Path

import numpy as np
import pytest

from handwriting.pictures.picture import Picture, read_picture
from handwriting.reading.readings import ReadDigit, Reading, ReadPicture
from handwriting.reading.results import PictureRow, readings_table
from handwriting.reading.sheet import (
    STYLE,
    answer_text,
    draw_sheet,
    font,
    sheet_legend,
    tag_place,
    wrapped,
)
from tests.helpers import draw_strokes


def test_a_picture_that_is_gone_when_the_sheet_is_drawn_stays_blank(tmp_path):
    draw_strokes("7").save(tmp_path / "7.png")
    picture = read_picture(tmp_path / "7.png")
    (tmp_path / "7.png").unlink()
    reading = Reading("7", 0.9, "ok")
    digits = [ReadDigit(digit, {}, np.full(10, 0.1)) for digit in picture.digits]
    row = PictureRow(
        tmp_path / "7.png", "7.png", "7", ReadPicture(picture, digits, {"mlp": reading}, reading)
    )
    sheet = tmp_path / "sheet.png"
    assert draw_sheet(sheet, [row]) == 1
    assert sheet.exists()


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
    corner = (6, 6)
    boxes = [(6 + 12 * number, 40, 16 + 12 * number, 80) for number in range(10)]
    boxes += [(6 + 4 * number, 7, 9 + 4 * number, 130) for number in range(4)]
    taken = []
    for box in boxes:
        place = tag_place(box, corner, taken)
        if place:
            left, top, right, bottom = place
            assert corner[0] <= left
            assert right < corner[0] + STYLE.square
            assert corner[1] <= top
            assert bottom < corner[1] + STYLE.square
            assert all(
                right < other[0] or other[2] < left or bottom < other[1] or other[3] < top for other in taken
            )
            taken.append(place)
    assert len(taken) == 10  # none of the boxes that fill the square's height has room for one


def test_the_end_of_a_long_path_is_shown():
    reading = Reading("7", 0.9, "ok")
    read = ReadPicture(Picture((1, 1), []), [], {"mlp": reading}, reading)
    paths = [f"/home/someone/pictures/of-very-many-digits/{digit}/scan.png" for digit in "37"]
    rows = [PictureRow(Path(path), path, label, read) for path, label in zip(paths, "37", strict=True)]
    lines = readings_table(rows, ["mlp"], width=80).splitlines()
    shown = [line.split()[0] for line in lines[2:]]
    assert shown == [f"…es/of-very-many-digits/{digit}/scan.png" for digit in "37"]
