"""Small pictures: all ink of one that shows a single thing is one find."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from handwriting.finder.peaks import Peaks
from handwriting.pictures.small import all_ink, is_small
from tests.helpers import read

BROKEN_FOUR = (
    [(10, 6), (9, 9), (8, 12), (7, 14)],
    [(9, 16), (17, 16)],
    [(16, 8), (15, 11), (14, 14)],
    [(14, 18), (14, 18)],
    [(13, 20), (13, 21)],
)
NOTHING = Peaks(np.empty((0, 4)), np.empty(0), np.empty((0, 10)))


def hairlines(strokes: tuple, side: int = 28) -> Image.Image:
    """Strokes of one pixel, black on white."""
    picture = Image.new("L", (side, side), 255)
    for stroke in strokes:
        ImageDraw.Draw(picture).line(stroke, fill=0)
    return picture


@pytest.mark.parametrize("inverted", [False, True])
def test_all_pieces_of_a_broken_hairline_belong_to_the_digit(tmp_path, inverted):
    """The finder leaves out the foot of this 4, which stands apart."""
    picture = hairlines(BROKEN_FOUR)
    (four,) = read(ImageOps.invert(picture) if inverted else picture, tmp_path).digits
    assert four.classes.argmax() == 4
    left, top, right, bottom = four.box
    assert (right, bottom) == (18, 22)
    assert max(abs(left - 7), abs(top - 6)) <= 1


def test_two_digits_on_a_small_picture_stay_two(tmp_path):
    picture = hairlines(([(5, 8), (11, 8), (7, 21)], [(15, 8), (21, 8), (17, 21)]))
    assert len(read(picture, tmp_path).digits) == 2


@pytest.mark.parametrize(("gap", "is_one"), [(1, True), (2, False)])
def test_ink_with_a_gap_as_between_two_digits_is_not_one_thing(gap, is_one):
    picture = hairlines(([(8, 5), (8, 22)], [(9 + gap, 5), (9 + gap, 22)])).convert("RGB")
    find = all_ink(picture, (255, 255, 255), NOTHING)
    assert (find is not None) == is_one
    if is_one:
        np.testing.assert_array_equal(find.boxes, [[8, 5, 10 + gap, 23]])


def test_all_ink_has_what_the_finder_says_of_the_likeliest_find():
    finds = Peaks(np.array([[0, 0, 9, 9], [4, 4, 12, 20]]), np.array([0.2, 0.7]), np.eye(10)[[3, 8]])
    find = all_ink(hairlines(BROKEN_FOUR).convert("RGB"), (255, 255, 255), finds)
    assert find.chances == [0.7]
    assert find.classes.argmax() == 8


def test_a_photograph_and_empty_paper_have_no_ink_that_belongs_together():
    shades = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    for picture in (Image.fromarray(shades), Image.new("RGB", (28, 28), "white")):
        assert all_ink(picture, (255, 255, 255), NOTHING) is None


def test_a_picture_of_33_pixels_is_not_small():
    assert is_small((32, 28))
    assert not is_small((28, 33))
