"""A picture looked at in several sizes."""

from types import SimpleNamespace

import numpy as np
import pytest

from handwriting.finder.peaks import Peaks
from handwriting.pictures.find import LIKELY
from handwriting.pictures.looks import LOOKS, agreed, sides_for


def test_what_all_looks_are_certain_of_stays():
    heights = np.linspace(10, 60, 200)
    boxes = np.stack([0 * heights, 0 * heights, heights, heights], axis=1)
    looks = [SimpleNamespace(scale=scale) for scale in (1, 0.625, 0.390625)]
    for box in boxes:
        peaks = Peaks(np.tile(box, (3, 1)), np.ones(3, np.float32), np.eye(10)[[4, 4, 4]])
        seen = agreed(looks, peaks, np.arange(3), np.array([0]))
        if any(LOOKS.heights[0] <= box[3] * look.scale <= LOOKS.heights[1] for look in looks):
            assert seen.chances[0] > LIKELY


@pytest.mark.parametrize(
    ("longer", "first", "last"), [(16, 64, 40), (196, 320, 40), (500, 500, 40), (4000, 640, 40)]
)
def test_small_pictures_are_enlarged_and_large_ones_shrunk(longer, first, last):
    sides = sides_for(longer)
    assert sides[0] == first
    assert last / LOOKS.step < sides[-1] <= last
