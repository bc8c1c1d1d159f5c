"""Pictures that hold one digit and nothing else: digit images, and tiny scans."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from handwriting.pictures.ready import ready_digit
from tests.helpers import read


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


@pytest.mark.parametrize(("gap", "is_one"), [(1, True), (2, False)])
def test_a_digit_image_may_have_a_broken_stroke(gap, is_one):
    """One in a hundred of MNIST's has."""
    broken = np.zeros((28, 28), np.uint8)
    broken[4:24, 9:14] = broken[4:24, 14 + gap : 19 + gap] = 255
    assert (ready_digit(Image.fromarray(broken).convert("RGB")) is not None) == is_one


def scan(digit: str, pen: int, size: tuple[int, int] = (16, 16)) -> np.ndarray:
    """A 1 or a 7 that reaches from edge to edge, bright on black."""
    large = Image.new("L", (320, 320))
    points = (
        [(160, -pen), (160, 320 + pen)] if digit == "1" else [(60, pen / 2), (230, pen / 2), (130, 320 + pen)]
    )
    ImageDraw.Draw(large).line(points, fill=255, width=pen, joint="curve")
    return np.asarray(large.resize(size, Image.Resampling.BOX))


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("digit, pen", [("1", 40), ("1", 90), ("7", 40)])
def test_a_tiny_scan_that_is_cut_to_its_ink_is_one_digit(digit, pen, inverted, tmp_path):
    """A thick 1 from edge to edge was found by neither finder nor judge."""
    pixels = scan(digit, pen)
    picture = read(Image.fromarray(255 - pixels if inverted else pixels), tmp_path)
    assert len(picture.digits) == 1
    (found,) = picture.digits
    assert found.chance == 1
    assert found.classes is None
    ink = found.image[..., 0]
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) < (12 if digit == "1" else 18)


def test_a_tiny_picture_of_something_else_is_no_scan():
    two = np.zeros((12, 20), np.uint8)
    two[2:10, :3] = two[2:10, -3:] = 255
    with_margin = np.pad(scan("1", 40, (12, 12)), 3)
    tiniest = scan("1", 90, (7, 7))
    for pixels in (two, with_margin, tiniest, np.zeros((16, 16), np.uint8), np.full((16, 16), 200, np.uint8)):
        assert ready_digit(Image.fromarray(pixels).convert("RGB")) is None
