"""From probabilities to readings."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

import test_load
from handwriting.pictures.picture import Digit, Picture
from handwriting.reading import reader
from handwriting.shipped import PROJECT, STEMS
from handwriting.training.run_files import Run
from tests.helpers import draw_strokes
from tests.reading.test_reading import foreign, read, table


def test_what_is_likely_no_digit_is_unsure_for_every_model():
    pictures = [picture_of(digit_at(0, 20)), picture_of(digit_at(0, 20))]
    answers = {"one": sure_of(0.95, 0.95), "other": sure_of(0.85, 0.85)}
    _, readings = reader.read(pictures, answers, likely(0.9, 0.3))
    assert {
        name: [reading.status for reading in of_model] for name, of_model in readings.items()
    } == dict.fromkeys(("one", "other", "ensemble"), ["ok", "unsure"])
    assert [reading.digits for reading in readings["ensemble"]] == ["0", "1"]  # it keeps what it would be
    assert readings["ensemble"][1].confidence == pytest.approx(0.3 * 0.9 + 0.7 / 10)


@pytest.mark.parametrize(
    ("doubter", "reason"),
    [
        ({}, "no such file"),
        ({"outputs": 10}, "expected (28, 28, 1) images in and 2 probabilities out"),
        ({"outputs": 2, "activation": "linear"}, "expected probab"),
    ],
)
def test_without_the_doubter_pictures_are_read_and_it_is_said(
    trained, pictures, tmp_path, capsys, monkeypatch, doubter, reason
):
    path = tmp_path / "digit_or_not.keras"
    if doubter:
        foreign(path, **doubter)
    monkeypatch.setattr(reader, "DOUBTER", path)
    monkeypatch.setattr(test_load, "PICTURES_AT_ONCE", 2)
    assert read(trained, tmp_path, pictures) == 1
    error = capsys.readouterr().err
    assert f"digit_or_not.keras: {reason}" in error
    assert "so all ink is taken for digits; `git checkout checkpoints/reader` brings" in error
    assert len(table(tmp_path)) == 20


def test_the_doubter_is_no_network_that_reads_digits(trained, pictures, tmp_path, capsys):
    assert read(trained, tmp_path, pictures, models=[reader.DOUBTER]) == 2
    assert "10 probabilities out, got (28, 28, 1) in and (2,) out" in capsys.readouterr().err


def test_a_letter_is_unsure_only_through_the_doubter(pictures, tmp_path, monkeypatch):
    """And stays so in its place, whatever is read at once: a page without ink, and one with several digits."""
    Image.new("L", (100, 100), 255).save(pictures / "2-blank.png")
    page = Image.new("RGB", (400, 200), "white")
    page.paste(draw_strokes("1"), (0, 0))
    page.paste(draw_strokes("7"), (200, 0))
    page.save(pictures / "17_page.png")
    letter = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(letter).line([(40, 40), (55, 160), (100, 70), (145, 160), (160, 40)], fill=0, width=12)
    letter.save(pictures / "5_w.png")
    network = Run(PROJECT, "cnn_small").final.model  # which never saw a letter

    def statuses() -> dict[str, str]:
        assert read(None, tmp_path, pictures, models=[network]) == 0
        return {row["image"]: row["status"] for row in table(tmp_path) if row["model"] == "ensemble"}

    monkeypatch.setattr(test_load, "PICTURES_AT_ONCE", 2)
    unsure = {name for name, status in statuses().items() if status == "unsure"}
    monkeypatch.setattr(reader, "with_doubt", lambda probabilities, digit_or_not: probabilities)
    assert unsure - {name for name, status in statuses().items() if status == "unsure"} == {"5_w.png"}


def likely(*shares: float) -> np.ndarray:
    """How likely each is other ink, and a digit, as the doubter says it."""
    return np.array([[1 - share, share] for share in shares])


@pytest.mark.parametrize(
    ("shares", "digits"), [((0.1, 0.99, 0.99), "12"), ((0.1, 0.99, 0.1), "0"), ((0.99, 0.99, 0.99), "0")]
)
def test_touching_digits_are_parted_by_what_the_doubter_says(shares, digits):
    two = digit_at(0, 30, [digit_at(0, 15), digit_at(15, 30)])
    _, readings = reader.read([picture_of(two)], {"network": sure_of(0.9, 0.99, 0.99)}, likely(*shares))
    assert readings["network"][0].digits == digits


def picture_of(*digits: Digit) -> Picture:
    return Picture((100, 50), list(digits))


def digit_at(left: int, right: int, parts=()) -> Digit:
    return Digit(np.zeros((28, 28, 1), np.float32), (left, 0, right, 40), tuple(parts))


def sure_of(*confidences: float) -> np.ndarray:
    """A row of probabilities for each confidence, the digits 0, 1, 2, … in turn."""
    rows = [np.full(10, (1 - confidence) / 9) for confidence in confidences]
    for digit, (row, confidence) in enumerate(zip(rows, confidences, strict=True)):
        row[digit] = confidence
    return np.array(rows)


@pytest.mark.parametrize(
    ("width", "whole", "parts", "chosen"),
    [
        (30, 0.3, (0.9, 0.9), [1, 2]),  # unsure of the whole, sure of the parts
        (30, 0.9, (0.99, 0.99), [0]),  # a digit like others
        (50, 0.9, (0.99, 0.99), [1, 2]),  # too wide for one
        (50, 0.3, (0.99, 0.6), [0]),  # not sure of all parts
    ],
)
def test_touching_digits_are_parted_by_what_the_network_is_sure_of(width, whole, parts, chosen):
    two = digit_at(0, width, [digit_at(0, width // 2), digit_at(width // 2, width)])
    pictures = [picture_of(two, digit_at(60, 80))]
    assert len(reader.digits_of(pictures)) == 4
    decided, rows = reader.touching_parted(pictures, sure_of(whole, *parts, 0.9))
    assert rows == [*chosen, 3]
    assert [digit.box[0] for digit in decided[0].digits] == [0, *[width // 2] * (len(chosen) - 1), 60]


def test_the_strokes_of_a_letter_are_no_ones():
    """An m falls into three upright strokes, of each of which a network is sure."""
    letter = digit_at(0, 50, [digit_at(0, 25), digit_at(25, 50)])
    ones = sure_of(0.3, 0.99, 0.99)
    ones[2] = ones[1]
    decided, rows = reader.touching_parted([picture_of(letter)], ones)
    assert rows == [0]
    assert decided[0].digits == [letter]


def test_the_ensemble_is_of_networks_that_are_shipped():
    """Beside them may lie one's own: README's first command leaves one there where MNIST can't be had."""
    stems = {path.stem for path in (PROJECT / "checkpoints").glob("*.keras")}
    shipped = {stem for stem in stems if not stem.endswith(("_offline", "_try"))}
    assert set(reader.ENSEMBLE) <= shipped <= set(STEMS.values())
