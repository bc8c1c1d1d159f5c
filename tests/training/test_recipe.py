"""What our recipe does: rate, averages, labels, confidence."""

import dataclasses
import json

import keras
import numpy as np
import pytest

import cnn_model_v2
import models
from handwriting.data.load import load
from handwriting.training import confidence, run_files
from handwriting.training.confidence import best_temperature, tempered
from tests.helpers import rows, train


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
    too_sure = tempered(true, 0.5)
    temperature = best_temperature(labels, too_sure)
    assert temperature == pytest.approx(2, rel=0.1)
    np.testing.assert_allclose(tempered(too_sure, 2), true, atol=1e-5)


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
    wanted = tempered(model.predict(inputs, verbose=0), 0.5)
    np.testing.assert_allclose(saved, wanted, atol=1e-5)


def test_confidence_is_set_right_where_enough_images_can_tell(digits_file, tmp_path, monkeypatch):
    monkeypatch.setattr(confidence, "CONFIDENCE_IMAGES", 60)
    assert train(digits_file, tmp_path / "right", epochs=8) == 0
    monkeypatch.setattr(confidence, "best_temperature", lambda labels, probabilities: 1.0)
    assert train(digits_file, tmp_path / "plain", epochs=8) == 0
    right, plain = (run_files.final_files(tmp_path / name, "mlp") for name in ("right", "plain"))
    story = json.loads(right.settings.read_text())
    assert story["smoothing"] == cnn_model_v2.SMOOTHING
    assert story["temperature"] != 1
    validation = load(str(digits_file)).validation
    answers = [
        keras.models.load_model(files.model).predict(validation.images, verbose=0) for files in (right, plain)
    ]
    np.testing.assert_allclose(tempered(answers[1], story["temperature"]), answers[0], atol=1e-4)
    # The CSV's loss is what smoothed labels cost beyond what they must.
    network = cnn_model_v2.with_our_recipe(models.NETWORKS["mlp"], 32, steps=100)
    wanted = cnn_model_v2.targets(validation.labels, network)
    best = min(float(row["val_loss"]) for row in rows(plain.log))
    assert (wanted * np.log(wanted / answers[1])).sum(axis=1).mean() == pytest.approx(best, rel=1e-3)


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
