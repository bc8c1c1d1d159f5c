"""From probabilities to readings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from handwriting.model_files import RefusedModel
from handwriting.pictures.picture import Digit, Picture
from handwriting.reading import networks, reader
from handwriting.reading.reader import Answers
from handwriting.shipped import DIGIT_OR_NOT, ENSEMBLE, PROJECT, STEMS, shipped_network
from tests.helpers import draw_strokes
from tests.reading.test_reading import foreign, read, table


def test_what_is_likely_no_digit_is_unsure_for_every_model():
    pictures = [picture_of(digit_at(0, 20)), picture_of(digit_at(0, 20))]
    each = {"one": sure_of(0.95, 0.95), "other": sure_of(0.85, 0.85)}
    first, second = reader.read(pictures, Answers(each, likely(0.9, 0.3)), ["one", "other"])
    assert {reading.status for reading in (first.ensemble, *first.each.values())} == {"ok"}
    assert {reading.status for reading in (second.ensemble, *second.each.values())} == {"unsure"}
    assert (first.ensemble.digits, second.ensemble.digits) == (
        "0",
        "1",
    )  # it keeps the digit that it would be
    assert second.ensemble.confidence == pytest.approx(0.3 * 0.9 + 0.7 / 10)


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        ({}, "no such file"),
        ({"outputs": 10}, "expected (28, 28, 1) images in and 2 probabilities out"),
        ({"outputs": 2, "activation": "linear"}, "expected probab"),
    ],
)
def test_without_the_digit_or_not_network_pictures_are_read_and_it_is_reported(
    trained, pictures, tmp_path, capsys, monkeypatch, network, reason
):
    path = tmp_path / "digit_or_not.keras"
    if network:
        foreign(path, **network)
    monkeypatch.setattr(networks, "DIGIT_OR_NOT", path)
    monkeypatch.setattr(reader, "READING", replace(reader.READING, pictures_at_once=2))
    assert read(trained, tmp_path, pictures) == 1
    error = capsys.readouterr().err
    assert f"digit_or_not.keras: {reason}" in error
    assert "so all ink is taken for digits; `git checkout checkpoints/reader` brings" in error
    assert len(table(tmp_path)) == 20


def test_the_digit_or_not_network_reads_no_digits(trained, pictures, tmp_path, capsys):
    assert read(trained, tmp_path, pictures, models=[DIGIT_OR_NOT]) == 2
    assert "10 probabilities out, got (28, 28, 1) in and (2,) out" in capsys.readouterr().err


def test_a_letter_is_unsure_only_through_the_digit_or_not_network(pictures, tmp_path, monkeypatch):
    """A page without ink and a page with several digits are read with it. All answers stay in their places."""
    Image.new("L", (100, 100), 255).save(pictures / "2-blank.png")
    page = Image.new("RGB", (400, 200), "white")
    page.paste(draw_strokes("1"), (0, 0))
    page.paste(draw_strokes("7"), (200, 0))
    page.save(pictures / "17_page.png")
    letter = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(letter).line([(40, 40), (55, 160), (100, 70), (145, 160), (160, 40)], fill=0, width=12)
    letter.save(pictures / "5_w.png")
    network = shipped_network("cnn_small")  # it has never seen a letter

    def statuses() -> dict[str, str]:
        assert read(None, tmp_path, pictures, models=[network]) == 0
        return {row["image"]: row["status"] for row in table(tmp_path) if row["model"] == "ensemble"}

    monkeypatch.setattr(reader, "READING", replace(reader.READING, pictures_at_once=2))
    unsure = {name for name, status in statuses().items() if status == "unsure"}
    monkeypatch.setattr(reader, "if_digit", lambda probabilities, digit_or_not: probabilities)
    assert unsure - {name for name, status in statuses().items() if status == "unsure"} == {"5_w.png"}


def likely(*shares: float) -> np.ndarray:
    """The digit-or-not network's answers, from the probabilities of a digit."""
    return np.array([[1 - share, share] for share in shares])


@pytest.mark.parametrize(
    ("shares", "digits"), [((0.1, 0.99, 0.99), "12"), ((0.1, 0.99, 0.1), "0"), ((0.99, 0.99, 0.99), "0")]
)
def test_touching_digits_are_cut_by_what_the_digit_or_not_network_says(shares, digits):
    two = digit_at(0, 30, [digit_at(0, 15), digit_at(15, 30)])
    answers = Answers({"network": sure_of(0.9, 0.99, 0.99)}, likely(*shares))
    (picture,) = reader.read([picture_of(two)], answers, ["network"])
    assert picture.each["network"].digits == digits


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
def test_touching_digits_are_cut_by_what_the_network_is_sure_of(width, whole, parts, chosen):
    two = digit_at(0, width, [digit_at(0, width // 2), digit_at(width // 2, width)])
    pictures = [picture_of(two, digit_at(60, 80))]
    assert len(reader.candidates(pictures)) == 4
    probabilities = sure_of(whole, *parts, 0.9)
    (picture,) = reader.read(pictures, Answers({"network": probabilities}, None), ["network"])
    for digit, row in zip(picture.digits, [*chosen, 3], strict=True):  # each digit has its own probabilities
        np.testing.assert_array_equal(digit.each["network"], probabilities[row])
        np.testing.assert_array_equal(digit.ensemble, probabilities[row])
    lefts = [digit.box[0] for digit in picture.picture.digits]
    assert lefts == [0, *[width // 2] * (len(chosen) - 1), 60]
    assert [digit.digit.box[0] for digit in picture.digits] == lefts


def test_the_strokes_of_a_letter_are_no_ones():
    """An m is cut into upright strokes, and a network is sure of each."""
    letter = digit_at(0, 50, [digit_at(0, 25), digit_at(25, 50)])
    ones = sure_of(0.3, 0.99, 0.99)
    ones[2] = ones[1]
    (picture,) = reader.read([picture_of(letter)], Answers({"network": ones}, None), ["network"])
    assert picture.picture.digits == [letter]


def test_the_ensemble_is_of_networks_that_are_shipped():
    """A user's own may lie beside them: README's first command leaves one there if MNIST can't be fetched."""
    stems = {path.stem for path in (PROJECT / "checkpoints").glob("*.keras")}
    shipped = {stem for stem in stems if not stem.endswith(("_offline", "_try"))}
    assert {STEMS[name] for name in ENSEMBLE} <= shipped <= set(STEMS.values())


def test_a_network_that_fails_on_the_way_gives_no_reading(trained, monkeypatch):
    """It fails at the second part of the pictures. The ensemble is then the mean of the others."""
    monkeypatch.setattr(reader, "READING", replace(reader.READING, pictures_at_once=1))
    good = networks.load_networks([trained / "checkpoints" / "mlp.keras"])[0].each["mlp"]
    calls = []

    def fails_later(model, images):
        calls.append(model)
        if model == "bad" and calls.count("bad") > 1:
            raise RefusedModel("out of order")
        return real(good, images)

    real = reader.answer
    monkeypatch.setattr(reader, "answer", fails_later)
    pictures = [picture_of(digit_at(0, 20)), picture_of(digit_at(0, 20))]
    both = networks.Networks({"good": good, "bad": "bad"}, None)
    read_pictures, left, failures = reader.read_all(pictures, both)
    assert failures == ["bad: out of order"]
    assert left.ensemble == ["good"]
    assert [list(picture.each) for picture in read_pictures] == [["good"], ["good"]]
    assert all(picture.ensemble == picture.each["good"] for picture in read_pictures)


def test_networks_are_shown_by_the_names_that_model_takes(tmp_path):
    def name(path: str, taken=()) -> str:
        return networks.shown_name(Path(path), set(taken))

    assert [name(f"checkpoints/{stem}.keras") for stem in STEMS.values()] == list(STEMS)
    assert name("mine/theirs.keras") == "theirs"
    assert name("mine/cnn_digit02.keras", {"cnn_v2"}) == "mine/cnn_digit02.keras"
    assert name("mine/ensemble.keras", {"ensemble"}) == "mine/ensemble.keras"
