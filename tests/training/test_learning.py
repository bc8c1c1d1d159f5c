"""--start: a network learns a person's hand."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import cnn_model_v2
from handwriting.data.hand import HAND, own_digits
from handwriting.data.sets import Labelled, Source
from handwriting.digit_image import unit_range
from handwriting.report.score import Score
from handwriting.shipped import PROJECT
from handwriting.training import learning
from handwriting.training.learning import LEARNING, Outcome, why_worse
from handwriting.training.run_files import Run, learned_run
from handwriting.writing.alike import frequencies, write_alike
from handwriting.writing.digits import write_digits
from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import paths_in_forms
from handwriting.writing.pen import in_ink
from tests import quick_learning
from tests.helpers import check_it_goes_on_where_it_was, rows, stop_after

FLAGGED = FORMS[1][3]  # a 1 with a long flag


@pytest.fixture
def start(trained):
    return Run(trained, "mlp_own").final.model


def save_digits(folder, pixels, labels):
    """Saves digits as the page does."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
        Image.fromarray(image).save(folder / f"{label}-{number:04}.png")


@pytest.fixture
def mine(tmp_path):
    """Twelve digits of each of two classes: flagged 1s, which may be read as 7s, and plain 4s."""
    random = np.random.default_rng(5)
    ones = in_ink(paths_in_forms([FLAGGED], 12, random), random)
    fours = in_ink(paths_in_forms(FORMS[4][:1], 12, random), random)
    save_digits(tmp_path / "mine", np.concatenate([ones, fours]), [1] * 12 + [4] * 12)
    Image.new("L", (28, 28)).save(tmp_path / "mine" / "other-0099.png")
    return tmp_path / "mine"


def run(start, mine, out, *more, **changes):
    command = ["--start", str(start), "--data", str(mine), "--out", str(out), *more]
    return quick_learning.main(command, **changes)


def test_a_hand_is_learned_and_the_start_stays_as_it_is(start, mine, tmp_path, capsys):
    before = start.read_bytes()
    assert run(start, mine, tmp_path / "out") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "20 to learn, 4 held back" in said
    assert "digits held back before loss" in said
    assert "validation images before loss" in said
    assert start.read_bytes() == before
    files = Run(tmp_path / "out", "mlp_own_mine").final
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.*")) == [
        "mlp_own_mine.csv",
        "mlp_own_mine.json",
        "mlp_own_mine.keras",
        "mlp_own_mine.png",
    ]
    record = json.loads(files.record.read_text())
    assert record["after"]["hand"]["count"] == 4
    assert record["after"]["hand"]["loss"] <= record["before"]["hand"]["loss"]
    assert record["others"] == "offline"
    assert len(rows(files.log)) == 2
    assert keras.models.load_model(files.model).count_params() == 109_386
    assert not (tmp_path / "out" / "running").exists()


def test_a_killed_learning_goes_on_and_ends_the_same(start, mine, tmp_path, monkeypatch, capsys):
    def learn(out: Path, *more: str) -> int:
        return run(start, mine, out, *more)

    check_it_goes_on_where_it_was(learn, tmp_path, "mlp_own_mine", monkeypatch)
    assert "--resume" in capsys.readouterr().err


def test_a_killed_learning_begins_again_if_the_digits_have_changed(
    start, mine, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        run(start, mine, out)
    next(mine.glob("1-*.png")).unlink()
    assert run(start, mine, out, "--resume") == 0
    assert "has changed since the run was stopped; it begins again" in " ".join(
        capsys.readouterr().out.split()
    )
    assert run(start, mine, out, "--resume") == 0
    assert "nothing left to resume" in capsys.readouterr().out


def test_what_reads_worse_is_not_kept(start, mine, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(start, mine, out) == 0
    files = Run(out, "mlp_own_mine").final
    before = {path: path.read_bytes() for path in files.paths() if path.exists()}
    assert run(start, mine, out, peak_rate=10.0) == 1
    assert "cnn_model_v2.py: not kept: the new network" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in files.paths() if path.exists()} == before
    assert not (out / "running").exists()


def outcome(hand_misses, other_misses, loss=0.5):
    return Outcome(Score(loss, hand_misses, 20), Score(0.02, other_misses, 6000))


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (outcome(5, 20), outcome(1, 20), None),
        (outcome(5, 20), outcome(1, 23), None),
        (outcome(5, 20), outcome(1, 24), "forgotten too much"),
        (outcome(5, 20), outcome(6, 20), "misreads 6 of 20 digits held back, the one before 5"),
        (outcome(0, 20), outcome(0, 20, 0.4), None),
        (outcome(0, 20), outcome(0, 20, 0.505), None),
        (outcome(0, 20), outcome(0, 20, 0.6), "its loss on them is 0.6000, before 0.5000"),
    ],
)
def test_what_counts_as_worse(before, after, why):
    one = Labelled(np.zeros((1, 28, 28, 1)), np.zeros(1, int))
    hand = learning.Hand(Source("pictures", "", one, None), one, one, one, one, one, "mnist")
    reason = why_worse(before, after, hand, LEARNING)
    assert reason is None if why is None else why in reason


def test_a_name_needs_a_start(tmp_path, capsys):
    assert cnn_model_v2.main(["--name", "anna", "--out", str(tmp_path)]) == 2
    assert "--name: expected --start" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["cnn_v3", "CNN_digit03", "a/b", "..", "", "-x", "a.keras", "é"])
def test_a_name_takes_no_shipped_place_and_is_no_path(start, mine, tmp_path, capsys, name):
    with pytest.raises(SystemExit) as ended:
        run(start, mine, tmp_path, f"--name={name}")
    assert ended.value.code == 2
    assert "--name" in capsys.readouterr().err


def test_a_network_of_another_name(start, mine, tmp_path, capsys):
    assert run(start, mine, tmp_path, "--name", "anna") == 0
    assert (tmp_path / "checkpoints" / "anna.keras").exists()
    assert "test_load.py --models" in " ".join(capsys.readouterr().out.split())


def test_stems_of_learned_networks(tmp_path):
    for name, stem in {
        "cnn_digit03.keras": "cnn_digit03_mine",
        "cnn_digit03_mine.keras": "cnn_digit03_mine",
        "my net (1).keras": "my_net__1__mine",
    }.items():
        assert learned_run(tmp_path, tmp_path / name).stem == stem


def test_too_few_digits_are_one_sentence(start, tmp_path, capsys):
    save_digits(tmp_path / "mine", *write_digits(4))
    assert run(start, tmp_path / "mine", tmp_path / "out") == 2
    assert "expected at least 5 of your digits to learn your hand from, got 4" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_handful_is_learned_and_judged_by_what_it_learned(start, tmp_path, capsys):
    pixels, labels = write_digits(6)
    save_digits(tmp_path / "mine", pixels, labels)
    assert run(start, tmp_path / "mine", tmp_path / "out") in (0, 1)
    assert "none is held back" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--start", "{start}"], "expected your digits, too"),
        (["--start", "{start}", "--data", "mnist"], "expected a file or folder with your digits"),
        (["--start", "{start}", "--data", "{mine}", "--limit", "9"], "expected no --limit"),
        (["--start", "{start}", "--data", "{mine}", "--recipe", "published"], "expected no --recipe"),
        (["--start", "{start}", "--data", "{mine}", "--model", "cnn_v1"], "expected no --model"),
        (["--start", "{nothing}", "--data", "{mine}"], "--start: expected the .keras file of a network"),
        (["--start", "{words}", "--data", "{mine}"], "words.keras: "),
        (["--start", "{logits}", "--data", "{mine}"], "add up to 1"),
        (
            ["--start", "{wide}", "--data", "{mine}"],
            "expected (28, 28, 1) images in and 10 probabilities out",
        ),
        (["--start", "{fixed}", "--data", "{mine}"], "without weights to train"),
    ],
)
def test_what_cannot_be_learned_is_one_sentence(start, mine, tmp_path, capsys, more, why):
    layers = keras.layers
    models = {
        "logits": [layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)],
        "wide": [layers.Input((32, 32, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")],
        "fixed": [
            layers.Input((28, 28, 1)),
            layers.Conv2D(10, 28, trainable=False),
            layers.Flatten(),
            layers.Softmax(),
        ],
    }
    paths = {"start": start, "mine": mine, "nothing": tmp_path / "nothing.keras"}
    for name, parts in models.items():
        paths[name] = tmp_path / f"{name}.keras"
        keras.Sequential(parts).save(paths[name])
    paths["words"] = tmp_path / "words.keras"
    paths["words"].write_text("no network")
    assert quick_learning.main([*(one.format(**paths) for one in more), "--out", str(tmp_path / "out")]) == 2
    assert why in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_strangers_network_of_images_without_channels_learns(mine, tmp_path):
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")]
    )
    model.save(tmp_path / "stranger.keras")
    assert run(tmp_path / "stranger.keras", mine, tmp_path / "out") == 0
    assert Run(tmp_path / "out", "stranger_mine").final.model.exists()


def test_some_of_each_digit_are_held_back_and_none_twice():
    pixels, _ = write_digits(26)
    labels = np.array([1] * 11 + [7] * 4 + [3] * 11)
    images = unit_range(pixels)
    source = Source(
        "pictures", "", Labelled(np.concatenate([images, images[:5]]), np.append(labels, labels[:5])), None
    )
    learned, held_back = own_digits(source, HAND)
    assert np.bincount(held_back.labels, minlength=10).tolist() == [0, 2, 0, 2, 0, 0, 0, 0, 0, 0]
    assert len(learned) + len(held_back) == 26
    assert not {image.tobytes() for image in learned.images} & {image.tobytes() for image in held_back.images}


def test_written_digits_are_in_the_forms_of_the_persons():
    random = np.random.default_rng(3)
    ones = unit_range(in_ink(paths_in_forms([FORMS[1][4]], 20, random), random))  # with flag and a wide foot
    forms = [strokes for _, strokes in FORMS[1]]
    with_feet = frequencies(ones, forms, random)[[2, 4]]
    assert with_feet.sum() > 12
    pixels, labels = write_alike(ones, np.ones(20, int), 40, 1)
    assert (pixels.shape, set(labels)) == ((40, 28, 28), set(range(10)))


def test_taking_back_moves_the_files_to_previous(tmp_path):
    run = Run(tmp_path, "cnn_digit03_mine")
    for path in (run.final.model, run.final.record):
        path.parent.mkdir(parents=True)
        path.write_text("whole")
    run.take_back()
    assert not any(path.exists() for path in run.final.paths())
    assert run.previous.model.read_text() == run.previous.record.read_text() == "whole"


def test_the_flags_are_in_readme():
    assert "--start checkpoints/cnn_digit03.keras --data data/mine" in (PROJECT / "README.md").read_text()
