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
from handwriting.report.score import score
from handwriting.shipped import PROJECT, STEMS
from handwriting.training import plan
from handwriting.training.confidence import tempered
from handwriting.training.results import close_log
from handwriting.training.run_files import Run
from tests.helpers import draw_strokes, rows, train

COLUMNS = ["epoch", "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss"]


def test_run_leaves_its_record(trained):
    files = Run(trained, "mlp").final
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
    files = Run(trained, "mlp").final
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
    assert f"images from {digits_file}: 540 for training, 60 for validation, 200 for the test" in said
    assert "cnn_small: 5,386 parameters, float32" in said
    assert "Epoch 1/2" in said
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


def test_training_on_a_persons_own_pictures(tmp_path):
    for label in ("1", "4", "7", "0"):
        (tmp_path / "digits" / label).mkdir(parents=True)
        for number in range(15):
            left, top = 40 + 3 * number, 30 + 2 * number
            picture = draw_strokes(label, width=8 + number, box=(left, top, left + 80, top + 110))
            picture.save(tmp_path / "digits" / label / f"{number}.png")
    assert train(tmp_path / "digits", tmp_path, model="cnn_drawn", epochs=8) == 0
    record = json.loads(Run(tmp_path, "cnn_drawn").final.record.read_text())
    assert record["data"] == "pictures"
    assert record["images"] == {"training": 49, "validation": 5, "test": 6}


@pytest.mark.parametrize("model", ["cnn_v2", "cnn_v1", "cnn_drawn"])
def test_every_network_trains(model, digits_file, tmp_path):
    assert train(digits_file, tmp_path, "--limit", "40", model=model, epochs=1) == 0
    stem = STEMS[model] + "_try"
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
        model = keras.models.load_model(Run(tmp_path / name, "mlp").final.model)
        weights.append(np.concatenate([weight.ravel() for weight in model.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()


def test_training_again_keeps_one_generation(digits_file, tmp_path):
    final, previous = Run(tmp_path, "mlp").final, Run(tmp_path, "mlp").previous
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
    seconds = json.loads(Run(tmp_path, "mlp").final.record.read_text())["seconds"]
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
