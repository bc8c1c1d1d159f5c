"""Which digits are found on a page, and where."""

import itertools

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from handwriting.judge.judging import LIKELY
from handwriting.pictures.find import find_digits
from tests.helpers import draw_strokes, read, read_picture, shipped_finder


def test_several_digits_in_reading_order(tmp_path):
    page = Image.new("RGB", (600, 500), "white")
    for text, corner in (("7", (350, 20)), ("1", (100, 10)), ("0", (100, 260)), ("4", (350, 250))):
        page.paste(draw_strokes(text), corner)
    picture = read(page, tmp_path)
    boxes = [digit.box for digit in picture.digits]
    assert len(boxes) == 4
    assert boxes[0][0] < boxes[1][0]
    assert boxes[2][0] < boxes[3][0]
    assert max(box[3] for box in boxes[:2]) < min(box[1] for box in boxes[2:])


def line_and_seven(*seven: tuple[int, int]) -> Image.Image:
    """A line from edge to edge, and a 7 beside it."""
    page = Image.new("L", (130, 220), 255)
    draw = ImageDraw.Draw(page)
    draw.line([(15, 0), (15, 219)], fill=0, width=10)
    draw.line(seven, fill=0, width=10, joint="curve")
    return page


@pytest.mark.xfail(
    reason="a bar alone can be a 1 or a rule. The next test wants a rule, this a 1: chance 0.45", strict=True
)
def test_a_one_as_high_as_its_picture_is_no_rule(tmp_path):
    assert len(read(line_and_seven((50, 15), (115, 15), (70, 205)), tmp_path).digits) == 2


def test_a_line_that_is_higher_than_the_digit_beside_it_is_a_rule(tmp_path):
    assert len(read(line_and_seven((60, 70), (110, 70), (80, 160)), tmp_path).digits) == 1


def page_of(*places, size=(640, 400), width=10, **colours):
    """A page of stroke digits, each with its box, written by a pen of this width."""
    page = Image.new("RGB", size, colours.get("paper", (255, 255, 255)))
    for text, box in places:
        digit = draw_strokes(text, size=size, box=box, width=width, **colours)
        mask = ImageChops.difference(digit, Image.new("RGB", size, colours.get("paper", (255, 255, 255))))
        page.paste(digit, mask=mask.convert("L").point(lambda level: 255 if level else 0))
    return page


def check_found(picture, *places, within=14):
    """The digits are those, in that order: no frame, line or mark is among them or on them."""
    assert len(picture.digits) == len(places)
    for digit, (_, box) in zip(picture.digits, places, strict=True):
        np.testing.assert_allclose(digit.box, box, atol=within)


ROW = (("7", (100, 100, 150, 190)), ("4", (220, 100, 270, 190)), ("0", (340, 100, 390, 190)))


@pytest.mark.parametrize("gap", [12, 30])
def test_an_underline_is_none_of_the_digits_above_it(tmp_path, gap):
    page = page_of(*ROW)
    ImageDraw.Draw(page).line([(80, 195 + gap), (420, 195 + gap)], fill=0, width=6)
    check_found(read(page, tmp_path), *ROW)


def test_a_comma_is_in_the_row_of_its_digits(tmp_path):
    below = tuple((text, (left, top + 150, right, bottom + 150)) for text, (left, top, right, bottom) in ROW)
    page = page_of(*ROW, *below)
    for top in (0, 150):
        ImageDraw.Draw(page).line([(190, top + 192), (184, top + 222)], fill=0, width=9)
    check_found(read(page, tmp_path), *ROW, *below)


@pytest.mark.parametrize("margin", [12, 35])
@pytest.mark.parametrize("joined", [False, True])
def test_form_fields_are_no_digits(tmp_path, margin, joined):
    page = page_of(*ROW)
    draw = ImageDraw.Draw(page)
    for _, (left, top, right, bottom) in ROW:
        draw.rectangle(
            (left - margin, top - margin, right + margin, bottom + margin), outline=(60, 60, 60), width=3
        )
        if joined:
            draw.rectangle(
                (left - margin, top - margin, left + 120 - margin, bottom + margin), outline=(60, 60, 60)
            )
    check_found(read(page, tmp_path), *ROW)


def test_a_small_table_on_a_page_is_no_digit(tmp_path):
    places = [
        ("0174"[(row + column) % 4], (80 + 70 * column, 80 + 60 * row, 100 + 70 * column, 115 + 60 * row))
        for row in range(3) for column in range(4)
    ]  # fmt: skip
    page = page_of(*places, size=(800, 600))
    draw = ImageDraw.Draw(page)
    for column in range(5):
        draw.line([(55 + 70 * column, 65), (55 + 70 * column, 245)], fill=0, width=2)
    for row in range(4):
        draw.line([(55, 65 + 60 * row), (335, 65 + 60 * row)], fill=0, width=2)
    check_found(read(page, tmp_path), *places)


def test_small_digits_below_a_large_one_stay_themselves(tmp_path):
    places = ("7", (100, 30, 260, 270)), ("4", (130, 305, 170, 365)), ("0", (210, 305, 250, 365))
    check_found(read(page_of(*places), tmp_path), *places)


@pytest.mark.parametrize("tilt", [0, 12])
@pytest.mark.parametrize(
    ("paper", "ink", "table"),
    [
        ((225, 224, 220), (35, 35, 60), (120, 82, 55)),
        ((230, 229, 225), (35, 35, 60), (28, 28, 30)),
        ((30, 30, 34), (240, 240, 235), (228, 226, 222)),
    ],
)
def test_a_sheet_on_a_table_is_read_not_taken_for_a_digit(tmp_path, tilt, paper, ink, table):
    sheet = page_of(*ROW, size=(480, 280), paper=paper, ink=ink)
    photo = Image.new("RGB", (1000, 760), table)
    photo.paste(sheet, (260, 240))
    photo = photo.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=table).filter(ImageFilter.GaussianBlur(1))
    noise = np.random.default_rng(0).normal(0, 2, (760, 1000, 1))
    photo = Image.fromarray((np.asarray(photo) + noise).clip(0, 255).astype(np.uint8))
    picture = read(photo, tmp_path)
    assert len(picture.digits) == 3
    assert [digit.box[0] for digit in picture.digits] == sorted(digit.box[0] for digit in picture.digits)
    assert all(60 < digit.box[3] - digit.box[1] < 130 for digit in picture.digits)


def test_a_note_beside_a_cup(tmp_path):
    photo = Image.new("RGB", (1200, 760), (120, 82, 55))
    note = page_of(("7", (90, 70, 160, 190)), size=(250, 260), paper=(235, 225, 120), ink=(35, 35, 60))
    photo.paste(note, (100, 200))
    ImageDraw.Draw(photo).ellipse((730, 250, 930, 450), fill=(235, 235, 230))
    picture = read(photo.filter(ImageFilter.GaussianBlur(1)), tmp_path)
    check_found(picture, ("7", (190, 270, 260, 390)))


@pytest.mark.xfail(
    reason="by all that is seen, three 1s on a narrow sheet; their chances are 0.47, 0.72 and 0.81",
    strict=True,
)
def test_a_thick_stroke_of_chalk_is_no_sheet(tmp_path):
    board = Image.new("RGB", (600, 600), (40, 40, 40))
    draw = ImageDraw.Draw(board)
    draw.rectangle((260, 100, 339, 499), fill=(225, 225, 225))
    for left, top in ((280, 150), (310, 260), (285, 390)):  # where the chalk left the board bare
        draw.rectangle((left, top, left + 9, top + 69), fill=(60, 60, 60))
    check_found(read(board, tmp_path), ("1", (260, 100, 340, 500)))


@pytest.mark.parametrize("margin", [0, 1, 3])
def test_a_picture_cut_to_its_ink_loses_no_digit(tmp_path, margin):
    page = page_of(("0", (60, 50, 150, 210)), ("7", (190, 62, 250, 198)), ("4", (290, 54, 390, 204)))
    ImageDraw.Draw(page).line([(26, 56), (26, 205)], fill=0, width=12)
    left, top, right, bottom = Image.eval(page.convert("L"), lambda level: 255 - level).getbbox()
    cut = page.crop((left - margin, top - margin, right + margin, bottom + margin))
    assert len(read(cut, tmp_path).digits) == 4


def test_digits_that_touch_across_two_rows_do_not_join_the_rows(tmp_path):
    lines = [
        [(text, (60 + 90 * column, top, 110 + 90 * column, top + 90)) for column, text in enumerate("74074")]
        for top in (40, 145, 250)
    ]
    page = page_of(*itertools.chain(*lines), size=(560, 400))
    ImageDraw.Draw(page).line([(265, 125), (265, 150)], fill=0, width=10)  # from the upper 0 to the next
    digits = read(page, tmp_path).digits
    assert [digit.line for digit in digits] == [0] * 5 + [1] * 5 + [2] * 5


def test_a_row_of_digits_each_with_a_bar_far_above(tmp_path):
    places = [("0", (40 + 100 * column, 100, 100 + 100 * column, 189)) for column in range(7)]
    page = page_of(*places, size=(780, 260))
    for _, (left, *_) in places:
        ImageDraw.Draw(page).rectangle((left, 44, left + 55, 55), fill=0)
    assert len(read(page, tmp_path).digits) == 7


def test_bar_of_a_five_stays_with_it(tmp_path):
    image = draw_strokes("0", box=(60, 100, 140, 180))
    ImageDraw.Draw(image).line([(70, 60), (150, 60)], fill="black", width=14)
    assert len(read(image, tmp_path).digits) == 1


@pytest.mark.parametrize(
    "width",
    [
        4,
        pytest.param(
            10,
            marks=pytest.mark.xfail(
                reason="strokes 0.31 of the height wide, on the finder's pages 0.28 at most; chance of the 0 0.30",
                strict=True,
            ),
        ),
    ],
)
def test_the_line_that_a_scanner_leaves_at_the_edge_is_no_digit(tmp_path, width):
    """It was so much higher than the digits that they were taken for dots beside it."""
    places = [(text, (100 + 60 * n, 100, 118 + 60 * n, 132)) for n, text in enumerate("7407")]
    page = page_of(*places, size=(500, 800), width=width)
    ImageDraw.Draw(page).line([(0, 0), (0, 600)], fill=0, width=1)
    picture = read(page, tmp_path)
    check_found(picture, *places)


def test_digits_from_edge_to_edge_of_a_wide_picture_are_digits(tmp_path):
    """Eights in a picture as high as the highest of them. They were taken for bars that cross the whole picture."""
    places = [("0", (10, 1, 26, 26)), *(("0", (40 + 25 * n, 4, 53 + 25 * n, 24)) for n in range(5))]
    page = Image.new("L", (196, 28), 255)
    for _, box in places:
        ImageDraw.Draw(page).ellipse(box, outline=0, width=2)
    assert len(read(page, tmp_path).digits) == 6


def test_ink_on_a_strong_pattern_stands_out():
    """A cheque's pattern is stronger than a camera's noise. The writing on it is plain to see all the same."""
    places = [
        (text, (left, 8, left + 16, 36)) for text, left in (("7", 20), ("4", 60), ("0", 100), ("7", 145))
    ]
    ink = np.asarray(page_of(*places, size=(190, 44), width=4).convert("L"), float) / 255
    noise = Image.fromarray(np.random.default_rng(0).normal(128, 60, ink.shape).clip(0, 255).astype(np.uint8))
    pattern = np.asarray(noise.filter(ImageFilter.GaussianBlur(1)), float) - 128
    paper = 175 + 35 * pattern / pattern.std()
    cheque = (paper * (0.25 + 0.75 * ink)).clip(0, 255).astype(np.uint8)
    assert len(read_picture(cheque).digits) == 4


def test_each_digit_knows_its_line(tmp_path):
    below = tuple((text, (left, top + 150, right, bottom + 150)) for text, (left, top, right, bottom) in ROW)
    picture = read(page_of(*ROW, *below), tmp_path)
    assert [digit.line for digit in picture.digits] == [0, 0, 0, 1, 1, 1]


def test_a_wide_stroke_below_a_digit_is_no_part_of_it(tmp_path):
    """A loose stroke is narrower than its digit is high. What is wider is an underline."""
    page = page_of(("0", (300, 100, 350, 160)))
    ImageDraw.Draw(page).line([(260, 166), (390, 166)], fill=0, width=4)
    (digit,) = read(page, tmp_path).digits
    assert digit.box[3] <= 163


def test_the_seam_gives_boxes_digit_images_and_reading_order():
    found, turns = find_digits(page_of(*ROW), shipped_finder())
    assert turns == 0
    digits = [digit for digit in found if digit.chance > LIKELY]
    assert len(digits) == len(ROW)
    for digit, (_, box) in zip(digits, ROW, strict=True):
        assert digit.image.shape == (28, 28, 1)
        assert digit.image.max() == 1
        np.testing.assert_allclose(digit.box, box, atol=14)


def test_a_page_of_hundreds_of_digits_is_read():
    page = Image.new("L", (800, 800), 255)
    draw = ImageDraw.Draw(page)
    for number in range(400):
        row, column = divmod(number, 20)
        draw.ellipse((20 + 38 * column, 20 + 38 * row, 36 + 38 * column, 44 + 38 * row), outline=0, width=3)
    assert len(read_picture(page).digits) == 400
