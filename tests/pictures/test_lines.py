"""Digits put into lines."""

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


def test_no_digits_make_no_lines():
    assert lines_of(np.zeros((0, 4))) == []
