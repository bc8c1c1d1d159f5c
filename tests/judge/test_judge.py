"""The judge: what it is shown, what it learns from, how its opinion counts, and its training."""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handwriting.finder.files import load_finder
from handwriting.finder.peaks import Peaks
from handwriting.judge import __main__ as judge
from handwriting.judge.batches import VARY, FindBatches, between_two_colours, moved, varied
from handwriting.judge.crops import ANSWERS, FIND, INK_SIDE, OUTPUTS, SIDE, crops_around
from handwriting.judge.finds import (
    NO_DIGIT,
    STREAM,
    Finds,
    finds_of_page,
    finds_on,
    finds_on_written_pages,
    inks_around,
)
from handwriting.judge.judging import VERDICT, answers_of, judged
from handwriting.judge.loss import INK_WEIGHT, accuracy, ink_shared, judge_loss
from handwriting.judge.network import JUDGE, build_judge
from handwriting.training.run_files import Run
from handwriting.writing.digits import write_digits
from handwriting.writing.pages import write_page
from handwriting.writing.pasted import Collected
from tests.helpers import check_it_goes_on_where_it_was, shipped_finder


@pytest.mark.parametrize("size", [(60, 90), (6, 9), (200, 100)])
def test_every_find_fills_as_much_of_its_square(size):
    width, height = size
    picture = Image.new("RGB", (800, 800), "white")
    picture.paste("black", (300, 300, 300 + width, 300 + height))
    (crop,) = crops_around(picture, (255, 255, 255), np.array([[300, 300, 300 + width, 300 + height]]))
    inked = crop[..., 0] < 128
    assert inked.any(axis=0).sum() == pytest.approx(FIND * width / max(size), abs=1)
    assert inked.any(axis=1).sum() == pytest.approx(FIND * height / max(size), abs=1)
    down, across = np.nonzero(inked)
    assert (down.mean() + 0.5, across.mean() + 0.5) == pytest.approx((SIDE / 2, SIDE / 2), abs=1)


def test_where_a_square_reaches_beyond_the_picture_there_is_paper():
    picture = Image.new("RGB", (20, 40), "red")
    (crop,) = crops_around(picture, (0, 0, 255), np.array([[0.0, 0, 20, 40]]))
    assert (crop[13:35, 19:29] == (255, 0, 0)).all()
    for beyond in (crop[:11], crop[37:], crop[:, :17], crop[:, 31:]):
        assert (beyond == (0, 0, 255)).all()
    (crop,) = crops_around(picture, (0, 0, 255), np.array([[100.0, 100, 120, 140]]))
    assert (crop == (0, 0, 255)).all()


def test_what_it_learns_from_is_every_digit_of_a_page_and_what_is_none():
    for number in range(12):
        finds = finds_of_page(3, number)
        labels = finds.labels
        assert finds.crops.shape == (len(labels), SIDE, SIDE, 3)
        assert (finds.page == number).all()
        written = [digit.digit for digit in write_page(3, number).digits]
        if len(labels) < 24:  # else some are left out
            digits = labels[labels != NO_DIGIT].tolist()
            assert len(written) - 2 <= len(digits) <= len(written)
            assert set(digits) <= set(written)
        inked = finds.inks.max(axis=(1, 2), initial=0) > 20
        np.testing.assert_array_equal(inked, labels != NO_DIGIT)


def test_finds_depend_on_their_seed_alone_and_are_the_same_from_several_processes():
    finds = finds_on_written_pages(0, 3)
    same, other = ([finds_of_page(seed, number) for number in range(3)] for seed in (0, 1))
    for name in ("crops", "labels", "inks"):
        of_pages = [getattr(page, name) for page in same]
        np.testing.assert_array_equal(getattr(finds, name), np.concatenate(of_pages))
    assert not np.array_equal(same[0].crops[:1], other[0].crops[:1])


def test_digits_of_a_file_are_on_some_of_the_pages():
    stripes = np.zeros((400, 28, 28), np.uint8)
    stripes[:, 4:24, 12:16] = 255
    collected = Collected(stripes, np.arange(400) % 10)
    of_pages = [finds_of_page(0, number, collected) for number in range(4)]
    np.testing.assert_array_equal(
        finds_on_written_pages(0, 4, collected).crops, np.concatenate([finds.crops for finds in of_pages])
    )
    random = np.random.default_rng([0, 1, STREAM])
    page = write_page(0, 1, collected)
    again = finds_on(shipped_finder().network, page, 1, random)
    np.testing.assert_array_equal(again.crops, of_pages[1].crops)
    assert not np.array_equal(again.crops[:1], finds_of_page(0, 1).crops[:1])


def test_the_ink_of_a_find_is_the_digits_in_the_middle_of_its_square():
    page = write_page(3, next(number for number in range(99) if write_page(3, number).digits))
    digit = page.digits[0]
    box = np.array([digit.box], float)
    (ink,) = inks_around([digit], box)
    width, height = box[0, 2:] - box[0, :2]
    for axis, side in ((0, width), (1, height)):
        assert (ink > 60).any(axis=axis).sum() == pytest.approx(FIND * side / max(width, height), abs=3)
    right_of_it = box + [width, 0, width, 0]
    assert (inks_around([digit], right_of_it)[0][:, INK_SIDE // 2 :] == 0).all()
    assert (inks_around([None], box) == 0).all()


def test_its_loss_is_that_of_the_answer_and_that_of_the_ink():
    random = np.random.default_rng(0)
    outputs = random.normal(size=(6, OUTPUTS)).astype(np.float32)
    labels = random.integers(0, ANSWERS, 6)
    ink = (random.random((6, INK_SIDE**2)) < 0.3).astype(np.float32)
    targets = np.concatenate([labels[:, np.newaxis].astype(np.float32), ink], axis=1)
    answers, logits = outputs[:, :ANSWERS].astype(float), outputs[:, ANSWERS:].astype(float)
    of_answer = np.logaddexp.reduce(answers, axis=1) - answers[np.arange(6), labels]
    of_ink = np.where(ink > 0.5, np.logaddexp(0, -logits), np.logaddexp(0, logits)).mean(axis=1)
    np.testing.assert_allclose(judge_loss(targets, outputs), of_answer + INK_WEIGHT * of_ink, rtol=1e-4)
    np.testing.assert_array_equal(accuracy(targets, outputs), answers.argmax(axis=1) == labels)
    both, either = ((logits > 0) & (ink > 0.5)).sum(), ((logits > 0) | (ink > 0.5)).sum()
    np.testing.assert_allclose(ink_shared(targets, outputs), np.full(6, both / either), rtol=1e-5)


def finds_of(*counts: int) -> Finds:
    """So many finds on each page, each of another colour."""
    total = sum(counts)
    colours = np.arange(total, dtype=np.uint8)[:, np.newaxis, np.newaxis, np.newaxis]
    return Finds(
        np.tile(colours, (1, SIDE, SIDE, 3)),
        np.tile(colours[..., 0], (1, INK_SIDE, INK_SIDE)),
        np.arange(total),
        np.repeat(np.arange(len(counts)), counts),
    )


def test_an_epoch_shows_every_find_once_in_another_order_each_time():
    batches = FindBatches(finds_of(1, 3, 200), seed=0, batch_size=4)
    shown = []
    for epoch in range(2):
        batches.start_epoch(epoch)
        shown.append(np.concatenate([batches[number][1][:, 0] for number in range(len(batches))]).tolist())
        assert sorted(shown[-1]) == list(range(204))
    assert shown[0] != shown[1]


def test_finds_of_full_pages_count_less_but_their_pages_count_more():
    batches = FindBatches(finds_of(1, 4, 3), seed=0, batch_size=8)
    _, targets, weights = batches[0]
    labels = targets[:, 0]
    alone, of_four = weights[labels == 0][0], weights[(labels >= 1) & (labels <= 4)]
    assert alone == pytest.approx(4 ** (1 - VARY.crowd) * of_four[0])
    assert len(set(of_four)) == 1


def test_a_batch_depends_on_its_seed_epoch_and_number_alone():
    def squares(seed, epoch, number):
        batches = FindBatches(finds_of(*[5] * 9), seed, batch_size=4)
        batches.start_epoch(epoch)
        return batches[number][0]

    np.testing.assert_array_equal(squares(1, 1, 2), squares(1, 1, 2))
    for other in (squares(2, 1, 2), squares(1, 2, 2), squares(1, 1, 3)):
        assert not np.array_equal(squares(1, 1, 2), other)


def test_varied_squares_stay_pictures():
    crops = np.random.default_rng(0).integers(0, 256, (64, SIDE, SIDE, 3)).astype(np.uint8)
    squares = varied(crops, np.random.default_rng(1))
    assert squares.dtype == np.float32
    assert squares.min() >= 0 and squares.max() <= 1
    assert (np.abs(squares - crops / 255).max(axis=(1, 2, 3)) > 0.005).all()


def test_a_square_and_its_ink_are_moved_together():
    crops = np.random.default_rng(0).integers(0, 256, (64, SIDE, SIDE, 3)).astype(np.uint8)
    edge = (SIDE - INK_SIDE) // 2
    middles = crops[:, edge:-edge, edge:-edge, 0]
    finds = moved(Finds(crops, middles, np.zeros(64), np.zeros(64)), np.random.default_rng(1))
    inner = slice(VARY.shift, -VARY.shift)  # what has come in from the other edge is no ink
    np.testing.assert_array_equal(
        finds.crops[:, edge:-edge, edge:-edge, 0][:, inner, inner], finds.inks[:, inner, inner]
    )
    assert (finds.crops != crops).any(axis=(1, 2, 3)).sum() > 50


def test_a_square_between_two_colours_keeps_its_greys_in_their_order():
    square = np.tile(np.linspace(0.2, 0.9, SIDE)[:, np.newaxis, np.newaxis], (1, SIDE, 3))
    for seed in range(20):
        coloured = between_two_colours(square, np.random.default_rng(seed))
        assert coloured.min() >= 0 and coloured.max() <= 1
        assert np.abs(coloured[0, 0] - coloured[-1, 0]).max() >= VARY.apart
        steps = np.diff(coloured, axis=0)
        assert (np.sign(steps) == np.sign(steps[:1, :1])).all()


class Answers:
    """Stands for a judge that gives these logits."""

    def __init__(self, *logits):
        self.logits = np.array(logits, np.float32)

    def __call__(self, squares):
        return np.tile(np.append(self.logits, np.full(INK_SIDE**2, 3.0)), (len(squares), 1))


def verdict(logits, chance: float = 0.5) -> Peaks:
    finds = Peaks(np.array([[10.0, 10, 20, 30]]), np.array([chance]), np.eye(10)[[3]])
    peaks, inks = judged(Answers(*logits), Image.new("RGB", (120, 120)), (0, 0, 0), finds)
    np.testing.assert_allclose(inks, np.full((1, INK_SIDE, INK_SIDE), 0.95257), atol=1e-4)
    return peaks


def test_the_judge_raises_and_lowers_chances_and_has_a_share_in_the_class():
    for_a_seven, against = np.eye(ANSWERS)[7] * 12, np.eye(ANSWERS)[NO_DIGIT] * 12
    assert verdict(for_a_seven).chances[0] > 0.95
    assert verdict(against).chances[0] < 0.2
    assert verdict(9 * against, 0.99).chances[0] > 0.5  # it may be very sure and wrong
    assert verdict(for_a_seven).classes[0] == pytest.approx(
        VERDICT.classes * np.eye(10)[7] + (1 - VERDICT.classes) * np.eye(10)[3], abs=1e-3
    )
    chances = [verdict(for_a_seven, chance).chances[0] for chance in (0.0, 0.1, 0.9, 1.0)]
    assert chances == sorted(chances)
    assert np.isfinite(chances).all()


def test_many_finds_are_judged_in_parts_with_the_same_answers(monkeypatch):
    crops = np.random.default_rng(0).integers(0, 256, (7, SIDE, SIDE, 3)).astype(np.uint8)
    whole = answers_of(shipped_finder().judge, crops)
    monkeypatch.setattr("handwriting.judge.judging.MOST_AT_ONCE", 3)
    for part, of_whole in zip(answers_of(shipped_finder().judge, crops), whole, strict=True):
        np.testing.assert_allclose(part, of_whole, atol=1e-4)
    answers, inks = answers_of(shipped_finder().judge, crops[:0])
    assert answers.shape == (0, ANSWERS)
    assert inks.shape == (0, INK_SIDE, INK_SIDE)


def test_the_network_is_small_and_made_of_built_in_layers(tmp_path):
    network = build_judge()
    assert network.count_params() * 4 < 3_000_000
    network.save(tmp_path / "judge.keras")
    loaded = load_finder(judge=tmp_path / "judge.keras").judge
    assert loaded(np.zeros((2, SIDE, SIDE, 3), np.float32)).shape == (2, OUTPUTS)


@pytest.fixture
def tiny_recipe(monkeypatch):
    """Few pages, and a judge with few maps: a training takes seconds."""
    monkeypatch.setattr(judge, "RECIPE", replace(judge.RECIPE, pages=6, batch_size=4, validation=2, test=2))
    few_maps = replace(JUDGE, stem=2, stages=((4, 1), (4, 0), (4, 0)))
    monkeypatch.setattr(judge, "build_judge", functools.partial(build_judge, few_maps))


def train(out: Path, *more: str) -> int:
    return judge.main(["--epochs", "3", "--out", str(out), "--precision", "float32", *more])


@pytest.mark.slow
def test_a_training_leaves_its_record_and_goes_on_exactly_where_it_was(
    tiny_recipe, tmp_path, monkeypatch, capsys
):
    check_it_goes_on_where_it_was(train, tmp_path, judge.STEM, monkeypatch)
    assert "test  judged right" in capsys.readouterr().out
    assert Run(tmp_path / "whole", judge.STEM).final.curves.exists()


def test_digits_of_a_file_are_pasted_onto_pages(tiny_recipe, tmp_path, monkeypatch):
    pixels, labels = write_digits(400)
    np.savez(tmp_path / "mine.npz", x_train=pixels, y_train=labels, x_test=pixels[:50], y_test=labels[:50])
    given = []
    monkeypatch.setattr(
        judge,
        "finds_on_written_pages",
        lambda seed, count, collected=None: given.append(collected) or finds_of(*[1] * count),
    )
    assert train(tmp_path / "out", "--data", str(tmp_path / "mine.npz")) == 0
    assert [collected is not None for collected in given] == [False, True, False]  # only to learn from
    assert len(given[1].labels) > 300
    assert given[1].pixels.max() == 255


def test_a_folder_that_cannot_be_looked_into_is_one_line(tmp_path, capsys):
    assert train(tmp_path / ("a" * 300), "--resume") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "too long" in err


def test_nothing_to_resume_is_said_before_any_digits_are_loaded(tmp_path, capsys):
    assert train(tmp_path, "--resume", "--data", str(tmp_path / "gone.npz")) == 0
    Run(tmp_path, "mlp").folder.mkdir(parents=True)
    Run(tmp_path, "mlp").lock.touch()
    assert train(tmp_path, "--resume", "--data", str(tmp_path / "gone.npz")) == 0
    said = capsys.readouterr().out
    assert "nothing left to resume" in said
    assert "mlp" not in said  # the judge's program can't go on with that
