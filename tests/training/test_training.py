"""Whole training runs, as a user starts them."""

import json
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
from PIL import Image

import cnn_model_v2
from handwriting.data.load import OfflineSizes, load
from handwriting.data.sets import Dataset, Labelled
from handwriting.report.score import score
from handwriting.shipped import PROJECT, STEMS
from handwriting.training import advice, plan
from handwriting.training.confidence import tempered
from handwriting.training.plan import Extent
from handwriting.training.progress import HEADER, in_words
from handwriting.training.run_files import Run
from handwriting.training.watching import close_log
from tests.helpers import rows, train, written_images

COLUMNS = ["epoch", "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss"]


def test_run_leaves_its_record(trained):
    files = Run(trained, "mlp_own").final
    assert sorted(path.name for path in trained.iterdir()) == ["checkpoints", "logs"]
    table = rows(files.log)
    assert list(table[0]) == COLUMNS
    assert [row["epoch"] for row in table] == [str(epoch) for epoch in range(8)]
    record = json.loads(files.record.read_text())
    assert record["model"] == "mlp"
    assert record["seed"] == 0
    assert record["precision"] == "float32"
    assert record["images"] == {"training": 540, "validation": 60, "test": 200}
    assert record["versions"]["keras"] == keras.__version__
    assert record["epochs_trained"] == 8
    assert float(table[record["best_epoch"] - 1]["val_loss"]) == min(float(row["val_loss"]) for row in table)
    for path in (files.curves, files.confusion, files.misread):
        with Image.open(path) as image:
            assert min(image.size) > 100


def test_the_scored_model_is_the_saved_best_one(trained, digits_file):
    files = Run(trained, "mlp_own").final
    model = keras.models.load_model(files.model)
    record = json.loads(files.record.read_text())
    data = load(str(digits_file))
    result = score(data.test.labels, model.predict(data.test.images, verbose=0))
    assert result.misses == record["test"]["misses"]
    assert result.loss == pytest.approx(record["test"]["loss"], rel=1e-4)
    # The best epoch of the CSV was saved, after its confidence was set right.
    probabilities = model.predict(data.validation.images, verbose=0)
    as_trained = tempered(probabilities, 1 / record["temperature"])
    best = min(float(row["val_loss"]) for row in rows(files.log))
    assert score(data.validation.labels, as_trained).loss == pytest.approx(best, rel=1e-3)
    # 60 validation images are too few to set the confidence right, so the labels are not smoothed.
    assert (record["temperature"], record["smoothing"]) == (1.0, 0.0)
    assert not model.compiled
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}


def test_output_of_a_run(digits_file, tmp_path, capsys):
    assert train(digits_file, tmp_path, model="cnn_small", epochs=2) == 0
    lines = capsys.readouterr().out.splitlines()
    said = "\n".join(lines)
    assert f"images   images from {digits_file}" in said
    assert "540 for training, 60 for validation, 200 for the test" in said
    assert "cnn_small: 5,386 parameters, float32" in said
    assert "  1/2  " in said
    closing = next(line for line in lines if line.startswith("test  loss "))
    assert "accuracy" in closing
    assert closing.split("misses ")[1].endswith("/200")
    written = [line.removeprefix("wrote ") for line in lines if line.startswith("wrote ")]
    assert len(written) == 6
    assert all(str(tmp_path) in path for path in written)


def test_offline_run_says_what_its_figure_is_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("handwriting.data.load.OFFLINE", OfflineSizes(test=500))
    assert train("offline", tmp_path, "--limit", "500", epochs=1) == 0
    assert "written digits" in next(
        line for line in capsys.readouterr().out.splitlines() if line.startswith("test ")
    )
    assert Run(tmp_path, "mlp_offline_try").final.model.exists()


def test_offline_runs_take_five_epochs_unless_told(tmp_path, monkeypatch):
    monkeypatch.setattr("handwriting.data.load.OFFLINE", OfflineSizes(test=500))
    arguments = ["--model", "cnn_small", "--data", "offline", "--limit", "200", "--precision", "float32"]
    assert cnn_model_v2.main([*arguments, "--out", str(tmp_path)]) == 0
    assert len(rows(Run(tmp_path, "cnn_small_offline_try").final.log)) == 5


def test_training_on_a_persons_own_pictures(tmp_path, capsys):
    for digit in (1, 4, 7, 0):
        (tmp_path / "digits" / str(digit)).mkdir(parents=True)
        for number, pixels in enumerate(written_images(digit, 45)):
            Image.fromarray(pixels).save(tmp_path / "digits" / str(digit) / f"{number}.png")
    assert train(tmp_path / "digits", tmp_path, model="cnn_drawn", epochs=8) == 0
    record = json.loads(Run(tmp_path, "cnn_drawn_own").final.record.read_text())
    assert record["data"] == "pictures"
    assert record["images"] == {"training": 146, "validation": 16, "test": 18}
    said = " ".join(capsys.readouterr().out.split())
    assert "16 steps may be too few to learn from: most networks need at least 100; add --epochs 50" in said
    assert "the accuracy on 18 test images will say little: one image is 5.6 points" in said
    assert "no training image shows 2, 3, 5, 6, 8, 9: the network will not read these digits" in said


@pytest.mark.parametrize("model", ["cnn_v2", "cnn_v1", "cnn_drawn"])
def test_every_network_trains(model, digits_file, tmp_path):
    assert train(digits_file, tmp_path, "--limit", "160", model=model, epochs=1) == 0
    stem = STEMS[model] + "_own_try"
    assert Run(tmp_path, stem).final.model.exists()


def test_lines_of_a_log_end_once(tmp_path):
    """As Keras leaves them on Windows."""
    (tmp_path / "log.csv").write_bytes(b"epoch,loss\r\r\n0,0.5\r\r\n")
    close_log(tmp_path / "log.csv", [])
    assert (tmp_path / "log.csv").read_bytes() == b"epoch,loss\r\n0,0.5\r\n"


def test_same_seed_same_model_other_seed_another(digits_file, tmp_path):
    weights = []
    for name, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        assert train(digits_file, tmp_path / name, "--seed", seed, epochs=1) == 0
        model = keras.models.load_model(Run(tmp_path / name, "mlp_own").final.model)
        weights.append(np.concatenate([weight.ravel() for weight in model.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()


def test_training_again_keeps_one_generation(digits_file, tmp_path):
    final, previous = Run(tmp_path, "mlp_own").final, Run(tmp_path, "mlp_own").previous
    assert train(digits_file, tmp_path, "--seed", "1", epochs=1) == 0
    first = final.model.read_bytes()
    assert train(digits_file, tmp_path, "--seed", "2", epochs=1) == 0
    assert final.model.read_bytes() != first
    assert previous.model.read_bytes() == first
    assert json.loads(previous.record.read_text())["seed"] == 1


def test_seconds_include_the_drawing_of_extra_images(digits_file, tmp_path, monkeypatch):
    draw = plan.draw_extra_images
    monkeypatch.setattr(plan, "draw_extra_images", lambda *arguments: time.sleep(3) or draw(*arguments))
    started = time.perf_counter()
    assert train(digits_file, tmp_path) == 0
    seconds = json.loads(Run(tmp_path, "mlp_own").final.record.read_text())["seconds"]
    assert 3 < seconds < time.perf_counter() - started


def test_no_log_lines_of_tensorflow(digits_file, tmp_path):
    command = [
        sys.executable,
        "cnn_model_v2.py",
        "--model",
        "mlp",
        "--data",
        str(digits_file),
        "--epochs",
        "1",
    ]
    done = subprocess.run([*command, "--out", str(tmp_path)], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("images   ")


def test_a_run_on_other_data_takes_no_shipped_networks_place(digits_file, tmp_path, capsys):
    shipped = Run(tmp_path, "mlp").final.model
    shipped.parent.mkdir()
    shipped.write_bytes(b"a network")
    assert train(digits_file, tmp_path, epochs=1) == 0
    assert shipped.read_bytes() == b"a network"
    assert "that was there before" not in capsys.readouterr().out


def test_a_run_that_replaces_a_network_says_where_it_is_and_how_it_comes_back(digits_file, tmp_path, capsys):
    final, previous = Run(tmp_path, "mlp_own").final.model, Run(tmp_path, "mlp_own").previous.model
    for _ in range(2):
        assert train(digits_file, tmp_path, epochs=1) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"the mlp_own that was there before is now in {previous.parent} and" in said
    assert "to bring it back, move those files one folder up" in said
    assert f"next, read pictures with it: python test_load.py --models {final}" in said


def test_an_accuracy_near_chance_is_called_so(noise_file, tmp_path, capsys):
    assert train(noise_file, tmp_path, epochs=1) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "is close to guessing (10%): the network has learned next to nothing; train it longer" in said


def test_a_useful_run_is_called_nothing_of_that(capsys):
    digits = Labelled(np.zeros((10, 28, 28, 1)), np.arange(10))
    data = Dataset("npz", "", digits, digits, digits.take(np.arange(100) % 10), 0)
    assert advice.before(data, Extent(images=10_000, validation=1_000, epochs=2, batch_size=128)) == []


def test_data_given_twice_is_an_error(digits_file, capsys):
    with pytest.raises(SystemExit) as ended:
        cnn_model_v2.main(["--data", str(digits_file), "--data", "mnist"])
    assert ended.value.code == 2
    assert "expected --data once, got it twice" in capsys.readouterr().err


def test_resume_without_a_run_to_resume_loads_no_data(tmp_path, capsys, monkeypatch):
    """It once wrote 70,000 digits first."""
    monkeypatch.setattr("handwriting.data.load.load", lambda *wanted: pytest.fail("data was loaded"))
    assert cnn_model_v2.main(["--resume", "--out", str(tmp_path)]) == 0
    assert "nothing left to resume: no unfinished run of cnn_digit02" in capsys.readouterr().out


def test_resume_names_the_unfinished_trainings_of_networks(tmp_path, capsys):
    for stem in ("cnn_drawn", "reader/finder"):
        folder = tmp_path / "running" / stem
        folder.mkdir(parents=True)
        (folder / "lock").touch()
    assert cnn_model_v2.main(["--resume", "--out", str(tmp_path)]) == 0
    assert "to go on with cnn_drawn give that run's other arguments" in capsys.readouterr().out


@pytest.mark.parametrize(("seconds", "words"), [(4.4, "4 s"), (600, "10 min"), (9000, "2.5 h")])
def test_the_time_that_is_left_in_words(seconds, words):
    assert in_words(seconds) == words


def test_each_epoch_has_a_line_with_the_time_that_all_take(digits_file, tmp_path, capsys):
    assert train(digits_file, tmp_path, epochs=3) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index(HEADER)
    assert [line.split()[0] for line in lines[start + 1 : start + 4]] == ["1/3", "2/3", "3/3"]
    assert all(line.endswith((" s", " min", " h")) for line in lines[start + 1 : start + 4])
    paths = [line for line in lines if str(tmp_path) in line or str(digits_file) in line]
    assert max(len(line) for line in lines if line not in paths) <= 80
