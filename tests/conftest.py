"""What the tests share: a few written digits, a small trained model, pictures drawn on the spot."""

import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from handwriting import installation
from handwriting.data import mnist
from handwriting.writing.digits import write_digits

installation.start_keras()


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


def draw_strokes(
    text: str = "7",
    size: tuple[int, int] = (200, 200),
    paper=(255, 255, 255),
    ink=(0, 0, 0),
    width: int = 14,
    box: tuple[int, int, int, int] = (60, 40, 140, 160),
) -> Image.Image:
    """A picture of one plain stroke digit ('1', '4', '7' or '0') inside a box."""
    left, top, right, bottom = box
    middle = (top + bottom) // 2
    lines = {
        "0": None,
        "1": [[(left, top), (left, bottom)]],
        "4": [
            [(left, top), (left, middle), (right, middle)],
            [(right - width, top), (right - width, bottom)],
        ],
        "7": [[(left, top), (right, top), (left + (right - left) // 3, bottom)]],
    }[text]
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    if lines is None:
        draw.ellipse(box, outline=ink, width=width)
    for line in lines or []:
        draw.line(line, fill=ink, width=width, joint="curve")
    return image


def linked(path: Path, target: Path) -> bool:
    """Makes a link, and says whether it could be made: Windows allows it only to some."""
    try:
        path.symlink_to(target)
    except OSError:
        return False
    return True


def stop_after(epoch_to_stop, monkeypatch):
    """Interrupts the run once it has saved its state after this many epochs."""
    import resume

    save = resume.Resume.on_epoch_end

    def save_and_stop(self, epoch, logs=None):
        save(self, epoch, logs)
        if epoch + 1 == epoch_to_stop:
            raise KeyboardInterrupt

    monkeypatch.setattr(resume.Resume, "on_epoch_end", save_and_stop)
