"""Digits put into lines."""

import time

import numpy as np
import pytest

from handwriting.pictures.lines import lines_of


@pytest.mark.parametrize("degrees", [-30, -15, 0, 15, 30])
def test_lines_of_a_tilted_page_are_kept_apart(degrees):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    flat = np.array([(30.0 * column, 60.0 * row) for row in range(3) for column in range(6)])
    middles = flat @ turn
    order = np.random.default_rng(0).permutation(len(middles))
    boxes = np.concatenate([middles - (8, 15), middles + (8, 15)], axis=1)[order]
    lines = [[int(order[number]) for number in line] for line in lines_of(boxes)]
    assert lines == [list(range(6)), list(range(6, 12)), list(range(12, 18))]


def seconds_for(rows_apart: int) -> float:
    """What 1,500 small digits in rows take, of which some are lower than others."""
    heights = np.random.default_rng(0).uniform(8, 13, (30, 50))
    boxes = np.array([box(10 * x, rows_apart * y, heights[y, x]) for y in range(30) for x in range(50)])
    started = time.process_time()
    lines_of(boxes)
    return time.process_time() - started


def test_a_dense_page_takes_no_longer_than_a_spacious_one():
    """Each digit of dense rows may be a superscript of the row below. That took twenty times as long."""
    assert seconds_for(rows_apart=17) < 15 * seconds_for(rows_apart=28)


def test_no_digits_make_no_lines():
    assert lines_of(np.zeros((0, 4))) == []


def box(left, middle, height=30):
    """A digit's box, half as wide as high."""
    return [left, middle - height / 2, left + height / 2, middle + height / 2]


@pytest.mark.parametrize("rise", [-0.1, 0, 0.1])
def test_a_superscript_stands_behind_its_digit(rise):
    """2 × 5² + 48, of which signs are no digits, above 25 + 12²³."""
    first = [(20, 100), (75, 100), (100, 78, 16), (160, 100), (185, 100)]
    second = [(30, 170), (48, 170), (110, 170), (128, 170), (146, 152, 15), (155, 152, 15)]
    boxes = np.array([box(left, middle + rise * left, *high) for left, middle, *high in first + second])
    assert [line.tolist() for line in lines_of(boxes)] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9, 10]]


def test_a_superscript_may_float_above_its_digit():
    """Half a height above it, and a little to the left of its end, as in a person's 42²."""
    boxes = np.array([box(20, 100), box(40, 100), box(47, 59, 20), box(120, 100)])
    assert [line.tolist() for line in lines_of(boxes)] == [[0, 1, 2, 3]]


def test_a_small_digit_of_another_line_is_no_superscript():
    boxes = np.array([box(20, 50, 16), box(32, 50, 16), box(20, 100), box(40, 100)])
    assert [line.tolist() for line in lines_of(boxes)] == [[0, 1], [2, 3]]


def test_a_small_digit_in_a_row_of_a_table_is_no_superscript():
    boxes = np.array([box(20, 50), box(50, 56, 16), box(80, 50), box(20, 90), box(50, 90), box(80, 90)])
    assert [line.tolist() for line in lines_of(boxes)] == [[0, 1, 2], [3, 4, 5]]
