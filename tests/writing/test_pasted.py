"""Digits that people wrote, pasted onto pages."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting.writing import pages, pasted
from handwriting.writing.digits import write_digits
from handwriting.writing.pages import write_page
from handwriting.writing.pasted import PASTE, Collected, Stamps


@pytest.fixture
def squares() -> Collected:
    """In place of digits, squares of ink: nobody writes so."""
    pixels = np.zeros((10, 28, 28), np.uint8)
    pixels[:, 4:24, 4:24] = 255
    return Collected(pixels, np.arange(10))


def test_some_pages_have_collected_digits_in_place_of_written_ones(squares):
    filled = []
    for number in range(60):
        page = write_page(5, number, squares)
        shares = [digit.ink.mean() for digit in page.digits]
        if len(shares) > 2:
            filled.append(np.median(shares) > 0.75)
    assert 0.5 * PASTE.pages < np.mean(filled) < 1.8 * PASTE.pages


def test_with_a_share_of_0_no_page_has_collected_digits(squares, monkeypatch):
    monkeypatch.setattr(pages, "PASTE", replace(PASTE, pages=0))
    of_pages = [write_page(5, number, squares).digits for number in range(20)]
    shares = [np.median([digit.ink.mean() for digit in digits]) for digits in of_pages if len(digits) > 2]
    assert len(shares) > 5
    assert max(shares) < 0.75


def test_a_collected_digit_is_the_one_that_is_asked_for_cut_to_its_ink():
    collected = Collected(*write_digits(200))
    stamps = Stamps(collected, np.random.default_rng(0))
    widths = {digit: np.mean([stamps.any_of(digit).width for _ in range(20)]) for digit in (0, 1)}
    assert widths[1] < 0.7 * widths[0]
    ink = np.asarray(stamps.any_of(8))
    assert ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any()


def test_a_thick_pen_leaves_more_ink(monkeypatch):
    collected = Collected(*write_digits(200))
    inks = []
    for pen in PASTE.pen:
        monkeypatch.setattr(pasted, "PASTE", replace(PASTE, pen=(pen, pen)))
        stamps = Stamps(collected, np.random.default_rng(0))
        inks.append(np.mean([np.asarray(stamps.any_of(3)).mean() for _ in range(20)]))
    assert inks[1] > 1.2 * inks[0]
