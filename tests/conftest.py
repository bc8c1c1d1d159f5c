"""What the tests share: a few written digits, a small trained model, pictures drawn on the spot."""

import signal
from pathlib import Path

import numpy as np
import pytest

from handwriting import installation
from handwriting.data import mnist
from handwriting.pictures.picture import Picture
from handwriting.writing.digits import write_digits
from tests.helpers import draw_strokes, read

installation.start_keras()
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in the background of a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else programs under test ignore it, too


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """800 written digits as uint8 (n, 28, 28), and their labels."""
    return write_digits(800)


@pytest.fixture(scope="session")
def digits_file(digits, tmp_path_factory) -> Path:
    """The digits as an .npz in MNIST's form: 600 for training, 200 for the test."""
    pixels, labels = digits
    path = tmp_path_factory.mktemp("digits") / "digits.npz"
    np.savez(path, x_train=pixels[:600], y_train=labels[:600], x_test=pixels[600:], y_test=labels[600:])
    return path


@pytest.fixture(scope="session")
def trained(digits_file, tmp_path_factory) -> Path:
    """The --out folder of a short training of the mlp: it reads written digits well enough."""
    import cnn_model_v2

    out = tmp_path_factory.mktemp("trained")
    code = cnn_model_v2.main(
        [
            "--model",
            "mlp",
            "--data",
            str(digits_file),
            "--epochs",
            "8",
            "--out",
            str(out),
            "--precision",
            "float32",
        ]
    )
    assert code == 0
    return out


@pytest.fixture
def signals_heard():
    """Ctrl-C and SIGTERM come through: where tests run in a script's background, Ctrl-C would not."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def no_real_mnist(tmp_path_factory, monkeypatch):
    """No test finds MNIST in the user's cache, or asks the network for it."""

    monkeypatch.setenv("KERAS_HOME", str(tmp_path_factory.getbasetemp() / "no-keras-home"))
    monkeypatch.setattr(mnist, "MNIST_URL", "http://127.0.0.1:9/mnist.npz")


@pytest.fixture
def plain(tmp_path) -> Picture:
    return read(draw_strokes("7"), tmp_path, "plain.png")


@pytest.fixture
def noise_file(digits_file, tmp_path):
    """Digits with labels that nothing can learn: the callbacks must soon show their work in the CSV."""
    with np.load(digits_file) as archive:
        arrays = dict(archive)
    arrays["y_train"] = np.random.default_rng(999).integers(0, 10, len(arrays["y_train"]))
    np.savez(tmp_path / "noise.npz", **arrays)
    return tmp_path / "noise.npz"
