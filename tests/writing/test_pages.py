"""Pages as people write them: what is on them is known."""

import numpy as np
import pytest

from handwriting.finder.answers import HEIGHTS
from handwriting.writing.layouts import LAYOUTS, TextLine, box_of, no_digit, scattered, with_boxes
from handwriting.writing.page_ink import SIDE, homography, paint, seen, stroke_ink
from handwriting.writing.pages import write_page, write_pages, written_inks
from handwriting.writing.person import DIGITLIKE, LETTER, Person
from handwriting.writing.signs import SIGNS
from handwriting.writing.texts import TEXTS, some_raised, word

COUNT = 60


@pytest.fixture(scope="module")
def pages():
    return [write_page(5, number) for number in range(COUNT)]


def test_a_page_depends_on_the_seed_and_its_number_alone(pages):
    again = list(write_pages(5, range(10, 13)))
    for page, other in zip(pages[10:13], again, strict=True):
        np.testing.assert_array_equal(page.pixels, other.pixels)
        assert [digit.box for digit in page.digits] == [digit.box for digit in other.digits]
    assert not np.array_equal(write_page(6, 10).pixels, pages[10].pixels)


def test_boxes_lie_on_the_page_and_hold_the_digits_own_ink(pages):
    assert sum(len(page.digits) for page in pages) > 5 * COUNT
    for page in pages:
        assert page.pixels.shape == (SIDE, SIDE, 3)
        assert page.pixels.dtype == np.uint8
        for digit in page.digits:
            left, top, right, bottom = digit.box
            assert 0 <= left < right <= SIDE
            assert 0 <= top < bottom <= SIDE
            assert digit.ink.shape == (bottom - top, right - left)
            assert digit.ink.max() > (0.3 if max(digit.ink.shape) >= HEIGHTS[0] else 0.1)
            inked = digit.ink > 0.1
            assert inked[0].any() and inked[-1].any() and inked[:, 0].any() and inked[:, -1].any()


def test_ink_is_seen_where_it_is_said_to_be(pages):
    """Inside its box, a digit's ink differs from the paper beside it."""
    differences = []
    for page in pages:
        grey = page.pixels.astype(float).mean(axis=2)
        for digit in page.digits:
            left, top, right, bottom = digit.box
            own = grey[top:bottom, left:right]
            ink, paper = digit.ink > 0.8, digit.ink < 0.05
            if ink.sum() > 20 and paper.sum() > 20:
                differences.append(abs(np.median(own[ink]) - np.median(own[paper])))
    assert np.median(differences) > 60
    assert np.quantile(differences, 0.05) > 8


def test_all_digits_are_about_as_frequent(pages):
    counts = np.bincount([digit.digit for page in pages for digit in page.digits], minlength=10)
    assert counts.min() > 0.4 * counts.mean()


def test_some_pages_have_no_digit_and_some_have_many(pages):
    counts = [len(page.digits) for page in pages]
    assert 0 in counts
    assert 1 in counts
    assert max(counts) > 50


def test_pages_without_digits_have_none():
    for seed in range(40):
        layout = no_digit(np.random.default_rng(seed), SIDE)
        assert not any(letter.isdecimal() for line in layout.lines for letter in line.text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_sign_of_every_layout_can_be_written(layout):
    for seed in range(20):
        for line in layout(np.random.default_rng(seed), SIDE).lines:
            if not line.printed:
                assert all(
                    letter in SIGNS or letter.isdecimal() or letter in (" ", LETTER, DIGITLIKE)
                    for letter in line.text
                )


def test_letters_that_look_like_digits_stand_in_longer_words_alone():
    random = np.random.default_rng(0)
    written = [word(random) for _ in range(300)]
    assert any(DIGITLIKE in letters for letters in written)
    for letters in written:
        assert set(letters) <= {LETTER, DIGITLIKE}
        assert letters[0] == LETTER
        assert DIGITLIKE not in letters or len(letters) >= 4


def test_a_superscript_is_a_digit_behind_another():
    random, texts = np.random.default_rng(0), ["98 + 2 × 3", "12", "7", "1234"] * 50
    raised = [some_raised(text, random) for text in texts]
    for text, places in zip(texts, raised, strict=True):
        letters = text.replace(" ", "")
        assert all(letters[place - 1 : place + 1].isdecimal() for place in places)
    assert 0.3 * TEXTS.raised < np.mean([bool(places) for places in raised]) < 2 * TEXTS.raised


def test_zeros_are_joined_with_each_other_and_not_with_nothing():
    random = np.random.default_rng(0)
    person, view, joints = Person(random), np.eye(3), 0
    person.joins = True
    for _ in range(20):
        inks = written_inks(TextLine("000", 20, 150, 40), person.write("000"), person, view, random)
        texts = [text for text, _ in inks]
        assert texts[-1] == "0"
        joints += texts.count("")
    assert 0.5 * 40 < joints < 40


def test_superscripts_are_smaller_and_higher():
    random = np.random.default_rng(0)
    person, view = Person(random), np.eye(3)
    line = TextLine("888", 20, 150, 60, raised=(1,))
    boxes = [ink.box for _, ink in written_inks(line, person.write("888"), person, view, random)]
    heights = [bottom - top for _, top, _, bottom in boxes]
    assert heights[1] < 0.8 * min(heights[0], heights[2])
    assert boxes[1][3] < min(boxes[0][3], boxes[2][3]) - 15


def test_a_page_in_dots_has_ink_or_none_in_each():
    stroke = stroke_ink([np.array([[30.0, 30.0], [200.0, 140.0]])], 4)
    picture = np.full((SIDE, SIDE, 3), 255, np.float32)
    paint(picture, [stroke], np.zeros(3), dots=32)
    assert set(np.unique(picture)) == {0, 255}
    blocks = picture[..., 0].reshape(32, 8, 32, 8).swapaxes(1, 2).reshape(-1, 64)
    assert (blocks == blocks[:, :1]).all()


def test_strokes_that_are_too_thin_for_the_pixels_are_paler():
    stroke = [np.array([[30.0, 30.0], [30.0, 140.0]])]
    usual, thin, thinnest = (stroke_ink(stroke, radius).mask.max() for radius in (0.5, 0.3, 0.01))
    assert usual > thin > thinnest > 0.3


def test_boxes_to_tick_hold_no_writing():
    for seed in range(30):
        random = np.random.default_rng(seed)
        layout = scattered(random, SIDE)
        before = len(layout.rules)
        for (x, y), *_ in with_boxes(layout, random, SIDE).rules[before:]:
            assert not any(
                left < x < right and top < y < bottom
                for left, top, right, bottom in map(box_of, layout.lines)
            )


def test_one_person_writes_a_digit_alike():
    """Two 4s of one person differ less than those of two."""

    def spread(people) -> float:
        fours = [person.write("4")[0] for person in people]
        return np.std([four.width for four in fours])

    same = np.mean([spread([Person(np.random.default_rng(seed))] * 8) for seed in range(10)])
    others = spread([Person(np.random.default_rng(seed)) for seed in range(80)])
    assert same < 0.8 * others


def test_a_view_brings_corners_to_corners():
    before = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], float)
    after = np.array([[1, 2], [9, 1], [12, 11], [-1, 9]], float)
    np.testing.assert_allclose(seen(homography(before, after), before), after, atol=1e-9)
