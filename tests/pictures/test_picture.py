"""One picture, the whole way."""

import numpy as np
import pytest
from PIL import Image

from handwriting.digit_image import STROKES, stroke_thickness
from handwriting.pictures.find import Digit
from handwriting.pictures.picture import on_picture, ready_digit
from tests.helpers import draw_strokes, likeness, read, read_picture


@pytest.mark.parametrize("paper", ["L", "RGB", "inverted"])
def test_a_picture_that_is_a_digit_image_already_is_taken_as_it_is(digits, tmp_path, paper):
    for number, pixels in enumerate(digits[0][:20]):
        image = Image.fromarray(255 - pixels if paper == "inverted" else pixels)
        picture = read(image.convert("RGB" if paper == "RGB" else "L"), tmp_path, f"{number}.png")
        np.testing.assert_allclose(picture.digits[0].image[..., 0], pixels / 255, atol=1e-6)
        assert picture.digits[0].image.base is None  # of 50,000 pictures, nothing but digit images is kept
        left, top, right, bottom = picture.digits[0].box
        assert (pixels[top:bottom, left:right] > 0).sum() == (pixels > 0).sum()


def test_a_small_picture_that_is_no_digit_image_becomes_one(digits, tmp_path):
    pixels = next(image for image in digits[0] if image[:, :4].max() == 0 and image.max() > 240)
    moved = read(Image.fromarray(np.roll(pixels, -3, axis=1)), tmp_path, "moved.png")
    assert np.abs(moved.digits[0].image[..., 0] - pixels / 255).mean() < 0.04
    two = np.zeros((28, 28), np.uint8)
    two[4:24, 5:12] = two[4:24, 16:23] = 255
    assert ready_digit(Image.fromarray(two).convert("RGB")) is None
    coloured = np.stack([pixels, pixels // 2, 0 * pixels], axis=2)
    assert len(read(Image.fromarray(coloured), tmp_path, "coloured.png").digits) == 1


def test_a_written_digit_on_larger_paper_is_hardly_changed(digits, tmp_path):
    """How strong its ink is, is measured anew. Hairlines are left out: they are thickened."""
    changes = []
    for number, pixels in enumerate(digits[0][:80]):
        if stroke_thickness(pixels / 255) >= STROKES.thinnest:
            picture = read(Image.fromarray(np.pad(pixels, 10)), tmp_path, f"{number}.png")
            assert len(picture.digits) == 1
            changes.append(np.abs(picture.digits[0].image[..., 0] - pixels / 255).mean())
    assert len(changes) > 60
    assert np.mean(changes) < 0.05


def test_box_is_where_the_digit_is(plain):
    left, top, right, bottom = plain.digits[0].box
    assert abs(left - 58) < 9
    assert abs(top - 33) < 9
    assert abs(right - 146) < 9
    assert abs(bottom - 165) < 9


@pytest.mark.parametrize("scale", [0.2, 0.5, 4])
def test_size_does_not_matter(plain, tmp_path, scale):
    image = draw_strokes("7")
    scaled = image.resize((int(200 * scale), int(200 * scale)), Image.Resampling.LANCZOS)
    assert likeness(plain, read(scaled, tmp_path)) > 0.9


@pytest.mark.parametrize("shift", [(-50, -30), (45, 35), (0, 30)])
def test_place_does_not_matter(plain, tmp_path, shift):
    box = (60 + shift[0], 40 + shift[1], 140 + shift[0], 160 + shift[1])
    assert likeness(plain, read(draw_strokes("7", box=box), tmp_path)) > 0.94


def test_a_pale_digit_image_is_not_taken_as_it_is(digits):
    """The networks know images whose ink is strong. A pale one goes the whole way, which makes its ink strong."""
    pixels = next(image for image in digits[0] if image.max() == 255)
    pale = read_picture(pixels // 2)
    assert read_picture(pixels).digits[0].image.max() == 1
    assert pale.digits[0].image.max() > 0.9


def test_boxes_are_whole_pixels_of_the_picture():
    found = Digit(None, (-1.5, -6.2, 45.0, 61.3))
    assert on_picture(found, (640, 480), (1280, 960)).box == (0, 0, 90, 123)
    assert on_picture(found, (50, 60), (50, 60)).box == (0, 0, 45, 60)
    assert on_picture(Digit(None, (49.9, 59.9, 52, 62)), (50, 60), (50, 60)).box == (49, 59, 50, 60)
