"""Networks that are taken along: in each format, checked by a program that knows nothing of this project."""

import base64
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from handwriting.export import formats, web_page
from handwriting.export.__main__ import main
from handwriting.export.formats import FORMATS
from handwriting.export.layers_of_page import described_layers
from handwriting.export.sample import sample_of
from handwriting.model_files import load_model
from handwriting.quiet_keras import keras, layers
from handwriting.shipped import PROJECT, STEMS, shipped_network

NEEDS = {"onnx": ("tf2onnx", "onnxruntime")}  # beside TensorFlow


def check(folder: Path) -> subprocess.CompletedProcess:
    """Runs the check in an exported folder, from another folder, without this project."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(folder / "check.py")]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("form", ["litert", "onnx", "saved_model"])
def test_an_exported_network_reads_as_in_keras_without_this_project(form, tmp_path):
    if missing := [name for name in NEEDS.get(form, ()) if not importlib.util.find_spec(name)]:
        pytest.skip(f"{form} was not tried: pip install -r requirements-export.txt, for {', '.join(missing)}")
    folder = tmp_path / "robot"
    command = [
        sys.executable,
        "-m",
        "handwriting.export",
        "cnn_small",
        "--format",
        form,
        "--out",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"wrote {folder}\n"
    assert (folder / FORMATS[form].file.format("cnn_small")).exists()
    assert "(n, 28, 28, 1)" in (folder / "README.md").read_text(encoding="utf-8")

    good = check(folder)
    assert good.returncode == 0, good.stderr
    assert "it reads as it should" in good.stdout

    digits = dict(np.load(folder / "digits.npz"))
    np.savez(folder / "digits.npz", images=digits["images"], probabilities=digits["probabilities"][::-1])
    bad = check(folder)
    assert bad.returncode == 1
    assert "export the network again" in bad.stdout


def test_the_html_page_has_the_weights_and_asks_no_other_host(tmp_path):
    assert main([str(shipped_network("cnn_v3")), "--format", "html", "--out", str(tmp_path / "page")]) == 0
    page = (tmp_path / "page" / "cnn_digit03.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 600_000
    assert "{{" not in page
    assert not re.search(r"""(src|href)=|url\(|https?:|\bimport\b""", page)
    coded = base64.b64decode(re.search(r'bytesOf\("([A-Za-z0-9+/=]{1000,})"\)', page)[1])
    model = load_model(shipped_network("cnn_v3"))
    assert coded == b"".join(map(web_page.in_three_bytes, described_layers(model)[1]))


@pytest.mark.parametrize("name", STEMS)
def test_the_page_can_compute_every_shipped_network(name):
    described, weights = described_layers(load_model(shipped_network(name)))
    assert sum(each["count"] for layer in described for each in layer["weights"]) == sum(
        weight.size for weight in weights
    )
    assert described[-1]["activation"] == "softmax"
    json.dumps(described)


def test_weights_in_three_bytes_are_shares_of_the_largest():
    weights = np.float32([[0.5, -0.25], [0, 1e-9]])
    coded = np.frombuffer(web_page.in_three_bytes(weights), np.uint8).reshape(-1, 3)
    whole = np.pad(coded, ((0, 0), (1, 0))).view("<i4").ravel() // 256
    assert whole.tolist() == [2**23 - 1, -(2**22), 0, 0]
    assert web_page.in_three_bytes(np.zeros(2)) == bytes(6)


def test_a_sample_has_two_digits_of_each_class():
    sample = sample_of(load_model(shipped_network("cnn_v3")))
    assert (np.bincount(sample.probabilities.argmax(axis=1), minlength=10) == 2).all()


def test_an_earlier_export_is_replaced_and_nothing_else(tmp_path, capsys):
    folder = tmp_path / "page"
    for name in ("cnn_small", "mlp"):
        assert main([name, "--format", "html", "--out", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "mlp.html"]
    assert sorted(tmp_path.iterdir()) == [folder]

    (folder / "README.md").write_text("my notes")
    assert main(["mlp", "--format", "html", "--out", str(folder)]) == 2
    assert "expected a new folder, an empty one or an earlier export" in capsys.readouterr().err
    assert (folder / "README.md").read_text() == "my notes"


@pytest.mark.parametrize(
    "given, said",
    [
        ("cnn_v4", "cnn_small, got cnn_v4, which does not exist"),
        (str(shipped_network("mlp").parent), ", a folder"),
        (str(PROJECT / "data" / "3-chalk.jpg"), "3-chalk.jpg: "),
    ],
)
def test_what_is_no_network_is_one_line(given, said, tmp_path, capsys):
    assert main([given, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["mlp", "--out", str(tmp_path / "file" / "out")]) == 2
    assert "choose another with --out" in capsys.readouterr().err


def test_a_file_of_another_shape_or_of_a_stranger_is_refused(tmp_path, capsys):
    path = tmp_path / "other.keras"
    keras.Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)]).save(path)
    assert main([str(path), "--out", str(tmp_path / "out")]) == 2
    assert "expected (28, 28, 1) images in" in capsys.readouterr().err
    path.write_bytes(b"not a network")
    assert main([str(path), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "layer, said",
    [
        (layers.Conv2D(4, 3, dilation_rate=2), "without dilation"),
        (layers.Conv2D(4, 3, activation="tanh"), "one of the activations linear, relu, softmax, got tanh"),
        (layers.AveragePooling2D(2), "got AveragePooling2D"),
        (layers.MaxPooling2D(2, padding="same"), "pooling with valid padding"),
        (layers.ReLU(max_value=6), "a plain ReLU"),
    ],
)
def test_layers_that_the_page_cannot_compute_are_named(layer, said, tmp_path, capsys):
    path = tmp_path / "own.keras"
    keras.Sequential(
        [layers.Input((28, 28, 1)), layer, layers.Flatten(), layers.Dense(10, activation="softmax")]
    ).save(path)
    assert main([str(path), "--format", "html", "--out", str(tmp_path / "out")]) == 2
    said_all = capsys.readouterr().err
    assert said in said_all
    assert "take --format litert" in said_all


def test_operations_that_litert_lacks_are_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(formats, "FLEX", b"CONV_2D")  # no layer that is allowed needs more than LiteRT has
    monkeypatch.setattr(keras.Model, "export", lambda model, path, **how: Path(path).write_bytes(b"CONV_2D"))
    assert main(["cnn_small", "--out", str(tmp_path / "out")]) == 2
    assert "expected operations that LiteRT has" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_tf2onnx_one_line_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    assert main(["mlp", "--format", "onnx", "--out", str(tmp_path / "out")]) == 2
    assert "pip install -r requirements-export.txt" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
