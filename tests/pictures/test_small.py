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
WHITE = (255, 255, 255)
NOTHING = Peaks(np.empty((0, 4)), np.empty(0), np.empty((0, 10))), np.zeros(0, bool)


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
    find = all_ink(picture, WHITE, *NOTHING)
    assert (find is not None) == is_one
    if is_one:
        np.testing.assert_array_equal(find.boxes, [[8, 5, 10 + gap, 23]])


def test_all_ink_has_what_the_finder_says_of_the_likeliest_find():
    finds = Peaks(np.array([[0, 0, 9, 9], [4, 4, 12, 20]]), np.array([0.2, 0.4]), np.eye(10)[[3, 8]])
    find = all_ink(hairlines(BROKEN_FOUR).convert("RGB"), WHITE, finds, finds.chances > 0.5)
    assert find.chances == [0.4]
    assert find.classes.argmax() == 8


def test_a_photograph_and_empty_paper_have_no_ink_that_belongs_together():
    shades = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    for picture in (Image.fromarray(shades), Image.new("RGB", (28, 28), "white")):
        assert all_ink(picture, WHITE, *NOTHING) is None


def test_a_speck_that_nobody_sees_is_no_ink():
    picture = Image.new("RGB", (28, 28), "white")
    picture.putpixel((9, 9), (250, 250, 250))
    assert all_ink(picture, WHITE, *NOTHING) is None


@pytest.mark.parametrize("more", [[(2, 2), (25, 2), (25, 25), (2, 25), (2, 2)], [(3, 25), (24, 25)]])
def test_a_digit_with_a_frame_or_an_underline_stays_as_it_was_found(tmp_path, more):
    seven = [(9, 7), (18, 7), (12, 20)]
    (digit,) = read(hairlines((seven, more)), tmp_path).digits
    assert digit.classes.argmax() == 7
    assert digit.box[3] < 24


def test_two_digits_one_above_the_other_stay_two(tmp_path):
    sevens = [[(x, y) for x, y in ((10, top), (18, top), (13, top + 10))] for top in (2, 17)]
    assert len(read(hairlines(sevens, 30), tmp_path).digits) == 2


def test_a_picture_of_33_pixels_is_not_small():
    assert is_small((32, 28))
    assert not is_small((28, 33))
