"""cnn_model_v2.py as people run it, on a few hundred written digits."""

import ast
import csv
import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import time
import types

import keras
import numpy as np
import pytest
from conftest import draw_strokes, stop_after
from PIL import Image

import cnn_model_v2
import models
from handwriting import processes
from handwriting.data.load import load
from handwriting.report.score import score
from handwriting.shipped import PROJECT, STEMS
from handwriting.training import run_files
from handwriting.training.batches import Batches, company

COLUMNS = ["epoch", "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss"]


def train(digits_file, out, *more, model="mlp", epochs=2):
    return cnn_model_v2.main(
        ["--model", model, "--data", str(digits_file), "--epochs", str(epochs), "--out", str(out)]
        + ["--precision", "float32", *more]
    )


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_run_leaves_its_story(trained):
    files = run_files.final_files(trained, "mlp")
    assert sorted(path.name for path in trained.iterdir()) == ["checkpoints", "logs"]
    table = rows(files.log)
    assert list(table[0]) == COLUMNS
    assert [row["epoch"] for row in table] == [str(epoch) for epoch in range(8)]
    story = json.loads(files.settings.read_text())
    assert story["model"] == "mlp"
    assert story["seed"] == 0
    assert story["precision"] == "float32"
    assert story["images"] == {"training": 540, "validation": 60, "test": 200}
    assert story["versions"]["keras"] == keras.__version__
    assert story["epochs_trained"] == 8
    assert float(table[story["best_epoch"] - 1]["val_loss"]) == min(float(row["val_loss"]) for row in table)
    for path in (files.curves, files.confusion, files.misread):
        with Image.open(path) as image:
            assert min(image.size) > 100


def test_the_scored_model_is_the_saved_best_one(trained, digits_file):
    files = run_files.final_files(trained, "mlp")
    model = keras.models.load_model(files.model)
    story = json.loads(files.settings.read_text())
    data = load(str(digits_file))
    result = score(data.test.labels, model.predict(data.test.images, verbose=0))
    assert result.misses == story["test"]["misses"]
    assert result.loss == pytest.approx(story["test"]["loss"], rel=1e-4)
    # The CSV's best epoch is what was saved, but that its confidence was set right afterwards.
    probabilities = model.predict(data.validation.images, verbose=0)
    as_trained = cnn_model_v2.tempered(probabilities, 1 / story["temperature"])
    best = min(float(row["val_loss"]) for row in rows(files.log))
    assert score(data.validation.labels, as_trained).loss == pytest.approx(best, rel=1e-3)
    # 60 validation images can't tell what confidence is right; so labels leave no doubt.
    assert (story["temperature"], story["smoothing"]) == (1.0, 0.0)
    assert not model.compiled
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}


def test_what_it_says(digits_file, tmp_path, capsys):
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
    monkeypatch.setattr("handwriting.data.load.OFFLINE_TEST", 500)
    assert train("offline", tmp_path, "--limit", "500", epochs=1) == 0
    assert "written digits" in next(
        line for line in capsys.readouterr().out.splitlines() if line.startswith("test ")
    )
    assert run_files.final_files(tmp_path, "mlp_offline_try").model.exists()


def test_offline_runs_take_five_epochs_unless_told(tmp_path, monkeypatch):
    monkeypatch.setattr("handwriting.data.load.OFFLINE_TEST", 500)
    arguments = ["--model", "cnn_small", "--data", "offline", "--limit", "200", "--precision", "float32"]
    assert cnn_model_v2.main([*arguments, "--out", str(tmp_path)]) == 0
    assert len(rows(run_files.final_files(tmp_path, "cnn_small_offline_try").log)) == 5


def test_training_on_a_persons_own_pictures(tmp_path):
    for label in ("1", "4", "7", "0"):
        (tmp_path / "digits" / label).mkdir(parents=True)
        for number in range(15):
            left, top = 40 + 3 * number, 30 + 2 * number
            picture = draw_strokes(label, width=8 + number, box=(left, top, left + 80, top + 110))
            picture.save(tmp_path / "digits" / label / f"{number}.png")
    assert train(tmp_path / "digits", tmp_path, model="cnn_drawn", epochs=8) == 0
    story = json.loads(run_files.final_files(tmp_path, "cnn_drawn").settings.read_text())
    assert story["data"] == "pictures"
    assert story["images"] == {"training": 49, "validation": 5, "test": 6}


@pytest.mark.parametrize("model", ["cnn_v2", "cnn_v1", "cnn_drawn"])
def test_every_network_trains(model, digits_file, tmp_path):
    assert train(digits_file, tmp_path, "--limit", "40", model=model, epochs=1) == 0
    stem = STEMS[model] + "_try"
    assert run_files.final_files(tmp_path, stem).model.exists()


@pytest.mark.parametrize("name", ["cnn_small", "cnn_v3"])
def test_bfloat16_run_saves_a_float32_model(name, digits_file, tmp_path):
    code = cnn_model_v2.main(
        ["--model", name, "--data", str(digits_file), "--epochs", "1", "--out", str(tmp_path)]
        + ["--precision", "bfloat16"]
    )
    assert code == 0
    model = keras.models.load_model(run_files.final_files(tmp_path, STEMS[name]).model)
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


def test_precision_is_chosen_by_speed(monkeypatch):
    monkeypatch.setattr(cnn_model_v2, "convolution_seconds", lambda precision: 1.0)
    for bfloat16_seconds, chosen in ((0.4, "bfloat16"), (0.9, "float32"), (3.0, "float32")):
        monkeypatch.setattr(
            cnn_model_v2,
            "step_seconds",
            lambda network, precision, *rest, fast=bfloat16_seconds: 1.0 if precision == "float32" else fast,
        )
        precision, reason = cnn_model_v2.choose_precision("auto", None, None, 128)
        assert precision == chosen
        assert f"{1 / bfloat16_seconds:.1f} times" in reason


def test_no_steps_are_timed_where_a_convolution_says_enough(monkeypatch):
    """A step in bfloat16 may take seconds on a processor that has no instructions for it."""
    monkeypatch.setattr(
        cnn_model_v2, "convolution_seconds", lambda precision: 0.1 if precision == "bfloat16" else 0.01
    )
    precision, reason = cnn_model_v2.choose_precision("auto", None, None, 128)
    assert precision == "float32"
    assert "0.1 times" in reason


def test_a_convolution_is_timed_in_both_precisions():
    assert min(map(cnn_model_v2.convolution_seconds, ("float32", "bfloat16"))) > 0


def test_lines_of_a_log_end_once(tmp_path):
    """As Keras leaves them on Windows."""
    (tmp_path / "log.csv").write_bytes(b"epoch,loss\r\r\n0,0.5\r\r\n")
    cnn_model_v2.close_log([], tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_bytes() == b"epoch,loss\r\n0,0.5\r\n"


def test_labels_of_our_recipe_leave_some_doubt():
    def ours(name: str):
        return cnn_model_v2.with_our_recipe(models.NETWORKS[name], 128, steps=100)

    three = np.eye(10)[[3]]
    np.testing.assert_allclose(cnn_model_v2.targets([3], ours("cnn_v2")), 0.9 * three + 0.01)
    np.testing.assert_allclose(cnn_model_v2.targets([3], ours("cnn_small")), three)
    assert cnn_model_v2.targets([3], models.NETWORKS["cnn_v2"]) == [3]
    _, of_company = cnn_model_v2.company(ours("cnn_v2"), 1000)
    np.testing.assert_allclose(of_company.sum(axis=1), 1)
    assert set(of_company.max(axis=1).round(6)) == {0.1, 0.91}  # a non-digit, a digit


def test_a_network_without_weights_to_spare_has_no_company():
    assert cnn_model_v2.company(models.NETWORKS["cnn_small"], 1000) is None
    pictures, rows = cnn_model_v2.company(models.NETWORKS["cnn_v3"], 1000)
    assert len(pictures) == len(rows) > 0


def test_temperature_makes_confidence_mean_what_it_says():
    random = np.random.default_rng(0)
    true = random.dirichlet(np.full(10, 0.2), 4000)
    labels = np.array([random.choice(10, p=row) for row in true])
    too_sure = cnn_model_v2.tempered(true, 0.5)
    temperature = cnn_model_v2.best_temperature(labels, too_sure)
    assert temperature == pytest.approx(2, rel=0.1)
    np.testing.assert_allclose(cnn_model_v2.tempered(too_sure, 2), true, atol=1e-5)


def test_confidence_is_set_right_where_softmax_is_a_layer_of_its_own(tmp_path):
    def build():
        return keras.Sequential(
            [
                keras.layers.Input((5,)),
                keras.layers.Dense(10, dtype="float32"),
                keras.layers.Softmax(dtype="float32"),
            ]
        )

    network = dataclasses.replace(models.NETWORKS["mlp"], build=build)
    model, inputs = build(), np.random.default_rng(0).normal(size=(20, 5))
    cnn_model_v2.save_for_everyone(model, network, tmp_path / "own.keras", temperature=0.5)
    saved = keras.models.load_model(tmp_path / "own.keras").predict(inputs, verbose=0)
    wanted = cnn_model_v2.tempered(model.predict(inputs, verbose=0), 0.5)
    np.testing.assert_allclose(saved, wanted, atol=1e-5)


def test_confidence_is_set_right_where_enough_images_can_tell(digits_file, tmp_path, monkeypatch):
    monkeypatch.setattr(cnn_model_v2, "CONFIDENCE_IMAGES", 60)
    assert train(digits_file, tmp_path / "right", epochs=8) == 0
    monkeypatch.setattr(cnn_model_v2, "best_temperature", lambda labels, probabilities: 1.0)
    assert train(digits_file, tmp_path / "plain", epochs=8) == 0
    right, plain = (run_files.final_files(tmp_path / name, "mlp") for name in ("right", "plain"))
    story = json.loads(right.settings.read_text())
    assert story["smoothing"] == cnn_model_v2.SMOOTHING
    assert story["temperature"] != 1
    validation = load(str(digits_file)).validation
    answers = [
        keras.models.load_model(files.model).predict(validation.images, verbose=0) for files in (right, plain)
    ]
    np.testing.assert_allclose(cnn_model_v2.tempered(answers[1], story["temperature"]), answers[0], atol=1e-4)
    # The CSV's loss is what smoothed labels cost beyond what they must.
    network = cnn_model_v2.with_our_recipe(models.NETWORKS["mlp"], 32, steps=100)
    wanted = cnn_model_v2.targets(validation.labels, network)
    best = min(float(row["val_loss"]) for row in rows(plain.log))
    assert (wanted * np.log(wanted / answers[1])).sum(axis=1).mean() == pytest.approx(best, rel=1e-3)


def test_same_seed_same_model_other_seed_another(digits_file, tmp_path):
    weights = []
    for name, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        assert train(digits_file, tmp_path / name, "--seed", seed, epochs=1) == 0
        model = keras.models.load_model(run_files.final_files(tmp_path / name, "mlp").model)
        weights.append(np.concatenate([weight.ravel() for weight in model.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()


@pytest.fixture
def noise_file(digits_file, tmp_path):
    """Digits with labels that nothing can learn: the callbacks must soon show their work in the CSV."""
    with np.load(digits_file) as archive:
        arrays = dict(archive)
    arrays["y_train"] = np.random.default_rng(999).integers(0, 10, len(arrays["y_train"]))
    np.savez(tmp_path / "noise.npz", **arrays)
    return tmp_path / "noise.npz"


def test_learning_rate_is_halved_and_training_ends_early(noise_file, tmp_path):
    assert train(noise_file, tmp_path, "--recipe", "published", epochs=40) == 0
    table = rows(run_files.final_files(tmp_path, "mlp").log)
    rates = [float(row["learning_rate"]) for row in table]
    losses = [float(row["val_loss"]) for row in table]
    assert len(table) < 40
    assert len(table) == int(np.argmin(losses)) + 1 + 5
    assert rates[0] == pytest.approx(1e-3)
    assert rates[-1] == pytest.approx(5e-4)


def test_our_learning_rate_climbs_and_falls_and_stays_halved(noise_file, tmp_path):
    assert train(noise_file, tmp_path, epochs=40) == 0
    table = rows(run_files.final_files(tmp_path, "mlp").log)
    rates = [float(row["learning_rate"]) for row in table]
    best = int(np.argmin([float(row["val_loss"]) for row in table]))
    assert len(table) == best + 1 + 10  # twice the patience of a run of 15 epochs
    steps_an_epoch = -(-540 // 32)
    peak = models.NETWORKS["mlp"].peak_rate * (32 / cnn_model_v2.PEAK_BATCH) ** 0.5
    planned = [
        peak * cnn_model_v2.rate_shape((epoch + 1) * steps_an_epoch, 40 * steps_an_epoch)
        for epoch in range(40)
    ]
    assert planned[0] < planned[3] > planned[20] > planned[38]
    parts = np.array(rates) / planned[: len(rates)]
    halvings = np.round(-np.log2(parts))
    np.testing.assert_allclose(parts, 0.5**halvings, rtol=1e-3)
    assert halvings[0] == 0
    assert halvings[-1] >= 1
    assert (np.diff(halvings) >= 0).all()


@pytest.mark.parametrize("epochs", [1, 2, 15])
def test_rate_reaches_its_peak_and_ends_near_nothing_whatever_the_epochs(epochs):
    steps = 422 * epochs
    shape = [cnn_model_v2.rate_shape(step, steps) for step in range(steps)]
    assert 0.99 < max(shape) <= 1
    assert min(shape) > 0
    assert shape[-1] < 0.01
    assert np.argmax(shape) == pytest.approx(cnn_model_v2.WARM_UP * steps, abs=1)


def test_saved_weights_are_the_running_mean_of_those_after_each_step(digits_file, tmp_path, monkeypatch):
    after_each_step = []
    ours = cnn_model_v2.our_callbacks

    def watched(steps, batches):
        watcher = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: after_each_step.append(watcher.model.get_weights())
        )
        return [*ours(steps, batches), watcher]

    monkeypatch.setattr(cnn_model_v2, "our_callbacks", watched)
    assert train(digits_file, tmp_path, epochs=3) == 0
    files = run_files.final_files(tmp_path, "mlp")
    momentum = 1 - 1 / (cnn_model_v2.AVERAGED * len(after_each_step))
    story = json.loads(files.settings.read_text())
    best = story["best_epoch"] * len(after_each_step) // 3
    mean = after_each_step[0]
    for weights in after_each_step[1:best]:
        mean = [momentum * old + (1 - momentum) * new for old, new in zip(mean, weights, strict=True)]
    *body, kernel, bias = mean
    expected_weights = [*body, kernel / story["temperature"], bias / story["temperature"]]
    for saved, expected in zip(
        keras.models.load_model(files.model).get_weights(), expected_weights, strict=True
    ):
        np.testing.assert_allclose(saved, expected, atol=1e-5)
    assert any((one != other).any() for one, other in zip(mean, after_each_step[best - 1], strict=True))


def test_long_runs_average_no_more_steps_than_runs_of_the_usual_length():
    one_epoch = 422

    def averaged(epochs: int) -> float:
        return 1 / (1 - cnn_model_v2.our_optimizer(0.01, 128, epochs * one_epoch).ema_momentum)

    assert averaged(15) == pytest.approx(15 * averaged(1))
    assert averaged(240) == pytest.approx(averaged(60)) == pytest.approx(averaged(15), rel=0.1)


def test_batch_normalisation_remembers_what_the_weights_in_place_make():
    model = models.cnn_v3(dropout=0.0)
    images = np.random.default_rng(0).random((32, 28, 28, 1), np.float32)

    def farthest() -> float:
        """From an answer with the batch's own means and spreads to one with the remembered ones."""
        own, remembered = (np.asarray(model(images, training=training)) for training in (True, False))
        return np.abs(own - remembered).max()

    before = farthest()
    cnn_model_v2.normalise_anew(model, [(images, None)])
    assert farthest() < before / 20
    cnn_model_v2.normalise_anew(model, [(images, None), (images / 2, None)])
    of_both = [np.asarray(model.layers[0](given)).mean((0, 1, 2)) for given in (images, images / 2)]
    np.testing.assert_allclose(model.layers[1].moving_mean, np.mean(of_both, axis=0), atol=1e-4)
    assert model.layers[1].momentum == models.cnn_v3().layers[1].momentum


def test_a_short_run_reads_with_means_and_spreads_of_its_own(digits_file, tmp_path):
    """Batch normalisation starts from spreads of 1, and remembers a hundred batches: a step changes hardly anything."""
    assert train(digits_file, tmp_path, "--limit", "100", model="cnn_v3", epochs=1) == 0
    model = keras.models.load_model(run_files.final_files(tmp_path, "cnn_digit03_try").model)
    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    assert np.median(np.abs(np.asarray(first.moving_variance) - 1)) > 0.1


def test_batch_normalisation_sees_the_averaged_weights(digits_file, tmp_path, monkeypatch):
    normalised = []
    real = cnn_model_v2.normalise_anew

    def watched(model, batches):
        normalised.append(np.asarray(model.layers[0].kernel))
        real(model, batches)

    monkeypatch.setattr(cnn_model_v2, "normalise_anew", watched)
    assert train(digits_file, tmp_path, model="cnn_v3", epochs=3) == 0
    files = run_files.final_files(tmp_path, "cnn_digit03")
    best = json.loads(files.settings.read_text())["best_epoch"]
    saved = np.asarray(keras.models.load_model(files.model).layers[0].kernel)
    np.testing.assert_allclose(saved, normalised[best - 1], atol=1e-6)


def test_training_again_keeps_one_generation(digits_file, tmp_path):
    final, previous = run_files.final_files(tmp_path, "mlp"), run_files.previous_files(tmp_path, "mlp")
    assert train(digits_file, tmp_path, "--seed", "1", epochs=1) == 0
    first = final.model.read_bytes()
    assert train(digits_file, tmp_path, "--seed", "2", epochs=1) == 0
    assert final.model.read_bytes() != first
    assert previous.model.read_bytes() == first
    assert json.loads(previous.settings.read_text())["seed"] == 1


@pytest.mark.parametrize(
    ("model", "recipe", "stopped_after"),
    [
        ("cnn_small", "ours", 1),
        ("cnn_small", "ours", 3),
        ("cnn_small", "published", 2),
        ("cnn_v3", "ours", 1),
    ],
)
def test_resumed_run_is_the_run_that_was_never_stopped(
    digits_file, tmp_path, monkeypatch, capsys, model, recipe, stopped_after
):
    """With dropout, whose random state must go on too: batch normalisation draws from it between epochs."""

    def train_small(name, *more):
        return train(digits_file, tmp_path / name, "--recipe", recipe, *more, model=model, epochs=3)

    assert train_small("whole") == 0
    with monkeypatch.context() as patched:
        stop_after(stopped_after, patched)
        assert train_small("parts") == 130
    assert "--resume" in capsys.readouterr().err
    assert train_small("parts") == 2  # not silently anew
    assert train_small("parts", "--resume") == 0
    whole, parts = (run_files.final_files(tmp_path / name, STEMS[model]) for name in ("whole", "parts"))
    assert parts.log.read_bytes() == whole.log.read_bytes()
    expected, actual = (keras.models.load_model(files.model).get_weights() for files in (whole, parts))
    for one, other in zip(expected, actual, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not (tmp_path / "parts" / "running").exists()


@pytest.mark.parametrize("stopped_after", [2, 4])
def test_resumed_run_remembers_how_long_it_has_waited(noise_file, tmp_path, monkeypatch, stopped_after):
    published = ["--recipe", "published"]
    assert train(noise_file, tmp_path / "whole", *published, epochs=40) == 0
    with monkeypatch.context() as patched:
        stop_after(stopped_after, patched)
        assert train(noise_file, tmp_path / "parts", *published, epochs=40) == 130
    assert train(noise_file, tmp_path / "parts", *published, "--resume", epochs=40) == 0
    whole, parts = (
        run_files.final_files(tmp_path / name, "mlp").log.read_bytes() for name in ("whole", "parts")
    )
    assert parts == whole
    assert b",0.0005" in whole


def test_resumed_run_keeps_its_halved_rate(noise_file, tmp_path, monkeypatch):
    assert train(noise_file, tmp_path / "whole", epochs=40) == 0
    log = run_files.final_files(tmp_path / "whole", "mlp").log
    epochs_trained = len(rows(log))
    with monkeypatch.context() as patched:
        stop_after(epochs_trained - 1, patched)
        assert train(noise_file, tmp_path / "parts", epochs=40) == 130
    assert train(noise_file, tmp_path / "parts", "--resume", epochs=40) == 0
    assert run_files.final_files(tmp_path / "parts", "mlp").log.read_bytes() == log.read_bytes()
    steps_an_epoch = -(-540 // 32)
    planned = cnn_model_v2.rate_shape(epochs_trained * steps_an_epoch, 40 * steps_an_epoch)
    peak = models.NETWORKS["mlp"].peak_rate * (32 / cnn_model_v2.PEAK_BATCH) ** 0.5
    assert float(rows(log)[-1]["learning_rate"]) < 0.51 * peak * planned


def test_resume_with_other_settings_is_refused(digits_file, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        train(digits_file, tmp_path, epochs=3)
    assert train(digits_file, tmp_path, "--resume", "--batch-size", "64", epochs=3) == 2
    assert "had batch_size 32, this command has 64" in capsys.readouterr().err


def test_resume_with_other_layers_is_refused(digits_file, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        assert train(digits_file, tmp_path, epochs=2) == 130
    changed = dataclasses.replace(models.NETWORKS["mlp"], build=models.cnn_small)
    monkeypatch.setitem(models.NETWORKS, "mlp", changed)
    assert train(digits_file, tmp_path, "--resume", epochs=2) == 2
    assert "other layers than mlp has now; delete" in capsys.readouterr().err


def test_a_run_killed_in_its_first_epoch_begins_again(trained, digits_file, tmp_path, capsys):
    command = [sys.executable, "cnn_model_v2.py", "--model", "mlp", "--data", str(digits_file)]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as run:
        next(line for line in run.stdout if line.startswith("Epoch 1"))
        run.kill()
    assert train(digits_file, tmp_path, "--resume", epochs=8) == 0
    assert "died before its first epoch had ended; it begins again" in capsys.readouterr().out
    logs = [run_files.final_files(out, "mlp").log.read_bytes() for out in (trained, tmp_path)]
    assert logs[0] == logs[1]
    assert train(digits_file, tmp_path, "--resume", epochs=8) == 0
    assert "nothing left to resume" in capsys.readouterr().out


def test_nothing_left_to_resume(trained, digits_file, capsys):
    assert train(digits_file, trained, "--resume") == 0
    assert "leave out --resume to train mlp anew" in capsys.readouterr().out


def test_resume_without_the_other_arguments_names_the_run_that_waits(
    digits_file, tmp_path, monkeypatch, capsys
):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        assert train(digits_file, tmp_path, "--limit", "100") == 130
    assert "the same command with --resume" in capsys.readouterr().err
    assert train(digits_file, tmp_path, "--resume") == 0
    assert "to go on with mlp_try give that run's other arguments, too" in capsys.readouterr().out
    assert train(digits_file, tmp_path, "--resume", "--limit", "100") == 0
    assert run_files.final_files(tmp_path, "mlp_try").settings.exists()


def test_seconds_count_what_is_drawn_to_learn_from(digits_file, tmp_path, monkeypatch):
    drawn = company
    monkeypatch.setattr("handwriting.training.batches.company", lambda beside: time.sleep(3) or drawn(beside))
    started = time.perf_counter()
    assert train(digits_file, tmp_path) == 0
    seconds = json.loads(run_files.final_files(tmp_path, "mlp").settings.read_text())["seconds"]
    assert 3 < seconds < time.perf_counter() - started


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_terminated_run_exits_143_and_leaves_nothing_before_its_first_epoch(digits_file, tmp_path):
    command = [sys.executable, "cnn_model_v2.py", "--data", str(digits_file), "--out", str(tmp_path)]
    # Quick to start, and long at its first epoch.
    command += ["--model", "cnn_drawn", "--precision", "float32", "--batch-size", "2"]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        for line in run.stdout:
            if line.startswith("Epoch 1"):
                break
        time.sleep(0.2)
        run.send_signal(signal.SIGTERM)
        error = run.communicate(timeout=60)[1]
    assert run.returncode == 143
    assert "Traceback" not in error
    assert not (tmp_path / "checkpoints").exists()


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with processes.signals_wait():
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_waits_for_the_end_of_the_batch_and_is_never_lost(number, signals_heard):
    with pytest.raises(KeyboardInterrupt), processes.signals_wait() as stop_if_asked:
        stop_if_asked()
        signal.raise_signal(number)  # an exception here might be swallowed inside TensorFlow
        with pytest.raises(KeyboardInterrupt) as interruption:
            stop_if_asked()
        assert interruption.value.args == (number,)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)  # the second one does not wait
    assert signal.getsignal(number) is signal.default_int_handler


def test_signal_after_the_last_batch_still_stops_the_run(signals_heard):
    with pytest.raises(KeyboardInterrupt), processes.signals_wait():
        signal.raise_signal(signal.SIGTERM)


def test_a_disk_without_space_ends_the_run_before_its_first_epoch(digits_file, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: types.SimpleNamespace(free=1_000_000))
    assert train(digits_file, tmp_path, "--epochs", "1") == 1
    printed = capfd.readouterr()
    assert "expected 3.5 MB free, came 1.0 MB" in printed.err
    assert "val_loss" not in printed.out
    assert not (tmp_path / "running").exists()


def test_loss_that_is_no_number_ends_the_run(digits_file, tmp_path, monkeypatch, capsys):
    import models

    hot = models.Network(models.mlp, lambda: keras.optimizers.SGD(1e30), True, 32, 5, ours={})
    monkeypatch.setitem(models.NETWORKS, "mlp", hot)
    assert train(digits_file, tmp_path, "--recipe", "published", epochs=3) == 1
    assert "not a number" in capsys.readouterr().err
    assert not run_files.final_files(tmp_path, "mlp").model.exists()


def test_one_epoch_that_ends_in_no_number_is_told(digits_file, tmp_path, monkeypatch, capsys):
    """Through labels: where pixels are no numbers, some processors' relu makes them 0."""
    real = cnn_model_v2.targets

    def with_broken_validation(labels, network):
        return real(labels, network) * (np.nan if len(labels) == 60 else 1)

    monkeypatch.setattr(cnn_model_v2, "targets", with_broken_validation)
    assert train(digits_file, tmp_path, epochs=1) == 1
    assert "nothing new was saved" in capsys.readouterr().err
    assert not (tmp_path / "running").exists()  # or the same command would find a run that can't be ended


@pytest.mark.parametrize("recipe", ["ours", "published"])
def test_the_best_model_before_a_loss_that_is_no_number_is_saved(
    digits_file, tmp_path, monkeypatch, capsys, recipe
):
    assert train(digits_file, tmp_path / "short", "--recipe", "published", epochs=2) == 0
    real = Batches.__getitem__

    def broken_later(self, index):
        pictures, targets = real(self, index)
        return pictures, (targets * np.nan if self.epoch == 2 else targets)

    monkeypatch.setattr(Batches, "__getitem__", broken_later)
    assert train(digits_file, tmp_path / "broken", "--recipe", recipe, epochs=6) == 1
    assert "in epoch 3; saving the best of the 2 before" in capsys.readouterr().err
    final = run_files.final_files(tmp_path / "broken", "mlp")
    weights = keras.models.load_model(final.model).get_weights()
    assert all(np.isfinite(array).all() for array in weights)
    assert json.loads(final.settings.read_text())["best_epoch"] <= 2
    if recipe == "published":  # whose epochs don't depend on how many there are to be
        expected = keras.models.load_model(
            run_files.final_files(tmp_path / "short", "mlp").model
        ).get_weights()
        for one, other in zip(weights, expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_output_that_nobody_takes_is_no_traceback(digits_file, tmp_path):
    command = [sys.executable, "cnn_model_v2.py", "--model", "mlp", "--data", digits_file, "--out", tmp_path]
    with subprocess.Popen(
        list(map(str, command)), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        run.stdout.close()
        told = run.stderr.read()
    assert "cnn_model_v2.py: the output was cut off" in told
    assert "free space" not in told
    assert "Traceback" not in told
    assert run.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--epochs", "0"], "expected a whole number of at least 1, came '0'"),
        (["--limit", "-5"], "came '-5'"),
        (["--limit=-5"], "expected a whole number of at least 1, came '-5'"),
        (["--batch-size", "x"], "expected a whole number of at least 1, came 'x'"),
        (["--model", "vgg"], "invalid choice: 'vgg'"),
        (["--seed", "-1"], "-1"),
        (["--data", "nowhere.npz"], "nowhere.npz does not exist"),
    ],
)
def test_wrong_usage_is_one_line(arguments, said):
    done = subprocess.run(
        [sys.executable, "cnn_model_v2.py", *arguments], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_out_that_cannot_be_written(digits_file, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert train(digits_file, tmp_path / "file") == 2
    assert "choose another with --out" in capsys.readouterr().err


@pytest.mark.parametrize("blocked", ["checkpoints", "logs"])
def test_result_folders_are_tried_before_the_training(digits_file, tmp_path, capsys, blocked):
    (tmp_path / blocked).write_text("")
    assert train(digits_file, tmp_path) == 2
    captured = capsys.readouterr()
    assert "choose another with --out" in captured.err
    assert "training at most" not in captured.out
    assert [path.name for path in tmp_path.iterdir()] == [blocked]


@pytest.mark.parametrize(
    "script", ["cnn_model_v2.py", "test_load.py", "handwriting/installation.py", "model_files.py"]
)
def test_an_old_python_can_read_the_scripts(script):
    """Annotations like `str | None` would end Python 3.9 before it is told that it is too old."""
    tree = ast.parse((PROJECT / script).read_text(encoding="utf-8"), feature_version=(3, 9))
    first = tree.body[1]
    assert isinstance(first, ast.ImportFrom)
    assert [name.name for name in first.names] == ["annotations"]


def test_help_needs_no_keras():
    program = (
        "import sys, cnn_model_v2, test_load; assert not {'keras', 'tensorflow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


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
