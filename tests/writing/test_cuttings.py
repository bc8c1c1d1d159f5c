"""Parts of written pages: what is on them stays known."""

import numpy as np
import pytest

from handwriting.writing.cuttings import CUTTINGS, cut_out, enlarged_window, part_of
from handwriting.writing.page_ink import SIDE
from handwriting.writing.pages import whole_page
from handwriting.writing.written_page import PageDigit, WrittenPage


@pytest.fixture(scope="module")
def pages():
    pages = [whole_page(np.random.default_rng(number)) for number in range(20)]
    return [page for page in pages if page.digits]


def test_the_whole_of_a_page_is_the_page(pages):
    for page in pages[:3]:
        whole = part_of(page, (0, 0, SIDE, SIDE), (0, 0), np.ones(2))
        np.testing.assert_array_equal(whole.pixels, page.pixels)
        assert [digit.box for digit in whole.digits] == [digit.box for digit in page.digits]
        assert whole.unclear == []


def test_a_digit_that_is_cut_is_unclear():
    digits = [
        PageDigit((10, 100, 30, 140), 4, np.ones((40, 20))),
        PageDigit((60, 100, 80, 140), 7, np.ones((40, 20))),
    ]
    page = WrittenPage(np.full((SIDE, SIDE, 3), 200, np.uint8), digits)
    part = part_of(page, (20, 80, 120, 180), (30, 40), np.array([1.5, 1.5]))
    (digit,) = part.digits
    assert digit.digit == 7
    np.testing.assert_allclose(digit.box, (90, 70, 120, 130), atol=1)
    assert digit.ink.shape == (digit.box[3] - digit.box[1], digit.box[2] - digit.box[0])
    assert part.unclear == [(30, 70, 45, 130)]  # what is seen of the 4


def test_a_part_may_be_stretched():
    page = WrittenPage(
        np.full((SIDE, SIDE, 3), 200, np.uint8), [PageDigit((60, 100, 80, 140), 7, np.ones((40, 20)))]
    )
    (digit,) = part_of(page, (20, 80, 120, 180), (30, 40), np.array([2.0, 0.5])).digits
    np.testing.assert_allclose(digit.box, (110, 50, 150, 70), atol=1)


@pytest.mark.parametrize("cut", [enlarged_window, cut_out])
def test_digits_of_parts_are_where_their_ink_is(pages, cut):
    differences = []
    for number, page in enumerate(pages):
        part = cut(page, np.random.default_rng(number))
        assert part.pixels.shape == (SIDE, SIDE, 3)
        grey = part.pixels.astype(float).mean(axis=2)
        for digit in part.digits:
            left, top, right, bottom = digit.box
            assert 0 <= left < right <= SIDE and 0 <= top < bottom <= SIDE
            assert digit.ink.shape == (bottom - top, right - left)
            ink, paper = digit.ink > 0.8, digit.ink < 0.05
            if ink.sum() > 20 and paper.sum() > 20:
                own = grey[top:bottom, left:right]
                differences.append(abs(np.median(own[ink]) - np.median(own[paper])))
    assert len(differences) > 10
    assert np.median(differences) > 30


def test_a_number_that_is_cut_out_has_about_the_height_that_was_chosen(pages):
    heights = []
    for number, page in enumerate(pages):
        digits = cut_out(page, np.random.default_rng(number)).digits
        heights += [max(d.box[3] for d in digits) - min(d.box[1] for d in digits)] * bool(digits)
    assert CUTTINGS.heights[0] / 2 < min(heights) < 2 * CUTTINGS.heights[0]
    assert CUTTINGS.heights[1] / 2 < max(heights) <= CUTTINGS.heights[1] + 1


def test_narrow_digits_are_stretched_more(pages):
    """Scans that are brought to one size have 1s as thick as nobody writes them."""

    def stretches(digit):
        page = WrittenPage(np.full((SIDE, SIDE, 3), 200, np.uint8), [digit])
        cuts = [cut_out(page, np.random.default_rng(number)).digits[0].box for number in range(100)]
        return np.std([np.log((right - left) / (bottom - top)) for left, top, right, bottom in cuts])

    narrow = PageDigit((60, 100, 66, 140), 1, np.ones((40, 6)))
    wide = PageDigit((60, 100, 90, 140), 0, np.ones((40, 30)))
    assert stretches(narrow) > 1.5 * stretches(wide) > 0.2
