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


def test_what_is_likely_no_digit_is_no_reading_of_any_network():
    pictures = [picture_of(digit_at(0, 20)), picture_of(digit_at(0, 20))]
    each = {"one": sure_of(0.95, 0.95), "other": sure_of(0.85, 0.85)}
    first, second = reader.read(pictures, Answers(each, likely(0.9, 0.2)), ["one", "other"])
    assert {reading.status for reading in (first.ensemble, *first.each.values())} == {"ok"}
    assert {reading.status for reading in (second.ensemble, *second.each.values())} == {"no digit"}
    assert (first.ensemble.digits, second.ensemble.digits) == ("0", "")
    assert first.ensemble.confidence == pytest.approx(0.9 * 0.9 + 0.1 / 10)
    assert second.ensemble.reason == "what was found looks like no digit"


def test_the_least_sure_digit_of_a_number_makes_it_unsure():
    answers = Answers({"network": sure_of(0.99, 0.7, 0.99)}, None)
    (picture,) = reader.read(
        [picture_of(*(digit_at(30 * n, 30 * n + 20) for n in range(3)))], answers, ["network"]
    )
    assert picture.ensemble.status == "unsure"
    assert picture.ensemble.shown == "01?2"
    assert picture.ensemble.reason == "doubted digits: 1"
    assert [digit.doubted for digit in picture.digits] == [False, True, False]


def test_a_digit_alone_may_be_less_sure_than_one_of_several():
    (picture,) = reader.read(
        [picture_of(digit_at(0, 20))], Answers({"network": sure_of(0.7)}, None), ["network"]
    )
    assert (picture.ensemble.status, picture.ensemble.shown) == ("ok", "0")


def test_ink_that_is_alone_is_more_easily_taken_for_a_digit():
    one, two = picture_of(digit_at(0, 20)), picture_of(digit_at(0, 20), digit_at(25, 45))
    answers = Answers({"network": sure_of(0.99, 0.99, 0.99)}, likely(0.4, 0.4, 0.99))
    alone, of_two = reader.read([one, two], answers, ["network"])
    assert (alone.ensemble.shown, of_two.ensemble.shown) == ("0?", "·?2")


def test_lines_and_numbers_are_kept_and_other_ink_is_left_out():
    places = [(0, 0), (25, 0), (50, 0), (150, 0), (0, 1), (25, 1)]
    digits = [digit_at(left, left + 20, line=line) for left, line in places]
    shares = likely(0.99, 0.01, 0.99, 0.99, 0.99, 0.3)
    (picture,) = reader.read(
        [picture_of(*digits)], Answers({"network": sure_of(*[0.99] * 6)}, shares), ["network"]
    )
    assert picture.ensemble.shown == "0·2 3 / 4·?"
    assert picture.ensemble.text == "0 2 3 / 4"
    assert picture.ensemble.digits == "0234"
    assert picture.ensemble.status == "unsure"  # because of the ink that may be a digit
    assert len(picture.digits) == 4


def test_digits_that_are_evenly_apart_are_one_number():
    digits = [digit_at(60 * n, 60 * n + 20) for n in range(4)]
    (picture,) = reader.read(
        [picture_of(*digits)], Answers({"network": sure_of(*[0.99] * 4)}, None), ["network"]
    )
    assert picture.ensemble.text == "0123"


def test_wide_ink_that_is_no_digit_may_be_several():
    digits = [digit_at(0, 20), digit_at(25, 85)]
    answers = Answers({"network": sure_of(0.99, 0.99)}, likely(0.99, 0.001))
    (picture,) = reader.read([picture_of(*digits)], answers, ["network"])
    assert (picture.ensemble.shown, picture.ensemble.status) == ("0·?", "unsure")


def test_ink_that_was_left_out_makes_a_reading_unsure():
    picture = replace(picture_of(digit_at(0, 20)), doubt="ink was left out that may be a digit")
    (read_picture,) = reader.read([picture], Answers({"network": sure_of(0.99)}, None), ["network"])
    assert (read_picture.ensemble.status, read_picture.ensemble.reason) == ("unsure", picture.doubt)


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


def test_a_letter_is_no_digit_only_through_the_digit_or_not_network(pictures, tmp_path, monkeypatch):
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
    empty = {name for name, status in statuses().items() if status == "no digit"}
    assert empty == {"2-blank.png", "5_w.png"}
    monkeypatch.setattr(networks, "DIGIT_OR_NOT", tmp_path / "none.keras")
    assert read(None, tmp_path, pictures, models=[network]) == 1
    empty = {row["image"] for row in table(tmp_path) if row["status"] == "no digit"}
    assert empty == {"2-blank.png"}


def likely(*shares: float) -> np.ndarray:
    """The digit-or-not network's answers, from the probabilities of a digit."""
    return np.array([[1 - share, share] for share in shares])


@pytest.mark.parametrize(
    ("shares", "digits"), [((0.1, 0.99, 0.99), "12"), ((0.1, 0.99, 0.1), ""), ((0.99, 0.99, 0.99), "0")]
)
def test_touching_digits_are_cut_by_what_the_digit_or_not_network_says(shares, digits):
    two = digit_at(0, 30, [digit_at(0, 15), digit_at(15, 30)])
    answers = Answers({"network": sure_of(0.9, 0.99, 0.99)}, likely(*shares))
    (picture,) = reader.read([picture_of(two)], answers, ["network"])
    assert picture.each["network"].digits == digits


def picture_of(*digits: Digit) -> Picture:
    return Picture((100, 50), list(digits))


def digit_at(left: int, right: int, parts=(), line: int = 0) -> Digit:
    return Digit(np.zeros((28, 28, 1), np.float32), (left, 0, right, 40), line, tuple(parts))


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
    good = networks.load_networks([trained / "checkpoints" / "mlp_own.keras"])[0].each["mlp_own"]
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


@pytest.mark.parametrize(
    ("there", "members"),
    [
        (["cnn_v2", "mlp"], ["cnn_v2", "mlp"]),  # one of the chosen is no ensemble
        (["cnn_v2", "mlp", "cnn_v1"], ["cnn_v2", "cnn_v1"]),
        (["mlp", "mine"], ["mlp", "mine"]),
    ],
)
def test_the_ensemble_of_some_networks(there, members):
    assert networks.Networks(dict.fromkeys(there), None).ensemble == members


def test_a_network_that_reads_far_worse_is_no_member(trained, pictures, tmp_path, capsys):
    foreign(tmp_path / "poor.keras")
    assert read(None, tmp_path, pictures, models=["cnn_small", "mlp", tmp_path / "poor.keras"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "poor is not in the ensemble: it reads" in printed
    assert "ensemble: the mean of cnn_small, mlp when" not in printed
    assert "ensemble: the mean of cnn_small, mlp " in printed
