"""One picture, the whole way."""

import threading
import time

import numpy as np
import pytest
from PIL import Image

from handwriting.digit_image import STROKES, stroke_thickness
from handwriting.pictures import picture as picture_module
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.find import Digit
from handwriting.pictures.picture import THREADS, digits_on_all, on_picture
from tests.helpers import draw_strokes, likeness, read, read_picture


def test_pictures_are_searched_two_at_once_in_their_order(monkeypatch):
    both_began = threading.Barrier(2, timeout=20)

    def digits_on(number, finder):
        if number < 2:
            both_began.wait()
        time.sleep(0.3 if number == 0 else 0)
        return number

    monkeypatch.setattr(picture_module, "digits_on", digits_on)
    unreadable = UnreadablePicture("damaged")
    assert list(digits_on_all([0, 1, unreadable, 2, 3], None)) == [0, 1, unreadable, 2, 3]


def test_few_pictures_are_searched_ahead(monkeypatch):
    """An open picture takes up to 5 MB."""
    monkeypatch.setattr(picture_module, "digits_on", lambda number, finder: number)
    numbers = iter(range(9))
    assert next(digits_on_all(numbers, None)) == 0
    assert next(numbers) == THREADS + 1


def test_after_an_error_no_other_picture_is_begun(monkeypatch):
    begun, may_end = [], threading.Event()

    def digits_on(number, finder):
        begun.append(number)
        if number == 0:
            raise MemoryError
        may_end.wait(20)

    monkeypatch.setattr(picture_module, "digits_on", digits_on)
    started = time.monotonic()
    with pytest.raises(MemoryError):
        list(digits_on_all(range(9), None))
    assert time.monotonic() - started < 10
    may_end.set()
    assert max(begun) <= THREADS


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
