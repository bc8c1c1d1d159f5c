"""The digit writer: digits, other ink, the pictures of data/, the command."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from handwriting import console, processes
from handwriting.digit_image import centred
from handwriting.pictures.files import find_pictures, label_of
from handwriting.shipped import PROJECT
from handwriting.writing.__main__ import draw_sheets
from handwriting.writing.digits import BLOCK, write_all_forms, write_digits
from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import HABITS, POINTS, written_paths
from handwriting.writing.other_ink import KINDS, write_non_digits
from handwriting.writing.pen import drawn, pen_radii
from handwriting.writing.scenes import draw_pictures


def pieces_of(mask: np.ndarray) -> int:
    """The number of connected pieces of a mask. Each takes the largest number among its pixels, step by step."""
    numbers = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        padded = np.pad(numbers, 1)
        height, width = mask.shape
        around = [
            padded[down : down + height, right : right + width] for down in range(3) for right in range(3)
        ]
        spread = np.where(mask, np.max(around, axis=0), 0)
        if np.array_equal(spread, numbers):
            return len(np.unique(numbers[mask]))
        numbers = spread


def test_all_forms_are_equally_frequent():
    pixels, labels = write_all_forms(600, seed=3)
    np.testing.assert_array_equal(np.bincount(labels), 60)
    np.testing.assert_array_equal(pixels, write_all_forms(600, seed=3)[0])
    usual, usual_labels = write_digits(1000, seed=3)
    width = [
        (of.max(axis=1) > 128).sum(axis=1).mean() for of in (pixels[labels == 1], usual[usual_labels == 1])
    ]
    assert width[0] > 1.1 * width[1]  # most 1s are a single stroke, but only one of their forms is


def test_digit_depends_on_seed_and_number_alone():
    few, few_labels = write_digits(700, seed=5)
    many, many_labels = write_digits(1200, seed=5)
    np.testing.assert_array_equal(few, many[:700])
    np.testing.assert_array_equal(few_labels, many_labels[:700])
    other, _ = write_digits(700, seed=6)
    assert (few != other).any(axis=(1, 2)).all()


def test_processes_write_the_same_digits(monkeypatch):
    count = 8 * BLOCK
    monkeypatch.setattr(processes, "usable_cores", lambda: 1)
    alone = write_digits(count)
    monkeypatch.setattr(processes, "usable_cores", lambda: 2)
    together = write_digits(count)
    np.testing.assert_array_equal(alone[0], together[0])
    np.testing.assert_array_equal(alone[1], together[1])


def test_written_digits_are_digit_images(digits):
    pixels, labels = digits
    assert pixels.dtype == np.uint8
    assert set(np.unique(labels)) == set(range(10))
    for image in pixels:
        ys, xs = np.nonzero(image)
        assert max(np.ptp(ys), np.ptp(xs)) + 1 == 20
    for axis in (1, 2):
        profile = pixels.sum(axis=3 - axis)
        centre = (profile * np.arange(28)).sum(axis=1) / profile.sum(axis=1)
        # Rounding to whole grey levels may move it a little, and ink stops at the canvas' edge.
        assert ((centre > 13.4) & (centre < 14.6)).mean() > 0.99


@pytest.mark.parametrize("digit", range(10))
def test_every_form_is_one_connected_digit_or_its_known_strokes(digit):
    random = np.random.default_rng(digit)
    for share, strokes in FORMS[digit]:
        assert share > 0
        paths = written_paths(strokes, 20, random, HABITS)
        radii = pen_radii(20, POINTS, random, HABITS)
        canvases = centred(drawn(paths, radii))
        assert canvases.max(axis=(1, 2)).min() > 0.8
        parts = [pieces_of(canvas > 0) for canvas in canvases]
        assert max(parts) <= len(strokes)


def test_pictures_of_data_are_those_that_the_writer_draws(tmp_path):
    drawn = draw_pictures(tmp_path)
    names = sorted(path.name for path in drawn)
    assert names == sorted(path.name for path in (PROJECT / "data").glob("*.*"))
    for path in drawn:
        if path.suffix == ".png":  # JPEG's rounding may differ between versions of its library
            with Image.open(PROJECT / "data" / path.name) as shipped, Image.open(path) as ours:
                difference = np.asarray(shipped.convert("RGBA"), int) - np.asarray(ours.convert("RGBA"), int)
            assert np.abs(difference).mean() < 1


def test_data_shows_each_digit_five_times_and_every_kind_of_picture():
    paths = find_pictures((PROJECT / "data").glob("*.*"))  # data/mine/ has a person's own
    labels = [label_of(path) for path in paths]
    assert len(paths) >= 60
    assert all(labels.count(str(digit)) >= 5 for digit in range(10))
    assert {len(label) for label in labels} >= {1, 2, 3, 4, 5}
    sizes, modes = [], []
    for path in paths:
        with Image.open(path) as image:
            sizes.append(image.size)
            modes.append(image.mode)
    assert (28, 28) in sizes
    assert (1000, 1000) in sizes
    assert any(width > 2 * height for width, height in sizes)
    assert any(path.suffix == ".jpg" for path in paths)
    assert "RGBA" in modes


def test_command_writes_a_data_set_in_mnists_form(tmp_path):
    out = tmp_path / "written.npz"
    command = [
        sys.executable,
        "-m",
        "handwriting.writing",
        "--count",
        "700",
        "--out",
        str(out),
        "--seed",
        "3",
    ]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    arrays = np.load(out)
    assert arrays["x_train"].shape == (600, 28, 28)
    assert arrays["x_test"].shape == (100, 28, 28)
    assert arrays["y_train"].dtype == np.uint8
    arrays.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--count", "5"], "--count and --out together"),
        (["--count", "5", "--out", "x.npz", "--pictures", "x"], "--pictures or --count, got both"),
    ],
)
def test_what_can_be_asked_for_together(tmp_path, arguments, said):
    command = [sys.executable, "-m", "handwriting.writing", *arguments]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_non_digits_are_in_the_digits_form_and_depend_on_seed_and_number_alone():
    pixels, kinds = write_non_digits(1200, seed=2)
    again, kinds_again = write_non_digits(400, seed=2)
    np.testing.assert_array_equal(again, pixels[:400])
    np.testing.assert_array_equal(kinds_again, kinds[:400])
    assert (write_non_digits(1200, seed=3)[0] != pixels).any(axis=(1, 2)).all()
    assert set(kinds) == set(range(len(KINDS)))
    for image in pixels:
        ys, xs = np.nonzero(image)
        assert max(np.ptp(ys), np.ptp(xs)) + 1 == 20


def test_blots_are_full_and_lines_are_several():
    pixels, kinds = write_non_digits(1000)
    share = (pixels > 0).sum(axis=(1, 2)) / 400
    blot, lines = (share[kinds == list(KINDS).index(kind)] for kind in ("blot", "lines"))
    assert np.median(blot) > np.median(lines)
    pieces = [pieces_of(image > 128) for image in pixels[kinds == list(KINDS).index("lines")]]
    assert {1, 3} <= set(pieces)  # crossing lines are connected, ruled ones are not


def test_in_an_installed_package_there_is_no_folder_to_draw_into(tmp_path):
    with pytest.raises(console.InputError, match="run this in a checkout"):
        draw_sheets(tmp_path / "docs", seed=0)
    assert not list(tmp_path.iterdir())
