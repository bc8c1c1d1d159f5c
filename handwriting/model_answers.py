"""What networks answer to images: probabilities of digits, or why they can't be used, and any other answers."""

import threading
from collections.abc import Callable

import numpy as np

from handwriting import console
from handwriting.model_files import RefusedModel
from handwriting.quiet_keras import keras

PREDICT_BATCH = 250  # digits that a model is given at a time
SUM_TOLERANCE = 0.01  # how far the probabilities of a digit may add up to another number than 1


def answering(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """A function that gives the model's answers to float32 images of any size and number. Several threads may call it.

    With TensorFlow it is compiled once. `predict_on_batch` compiles twice, which takes half a second each time: for the
    size of the first images, and for any. With another backend it compiles for each size.
    """
    if keras.backend.backend() != "tensorflow":
        return one_at_a_time(model.predict_on_batch)
    import tensorflow

    images = tensorflow.TensorSpec((None, *model.input_shape[1:]), tensorflow.float32)
    compiled = tensorflow.function(lambda batch: model(batch, training=False), input_signature=[images])
    return lambda batch: compiled(batch).numpy()


def one_at_a_time(ask: Callable) -> Callable:
    """The same function, but one thread waits for the other: on JAX, Keras gives the weights away while it predicts."""
    lock = threading.Lock()

    def asked(images: np.ndarray) -> np.ndarray:
        with lock:
            return ask(images)

    return asked


def probabilities_of(model: keras.Model, digits: np.ndarray) -> np.ndarray:
    """The model's probabilities for each digit image. Raises RefusedModel if its answers are no probabilities."""
    classes = model.output_shape[-1]
    if not len(digits):
        return np.empty((0, classes), np.float32)
    images = digits.reshape(-1, *model.input_shape[1:])
    batches = [images[start : start + PREDICT_BATCH] for start in range(0, len(images), PREDICT_BATCH)]
    try:
        # `predict` would compile the model first, which takes longer than reading a few pictures.
        answers = [keras.ops.convert_to_numpy(model(batch, training=False)) for batch in batches]
        probabilities = np.concatenate(answers)
    except Exception as error:  # a foreign model may fail in its own way
        raise RefusedModel(f"failed while predicting ({console.first_line(error)})") from error
    if probabilities.shape != (len(digits), classes):
        raise RefusedModel(
            f"expected probabilities of shape {(len(digits), classes)}, got {probabilities.shape}"
        )
    # What is not a number adds up to no number that is near 1.
    if (probabilities < 0).any() or not np.allclose(probabilities.sum(axis=1), 1, atol=SUM_TOLERANCE):
        raise RefusedModel(
            "expected probabilities that add up to 1, got other numbers; end it with a softmax"
        )
    return probabilities
