"""Pictures drawn on the spot, read with the shipped networks."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from handwriting import model_answers, model_files
from handwriting.digit_image import slanted, unit_range
from handwriting.pictures.decoding import open_picture
from handwriting.reading import reader
from handwriting.reading.networks import Networks
from handwriting.shipped import shipped_network
from handwriting.writing.digits import write_digits
from handwriting.writing.other_ink import write_non_digits
from handwriting.writing.scenes import Style, draw_picture
from tests.helpers import shipped_finder

SEEDS = range(3)


@pytest.fixture(scope="session")
def network():
    return model_files.load_model(shipped_network("cnn_v3"))


@pytest.fixture
def reading(network, tmp_path):
    """A function that reads an image as test_load.py does. It returns the digits as text."""

    def read(image, name: str = "picture.png", **options) -> str:
        if isinstance(image, np.ndarray):
            image = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
        image.save(tmp_path / name, **options)
        networks = Networks(shipped_finder(), {"cnn_v3": network})
        return reader.read_all([open_picture(tmp_path / name)], networks)[0][0].ensemble.digits

    return read


def test_only_doubted_digits_are_looked_at_again(network):
    written, others = write_digits(20)[0], write_non_digits(20)[0]
    both = unit_range(np.concatenate([written, others]))
    first, final = model_answers.probabilities_of(network, both), reader.answer(network, both)
    doubted = first.max(axis=1) < reader.READING.look_again
    assert 0 < doubted.sum() < len(both)
    assert np.array_equal(first[~doubted], final[~doubted])
    leaning = [np.stack([slanted(array, lean) for array in both[doubted]]) for lean in (-0.25, 0.25)]
    looks = [model_answers.probabilities_of(network, array) for array in leaning]
    assert np.allclose(final[doubted], (first[doubted] + looks[0] + looks[1]) / 3, atol=1e-5)


def ink_of(text: str, size=(400, 300), height=0.4, pen=0.05, seed=0, place=(0.5, 0.5)) -> np.ndarray:
    """Written digits as ink: (height, width) in [0, 1]."""
    style = Style(size, height, pen, (0, 0, 0), (255, 255, 255), place=place)
    page = draw_picture(text, style, np.random.default_rng(seed)).convert("L")
    return 1 - np.asarray(page, np.float32) / 255


def on(paper, ink: np.ndarray, colour=(25, 25, 60)) -> np.ndarray:
    """Ink of a colour on paper, which is a colour or a picture: (height, width, 3) in 0..255."""
    cover = ink[..., np.newaxis]
    return np.asarray(paper, float) * (1 - cover) + np.asarray(colour, float) * cover


def ruling(shape: tuple[int, int], spacing: float, squared: bool, slope: float = 0.0) -> np.ndarray:
    """Ruled or squared paper as ink, lines of 1.6 px."""
    y, x = np.indices(shape)

    def lines(place):
        return np.clip(1.3 - np.abs((place + spacing / 2) % spacing - spacing / 2), 0, 1)

    ruled = lines(y + slope * x + spacing / 3)
    return np.maximum(ruled, lines(x - slope * y)) if squared else ruled


def grainy(picture: np.ndarray, grain: float = 3) -> np.ndarray:
    return picture + np.random.default_rng(5).normal(0, grain, (*picture.shape[:2], 1))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("slope", [0.0, 0.03])
@pytest.mark.parametrize("colour", [(120, 150, 210), (70, 70, 70)])
def test_ruled_and_squared_paper(reading, seed, squared, slope, colour):
    paper = on((250, 250, 245), ruling((300, 400), 46, squared, slope), colour)
    assert reading(grainy(on(paper, ink_of("36", seed=seed))), "ruled.jpg") == "36"


def test_a_long_stroke_is_no_line(reading):
    """A hairline 1, as high as three quarters of its picture, was once taken for a ruled line."""
    page = Image.new("L", (400, 300), "white")
    ImageDraw.Draw(page).line([(205, 30), (200, 265)], fill="black", width=2)
    assert reading(page) == "1"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("margin", "width"), [(0, 6), (3, 2), (25, 4)])
def test_a_frame_around_the_digit(reading, seed, margin, width):
    page = Image.fromarray(on((255, 255, 255), ink_of("8", (320, 320), seed=seed)).astype(np.uint8))
    corner = 319 - margin
    ImageDraw.Draw(page).rectangle((margin, margin, corner, corner), outline="black", width=width)
    assert reading(page) == "8"


@pytest.mark.parametrize("sides", ["left", "top", "left right", "top left bottom"])
def test_lines_of_a_form_beside_the_digit(reading, sides):
    page = Image.fromarray(on((250, 250, 250), ink_of("5", (140, 160), 0.55)).astype(np.uint8))
    lines = {
        "left": (4, 0, 4, 160),
        "right": (134, 0, 134, 160),
        "top": (0, 5, 140, 5),
        "bottom": (0, 154, 140, 154),
    }
    for side in sides.split():
        ImageDraw.Draw(page).line(lines[side], fill=(60, 60, 60), width=3)
    assert reading(page) == "5"


@pytest.mark.parametrize("seed", SEEDS)
def test_paper_on_a_dark_table(reading, seed):
    random = np.random.default_rng(seed)
    corners = [(0, 0), (500, 0), (500, 400), (0, 400)]
    sheet = Image.new("L", (500, 400))
    inwards = [
        tuple(
            c + w
            for c, w in zip(corner, random.uniform(5, 45, 2) * (np.sign(250 - np.array(corner))), strict=True)
        )
        for corner in corners
    ]
    ImageDraw.Draw(sheet).polygon(inwards, fill=255)
    covered = np.asarray(sheet.filter(ImageFilter.GaussianBlur(1)), float) / 255
    page = on((225, 222, 215), ink_of("29", (500, 400), 0.25, seed=seed))
    assert reading(grainy(on(page, 1 - covered, (90, 60, 40))), "table.jpg") == "29"


@pytest.mark.parametrize("edge", [2, 12, 60])
@pytest.mark.parametrize("turn", [0.3, 1.6, 4.0])
def test_the_edge_of_a_shadow(reading, edge, turn):
    """Light that ends at once, or fades: neither the shadow nor its edge is ink."""
    y, x = np.indices((400, 480))
    place = (x - 240) * np.cos(turn) + (y - 200) * np.sin(turn) + 20
    light = 1 - 0.5 / (1 + np.exp(np.clip(-place / edge, -30, 30)))
    picture = on((215, 213, 208), ink_of("47", (480, 400))) * light[..., np.newaxis]
    assert reading(grainy(picture), "shadow.jpg") == "47"


def test_light_that_falls_off_to_all_sides(reading):
    y, x = np.indices((300, 400))
    light = 1 - 0.6 * (((x - 180) / 400) ** 2 + ((y - 160) / 300) ** 2)
    assert reading(grainy(on((200, 196, 188), ink_of("6")) * light[..., np.newaxis]), "dim.jpg") == "6"


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((255, 255, 255), (0, 0, 0)),
        ((38, 62, 52), (238, 240, 232)),
        ((248, 240, 225), (206, 38, 46)),
        ((205, 225, 205), (178, 198, 186)),
        ((0, 0, 0), (255, 255, 255)),
    ],
)
def test_ink_of_any_colour_on_any_ground(reading, paper, ink):
    assert reading(grainy(on(paper, ink_of("3"), ink), 2)) == "3"


def test_strokes_of_five_steps_on_flat_paper(reading):
    """Nearly invisible, but the paper has no noise at all."""
    assert reading(on((255, 255, 255), ink_of("7", (28, 28), 0.72, 0.06), (250, 250, 250))) == "7"


@pytest.mark.parametrize(("size", "pen"), [((900, 900), 0.004), ((300, 300), 0.11)])
def test_hairline_and_marker(reading, size, pen):
    assert reading(on((255, 255, 255), ink_of("2", size, 0.6, pen))) == "2"


def test_a_dark_piece_of_paper_under_the_digit(reading):
    """A grey photo of a digit pasted on a white page."""
    page = np.full((300, 300, 3), 255.0)
    page[80:220, 90:210] = grainy(on((200, 200, 202), ink_of("1", (120, 140), 0.7, 0.06), (60, 60, 62)))
    assert reading(page) == "1"


def test_specks_are_no_digits(reading):
    page = Image.fromarray(on((245, 245, 245), ink_of("4", (320, 320), 0.5)).astype(np.uint8))
    for number, (x, y) in enumerate(np.random.default_rng(0).uniform(5, 315, (12, 2))):
        if not 80 < x < 240:
            ImageDraw.Draw(page).ellipse((x, y, x + 2 + number % 5, y + 2 + number % 5), fill=(40, 40, 40))
    assert reading(page) == "4"


@pytest.mark.parametrize(
    ("digit", "inverted", "side"),
    list(itertools.product("025", (False, True), (16, 64))),
)
def test_a_digit_that_fills_its_picture(reading, digit, inverted, side):
    """There is as much ink as paper, and both reach the edge."""
    ink = ink_of(digit, (300, 300), 0.7, 0.09)
    rows, columns = (np.flatnonzero(ink.max(axis=axis) > 0.5) for axis in (1, 0))
    cut = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    filled = np.asarray(cut.resize((side, side), Image.Resampling.BOX)) * 255
    assert reading(255 - filled if inverted else filled) == digit


def test_rows_of_digits(reading):
    rows = [ink_of(text, (500, 160), 0.6, seed=seed) for seed, text in enumerate(("314", "2718", "60"))]
    assert reading(on((250, 248, 240), np.concatenate(rows))) == "314271860"


def test_a_grid_of_digits(reading):
    cells = [[ink_of(str(3 * row + column), (110, 110), 0.6) for column in range(3)] for row in range(3)]
    page = np.concatenate([np.concatenate(row, axis=1) for row in cells])
    assert reading(on((255, 255, 255), page)) == "012345678"


@pytest.mark.parametrize("degrees", [-10, -5, 5, 10])
def test_slanted_rows(reading, degrees):
    page = np.concatenate([ink_of(text, (700, 160), 0.5, seed=2) for text in ("50273", "81640")])
    page = np.pad(page, ((80, 80), (40, 40)))
    turned = Image.fromarray(page).rotate(degrees, Image.Resampling.BICUBIC)
    assert reading(on((250, 250, 250), np.asarray(turned))) == "5027381640"


@pytest.mark.parametrize("lean", [0, 0.3])
def test_digits_that_touch_are_read_one_by_one(reading, lean):
    left, right = (ink_of(text, (240, 240), 0.6) for text in "58")
    left, right = (
        ink[:, (columns := np.flatnonzero(ink.max(axis=0) > 0.5))[0] : columns[-1] + 1]
        for ink in (left, right)
    )
    together = np.zeros((240, left.shape[1] + right.shape[1] - 4), np.float32)
    together[:, : left.shape[1]] = left
    together[:, -right.shape[1] :] = np.maximum(together[:, -right.shape[1] :], right)
    page = Image.fromarray(np.pad(together, ((0, 0), (60, 60))))
    leaning = page.transform(page.size, Image.Transform.AFFINE, (1, lean, -120 * lean, 0, 1, 0))
    assert reading(on((255, 255, 255), np.asarray(leaning))) == "58"


def test_dots_and_dashes_are_left_out(reading):
    page = Image.fromarray(on((255, 255, 255), ink_of("25", (400, 200), 0.5)).astype(np.uint8))
    ImageDraw.Draw(page).ellipse((330, 138, 344, 152), fill="black")
    assert reading(page) == "25"


@pytest.mark.parametrize("grain", [0, 2, 6])
@pytest.mark.parametrize("fall", [0, 60])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_blank_pages_in_any_light(reading, grain, fall, suffix):
    page = np.full((240, 320, 3), 200.0) - np.linspace(0, fall, 320)[np.newaxis, :, np.newaxis]
    assert reading(grainy(page, grain), "blank" + suffix) == ""


def test_a_picture_without_a_digit_says_why(network, tmp_path):
    Image.new("L", (200, 200), 230).save(tmp_path / "blank.png")
    networks = Networks(shipped_finder(), {"cnn_v3": network})
    (read,), _, _ = reader.read_all([open_picture(tmp_path / "blank.png")], networks)
    assert (read.ensemble.status, read.ensemble.reason) == ("no digit", "nothing on it looks like a digit")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    digit=st.sampled_from("0123456789"),
    height=st.floats(0.25, 0.75),
    across=st.floats(0.4, 0.6),
    down=st.floats(0.4, 0.6),
    side=st.integers(60, 700),
    inverted=st.booleans(),
    levels=st.tuples(st.integers(150, 255), st.integers(0, 90)),
)
def test_moved_scaled_inverted_and_recoloured_it_reads_the_same(
    reading, digit, height, across, down, side, inverted, levels
):
    size = (side, side)
    plain = reading(on((255,) * 3, ink_of(digit, (300, 300), 0.6), (0,) * 3))
    paper, ink = reversed(levels) if inverted else levels
    changed = on((paper,) * 3, ink_of(digit, size, height, place=(across, down)), (ink,) * 3)
    assert plain == digit
    assert reading(changed) == plain
