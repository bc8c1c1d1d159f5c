"""Ink of any colour in any light, and paper without any."""

import itertools
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from handwriting.judge.crops import FIND, INK_SIDE
from handwriting.pictures.own_ink import own_ink, strength
from tests.helpers import draw_strokes, likeness, read


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((0, 0, 0), (255, 255, 255)),
        ((250, 244, 228), (206, 38, 46)),
        ((30, 60, 50), (235, 240, 230)),
        ((255, 255, 255), (255, 220, 0)),
        ((200, 200, 200), (150, 150, 150)),
        ((20, 30, 120), (200, 60, 60)),
    ],
)
def test_ink_of_any_colour_and_direction(plain, tmp_path, paper, ink):
    assert likeness(plain, read(draw_strokes("7", paper=paper, ink=ink), tmp_path)) > 0.94


def test_shadow_and_noise(plain, tmp_path):
    levels = np.asarray(draw_strokes("7"), float)
    light = np.linspace(1, 0.45, 200)[None, :, None]
    noise = np.random.default_rng(0).normal(0, 4, levels.shape)
    shaded = Image.fromarray(np.clip(levels * light * 0.85 + noise, 0, 255).astype(np.uint8))
    assert likeness(plain, read(shaded, tmp_path)) > 0.94


def test_specks_around_a_digit_are_none(plain, tmp_path):
    page = draw_strokes("7")
    for number in range(12):
        left, top = 10 + 15 * number, 10 if number % 2 else 180
        ImageDraw.Draw(page).rectangle((left, top, left + 5, top + 6), fill=0)
    assert likeness(plain, read(page, tmp_path)) > 0.95


@pytest.mark.parametrize("paper", [(255, 255, 255), (0, 0, 0), (180, 170, 160)])
def test_blank_pages(tmp_path, paper):
    noise = np.random.default_rng(1).normal(0, 3, (300, 300, 3))
    page = Image.fromarray(np.clip(np.array(paper) + noise, 0, 255).astype(np.uint8))
    assert read(page.filter(ImageFilter.GaussianBlur(1)), tmp_path).digits == []
    assert read(Image.new("RGB", (300, 300), paper), tmp_path).digits == []
    assert read(Image.new("RGB", (1, 1), paper), tmp_path).digits == []


def test_a_pattern_is_no_page_of_digits(tmp_path):
    levels = np.full((800, 800), 255, np.uint8)
    levels[::8, ::8] = levels[1::8, ::8] = levels[::8, 1::8] = levels[1::8, 1::8] = 0
    assert read(Image.fromarray(levels), tmp_path).digits == []


def test_specks_on_noisy_paper_are_no_ink(tmp_path):
    random = np.random.default_rng(0)
    for specks in (1, 20):
        page = random.normal(200, 1, (300, 400))
        page[random.integers(50, 250, specks), random.integers(50, 350, specks)] = 20
        assert read(Image.fromarray(page.clip(0, 255).astype(np.uint8)), tmp_path).digits == []


def test_thousands_of_dots_take_seconds(tmp_path):
    page = np.full((400, 400), 255, np.uint8)
    for row, column in itertools.product(range(2), repeat=2):
        page[row + 2 :: 5, column + 2 :: 5] = 0
    dots, blank = (
        processor_seconds(Image.fromarray(levels), tmp_path) for levels in (page, np.full_like(page, 255))
    )
    assert dots < 20 * blank  # a slow machine takes as many times as long for both


def processor_seconds(picture: Image.Image, tmp_path: Path) -> float:
    """What reading a picture takes when it is read again."""
    for _ in range(2):
        started = time.process_time()
        read(picture, tmp_path)
        seconds = time.process_time() - started
    return seconds


@pytest.mark.parametrize(
    "box", [(-10, 100, 40, 168), (100, -12, 140, 56), (600, 100, 655, 168), (100, 440, 140, 495)]
)
def test_a_digit_that_is_cut_by_the_pictures_edge_has_ink(box):
    page = Image.new("RGB", (640, 480), "white")
    ImageDraw.Draw(page).rectangle((box[0] + 8, box[1] + 8, box[2] - 8, box[3] - 8), fill=0)
    everywhere = np.ones((INK_SIDE, INK_SIDE), np.float32)
    ink, (left, top, right, bottom) = own_ink(page, (255, 255, 255), np.array(box, float), everywhere)
    assert ink.max() == 1
    assert -2 <= left < right <= 642 and -2 <= top < bottom <= 482


def test_ink_that_fills_most_of_its_surroundings_is_no_paper():
    own = np.zeros((50, 50))
    own[:, :27] = 1
    pixels = np.repeat(1 - own[..., np.newaxis], 3, axis=2)
    np.testing.assert_allclose(strength(pixels, own), own, atol=1e-6)


def test_a_find_that_the_judge_hardly_takes_for_a_digit_keeps_its_ink():
    """It saw no ink in such a find. The find was lost then, and nothing in the reading stood for it."""
    page = Image.new("RGB", (100, 100), "white")
    page.paste("black", (45, 30, 55, 70))
    box = np.array([45.0, 30, 55, 70])
    across = np.linspace(-40 * INK_SIDE / FIND / 2, 40 * INK_SIDE / FIND / 2, INK_SIDE)
    likely = np.outer(np.abs(across) < 20, np.abs(across) < 5).astype(np.float32)
    surely, hardly = (own_ink(page, (255, 255, 255), box, share * likely) for share in (1, 0.01))
    np.testing.assert_allclose(hardly[0], surely[0], atol=1e-3)
    np.testing.assert_allclose(hardly[1], surely[1])
    assert own_ink(Image.new("RGB", (100, 100)), (0, 0, 0), box, likely) is None
