import itertools
import os
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_strokes, linked
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from handwriting.digit_image import THIN, slanted, stroke_thickness
from handwriting.filters import connected
from handwriting.pictures import decoding
from handwriting.pictures.decoding import ORIENTATION, UnreadablePicture, on_paper
from handwriting.pictures.files import find_pictures, label_of
from handwriting.pictures.many import FEW, one_by_one, outlived, read_or_reason, read_pictures
from handwriting.pictures.picture import WORKING_SIDE, Picture, read_picture
from handwriting.shipped import PROJECT


def read(image: Image.Image, tmp_path, name="picture.png", **options) -> Picture:
    image.save(tmp_path / name, **options)
    return read_picture(tmp_path / name)


def likeness(one: Picture, other: Picture) -> float:
    """The correlation of the one digit on each of two pictures, at the best of nine places.

    A side of 13.49 px becomes 13, one of 13.51 px 14: the same digit may lie a pixel further.
    """
    assert len(one.digits) == len(other.digits) == 1
    still, moving = one.digits[0].array[..., 0], other.digits[0].array[..., 0]
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(np.corrcoef(still.ravel(), np.roll(moving, shift, (0, 1)).ravel())[0, 1] for shift in shifts)


@pytest.fixture
def plain(tmp_path) -> Picture:
    return read(draw_strokes("7"), tmp_path, "plain.png")


def ends_its_process(path):
    if path.name == "bad":
        os._exit(1)
    return path.name


def test_a_picture_that_ends_its_process_is_the_only_one_lost():
    paths = [Path(name) for name in ("a", "bad", "bad", "c")]
    read = list(one_by_one(ends_its_process, paths))
    assert [one if isinstance(one, str) else "lost" for one in read] == ["a", "lost", "lost", "c"]

    def breaks():
        yield "first"
        raise BrokenProcessPool

    pictures = sorted((PROJECT / "data").glob("*.png"))[:3]
    first, *others = outlived(breaks(), pictures)
    assert first == "first"
    assert [type(other) for other in others] == [Picture, Picture]


def test_contract(plain):
    array = plain.digits[0].array
    assert array.shape == (28, 28, 1)
    assert array.dtype == np.float32
    assert array.min() == 0
    assert array.max() == 1
    ys, xs = np.nonzero(array[..., 0])
    assert max(np.ptp(ys), np.ptp(xs)) + 1 == 20
    for axis in (0, 1):
        centre = (array[..., 0].sum(axis=1 - axis) * np.arange(28)).sum() / array.sum()
        assert 13.5 <= centre < 14.5


@pytest.mark.parametrize("paper", ["L", "RGB", "inverted"])
def test_a_picture_that_is_a_contract_array_is_taken_as_it_is(digits, tmp_path, paper):
    for number, pixels in enumerate(digits[0][:20]):
        image = Image.fromarray(255 - pixels if paper == "inverted" else pixels)
        picture = read(image.convert("RGB" if paper == "RGB" else "L"), tmp_path, f"{number}.png")
        np.testing.assert_allclose(picture.digits[0].array[..., 0], pixels / 255, atol=1e-6)
        left, top, right, bottom = picture.digits[0].box
        assert (pixels[top:bottom, left:right] > 0).sum() == (pixels > 0).sum()


def test_a_small_picture_that_is_none_is_brought_to_the_contract(digits, tmp_path):
    pixels = next(image for image in digits[0] if image[:, :4].max() == 0 and image.max() > 240)
    moved = read(Image.fromarray(np.roll(pixels, -3, axis=1)), tmp_path, "moved.png")
    assert np.abs(moved.digits[0].array[..., 0] - pixels / 255).mean() < 0.02
    two = np.zeros((28, 28), np.uint8)
    two[4:24, 5:12] = two[4:24, 16:23] = 255
    assert len(read(Image.fromarray(two), tmp_path, "two.png").digits) == 2
    coloured = np.stack([pixels, pixels // 2, 0 * pixels], axis=2)
    assert len(read(Image.fromarray(coloured), tmp_path, "coloured.png").digits) == 1


def test_many_pictures_are_read_in_processes_and_in_order(tmp_path):
    paths = []
    for number in range(FEW + 3):
        paths.append(tmp_path / f"{number:02}.png")
        draw_strokes("147"[number % 3], size=(200 + number, 200)).save(paths[-1])
    paths[5].write_bytes(b"no picture")
    with read_pictures(paths) as reading:
        found = list(reading)
    assert isinstance(found[5], UnreadablePicture)
    alone = [read_or_reason(path) for path in paths]
    assert [getattr(picture, "size", None) for picture in found] == [getattr(p, "size", None) for p in alone]
    np.testing.assert_array_equal(found[3].digits[0].array, alone[3].digits[0].array)


def test_a_written_digit_on_larger_paper_passes_through_unchanged(digits, tmp_path):
    """What already has the contract's size is not scaled.

    Only hairlines are changed, and the few that end in ink so faint that it is taken for paper.
    """
    changes = []
    for number, pixels in enumerate(digits[0][:80]):
        if stroke_thickness(pixels / 255) >= THIN:
            picture = read(Image.fromarray(np.pad(pixels, 10)), tmp_path, f"{number}.png")
            assert len(picture.digits) == 1
            changes.append(np.abs(picture.digits[0].array[..., 0] - pixels / 255).mean())
    assert len(changes) > 60
    assert np.mean(np.array(changes) > 0.01) < 0.05


def test_box_is_where_the_digit_is(plain):
    left, top, right, bottom = plain.digits[0].box
    assert abs(left - 58) < 9
    assert abs(top - 33) < 9
    assert abs(right - 146) < 9
    assert abs(bottom - 165) < 9


def sixteen_bit(image):
    levels = np.asarray(image.convert("L"), np.uint16) * 257
    return Image.fromarray(levels)


def twelve_bit(image):
    """Pencil on grey paper as some scanners save it, in 16 bits of which 12 are used."""
    noise = np.random.default_rng(0).normal(0, 15, image.size[::-1])
    return Image.fromarray((1900 + 700 / 255 * np.asarray(image.convert("L")) + noise).astype(np.uint16))


def transparent(image, ink=(0, 0, 0)):
    alpha = Image.eval(image.convert("L"), lambda level: 255 - level)
    clear = Image.new("RGBA", image.size, (*ink, 0))
    clear.putalpha(alpha)
    return clear


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("grey.png", lambda image: image.convert("L")),
        ("sixteen.png", sixteen_bit),
        ("sixteen.tif", sixteen_bit),
        ("twelve.png", twelve_bit),
        ("float.tif", lambda image: Image.fromarray(np.asarray(image.convert("L"), np.float32) / 255)),
        ("alpha.png", transparent),
        ("white-alpha.png", lambda image: transparent(image, (255, 255, 255))),
        ("palette.gif", lambda image: image.convert("P")),
        ("bilevel.png", lambda image: image.convert("1")),
        ("cmyk.jpg", lambda image: image.convert("CMYK")),
        ("photo.jpg", lambda image: image),
        ("web.webp", lambda image: image),
        ("bitmap.bmp", lambda image: image),
    ],
)
def test_file_kinds_read_the_same(plain, tmp_path, name, change):
    assert likeness(plain, read(change(draw_strokes("7")), tmp_path, name)) > 0.95


@pytest.mark.parametrize("name", ["blank.png", "blank.jpg", "blank.webp"])
@pytest.mark.parametrize("metadata", [bytes(40), b"II*\0" + b"\xff" * 40, b"hello"])
def test_damaged_metadata_are_no_damaged_picture(plain, tmp_path, name, metadata):
    picture = read(draw_strokes("7"), tmp_path, name, exif=b"Exif\0\0" + metadata)
    assert likeness(plain, picture) > 0.95


@pytest.mark.parametrize("name", ["phone.jpg", "phone.png", "scan.tif"])
def test_orientation_tag(plain, tmp_path, name):
    on_its_side = draw_strokes("7", size=(200, 260)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned clockwise
    picture = read(on_its_side, tmp_path, name, exif=exif)
    assert picture.size == (200, 260)
    assert likeness(plain, picture) > 0.9


def test_first_frame_of_an_animation(plain, tmp_path):
    frames = [draw_strokes("7"), draw_strokes("0")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert likeness(plain, read_picture(tmp_path / "moving.gif")) > 0.95


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
    assert likeness(plain, read(draw_strokes("7", paper=paper, ink=ink), tmp_path)) > 0.95


def test_shadow_and_noise(plain, tmp_path):
    levels = np.asarray(draw_strokes("7"), float)
    light = np.linspace(1, 0.45, 200)[None, :, None]
    noise = np.random.default_rng(0).normal(0, 4, levels.shape)
    shaded = Image.fromarray(np.clip(levels * light * 0.85 + noise, 0, 255).astype(np.uint8))
    assert likeness(plain, read(shaded, tmp_path)) > 0.95


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
    rows = picture.digits[0].array[..., 0].max(axis=1)
    assert rows[rows > 0][-8:-1].min() > 0.85


@pytest.mark.parametrize("scale", [0.2, 0.5, 4])
def test_size_does_not_matter(plain, tmp_path, scale):
    image = draw_strokes("7")
    scaled = image.resize((int(200 * scale), int(200 * scale)), Image.Resampling.LANCZOS)
    assert likeness(plain, read(scaled, tmp_path)) > 0.9


@pytest.mark.parametrize("shift", [(-50, -30), (45, 35), (0, 30)])
def test_place_does_not_matter(plain, tmp_path, shift):
    box = (60 + shift[0], 40 + shift[1], 140 + shift[0], 160 + shift[1])
    assert likeness(plain, read(draw_strokes("7", box=box), tmp_path)) > 0.95


def test_hairline_becomes_a_stroke(tmp_path):
    thin = read(draw_strokes("7", size=(800, 800), width=2, box=(200, 100, 600, 700)), tmp_path)
    array = thin.digits[0].array[..., 0]
    assert (array.max(axis=1)[array.any(axis=1)] > 0.5).mean() > 0.9  # no gaps down the stem


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


def test_a_one_as_high_as_its_picture_is_no_rule(tmp_path):
    page = Image.new("L", (130, 220), 255)
    draw = ImageDraw.Draw(page)
    draw.line([(15, 0), (15, 219)], fill=0, width=10)
    draw.line([(50, 15), (115, 15), (70, 205)], fill=0, width=10, joint="curve")
    assert len(read(page, tmp_path).digits) == 2
    draw.rectangle((40, 0, 129, 219), fill=255)
    draw.line([(60, 70), (110, 70), (80, 160)], fill=0, width=8, joint="curve")  # lower: the line is a rule
    assert len(read(page, tmp_path).digits) == 1


def page_of(*places, size=(640, 400), **colours):
    """A page of stroke digits, each with its box."""
    page = Image.new("RGB", size, colours.get("paper", (255, 255, 255)))
    for text, box in places:
        digit = draw_strokes(text, size=size, box=box, width=10, **colours)
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


def test_a_comma_is_in_the_line_of_its_digits(tmp_path):
    below = tuple((text, (left, top + 150, right, bottom + 150)) for text, (left, top, right, bottom) in ROW)
    page = page_of(*ROW, *below)
    for top in (0, 150):
        ImageDraw.Draw(page).line([(190, top + 192), (184, top + 222)], fill=0, width=9)
    check_found(read(page, tmp_path), *ROW, *below)


@pytest.mark.parametrize("margin", [12, 35])
@pytest.mark.parametrize("joined", [False, True])
def test_the_fields_of_a_form_are_no_digits(tmp_path, margin, joined):
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


def test_digits_that_touch_across_two_lines_do_not_draw_these_together(tmp_path):
    lines = [
        [(text, (60 + 90 * column, top, 110 + 90 * column, top + 90)) for column, text in enumerate("74074")]
        for top in (40, 145, 250)
    ]
    page = page_of(*itertools.chain(*lines), size=(560, 400))
    ImageDraw.Draw(page).line([(265, 125), (265, 150)], fill=0, width=10)  # from the upper 0 to the next
    places = [*lines[0], *lines[1][:2], *lines[1][3:], *lines[2]]
    places[2] = ("0", (240, 40, 290, 235))
    check_found(read(page, tmp_path), *places)


def test_a_row_of_digits_each_with_a_bar_far_above(tmp_path):
    places = [("0", (40 + 100 * column, 100, 100 + 100 * column, 189)) for column in range(7)]
    page = page_of(*places, size=(780, 260))
    for _, (left, *_) in places:
        ImageDraw.Draw(page).rectangle((left, 44, left + 55, 55), fill=0)
    assert len(read(page, tmp_path).digits) == 7


def test_specks_around_a_digit_are_none(plain, tmp_path):
    page = draw_strokes("7")
    for number in range(12):
        left, top = 10 + 15 * number, 10 if number % 2 else 180
        ImageDraw.Draw(page).rectangle((left, top, left + 5, top + 6), fill=0)
    assert likeness(plain, read(page, tmp_path)) > 0.99


def test_bar_of_a_five_stays_with_it(tmp_path):
    image = draw_strokes("0", box=(60, 100, 140, 180))
    ImageDraw.Draw(image).line([(70, 60), (150, 60)], fill="black", width=14)
    assert len(read(image, tmp_path).digits) == 1


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


def test_unreadable_files_say_why(tmp_path):
    draw_strokes("7").save(tmp_path / "whole.jpg")
    whole = (tmp_path / "whole.jpg").read_bytes()
    for name, content, said in [
        ("text.png", b"this is no picture", "not a picture"),
        ("empty.png", b"", "an empty file"),
        ("cut.jpg", whole[: len(whole) // 2], "damaged"),
        ("drawing.svg", b'<?xml version="1.0"?><svg xmlns="x"></svg>', "SVG"),
        ("phone.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadablePicture, match=said):
            read_picture(tmp_path / name)
    with pytest.raises(UnreadablePicture, match="no such file"):
        read_picture(tmp_path / "missing.png")
    with pytest.raises(UnreadablePicture, match="a folder"):
        read_picture(tmp_path)
    if linked(tmp_path / "nowhere.png", tmp_path / "missing.png"):
        with pytest.raises(UnreadablePicture, match="a link to nothing"):
            read_picture(tmp_path / "nowhere.png")


@pytest.mark.parametrize(
    ("error", "said"),
    [(PermissionError, "no permission to read it"), (MemoryError, "needs more memory than there is")],
)
def test_what_is_no_damage_is_not_called_so(tmp_path, monkeypatch, error, said):
    def refuse(*given, **named):
        raise error

    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(UnreadablePicture, match=said):
        read(draw_strokes("7"), tmp_path)


def test_specks_on_noisy_paper_are_no_ink(tmp_path):
    random = np.random.default_rng(0)
    for specks in (1, 20):
        page = random.normal(200, 1, (300, 400))
        page[random.integers(50, 250, specks), random.integers(50, 350, specks)] = 20
        assert read(Image.fromarray(page.clip(0, 255).astype(np.uint8)), tmp_path).digits == []


def test_thousands_of_dots_are_told_in_seconds(tmp_path):
    page = np.full((400, 400), 255, np.uint8)
    for row, column in itertools.product(range(2), repeat=2):
        page[row + 2 :: 5, column + 2 :: 5] = 0
    started = time.process_time()
    read(Image.fromarray(page), tmp_path)
    assert time.process_time() - started < 3


def test_a_number_that_is_none_among_a_pictures_levels(tmp_path):
    levels = np.asarray(draw_strokes("7").convert("L"), np.float32) / 255
    levels[0, 0] = np.nan
    Image.fromarray(levels).save(tmp_path / "7.tiff")
    assert len(read_picture(tmp_path / "7.tiff").digits) == 1


def test_a_large_transparent_picture_is_put_on_paper_when_it_is_small(tmp_path, monkeypatch):
    sizes = []
    put = on_paper
    monkeypatch.setattr(decoding, "on_paper", lambda image: sizes.append(image.size) or put(image))
    large = draw_strokes("7").resize((2000, 2000))
    clear = read(transparent(large), tmp_path)
    assert sizes == [(WORKING_SIDE, WORKING_SIDE)]
    assert likeness(clear, read(large, tmp_path)) > 0.99


def test_too_many_pixels(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "PIXELS_CAP", 1000)
    with pytest.raises(UnreadablePicture, match="too large"):
        read(draw_strokes("7"), tmp_path)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("7/scan.png", "7"),
        ("3-01.jpg", "3"),
        ("3.png", "3"),
        ("2047_a.png", "2047"),
        ("20240101_123456.jpg", None),
        ("20240101.jpg", "20240101"),
        ("20240101_1234.jpg", None),
        ("2024-01-01 12.34.56.jpg", None),
        ("2024-05-17_12-30-00.jpg", None),
        ("2024-05-17.jpg", None),
        ("2024_05_17-scan.jpg", None),
        ("20240101123456.jpg", None),
        ("2024-55-17.jpg", "2024"),
        ("2024-05_17.jpg", "2024"),
        ("IMG_0042.jpg", None),
        ("3rd.png", None),
        ("12/scan.png", None),
    ],
)
def test_labels(path, label):
    assert label_of(Path("pictures") / path) == label


def test_pictures_in_folders(tmp_path):
    for name in ("b/2.png", "a.JPG", "c.jfif", "scan.pdf", ".hidden.png", ".cache/3.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = [path.relative_to(tmp_path).as_posix() for path in find_pictures([tmp_path])]
    assert found == ["a.JPG", "b/2.png", "c.jfif", "scan.pdf"]


def flood_filled(mask: np.ndarray) -> np.ndarray:
    """Connected parts found the slow and plain way."""
    numbers = np.zeros(mask.shape, int)
    for start in zip(*np.nonzero(mask), strict=True):
        if numbers[start]:
            continue
        number, waiting = numbers.max() + 1, [start]
        numbers[start] = number
        while waiting:
            y, x = waiting.pop()
            for place in [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
                inside = 0 <= place[0] < mask.shape[0] and 0 <= place[1] < mask.shape[1]
                if inside and mask[place] and not numbers[place]:
                    numbers[place] = number
                    waiting.append(place)
    return numbers


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 1.0])
def test_connected_parts(share):
    random = np.random.default_rng(int(share * 10))
    for height, width in ((1, 1), (1, 9), (9, 1), (13, 17), (30, 22)):
        mask = random.random((height, width)) < share
        ours, expected = connected(mask), flood_filled(mask)
        pairs = set(zip(ours.ravel().tolist(), expected.ravel().tolist(), strict=True))
        assert len(pairs) == len(np.unique(ours)) == len(np.unique(expected))
        np.testing.assert_array_equal(ours > 0, mask)
