"""A picture looked at in several sizes."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from handwriting.finder.answers import STRIDE
from handwriting.finder.files import Finder
from handwriting.finder.peaks import Peaks
from handwriting.pictures.looks import LOOKS, agreed, ink_of, one_of_each, see, sides_for
from tests.helpers import draw_strokes, shipped_finder


def test_a_box_is_the_mean_of_what_the_looks_see():
    """The surer a look is, the more it counts. One whose box takes in what is beside the digit doesn't count."""
    boxes = np.array([[10.0, 10, 30, 38], [12, 10, 30, 38], [10, 10, 30, 60]])
    looks = [SimpleNamespace(scale=1)] * 3
    for chances, left in (((0.8, 0.8, 0.7), 11), ((0.9, 0.3, 0.7), 10.2)):
        peaks = Peaks(boxes, np.array(chances), np.eye(10)[[4, 4, 4]])
        seen = agreed(looks, peaks, np.arange(3), np.array([0]))
        assert seen.boxes[0] == pytest.approx([left, 10, 30, 38])
        assert seen.chances[0] == pytest.approx(np.mean(chances))


def test_the_box_is_of_a_look_that_shows_the_digit_well():
    """In a look in which it is 9 px high, a 0 of a table had a box that took in the table's line."""
    looks = [SimpleNamespace(scale=0.8), SimpleNamespace(scale=0.125)]
    boxes = np.array([[433.0, 58, 471, 102], [427, 34, 480, 105]])
    peaks = Peaks(boxes, np.array([0.7, 0.72]), np.eye(10)[[0, 0]])
    assert one_of_each(looks, peaks, np.array([0, 1])).tolist() == [0]


def test_what_all_looks_are_certain_of_stays():
    heights = np.linspace(10, 60, 200)
    boxes = np.stack([0 * heights, 0 * heights, heights, heights], axis=1)
    looks = [SimpleNamespace(scale=scale) for scale in (1, 0.625, 0.390625)]
    for box in boxes:
        peaks = Peaks(np.tile(box, (3, 1)), np.ones(3, np.float32), np.eye(10)[[4, 4, 4]])
        seen = agreed(looks, peaks, np.arange(3), np.array([0]))
        if any(LOOKS.heights[0] <= box[3] * look.scale <= LOOKS.heights[1] for look in looks):
            assert seen.chances[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("longer", "largest", "smallest"), [(16, 64, 40), (196, 320, 40), (500, 400, 40), (4000, 400, 40)]
)
def test_small_pictures_are_enlarged_and_large_ones_shrunk(longer, largest, smallest):
    sides = sides_for(longer)
    assert sides[-1] == largest
    assert smallest / LOOKS.step < sides[0] <= smallest


@pytest.mark.parametrize(
    ("box", "pen", "fine", "closest"),
    [
        ((300, 300, 500, 600), 40, True, 400 / LOOKS.step**2),
        ((400, 400, 470, 500), 4, True, 400),
        ((400, 400, 440, 460), 4, True, 640),
        ((400, 400, 416, 424), 4, True, 1000),
        ((400, 400, 416, 424), 4, False, 640),
        ((0, 0, 0, 0), 0, True, 640),
    ],
)
def test_a_picture_is_looked_at_more_closely_until_its_digits_are_large(box, pen, fine, closest):
    """The longer side of the closest look at a picture of 1000 px with one digit or none."""
    page = Image.new("RGB", (1000, 1000), "white")
    picture = draw_strokes("7", size=page.size, width=pen, box=box) if pen else page
    assert closest_look(picture, fine) == pytest.approx(closest, abs=STRIDE)


def large_seven() -> Image.Image:
    return draw_strokes("7", size=(1000, 1000), width=40, box=(300, 300, 500, 600))


@pytest.mark.parametrize(
    "more",
    [
        lambda draw: draw.line([(560, 300), (575, 300), (565, 335)], fill="black", width=1),
        lambda draw: draw.line([(560, 300), (575, 300), (565, 335)], fill="#cccccc", width=2),
        lambda draw: draw.rectangle((60, 60, 940, 940), outline="black", width=12),
    ],
    ids=["a small 7", "a pale 7", "a frame"],
)
def test_a_picture_with_more_than_a_large_digit_is_looked_at_more_closely(more):
    picture = large_seven()
    more(ImageDraw.Draw(picture))
    assert closest_look(picture) > closest_look(large_seven()) + 50


def test_a_picture_without_clean_paper_is_looked_at_more_closely():
    """Its ink can't be told from its paper without the finder: here, a shadow lies all around the 7."""
    picture = large_seven()
    shade = Image.new("L", picture.size, 255)
    ImageDraw.Draw(shade).rectangle((60, 60, 940, 940), fill=215)
    shaded = ImageChops.multiply(picture, shade.convert("RGB"))
    assert ink_of(shaded, (255, 255, 255)) is None
    assert closest_look(shaded) > closest_look(picture) + 50


def closest_look(picture: Image.Image, fine: bool = True) -> float:
    """The longer side of the closest look at a square picture."""
    network = Recorded()
    see(Finder(network, shipped_finder().judge), picture, fine)
    return max(network.sides) - 2 * LOOKS.margin


class Recorded:
    """The shipped finder's network, which notes how large the pictures are that it is given."""

    def __init__(self):
        self.sides = []

    def __call__(self, pixels):
        self.sides.append(max(pixels.shape[1:3]))
        return shipped_finder().network(pixels)
