"""The tones of a picture: dark edges and faint ink."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from handwriting.judge.judging import LIKELY
from handwriting.pictures.looks import see
from handwriting.pictures.tones import FAINT, on_light_paper, strengthened
from tests.helpers import draw_strokes, shipped_finder

WHITE = (255, 255, 255)


@pytest.mark.parametrize(("paper", "ink"), [((255, 255, 255), (0, 0, 0)), ((90, 30, 30), (240, 240, 200))])
def test_an_inverted_picture_is_seen_alike(paper, ink):
    picture = draw_strokes("7", paper=paper, ink=ink)
    seen, inverted = (see(shipped_finder(), each) for each in (picture, ImageOps.invert(picture)))
    assert (seen.peaks.chances > LIKELY).sum() == 1
    np.testing.assert_array_equal(seen.peaks.boxes, inverted.peaks.boxes)
    np.testing.assert_array_equal(seen.peaks.chances, inverted.peaks.chances)
    np.testing.assert_array_equal(seen.inks, inverted.inks)


@pytest.mark.parametrize("strength", [FAINT.faintest, 20, FAINT.faint - 1])
@pytest.mark.parametrize("is_dark", [False, True])
def test_a_hairline_in_faint_ink_is_seen_as_one_in_strong_ink(strength, is_dark):
    """On white paper, and bright on black."""
    faint, strong = (
        draw_strokes("1", size=(28, 28), width=1, box=(14, 5, 15, 22), ink=(255 - difference,) * 3)
        for difference in (strength, FAINT.strong)
    )
    of_faint, of_strong = (
        see(shipped_finder(), ImageOps.invert(picture) if is_dark else picture) for picture in (faint, strong)
    )
    assert (of_strong.peaks.chances > LIKELY).sum() == 1
    np.testing.assert_allclose(of_faint.peaks.chances, of_strong.peaks.chances, atol=0.02)


def test_faint_ink_keeps_its_colour():
    picture = draw_strokes("4", ink=(255, 245, 235))
    stronger = np.asarray(strengthened(picture, WHITE))
    assert stronger.reshape(-1, 3).min(axis=0).tolist() == [255, 255 - FAINT.strong // 2, 255 - FAINT.strong]


def test_what_is_not_faint_ink_on_clean_paper_stays_as_it_is():
    random = np.random.default_rng(0)
    noisy = np.asarray(draw_strokes("4", ink=(235, 235, 235))) - random.integers(0, 9, (200, 200, 1))
    for picture in (
        draw_strokes("4", ink=(100, 100, 100)),
        draw_strokes("4", ink=(255 - FAINT.faint,) * 3),
        draw_strokes("4", ink=(256 - FAINT.faintest,) * 3),
        Image.new("RGB", (40, 40), "white"),
        Image.fromarray(noisy.astype(np.uint8)),
    ):
        assert strengthened(picture, on_light_paper(picture)[1]) is picture
