"""From probabilities to readings."""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handwriting.finder.files import load_finder
from handwriting.model_files import RefusedModel
from handwriting.pictures.find import Digit
from handwriting.pictures.picture import Picture
from handwriting.reading import networks, reader
from handwriting.shipped import ENSEMBLE, FINDER, PROJECT, STEMS
from tests.reading.command import foreign, read


def test_what_is_hardly_a_digit_is_in_no_reading():
    pictures = [picture_of(digit_at(0, 20)), picture_of(digit_at(0, 20, chance=0.1))]
    answers = {"one": sure_of(0.95, 0.95), "other": sure_of(0.85, 0.85)}
    first, second = reader.read(pictures, answers, ["one", "other"])
    assert {reading.status for reading in (first.ensemble, *first.each.values())} == {"ok"}
    assert {reading.status for reading in (second.ensemble, *second.each.values())} == {"no digit"}
    assert (first.ensemble.digits, second.ensemble.digits) == ("0", "")
    assert first.ensemble.confidence == pytest.approx(0.9)
    assert second.ensemble.reason == "nothing on it looks like a digit"


def test_the_least_sure_digit_of_a_number_makes_it_unsure():
    digits = [digit_at(30 * n, 30 * n + 20) for n in range(3)]
    (picture,) = reader.read([picture_of(*digits)], {"network": sure_of(0.99, 0.5, 0.99)}, ["network"])
    assert picture.ensemble.status == "unsure"
    assert picture.ensemble.shown == "01?2"
    assert picture.ensemble.reason == "doubted digits: 1"
    assert [digit.doubted for digit in picture.digits] == [False, True, False]


def test_a_digit_alone_may_be_less_sure_than_one_of_several():
    (picture,) = reader.read([picture_of(digit_at(0, 20))], {"network": sure_of(0.7)}, ["network"])
    assert (picture.ensemble.status, picture.ensemble.shown) == ("ok", "0")


@pytest.mark.parametrize(("chance", "shown"), [(0.85, "0?"), (0.95, "0")])
def test_what_is_alone_and_less_likely_a_digit_than_most_is_doubted(chance, shown):
    (picture,) = reader.read(
        [picture_of(digit_at(0, 20, chance=chance))], {"network": sure_of(1.0)}, ["network"]
    )
    assert picture.ensemble.shown == shown


@pytest.mark.parametrize(("size", "shown"), [((28, 28), "0"), ((200, 100), "0?")])
def test_what_is_alone_on_a_small_picture_may_be_less_likely_a_digit(size, shown):
    picture = replace(picture_of(digit_at(0, 20, chance=0.7)), size=size)
    (picture,) = reader.read([picture], {"network": sure_of(1.0)}, ["network"])
    assert picture.ensemble.shown == shown


def test_a_1_is_as_plain_as_a_stroke_and_may_be_less_likely_a_digit():
    (picture,) = reader.read(
        [picture_of(digit_at(0, 20, chance=0.6))], {"network": np.eye(10)[[1]]}, ["network"]
    )
    assert (picture.ensemble.shown, picture.ensemble.status) == ("1", "ok")


@pytest.mark.parametrize(("confidence", "shown"), [(0.2, "0·2"), (0.3, "01?2")])
def test_what_is_hardly_any_of_the_ten_digits_is_left_out(confidence, shown):
    """The finder takes it for a digit, but nobody says which: it is a speck of dirt."""
    digits = [digit_at(30 * n, 30 * n + 20) for n in range(3)]
    (picture,) = reader.read([picture_of(*digits)], {"network": sure_of(0.99, confidence, 0.99)}, ["network"])
    assert (picture.ensemble.shown, picture.ensemble.status) == (shown, "unsure")


def test_what_the_finder_doubts_makes_a_reading_unsure_not_longer():
    digits = [digit_at(30 * n, 30 * n + 20, chance=chance) for n, chance in enumerate((0.99, 0.3, 0.55, 0.1))]
    (picture,) = reader.read([picture_of(*digits)], {"network": sure_of(*[0.99] * 4)}, ["network"])
    assert (picture.ensemble.shown, picture.ensemble.text) == ("0·2?", "0 2")
    assert picture.ensemble.status == "unsure"
    assert picture.ensemble.reason == "doubted digits: 1; left out, but may be digits: 1"
    assert picture.ensemble.confidence == pytest.approx(0.99 * 0.99 * 0.99 * 0.55)


def test_the_finders_opinion_has_a_share_in_the_ensembles():
    """A 0 for the networks is a 7 for the finder."""
    digit = replace(digit_at(0, 20), classes=np.eye(10)[7])
    (picture,) = reader.read([picture_of(digit)], {"network": sure_of(1.0)}, ["network"])
    assert picture.digits[0].probabilities[[0, 7]] == pytest.approx(
        [1 - reader.READING.own, reader.READING.own]
    )
    assert picture.each["network"].digits == "0"


def test_what_has_learned_the_hand_counts_for_more_than_the_others_and_the_finder():
    """A 0 for the networks and the finder is a 7 for the network that has learned the hand."""
    digit = replace(digit_at(0, 20), classes=np.eye(10)[0])
    answers = {"cnn_v1": sure_of(1.0), "cnn_v2": sure_of(1.0), "cnn_v3_mine": np.eye(10)[[7]]}
    (picture,) = reader.read([picture_of(digit)], answers, list(answers))
    share = reader.READING.learned
    assert picture.digits[0].probabilities[[0, 7]] == pytest.approx([1 - share, share])
    (picture,) = reader.read([picture_of(digit)], answers, ["cnn_v3_mine"])
    assert picture.ensemble.digits == "7"


def test_the_ensemble_takes_in_what_has_learned_a_hand():
    each = dict.fromkeys([*STEMS, "cnn_v3_mine", "cnn_v3_own"])
    assert networks.Networks(None, each).ensemble == [*filter(ENSEMBLE.__contains__, STEMS), "cnn_v3_mine"]
    left_out = {"cnn_v3_mine": "it reads 40%"}
    assert "cnn_v3_mine" not in networks.Networks(None, each, left_out).ensemble


def test_lines_and_numbers_are_kept_apart():
    places = [(0, 0), (25, 0), (50, 0), (150, 0), (0, 1), (25, 1)]
    digits = [digit_at(left, left + 20, line=line) for left, line in places]
    (picture,) = reader.read([picture_of(*digits)], {"network": sure_of(*[0.99] * 6)}, ["network"])
    assert picture.ensemble.text == "012 3 / 45"
    assert picture.ensemble.digits == "012345"
    assert picture.ensemble.status == "ok"


def test_digits_that_are_evenly_apart_are_one_number():
    digits = [digit_at(60 * n, 60 * n + 20) for n in range(4)]
    (picture,) = reader.read([picture_of(*digits)], {"network": sure_of(*[0.99] * 4)}, ["network"])
    assert picture.ensemble.text == "0123"


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "got no file"), (b"no network", "is damaged"), ("foreign", "got 10")]
)
@pytest.mark.parametrize("which", ["network", "judge"])
def test_without_the_finder_one_line_says_how_to_get_it_back(
    trained, pictures, tmp_path, capsys, monkeypatch, which, content, reason
):
    path = tmp_path / "other.keras"
    if content == "foreign":
        foreign(path)
    elif content:
        path.write_bytes(content)
    damaged = functools.partial(load_finder, **{which: path})
    monkeypatch.setattr("handwriting.reading.networks.load_finder", damaged)
    assert read(trained, tmp_path, pictures) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert "`git checkout checkpoints/reader` brings it back" in line
    assert not (tmp_path / "logs" / "predictions.csv").exists()


def test_the_finder_reads_no_digits(trained, pictures, tmp_path, capsys):
    assert read(trained, tmp_path, pictures, models=[FINDER]) == 2
    assert "not used" in capsys.readouterr().err


def picture_of(*digits: Digit) -> Picture:
    return Picture((100, 50), list(digits))


def digit_at(left: int, right: int, line: int = 0, chance: float = 1.0) -> Digit:
    return Digit(np.zeros((28, 28, 1), np.float32), (left, 0, right, 40), line, chance)


def sure_of(*confidences: float) -> np.ndarray:
    """A row of probabilities for each confidence, the digits 0, 1, 2, … in turn."""
    rows = [np.full(10, (1 - confidence) / 9) for confidence in confidences]
    for digit, (row, confidence) in enumerate(zip(rows, confidences, strict=True)):
        row[digit] = confidence
    return np.array(rows)


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
    both = networks.Networks(None, {"good": good, "bad": "bad"})
    read_pictures, left, failures = reader.read_found(pictures, both)
    assert failures == {"bad": "out of order"}
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
    assert networks.Networks(None, dict.fromkeys(there)).ensemble == members


def test_a_network_that_reads_far_worse_is_no_member(trained, pictures, tmp_path, capsys):
    foreign(tmp_path / "poor.keras")
    assert read(None, tmp_path, pictures, models=["cnn_small", "mlp", tmp_path / "poor.keras"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "poor is not in the ensemble: it reads" in printed
    assert "ensemble: the mean of cnn_small, mlp, averaged with the finder's own reading" in printed
