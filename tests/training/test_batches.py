"""Batches: their order, augmentation, the extra images."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from cnn_model_v2 import RECIPE
from handwriting.training.batches import Batches, ExtraImages
from handwriting.training.extra_images import draw_extra_images
from handwriting.training.variation import sampled, source_places, varied, with_other_pens


def test_small_batches_have_their_share_of_extra_images():
    targets = np.zeros((4000, 10))
    extra = ExtraImages(np.ones((50, 28, 28, 1), np.float32), np.ones((50, 10)), share=0.055)
    batches = Batches(np.zeros((4000, 28, 28, 1), np.float32), targets, 4, seed=0, extra=extra)
    drawn = [batches[number][1].any(axis=1).sum() for number in range(len(batches))]
    assert sum(drawn) / 4000 == pytest.approx(0.055, abs=0.02)
    assert max(drawn) == 1


def test_batches_depend_on_seed_and_epoch_alone():
    images, labels = np.arange(10.0)[:, None], np.arange(10)
    one, other = Batches(images, labels, 4, seed=1), Batches(images, labels, 4, seed=1)
    assert len(one) == 3
    other.start_epoch(5)
    other.start_epoch(0)
    np.testing.assert_array_equal(one[1][1], other[1][1])
    first = np.concatenate([one[index][1] for index in range(3)])
    one.start_epoch(1)
    second = np.concatenate([one[index][1] for index in range(3)])
    assert sorted(first) == sorted(second) == list(range(10))
    assert list(first) != list(second)


def test_fit_sees_each_epoch_in_its_own_order():
    """Keras reads ahead; what it trains on must still be the order of that epoch."""
    seen = []

    class Recorder(keras.layers.Layer):
        def call(self, inputs):
            import tensorflow as tf

            tf.py_function(lambda values: seen.append(values.numpy().ravel().copy()), [inputs], [])
            return inputs

    numbers = np.arange(12, dtype=np.float32)[:, None]
    batches = Batches(numbers, numbers, 4, seed=3)
    model = keras.Sequential([keras.layers.Input((1,)), Recorder(), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    model.fit(batches, epochs=3, shuffle=False, verbose=0, callbacks=[batches.follow_epochs()])
    trained_on = np.concatenate(seen[-9:]).astype(int)
    expected = [np.random.default_rng([3, epoch]).permutation(12) for epoch in range(3)]
    np.testing.assert_array_equal(trained_on, np.concatenate(expected))


def test_extra_images_take_their_share_of_every_batch():
    images, targets = np.zeros((100, 28, 28, 1), np.float32), np.eye(10)[np.full(100, 3)]
    extra = draw_extra_images(replace(RECIPE, non_digits=0.2, written=0.1), training_images=100)
    assert extra.images.shape == (10, 28, 28, 1)
    assert (extra.targets == 0.1).all(axis=1).sum() == 7
    assert (extra.targets == 1).any(axis=1).sum() == 3
    batches = Batches(images, targets, 20, seed=0, extra=extra)
    for epoch in range(3):
        batches.start_epoch(epoch)
        for index in range(5):
            seen, seen_targets = batches[index]
            others = seen.any(axis=(1, 2, 3))  # the images are empty
            assert others.sum() == 6
            for image, target in zip(seen[others], seen_targets[others], strict=True):
                (which,) = np.flatnonzero((extra.images == image).all(axis=(1, 2, 3)))
                np.testing.assert_array_equal(target, extra.targets[which])
            np.testing.assert_array_equal(seen_targets[~others], targets[:14])
            np.testing.assert_array_equal(batches[index][0], seen)
    assert images.max() == 0
    assert targets[:, 3].min() == 1


def test_batches_have_several_workers():
    """With one, Keras lets tf.data tune itself, and some epochs begin many seconds late."""
    assert Batches(np.zeros((4, 28, 28, 1)), np.zeros(4), 2, 0).workers > 1


def test_augmentation_depends_on_seed_epoch_and_batch_alone(digits):
    one = (digits[0][:1, ..., np.newaxis] / 255).astype(np.float32)
    images = np.repeat(one, 64, axis=0)

    def augment(images, random):
        return varied(images, RECIPE, random)

    def batch(number, seed=4, epoch=0):
        batches = Batches(images, np.zeros(64), 32, seed, augment)
        batches.start_epoch(epoch)
        return batches[number][0]

    np.testing.assert_array_equal(batch(0), batch(0))
    for other in (batch(1), batch(0, seed=5), batch(0, epoch=1)):
        assert (batch(0) != other).any(axis=(1, 2, 3)).all()


def test_varied_images_are_the_same_digits_a_little_different(digits):
    images = (digits[0][:200, ..., np.newaxis] / 255).astype(np.float32)
    changed = varied(images, RECIPE, np.random.default_rng(0))
    assert changed.shape == images.shape
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1
    ink = changed.sum(axis=(1, 2, 3)) / images.sum(axis=(1, 2, 3))
    assert 0.4 < ink.min() < ink.max() < 1.8
    assert (np.abs(changed - images).mean(axis=(1, 2, 3)) > 0.001).all()
    rows = (changed.sum(axis=2)[..., 0] * np.arange(28)).sum(axis=1) / changed.sum(axis=(1, 2, 3))
    assert (np.abs(rows - 14) < RECIPE.shift + 1.5).all()


def test_other_pens_thicken_thin_and_soften_strokes():
    stroke = np.zeros((300, 28, 28, 1), np.float32)
    stroke[:, 4:24, 12:16] = 1
    written = with_other_pens(stroke, RECIPE.pen_change, np.random.default_rng(0))
    assert written.min() >= 0
    assert written.max() <= 1
    ink = written.sum(axis=(1, 2, 3)) / stroke[0].sum()
    assert (ink > 1.1).mean() > 0.2
    assert (ink < 0.9).mean() > 0.2
    assert (written[:, 14, 13:15].min(axis=(1, 2)) > 0.99).all()  # the middle of a wide stroke stays
    assert written[:, :, :10].max() == written[:, :, 18:].max() == 0  # and what is far from it


def test_images_sampled_at_their_own_pixels_or_a_pixel_beside_them():
    images = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    places = np.indices((28, 28)).reshape(1, 2, -1).repeat(3, axis=0).astype(np.float32)
    np.testing.assert_array_equal(sampled(images, places), images)
    below = sampled(images, places + np.array([[[1], [0]]], np.float32))
    np.testing.assert_allclose(below[:, :27], images[:, 1:], atol=1e-6)
    np.testing.assert_array_equal(below[:, 27], 0)
    between = sampled(images, places + np.array([[[0], [0.5]]], np.float32))
    np.testing.assert_allclose(between[:, :, :27], (images[:, :, :27] + images[:, :, 1:]) / 2, atol=1e-6)


def test_slant_and_rotation_are_what_they_say():
    """Each pixel shows the place that rotation, scaling and then a slant bring it to. A mirrored map would differ."""
    recipe = replace(RECIPE, warp=0, shift=0)
    places = source_places(50, recipe, np.random.default_rng(5))
    random = np.random.default_rng(5)
    turn = random.uniform(-recipe.turn, recipe.turn, 50)
    scale = 1 / random.uniform(*recipe.scale, 50)
    slant = random.uniform(-recipe.slant, recipe.slant, 50)
    y, x = np.indices((28, 28)).reshape(2, -1) - 13.5
    for number, (down, right) in enumerate(places - 13.5):
        rotated_down = scale[number] * (np.cos(turn[number]) * y + np.sin(turn[number]) * x)
        rotated_right = scale[number] * (np.cos(turn[number]) * x - np.sin(turn[number]) * y)
        np.testing.assert_allclose(down, rotated_down, atol=1e-4)
        np.testing.assert_allclose(right, rotated_right + slant[number] * rotated_down, atol=1e-4)
