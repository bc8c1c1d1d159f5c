"""The finder: what it learns, how its answers are read, and its training."""

import csv
import functools
from dataclasses import replace

import keras
import numpy as np
import pytest

from handwriting.finder import __main__ as finder
from handwriting.finder.answers import CELL, CHANNELS, split
from handwriting.finder.loss import accuracy, finder_loss
from handwriting.finder.network import FINDER, build_finder
from handwriting.finder.pages import written_batch
from handwriting.finder.peaks import Peaks, peaks_of, without_doubles
from handwriting.finder.score import compared
from handwriting.finder.targets import TARGETS, parts_of, target_of
from handwriting.training.history import History
from handwriting.training.page_training import JUDGED_BY
from handwriting.training.run_files import Run
from handwriting.writing.pages import SIDE, write_page
from handwriting.writing.written_page import PageDigit, WrittenPage
from tests.helpers import check_it_goes_on_where_it_was


def perfect_answers(target: np.ndarray) -> np.ndarray:
    """The answers (…, CHANNELS) that a target asks for."""
    heat, _, classes, box, _, vote, ink, _ = parts_of(target)
    answers = np.zeros((*target.shape[:-1], CHANNELS), np.float32)
    chance = np.clip(heat, 1e-4, 1 - 1e-4)
    parts = split(answers)
    parts[0][...] = np.log(chance / (1 - chance))
    for part, wanted in zip(parts[1:4], (9 * classes, box, vote), strict=True):
        part[...] = wanted
    parts[4][...] = np.where(ink > TARGETS.inked, 9, -9)
    return answers


def page_with(digits: list[PageDigit], unclear=()) -> WrittenPage:
    return WrittenPage(np.zeros((SIDE, SIDE, 3), np.uint8), digits, list(unclear))


@pytest.mark.parametrize("number", range(12))
def test_perfect_answers_are_read_as_the_digits_of_the_page(number):
    page = write_page(3, number)
    peaks = peaks_of(perfect_answers(target_of(page)))
    found = compared(page, peaks)
    assert found.invented <= 0.02 * len(page.digits)
    assert found.digits - found.right <= max(1, 0.03 * found.digits)  # some write one digit on another


def test_boxes_are_where_the_digits_are():
    digits = [
        PageDigit((40, 60, 70, 110), 5, np.ones((50, 30))),
        PageDigit((100, 58, 112, 108), 1, np.ones((50, 12))),
    ]
    peaks = peaks_of(perfect_answers(target_of(page_with(digits))))
    order = np.argsort(peaks.boxes[:, 0])
    np.testing.assert_allclose(peaks.boxes[order], [digit.box for digit in digits], atol=0.01)
    assert peaks.classes[order].argmax(axis=1).tolist() == [5, 1]


def test_ink_votes_for_the_middle_of_its_own_digit():
    """Even where two digits touch."""
    digits = [
        PageDigit((40, 60, 70, 110), 5, np.ones((50, 30))),
        PageDigit((70, 60, 100, 110), 3, np.ones((50, 30))),
    ]
    *_, vote, ink, _ = parts_of(target_of(page_with(digits)))
    middles = (np.arange(SIDE // CELL) + 0.5) * CELL
    down, across = np.nonzero(ink > TARGETS.inked)
    votes = np.stack([middles[across], middles[down]], axis=1) + CELL * vote[down, across]
    assert {tuple(place) for place in votes.round(3)} == {(55.0, 85.0), (85.0, 85.0)}


def test_digits_of_another_scale_count_neither_as_digits_nor_as_none():
    huge = PageDigit((20, 20, 180, 240), 8, np.ones((220, 160)))
    heat, counts, *_, ink_counts = parts_of(target_of(page_with([huge])))
    assert heat.max() == 0
    assert counts[30, 20] == ink_counts[30, 20] == 0
    assert counts[2, 60] == ink_counts[2, 60] == 1


def test_where_a_digit_is_cut_nothing_is_learned_and_nothing_counts():
    page = page_with([PageDigit((100, 58, 112, 108), 1, np.ones((50, 12)))], unclear=[(0, 40, 12, 80)])
    _, counts, *_, ink_counts = parts_of(target_of(page))
    for count in (counts, ink_counts):
        assert count[40 // CELL : 80 // CELL, : 12 // CELL].max() == 0
        assert count.sum() == count.size - 10 * 3
    boxes = np.array([[100, 58, 112, 108], [0, 42, 10, 78], [200, 42, 210, 78]], float)
    found = compared(page, Peaks(boxes, np.array([0.9, 0.8, 0.7]), np.eye(10)[[1, 3, 3]]))
    assert (found.digits, found.right, found.invented) == (1, 1, 1)


def test_of_two_boxes_on_one_digit_the_likelier_stays():
    boxes = np.array([[0, 0, 20, 30], [2, 1, 21, 30], [30, 0, 50, 30]], float)
    kept = without_doubles(Peaks(boxes, np.array([0.6, 0.9, 0.7]), np.eye(10)[[5, 3, 3]]))
    assert kept.tolist() == [1, 2]


def test_perfect_answers_cost_little_and_others_more():
    pages = [write_page(4, number) for number in range(3)]
    targets = np.stack([target_of(page) for page in pages])
    perfect = perfect_answers(targets)
    costs = {
        name: float(np.mean(finder_loss(targets, answers)))
        for name, answers in {
            "perfect": perfect,
            "moved": np.roll(perfect, 3, axis=2),
            "other classes": np.concatenate(
                [perfect[..., :1], np.roll(perfect[..., 1:11], 1, axis=-1), perfect[..., 11:]], axis=-1
            ),
            "nothing": np.where(np.arange(CHANNELS) < 1, -9.0, perfect).astype(np.float32),
        }.items()
    }
    assert costs["perfect"] < 0.3
    assert min(cost for name, cost in costs.items() if name != "perfect") > 4 * costs["perfect"]
    assert float(np.mean(accuracy(targets, perfect))) > 0.97
    assert float(np.mean(accuracy(targets, np.roll(perfect, 3, axis=2)))) < 0.3


def test_the_network_is_small_made_of_built_in_layers_and_takes_pictures_of_all_sizes(tmp_path):
    model = build_finder()
    assert model.count_params() * 4 < 3_000_000
    model.save(tmp_path / "finder.keras")
    loaded = keras.models.load_model(tmp_path / "finder.keras")
    for height, width in ((64, 96), (8, 200)):
        answers = loaded(np.zeros((1, height, width, 3), np.float32))
        assert answers.shape == (1, height // CELL, width // CELL, CHANNELS)


def test_a_batch_depends_on_its_seed_and_place_alone():
    for one, other in zip(written_batch(1, 16, 4), written_batch(1, 16, 4), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(written_batch(1, 16, 4)[0], written_batch(1, 20, 4)[0])


FINDER_FILE = "checkpoints/reader/finder.keras"


def train(out, *more: str) -> int:
    return finder.main(["--epochs", "3", "--out", str(out), "--precision", "float32", *more])


@pytest.fixture
def tiny_recipe(monkeypatch):
    """Few pages, and a finder with few maps: a training takes seconds."""
    monkeypatch.setattr(finder, "RECIPE", replace(finder.RECIPE, pages=4, batch_size=2, validation=2, test=3))
    few_maps = replace(FINDER, stem=4, fine=8, coarse=8, dilations=(1, 2))
    monkeypatch.setattr(finder, "build_finder", functools.partial(build_finder, few_maps))


@pytest.mark.slow
def test_a_training_leaves_its_record_and_goes_on_exactly_where_it_was(
    tiny_recipe, tmp_path, monkeypatch, capsys
):
    check_it_goes_on_where_it_was(train, tmp_path, finder.STEM, monkeypatch)
    assert "test  found and read right" in capsys.readouterr().out
    with Run(tmp_path / "whole", finder.STEM).final.log.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 3


@pytest.mark.slow
def test_a_trained_finder_is_trained_further_from_its_weights(tiny_recipe, tmp_path):
    start, other = finder.build_finder(), finder.build_finder()
    start.save(tmp_path / "start.keras")
    assert train(tmp_path / "further", "--start", str(tmp_path / "start.keras")) == 0
    further = weights_in(tmp_path / "further")
    assert 0 < difference(further, start.get_weights()) < 0.1 * difference(further, other.get_weights())


def difference(one: list[np.ndarray], other: list[np.ndarray]) -> float:
    """The mean difference between the weights of two networks."""
    return np.abs(np.concatenate([(a - b).ravel() for a, b in zip(one, other, strict=True)])).mean()


def weights_in(folder):
    return keras.models.load_model(folder / FINDER_FILE).get_weights()


def test_a_start_that_is_no_finder_of_this_size_is_named(tmp_path, capsys):
    assert train(tmp_path, "--start", str(tmp_path / "none.keras")) == 2
    assert "none.keras" in capsys.readouterr().err
    build_finder(replace(FINDER, stem=8)).save(tmp_path / "small.keras")
    assert train(tmp_path, "--start", str(tmp_path / "small.keras")) == 2
    assert "expected a finder of this version's size" in capsys.readouterr().err


def test_a_training_whose_loss_is_no_number_takes_no_finders_place(
    tiny_recipe, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(finder, "finder_loss", no_number)
    assert train(tmp_path) == 1
    assert "the loss became NaN or infinite" in capsys.readouterr().err
    assert not (tmp_path / FINDER_FILE).exists()


def no_number(target, answers):
    return float("nan") * finder_loss(target, answers)


def test_the_best_epoch_is_the_one_that_reads_most_digits():
    """The loss of a digit that nobody can read grows, the surer a finder gets."""
    columns = {"loss": [2, 1, 1], "val_loss": [0.7, 0.8, 0.9], "val_accuracy": [0.7, 0.74, 0.73]}
    assert History(columns, 1.0, JUDGED_BY).best_epoch == 1
    assert History(columns, 1.0).best_epoch == 0
