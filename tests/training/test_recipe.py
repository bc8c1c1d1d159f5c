"""What our recipe does: labels, confidence, learning rate, averaged weights, batch-norm statistics."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

import cnn_model_v2
import models
from cnn_model_v2 import RECIPE
from handwriting.data.load import load
from handwriting.training import callbacks
from handwriting.training import plan as plan_module
from handwriting.training.callbacks import recompute_statistics
from handwriting.training.confidence import best_temperature, tempered
from handwriting.training.plan import Extent, Plan, plan
from handwriting.training.recipe import Recipe, climb_and_fall
from handwriting.training.results import layer_of_logits, save_portable
from handwriting.training.run_files import Run
from tests.helpers import rows, train


def planned(name: str, recipe: Recipe | None = RECIPE, epochs: int = 15, batch_size: int = 128) -> Plan:
    """How a network is trained on 1,000 images, with enough validation images to set the confidence right."""
    return plan(models.NETWORKS[name], recipe, Extent(1_000, 1_000, epochs, batch_size))


def peak_rate(batch_size: int) -> float:
    """The highest learning rate of the mlp."""
    return models.NETWORKS["mlp"].peak_rate * (batch_size / RECIPE.peak_batch) ** 0.5


def test_labels_of_our_recipe_are_smoothed():
    three = np.eye(10)[[3]]
    np.testing.assert_allclose(planned("cnn_v2").labels([3]), 0.9 * three + 0.01)
    np.testing.assert_allclose(planned("cnn_small").labels([3]), three)
    assert planned("cnn_v2", recipe=None).labels([3]) == [3]
    targets = planned("cnn_v2").draw_extra().targets
    np.testing.assert_allclose(targets.sum(axis=1), 1)
    assert set(targets.max(axis=1).round(6)) == {0.1, 0.91}  # a non-digit, a digit


def test_a_network_without_spare_weights_gets_no_extra_images():
    assert planned("cnn_small").draw_extra is None
    assert len(planned("cnn_v3").draw_extra()) > 0


def test_a_network_without_spare_weights_sees_no_spoilt_images(digits):
    images = np.repeat((digits[0][:1, ..., np.newaxis] / 255).astype(np.float32), 100, axis=0)
    all_spoilt = replace(RECIPE, spoilt=1.0)
    spoilt, whole = (
        planned(name, recipe).augment(images, np.random.default_rng(0))
        for name, recipe in (("cnn_v3", all_spoilt), ("cnn_small", all_spoilt))
    )
    np.testing.assert_array_equal(whole, planned("cnn_small").augment(images, np.random.default_rng(0)))
    assert (spoilt != whole).any(axis=(1, 2, 3)).mean() > 0.9  # a cover may lie beside the digit


def test_published_settings_add_nothing_to_a_training():
    published = planned("cnn_v2", recipe=None)
    assert published.augment is published.draw_extra is None
    assert published.callbacks(None) == []
    assert published.temperature(None, None) == 1.0


def test_a_recipe_is_varied_with_replace(digits):
    images = np.repeat((digits[0][:1, ..., np.newaxis] / 255).astype(np.float32), 16, axis=0)
    still = replace(
        RECIPE,
        turn=0.0,
        scale=(1.0, 1.0),
        slant=0.0,
        shift=0.0,
        warp=0.0,
        other_pens=0.0,
        spoilt=0.0,
        non_digits=0.0,
        written=0.0,
    )
    unchanged = planned("cnn_v3", still)
    np.testing.assert_allclose(unchanged.augment(images, np.random.default_rng(0)), images, atol=1e-5)
    assert unchanged.draw_extra() is None
    warped = planned("cnn_v3", replace(still, warp=1.0)).augment(images, np.random.default_rng(0))
    assert (np.abs(warped - images).max(axis=(1, 2, 3)) > 0.1).all()


def test_temperature_makes_confidence_mean_what_it_says():
    random = np.random.default_rng(0)
    true = random.dirichlet(np.full(10, 0.2), 4000)
    labels = np.array([random.choice(10, p=row) for row in true])
    too_sure = tempered(true, 0.5)
    temperature = best_temperature(labels, too_sure, RECIPE.temperatures)
    assert temperature == pytest.approx(2, rel=0.1)
    np.testing.assert_allclose(tempered(too_sure, 2), true, atol=1e-5)


def test_confidence_is_set_right_if_softmax_is_a_layer_of_its_own(tmp_path):
    def build():
        return keras.Sequential(
            [
                keras.layers.Input((5,)),
                keras.layers.Dense(10, dtype="float32"),
                keras.layers.Softmax(dtype="float32"),
            ]
        )

    model, inputs = build(), np.random.default_rng(0).normal(size=(20, 5))
    save_portable(model, build, tmp_path / "own.keras", temperature=0.5)
    saved = keras.models.load_model(tmp_path / "own.keras").predict(inputs, verbose=0)
    wanted = tempered(model.predict(inputs, verbose=0), 0.5)
    np.testing.assert_allclose(saved, wanted, atol=1e-5)


def test_confidence_is_left_as_it_is_if_no_layer_gives_the_logits():
    """Dividing the weights of these by a temperature would change more than the confidence."""
    layers = keras.layers
    image = layers.Input((5,))
    normalised = layers.Softmax()(layers.BatchNormalization()(layers.Dense(10)(image)))
    heads = layers.Average()([layers.Dense(10, activation="softmax")(image) for _ in range(2)])
    plain = layers.Activation("softmax")(layers.Dense(10)(image))
    assert layer_of_logits(keras.Model(image, normalised)) is None
    assert layer_of_logits(keras.Model(image, heads)) is None
    assert isinstance(layer_of_logits(keras.Model(image, plain)), layers.Dense)
    bent = layers.Softmax()(layers.Dense(10, activation="tanh")(image))
    twice = layers.Softmax()(layers.Dense(10, activation="softmax")(image))
    split = layers.Activation("softmax")(layers.Activation("linear")(layers.Dense(10)(image)))
    assert layer_of_logits(keras.Model(image, bent)) is None
    assert layer_of_logits(keras.Model(image, twice)) is None
    assert isinstance(layer_of_logits(keras.Model(image, split)), layers.Dense)


def test_confidence_is_set_right_if_there_are_enough_images(digits_file, tmp_path, monkeypatch):
    few_are_enough = replace(RECIPE, calibration_images=60)
    monkeypatch.setitem(cnn_model_v2.RECIPES, "ours", few_are_enough)
    assert train(digits_file, tmp_path / "right", epochs=8) == 0
    monkeypatch.setitem(cnn_model_v2.RECIPES, "ours", replace(few_are_enough, temperatures=(1.0,)))
    assert train(digits_file, tmp_path / "plain", epochs=8) == 0
    right, plain = (Run(tmp_path / name, "mlp_own").final for name in ("right", "plain"))
    record = json.loads(right.record.read_text())
    assert record["smoothing"] == RECIPE.smoothing
    assert record["temperature"] != 1
    validation = load(str(digits_file)).validation
    answers = [
        keras.models.load_model(files.model).predict(validation.images, verbose=0) for files in (right, plain)
    ]
    np.testing.assert_allclose(tempered(answers[1], record["temperature"]), answers[0], atol=1e-4)
    # The loss in the CSV is the part of the cross-entropy that smoothed labels leave to the network.
    wanted = planned("mlp").labels(validation.labels)
    best = min(float(row["val_loss"]) for row in rows(plain.log))
    assert (wanted * np.log(wanted / answers[1])).sum(axis=1).mean() == pytest.approx(best, rel=1e-3)


def test_learning_rate_is_halved_and_training_ends_early(noise_file, tmp_path):
    assert train(noise_file, tmp_path, "--recipe", "published", epochs=40) == 0
    table = rows(Run(tmp_path, "mlp_own").final.log)
    rates = [float(row["learning_rate"]) for row in table]
    losses = [float(row["val_loss"]) for row in table]
    assert len(table) < 40
    assert len(table) == int(np.argmin(losses)) + 1 + 5
    assert rates[0] == pytest.approx(1e-3)
    assert rates[-1] == pytest.approx(5e-4)


def test_our_learning_rate_climbs_and_falls_and_stays_halved(noise_file, tmp_path):
    assert train(noise_file, tmp_path, epochs=40) == 0
    table = rows(Run(tmp_path, "mlp_own").final.log)
    rates = [float(row["learning_rate"]) for row in table]
    best = int(np.argmin([float(row["val_loss"]) for row in table]))
    assert len(table) == best + 1 + 10  # twice the patience of a run of 15 epochs
    steps_an_epoch = -(-540 // 32)
    scheduled = [
        peak_rate(32) * climb_and_fall((epoch + 1) * steps_an_epoch, 40 * steps_an_epoch, RECIPE.warm_up)
        for epoch in range(40)
    ]
    assert scheduled[0] < scheduled[3] > scheduled[20] > scheduled[38]
    parts = np.array(rates) / scheduled[: len(rates)]
    halvings = np.round(-np.log2(parts))
    np.testing.assert_allclose(parts, 0.5**halvings, rtol=1e-3)
    assert halvings[0] == 0
    assert halvings[-1] >= 1
    assert (np.diff(halvings) >= 0).all()


@pytest.mark.parametrize("epochs", [1, 2, 15])
def test_rate_reaches_its_peak_and_ends_near_zero_for_any_number_of_epochs(epochs):
    steps = 422 * epochs
    rates = [climb_and_fall(step, steps, RECIPE.warm_up) for step in range(steps)]
    assert 0.99 < max(rates) <= 1
    assert min(rates) > 0
    assert rates[-1] < 0.01
    assert np.argmax(rates) == pytest.approx(RECIPE.warm_up * steps, abs=1)


def test_saved_weights_are_the_running_mean_of_those_after_each_step(digits_file, tmp_path, monkeypatch):
    after_each_step = []
    real = plan_module.recipe_callbacks

    def watched(recipe, steps, batches):
        watcher = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: after_each_step.append(watcher.model.get_weights())
        )
        return [*real(recipe, steps, batches), watcher]

    monkeypatch.setattr(plan_module, "recipe_callbacks", watched)
    assert train(digits_file, tmp_path, epochs=3) == 0
    files = Run(tmp_path, "mlp_own").final
    momentum = 1 - 1 / (RECIPE.averaged * len(after_each_step))
    record = json.loads(files.record.read_text())
    best = record["best_epoch"] * len(after_each_step) // 3
    mean = after_each_step[0]
    for weights in after_each_step[1:best]:
        mean = [momentum * old + (1 - momentum) * new for old, new in zip(mean, weights, strict=True)]
    *body, kernel, bias = mean
    expected_weights = [*body, kernel / record["temperature"], bias / record["temperature"]]
    for saved, expected in zip(
        keras.models.load_model(files.model).get_weights(), expected_weights, strict=True
    ):
        np.testing.assert_allclose(saved, expected, atol=1e-5)
    assert any((one != other).any() for one, other in zip(mean, after_each_step[best - 1], strict=True))


def test_long_runs_average_no_more_steps_than_a_run_of_the_usual_length():
    def averaged(epochs: int) -> float:
        extent = Extent(images=54_000, validation=6_000, epochs=epochs, batch_size=128)
        return 1 / (1 - plan(models.NETWORKS["mlp"], RECIPE, extent).optimizer().ema_momentum)

    assert averaged(15) == pytest.approx(15 * averaged(1))
    assert averaged(240) == pytest.approx(averaged(60)) == pytest.approx(averaged(15), rel=0.1)


def test_batch_norm_statistics_are_those_of_the_current_weights():
    model = models.cnn_v3(dropout=0.0)
    images = np.random.default_rng(0).random((32, 28, 28, 1), np.float32)

    def largest_difference() -> float:
        """Between an answer with the batch's own statistics and one with the remembered statistics."""
        own, remembered = (np.asarray(model(images, training=training)) for training in (True, False))
        return np.abs(own - remembered).max()

    before = largest_difference()
    recompute_statistics(model, [(images, None)], most=20)
    assert largest_difference() < before / 20
    recompute_statistics(model, [(images, None), (images / 2, None), (images / 3, None)], most=2)
    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    before_it = keras.Model(model.inputs[0], first.input)
    of_both = [np.asarray(before_it(given)).mean((0, 1, 2)) for given in (images, images / 2)]
    np.testing.assert_allclose(first.moving_mean, np.mean(of_both, axis=0), atol=1e-4)
    assert first.momentum == keras.layers.BatchNormalization().momentum


def test_a_short_run_has_batch_norm_statistics_of_its_own(digits_file, tmp_path):
    """The statistics start from a variance of 1, and one training step hardly changes them."""
    assert train(digits_file, tmp_path, "--limit", "200", model="cnn_v3", epochs=1) == 0
    model = keras.models.load_model(Run(tmp_path, "cnn_digit03_own_try").final.model)
    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    assert np.median(np.abs(np.asarray(first.moving_variance) - 1)) > 0.1


def test_batch_norm_statistics_are_those_of_the_averaged_weights(digits_file, tmp_path, monkeypatch):
    recomputed = []
    real = callbacks.recompute_statistics

    def watched(model, batches, most):
        recomputed.append(np.asarray(model.layers[0].kernel))
        real(model, batches, most)

    monkeypatch.setattr(callbacks, "recompute_statistics", watched)
    assert train(digits_file, tmp_path, model="cnn_v3", epochs=3) == 0
    files = Run(tmp_path, "cnn_digit03_own").final
    best = json.loads(files.record.read_text())["best_epoch"]
    saved = np.asarray(keras.models.load_model(files.model).layers[0].kernel)
    np.testing.assert_allclose(saved, recomputed[best - 1], atol=1e-6)
