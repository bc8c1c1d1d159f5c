"""The forms in which a network is taken along, each a folder. --help shows them, so Keras is not imported here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handwriting import console
from handwriting.shipped import name_of

if TYPE_CHECKING:
    from handwriting.export.sample import Sample
    from handwriting.quiet_keras import keras

FLEX = b"Flex"  # begins the names of operations that only the whole of TensorFlow has
CHECK = Path(__file__).with_name("check.py")


def write_litert(model: keras.Model, sample: Sample, folder: Path, name: str) -> None:
    """NAME.tflite, for phones and small computers."""
    path = folder / f"{name}.tflite"
    model.export(str(path), format="litert", verbose=False)
    if FLEX in path.read_bytes():
        raise console.InputError(
            f"expected operations that LiteRT has, but {name} has others; take --format onnx or saved_model"
        )
    write_check(model, sample, folder)


def write_onnx(model: keras.Model, sample: Sample, folder: Path, name: str) -> None:
    """NAME.onnx, for ONNX Runtime and what else reads ONNX."""
    if not find_spec("tf2onnx"):
        raise console.InputError(
            "expected tf2onnx, which is not installed: python -m pip install -r requirements-export.txt"
        )
    model.export(str(folder / f"{name}.onnx"), format="onnx", verbose=False)
    write_check(model, sample, folder)


def write_saved_model(model: keras.Model, sample: Sample, folder: Path, name: str) -> None:
    """The folder saved_model, for TensorFlow and TensorFlow Serving."""
    model.export(str(folder / "saved_model"), format="tf_saved_model", verbose=False)
    write_check(model, sample, folder)


def write_html(model: keras.Model, sample: Sample, folder: Path, name: str) -> None:
    """NAME.html: one file that opens by a double click and reads digits offline."""
    from handwriting.export.web_page import web_page

    page = web_page(model, name_of(name), sample)
    (folder / f"{name}.html").write_text(page, encoding="utf-8", newline="\n")


def write_check(model: keras.Model, sample: Sample, folder: Path) -> None:
    """check.py, and digits.npz with the digits and probabilities that it compares."""
    images = sample.images.reshape(-1, *model.input_shape[1:])
    np.savez_compressed(folder / "digits.npz", images=images, probabilities=sample.probabilities)
    shutil.copyfile(CHECK, folder / CHECK.name)


@dataclass(frozen=True)
class Format:
    """A form of an exported network.

    Args:
        write: writes it into a folder.
        file: what it is called; {} is the name of the network.
        use: how it is used, for the README beside it.
    """

    write: Callable[[keras.Model, Sample, Path, str], None]
    file: str
    use: str


FORMATS = {
    "litert": Format(
        write_litert, "{}.tflite", "LiteRT, on phones and small computers: `pip install ai-edge-litert`"
    ),
    "onnx": Format(write_onnx, "{}.onnx", "ONNX Runtime: `pip install onnxruntime`"),
    "saved_model": Format(write_saved_model, "saved_model", "TensorFlow and TensorFlow Serving"),
    "html": Format(write_html, "{}.html", "any browser: open it by a double click"),
}
