"""Filters of pixel arrays."""

import numpy as np
import pytest

from handwriting.filters import connected_components


def flood_filled(mask: np.ndarray) -> np.ndarray:
    """Connected parts found the slow and plain way."""
    numbers = np.zeros(mask.shape, int)
    for start in zip(*np.nonzero(mask), strict=True):
        if numbers[start]:
            continue
        number, waiting = numbers.max() + 1, [start]
        numbers[start] = number
        while waiting:
            y, x = waiting.pop()
            for place in [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
                inside = 0 <= place[0] < mask.shape[0] and 0 <= place[1] < mask.shape[1]
                if inside and mask[place] and not numbers[place]:
                    numbers[place] = number
                    waiting.append(place)
    return numbers


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 1.0])
def test_connected_components(share):
    random = np.random.default_rng(int(share * 10))
    for height, width in ((1, 1), (1, 9), (9, 1), (13, 17), (30, 22)):
        mask = random.random((height, width)) < share
        ours, expected = connected_components(mask), flood_filled(mask)
        pairs = set(zip(ours.ravel().tolist(), expected.ravel().tolist(), strict=True))
        assert len(pairs) == len(np.unique(ours)) == len(np.unique(expected))
        np.testing.assert_array_equal(ours > 0, mask)
