"""The digit image."""

import numpy as np
import pytest
from PIL import Image

from handwriting.digit_image import make_digit_image, slanted
from tests.helpers import draw_strokes, likeness, read


def test_digit_image_has_the_form_that_networks_expect(plain):
    array = plain.digits[0].image
    assert array.shape == (28, 28, 1)
    assert array.dtype == np.float32
    assert array.min() == 0
    assert array.max() == 1
    ys, xs = np.nonzero(array[..., 0])
    assert max(np.ptp(ys), np.ptp(xs)) + 1 == 20
    for axis in (0, 1):
        centre = (array[..., 0].sum(axis=1 - axis) * np.arange(28)).sum() / array.sum()
        assert 13.5 <= centre < 14.5


@pytest.mark.parametrize("slope", [-0.3, -0.04, 0.25])
def test_a_slanted_array_leans_about_its_middle(slope):
    bar = np.zeros((28, 28, 1), np.float32)
    bar[4:24, 13:16] = 1
    leaning = slanted(bar, slope)
    assert leaning.shape == bar.shape
    assert leaning.sum() == pytest.approx(bar.sum(), rel=1e-3)
    middles = (leaning[4:24, :, 0] * np.arange(28)).sum(axis=1) / 3
    assert np.allclose(middles, 14 + slope * (14 - np.arange(4, 24)), atol=0.02)


def test_a_hand_that_gets_lighter_makes_no_paler_stroke(plain, tmp_path):
    fading = np.linspace(0, 0.6, 200)[:, np.newaxis, np.newaxis] * 255
    pixels = np.asarray(draw_strokes("7"), float)
    faded = Image.fromarray(np.maximum(pixels, fading).astype(np.uint8))
    picture = read(faded, tmp_path, "faded.png")
    assert likeness(picture, plain) > 0.97
    rows = picture.digits[0].image[..., 0].max(axis=1)
    assert rows[rows > 0][-8:-1].min() > 0.85


def test_hairline_becomes_a_stroke(tmp_path):
    thin = read(draw_strokes("7", size=(800, 800), width=2, box=(200, 100, 600, 700)), tmp_path)
    array = thin.digits[0].image[..., 0]
    assert (array.max(axis=1)[array.any(axis=1)] > 0.5).mean() > 0.9  # no gaps down the stem


@pytest.mark.parametrize("width", [133, 134, 135, 136, 140])
def test_a_digit_keeps_its_form(width):
    """Its sides are not rounded: 13.49 and 13.51 px look the same."""
    image = make_digit_image(np.ones((200, width), np.float32))[..., 0]
    assert image.sum() / 20 == pytest.approx(width / 10, abs=0.02)
    assert image.max() == 1
