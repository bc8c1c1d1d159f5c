"""Picture files of all kinds, and files that are none."""

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageOps

from handwriting.pictures import decoding, modes
from handwriting.pictures.decoding import (
    ORIENTATION,
    WORKING_SIDE,
    FilePage,
    UnreadablePicture,
    open_picture,
    pages_of,
)
from handwriting.pictures.modes import on_paper
from handwriting.shipped import PROJECT
from tests.helpers import draw_strokes, likeness, linked, read, read_picture, transparent


def sixteen_bit(image):
    levels = np.asarray(image.convert("L"), np.uint16) * 257
    return Image.fromarray(levels)


def twelve_bit(image):
    """Pencil on grey paper as some scanners save it, in 16 bits of which 12 are used."""
    noise = np.random.default_rng(0).normal(0, 15, image.size[::-1])
    return Image.fromarray((1900 + 700 / 255 * np.asarray(image.convert("L")) + noise).astype(np.uint16))


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


def with_faults(image: Image.Image) -> Image.Image:
    """Floating-point levels with a pixel far too bright, one that is infinite and one that is no number."""
    levels = np.asarray(image.convert("L"), np.float32) / 255
    levels[[5, 6, 7], [5, 6, 7]] = 1e9, np.inf, np.nan
    return Image.fromarray(levels)


def test_a_few_hot_pixels_do_not_hide_a_digit(plain, tmp_path):
    assert likeness(plain, read(with_faults(draw_strokes("7")), tmp_path, "hot.tif")) > 0.9


@pytest.mark.parametrize("kind", ["P5 {} 4095\n", "P5 {} 200\n", "P2 {} 255\n"])
def test_a_slow_kind_of_pgm_is_refused_if_it_is_large(plain, tmp_path, kind):
    image = draw_strokes("7").convert("L")
    levels = np.asarray(image, np.uint8) // 255 * 200
    content = {
        "P5 {} 4095\n": (levels.astype(">u2") * 16).tobytes(),
        "P5 {} 200\n": levels.tobytes(),
        "P2 {} 255\n": " ".join(map(str, levels.ravel())).encode(),
    }[kind]
    (tmp_path / "small.pgm").write_bytes(kind.format("200 200").encode() + content)
    assert likeness(plain, read_picture(tmp_path / "small.pgm")) > 0.95
    (tmp_path / "large.pgm").write_bytes(kind.format("2500 2001").encode() + content)
    with pytest.raises(UnreadablePicture, match="more than 5 million pixels; shrink it, or save it as PNG"):
        read_picture(tmp_path / "large.pgm")


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
def test_missing_permission_or_memory_is_not_called_damage(tmp_path, monkeypatch, error, said):
    def refuse(*given, **named):
        raise error

    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(UnreadablePicture, match=said):
        read(draw_strokes("7"), tmp_path)


def test_a_picture_with_a_level_that_is_no_number(tmp_path):
    levels = np.asarray(draw_strokes("7").convert("L"), np.float32) / 255
    levels[0, 0] = np.nan
    Image.fromarray(levels).save(tmp_path / "7.tiff")
    assert len(read_picture(tmp_path / "7.tiff").digits) == 1


def test_a_large_transparent_picture_is_put_on_paper_when_it_is_small(tmp_path, monkeypatch):
    sizes = []
    put = on_paper
    monkeypatch.setattr(modes, "on_paper", lambda image: sizes.append(image.size) or put(image))
    large = draw_strokes("7").resize((2000, 2000))
    clear = read(transparent(large), tmp_path)
    assert sizes == [(WORKING_SIDE, WORKING_SIDE)]
    assert likeness(clear, read(large, tmp_path)) > 0.99


def test_too_many_pixels(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "PIXELS_CAP", 1000)
    with pytest.raises(UnreadablePicture, match="too large"):
        read(draw_strokes("7"), tmp_path)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "1", "P", "I;16"])
def test_an_image_reads_as_its_file_does(tmp_path, mode):
    drawn = draw_strokes("7", ink=(60, 20, 120))
    image = (
        sixteen_bit(drawn)
        if mode == "I;16"
        else transparent(drawn)
        if mode == "RGBA"
        else drawn.convert(mode)
    )
    from_file = read(image, tmp_path)
    before = image.tobytes()
    check_same(read_picture(image), from_file)
    assert image.tobytes() == before
    if mode != "P":
        check_same(read_picture(np.asarray(image)), from_file)


def check_same(one, other):
    assert one.size == other.size
    assert [digit.box for digit in one.digits] == [digit.box for digit in other.digits]
    for digit, of_other in zip(one.digits, other.digits, strict=True):
        np.testing.assert_array_equal(digit.image, of_other.image)


def test_arrays_of_the_pictures_that_come_with_the_project():
    paths = sorted((PROJECT / "data").glob("*.png"))
    assert len(paths) > 10
    for path in paths:
        opened = np.asarray(open_picture(path).image)
        with Image.open(path) as image:
            image.load()
            np.testing.assert_array_equal(open_picture(image).image, opened)
            if image.mode in ("L", "RGB", "RGBA"):
                np.testing.assert_array_equal(open_picture(np.asarray(image)).image, opened)


def test_an_array_of_floats_or_with_one_channel_reads_as_its_bytes():
    levels = np.asarray(draw_strokes("7").convert("L"))
    expected = read_picture(levels)
    check_same(read_picture(levels / 255), expected)
    check_same(read_picture(levels[..., np.newaxis]), expected)
    check_same(read_picture(np.stack([levels.astype(np.uint16) * 257] * 3, axis=2)), expected)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(28), r"got \(28,\)"),
        (np.zeros((28, 28, 2)), r"got \(28, 28, 2\)"),
        (np.zeros((0, 28)), r"got \(0, 28\)"),
        (np.full((28, 28), 255.0), r"in \[0, 1\], got 255 to 255"),
        (np.full((28, 28), np.nan), r"in \[0, 1\], got nan to nan"),
        (np.zeros((28, 28), int), "got int64"),
    ],
)
def test_an_array_that_is_no_picture_says_what_was_expected(array, said):
    with pytest.raises(ValueError, match=said):
        read_picture(array)


def test_an_image_with_too_many_pixels(monkeypatch):
    monkeypatch.setattr(decoding, "PIXELS_CAP", 1000)
    with pytest.raises(UnreadablePicture, match="too large"):
        read_picture(draw_strokes("7"))


def test_a_dithered_picture_is_grey():
    """Black dots that stand for grey paper in the shade. Plain black and white stays as it is."""
    with Image.open(PROJECT / "data" / "2047-shadow.jpg") as photo:
        dithered = photo.convert("1")
    assert len(read_picture(dithered).digits) == 4
    assert len(read_picture(ImageOps.invert(dithered.convert("L")).convert("1")).digits) == 4
    plain = draw_strokes("7").convert("1")
    assert modes.without_dithering(plain) is plain


def test_each_page_of_a_tiff_is_a_picture_and_the_first_says_that_there_are_more(plain, tmp_path):
    pages = [draw_strokes("0"), draw_strokes("7"), draw_strokes("1")]
    path = tmp_path / "scan.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert pages_of(path) == [FilePage(path, number) for number in range(3)]
    second = read_picture(FilePage(path, 1))
    assert likeness(plain, second) > 0.95
    assert second.note is None
    assert read_picture(path).note == "page 1 of 3 was read"
    pages[0].save(tmp_path / "one.tif")
    assert pages_of(tmp_path / "one.tif") == [tmp_path / "one.tif"]
    assert read_picture(tmp_path / "one.tif").note is None
    (tmp_path / "damaged.tif").write_bytes(path.read_bytes()[:50])
    assert pages_of(tmp_path / "damaged.tif") == [tmp_path / "damaged.tif"]


def test_all_pages_of_a_large_tiff_are_found_without_a_warning(tmp_path):
    """Pillow warns of pictures of more than 90 megapixels."""
    page = Image.new("1", (10_000, 9_500), 1)
    page.save(tmp_path / "large.tif", save_all=True, append_images=[page], compression="group4")
    assert len(pages_of(tmp_path / "large.tif")) == 2


def test_a_tiff_of_very_many_pages_is_unreadable(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "PAGES_CAP", 2)
    page = draw_strokes("0")
    page.save(tmp_path / "many.tif", save_all=True, append_images=[page] * 2)
    assert pages_of(tmp_path / "many.tif") == [tmp_path / "many.tif"]
    with pytest.raises(UnreadablePicture, match="more than 2 pages; split it"):
        read_picture(tmp_path / "many.tif")


def test_an_animation_says_that_only_its_first_frame_was_read(tmp_path):
    draw_strokes("7").save(tmp_path / "moving.gif", save_all=True, append_images=[draw_strokes("0")])
    assert read_picture(tmp_path / "moving.gif").note == "an animation; its first frame was read"


@pytest.mark.parametrize(("ink", "paper"), [((170, 170, 170), "black"), ((150, 150, 150), "white")])
def test_bright_ink_without_paper_is_put_on_black(ink, paper):
    """Ink of a brightness above 160 is put on black paper, if most of the picture is transparent."""
    corner = on_paper(transparent(draw_strokes("7"), ink)).getpixel((0, 0))
    assert corner == ImageColor.getrgb(paper)
    mostly_ink = Image.new("RGBA", (10, 10), (*ink, 255))
    mostly_ink.putpixel((0, 0), (0, 0, 0, 0))
    assert on_paper(mostly_ink).getpixel((0, 0)) == (255, 255, 255)


def test_large_pictures_of_many_bits_are_converted_in_strips(monkeypatch):
    """The arrays of a whole picture of 100 million pixels would take gigabytes."""
    sizes = []
    levels = modes.rows_of_levels
    monkeypatch.setattr(modes, "STRIP", 64)
    monkeypatch.setattr(
        modes,
        "rows_of_levels",
        lambda image, top: sizes.append(levels(image, top).shape) or levels(image, top),
    )
    for image in (sixteen_bit(draw_strokes("7")), draw_strokes("7").convert("F")):
        grey = modes.eight_bits(image)
        assert max(height for height, _ in sizes) == 64
        np.testing.assert_allclose(np.asarray(grey), np.asarray(draw_strokes("7").convert("L")), atol=1)


def test_a_webp_takes_much_memory_so_its_cap_is_lower(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "WEBP_PIXELS_CAP", 1000)
    assert len(read(draw_strokes("7"), tmp_path, "7.png").digits) == 1
    with pytest.raises(UnreadablePicture, match="shrink it, or save it as JPEG"):
        read(draw_strokes("7"), tmp_path, "7.webp")


def test_what_is_gone_or_was_opened_by_the_caller_has_no_first_bytes(tmp_path):
    """So a file that goes while it is read is one unreadable picture, not the end of all."""
    assert decoding.first_bytes(tmp_path / "gone.png") == b""
    assert decoding.first_bytes(Image.new("L", (4, 4))) == b""
