"""The page of `python -m handwriting.export --format html`, in a real browser, opened from a file."""

import base64
import itertools

import numpy as np
import pytest
from PIL import Image

import handwriting
from handwriting.digit_image import cropped_to_ink, make_digit_image
from handwriting.export.__main__ import main
from handwriting.export.sample import sample_of
from handwriting.model_answers import probabilities_of
from handwriting.quiet_keras import keras, layers
from handwriting.shipped import PROJECT, shipped_network
from tests.helpers import draw_strokes
from tests.web.browser import PHONE, expect, quiet_pages, screenshot, strokes_of, violations

COMPUTED = (
    """(images) => images.map((image) => Array.from(probabilitiesOf(NETWORK, Float32Array.from(image))))"""
)
DIGIT_IMAGE = "(grid) => Array.from(digitImageOf({ ...grid, values: Float32Array.from(grid.values) }))"
PICTURE_IMAGE = "(picture) => Array.from(digitImageOf(inkOfPicture(picture)))"
READ_WITHIN = 10_000  # ms
SIZE = {"width": 1000, "height": 700}


@pytest.fixture
def open_file(browser):
    """Opens a page from a file. It must say nothing on the console, and ask for nothing else."""
    with quiet_pages(browser) as opened:
        yield lambda path, **options: opened(path.as_uri(), path.as_uri(), **(options or {"viewport": SIZE}))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The page with cnn_v3 in it."""
    folder = tmp_path_factory.mktemp("exported") / "page"
    assert main(["cnn_v3", "--format", "html", "--out", str(folder)]) == 0
    return folder / "cnn_digit03.html"


def draw(page, digit: str) -> None:
    """Draws a digit with the mouse over the whole sheet."""
    box = page.locator("#sheet").bounding_box()
    side = box["width"]
    for first, *others in strokes_of(digit, box["x"] + 0.3 * side, box["y"] + 0.2 * side, 0.6 * side):
        page.mouse.move(*first)
        page.mouse.down()
        for x, y in others:
            page.mouse.move(x, y, steps=5)
        page.mouse.up()


@pytest.mark.parametrize("options", [{"color_scheme": "light"}, {"color_scheme": "dark"}, PHONE])
def test_it_checks_itself_and_reads_what_is_drawn(open_file, exported, axe, options, shots):
    page = open_file(exported, **options)
    expect(page.locator("#self-check")).to_have_text("Checked with 20 digits")
    assert violations(page, axe) == []
    for digit in "237":
        draw(page, digit)
        expect(page.locator("#reading")).to_have_text(digit)
        expect(page.locator("#bars .best th")).to_have_text(digit)
        if digit == "3":
            screenshot(page, f"exported-{options.get('color_scheme', 'phone')}", shots)
            assert violations(page, axe) == []
        page.locator("#clear").click()
        expect(page.locator("#reading")).to_have_text("Nothing to read yet")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_while_one_pointer_draws_another_draws_nothing(open_file, exported):
    page = open_file(exported)
    box = page.locator("#sheet").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.evaluate(
        """() => {
            const box = sheet.getBoundingClientRect();
            for (const [name, far] of [["pointerdown", 100], ["pointermove", 30], ["pointerup", 30]]) {
                const place = { pointerId: 99, clientX: box.right - far, clientY: box.bottom - far };
                const coalescedEvents = [new PointerEvent(name, place)];
                sheet.dispatchEvent(new PointerEvent(name, { ...place, coalescedEvents }));
            }
        }"""
    )
    inked = "() => pen.getImageData(sheet.width / 2, sheet.height / 2, 280, 280).data.some((value) => value)"
    assert not page.evaluate(inked)
    page.mouse.up()


@pytest.mark.parametrize(
    "name", ["3-chalk.jpg", "0-shadow.jpg", "8-transparent.png", "2-hairline.png", "7-night.png"]
)
def test_it_reads_pictures(open_file, exported, name):
    page = open_file(exported)
    page.set_input_files("#file", PROJECT / "data" / name)
    expect(page.locator("#reading")).to_have_text(name[0], timeout=READ_WITHIN)


def test_what_is_no_picture_and_an_empty_picture_are_said_in_words(open_file, exported, tmp_path):
    page = open_file(exported)
    (tmp_path / "notes.png").write_text("no picture")
    page.set_input_files("#file", tmp_path / "notes.png")
    expect(page.locator("#problem")).to_contain_text("can't open notes.png", timeout=READ_WITHIN)
    Image.new("RGB", (300, 200), "white").save(tmp_path / "empty.png")
    page.set_input_files("#file", tmp_path / "empty.png")
    expect(page.locator("#problem")).to_have_text("No ink was found on this picture.", timeout=READ_WITHIN)


def test_it_says_when_it_computes_something_else(open_file, exported, tmp_path):
    damaged = tmp_path / "damaged.html"
    text = exported.read_text(encoding="utf-8")
    assert text.count('"probabilities":[[0') == 1
    damaged.write_text(text.replace('"probabilities":[[0', '"probabilities":[[1'), encoding="utf-8")
    page = open_file(damaged)
    expect(page.locator("#self-check")).to_contain_text("The network is wrong here")


def test_a_drawing_gets_the_digit_image_that_the_project_makes(open_file, exported):
    networks = handwriting.load_networks([shipped_network("cnn_v3")])
    page = open_file(exported)
    for digit in "012347":
        page.evaluate("clear()")
        draw(page, digit)
        ours = handwriting.read(base64.b64decode(page.evaluate("sheet.toDataURL()").split(",")[1]), networks)
        (of_digit,) = ours.digits
        theirs = np.float32(page.evaluate("Array.from(digitImageOf(inkOfSheet()))")).reshape(28, 28)
        assert ours.reading == digit
        assert likeness(theirs, of_digit.image[..., 0]) > 0.85, digit


def test_pale_thin_and_narrow_ink_gets_the_digit_image_that_the_project_makes(open_file, exported):
    page = open_file(exported)
    for pen, box, pale in (
        (30, (60, 40, 220, 240), 1),
        (2, (60, 40, 220, 240), 1),
        (30, (80, 40, 150, 240), 0.3),
    ):
        ink = 1 - np.asarray(draw_strokes("7", (280, 280), width=pen, box=box).convert("L"), np.float32) / 255
        ink[140:] *= pale
        theirs = page.evaluate(DIGIT_IMAGE, {"width": 280, "height": 280, "values": ink.ravel().tolist()})
        ours = make_digit_image(cropped_to_ink(ink))[..., 0]
        assert likeness(np.float32(theirs).reshape(28, 28), ours) > 0.995, (pen, pale)


def test_ink_in_uneven_light_is_told_from_paper(open_file, exported):
    """From one side to the other, the paper gets three times as light."""
    page = open_file(exported)
    ink = 1 - np.asarray(draw_strokes("7", (280, 280), width=28).convert("L"), np.float32) / 255
    light = np.linspace(0.3, 1, 280) * (1 - 0.6 * ink)
    grey = (255 * light + np.random.default_rng(0).normal(0, 2, ink.shape)).clip(0, 255).astype(np.uint8)
    pixels = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    theirs = page.evaluate(PICTURE_IMAGE, {"width": 280, "height": 280, "data": pixels.ravel().tolist()})
    ours = make_digit_image(cropped_to_ink(ink))[..., 0]
    assert likeness(np.float32(theirs).reshape(28, 28), ours) > 0.98


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two digit images, where one may be moved by a pixel: a centre is rounded."""
    shifts = itertools.product((-1, 0, 1), repeat=2)
    return max(np.corrcoef(np.roll(one, shift, (0, 1)).ravel(), other.ravel())[0, 1] for shift in shifts)


def test_all_kinds_of_layers_give_what_they_give_in_keras(open_file, tmp_path):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(6, (5, 3), strides=(2, 1), padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D((3, 2), strides=(2, 2)),
            layers.Conv2D(7, 3, strides=2, padding="same", activation="relu", bias_initializer="normal"),
            layers.Dropout(0.5),
            layers.Conv2D(8, 1, bias_initializer="normal"),
            layers.Activation("relu"),
            layers.GlobalAveragePooling2D(),
            layers.Flatten(),
            layers.Dense(9, activation="relu", use_bias=False),
            layers.Dense(10, bias_initializer="normal"),
            layers.Softmax(),
        ]
    )
    normalisation = model.layers[1]
    random = np.random.default_rng(3)
    normalisation.set_weights(
        [random.uniform(0.5, 1.5, 6), *random.normal(0, 0.3, (2, 6)), random.uniform(0.5, 2, 6)]
    )
    path = tmp_path / "own.keras"
    model.save(path)
    assert main([str(path), "--format", "html", "--out", str(tmp_path / "page")]) == 0
    page = open_file(tmp_path / "page" / "own.html")
    images = sample_of(model).images
    computed = page.evaluate(COMPUTED, images.reshape(len(images), -1).tolist())
    np.testing.assert_allclose(computed, probabilities_of(model, images), atol=2e-5)
