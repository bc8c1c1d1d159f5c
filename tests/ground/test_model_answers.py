"""What networks answer."""

import time
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from keras import layers

from handwriting import model_answers, model_files


def test_a_network_is_compiled_once_for_images_of_all_sizes():
    class Counted(layers.Layer):
        calls = 0

        def call(self, images):
            Counted.calls += 1
            return images

    image = layers.Input((None, None, 3))
    model = keras.Model(image, layers.Conv2D(2, 3, padding="same")(Counted()(image)))
    ask, Counted.calls = model_answers.answering(model), 0
    some = [np.full(shape, 0.5, np.float32) for shape in ((1, 8, 16, 3), (1, 24, 8, 3), (3, 8, 8, 3))]
    answers = [ask(images) for images in some]
    assert Counted.calls == 1
    for images, answer in zip(some, answers, strict=True):
        np.testing.assert_allclose(answer, model(images), atol=1e-6)


def test_with_other_backends_one_thread_waits_for_the_other(monkeypatch):
    monkeypatch.setattr(model_answers.keras.backend, "backend", lambda: "jax")
    at_once, most = [], []

    class Model:
        def predict_on_batch(self, images):
            at_once.append(1)
            most.append(len(at_once))
            time.sleep(0.05)
            at_once.pop()
            return images

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(model_answers.answering(Model()), range(8))) == list(range(8))
    assert max(most) == 1


def test_negative_numbers_that_add_up_to_one_are_no_probabilities():
    inputs = keras.Input((28, 28, 1))
    outputs = keras.layers.Dense(10, "softmax")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, keras.layers.Rescaling(-1, 0.2)(outputs))  # they still add up to 1
    images = np.random.default_rng(0).random((4, 28, 28, 1), np.float32) * 9
    with pytest.raises(model_files.RefusedModel, match="that add up to 1, got other numbers"):
        model_answers.probabilities_of(model, images)
