"""Pages that lie on their side."""

import numpy as np
import pytest
from PIL import Image

from handwriting.pictures.find import Digit, find_digits, quarter_turned, turned_back
from handwriting.reading.wording import runs
from handwriting.writing.pages import write_page
from handwriting.writing.scenes import Style, draw_picture
from tests.helpers import read, shipped_finder


def written_rows(*rows: str) -> Image.Image:
    """Rows of digits as a hand writes them."""
    style = Style((90 * max(map(len, rows)), 160), 0.5, 0.05, (20, 20, 60), (250, 250, 250))
    drawn = [draw_picture(text, style, np.random.default_rng(seed)) for seed, text in enumerate(rows)]
    page = Image.new("RGB", (drawn[0].width, sum(row.height for row in drawn)), (250, 250, 250))
    for number, row in enumerate(drawn):
        page.paste(row, (0, number * row.height))
    return page


@pytest.mark.parametrize("quarters", [1, 3])
def test_a_page_on_its_side_is_turned(tmp_path, quarters):
    page = written_rows("52437", "96845", "27364")
    upright = read(page, tmp_path)
    turned = read(quarter_turned(page, quarters), tmp_path)
    assert upright.note is None
    assert turned.note == f"turned by {90 * (4 - quarters)}° counterclockwise before it was read"
    assert [digit.line for digit in turned.digits] == [digit.line for digit in upright.digits]
    size = page.size[::-1]
    for digit in turned.digits:
        left, top, right, bottom = digit.box
        assert 0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]
    back = [turned_back(digit, page.size, quarters).box for digit in turned.digits]
    np.testing.assert_allclose(back, [digit.box for digit in upright.digits], atol=6)


def test_a_page_with_the_print_of_the_other_side_is_not_turned():
    """On its side it shows more that may be digits, but nothing clearly."""
    page = Image.fromarray(write_page(2**32 - 3, 204).pixels)
    assert find_digits(page, shipped_finder())[1] == 0


def test_numbers_on_a_turned_picture_are_kept_apart():
    """Gaps are those of the page as it was read."""
    boxes = [(0, 0, 20, 30), (25, 0, 45, 30), (150, 0, 170, 30), (175, 0, 195, 30)]
    upright = [Digit(None, box) for box in boxes]
    turned = [turned_back(digit, (40, 200), 1) for digit in upright]
    for digits in (upright, turned):
        assert runs(digits) == [[0, 1], [2, 3]]
