"""The networks and their settings are those that were published."""

import json
import os
import subprocess
import sys

import keras
import pytest

import models
from handwriting.report.layers import layer_rows, shape_text
from handwriting.shipped import PROJECT, STEMS
from handwriting.training.plan import Extent, plan

PARAMETERS = {
    "cnn_v2": 276_810,
    "cnn_v3": 135_818,
    "cnn_v1": 485_514,
    "mlp": 109_386,
    "cnn_drawn": 156_650,
    "cnn_small": 5_386,
}


def test_every_network_has_a_stem_for_its_files():
    assert set(models.NETWORKS) == set(STEMS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_networks_are_the_published_ones(name):
    model = models.NETWORKS[name].build()
    assert model.count_params() == PARAMETERS[name]
    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 10)
    assert not model.compiled
    assert all(type(layer).__module__.startswith("keras.") for layer in model.layers)


def test_neurons_of_the_small_network():
    neurons = [row.neurons for row in layer_rows(models.cnn_small())]
    assert neurons[:4] == [4608, 1152, 1600, 400]
    assert neurons[-1] == 10


@pytest.mark.parametrize(
    ("name", "optimizer", "rate", "loss", "batch_size", "epochs"),
    [
        ("cnn_v2", "Adam", 1e-3, "sparse_categorical_crossentropy", 128, 15),
        ("cnn_v3", "Adam", 1e-3, "sparse_categorical_crossentropy", 128, 15),
        ("cnn_v1", "Adam", 1e-3, "sparse_categorical_crossentropy", 128, 15),
        ("mlp", "Adam", 1e-3, "categorical_crossentropy", 32, 5),
        ("cnn_drawn", "Adadelta", 1.0, "categorical_crossentropy", 128, 15),
        ("cnn_small", "Adam", 1e-3, "categorical_crossentropy", 128, 15),
    ],
)
def test_published_settings(name, optimizer, rate, loss, batch_size, epochs):
    network = models.NETWORKS[name]
    made = network.optimizer()
    assert type(made).__name__ == optimizer
    assert float(made.learning_rate) == pytest.approx(rate)
    planned = plan(network, None, Extent(images=1_000, validation=100, epochs=1, batch_size=128))
    assert (planned.loss, network.batch_size, network.epochs) == (loss, batch_size, epochs)


def test_command_prints_every_network(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["models.py"])
    assert models.main() == 0
    printed = capsys.readouterr().out
    for name, parameters in PARAMETERS.items():
        assert f"{name}  {parameters:,} parameters" in printed
    for neurons in ("4,608", "1,152", "1,600", "400"):
        assert neurons in printed


def readme_tables() -> dict[str, list[list[str]]]:
    """The cells of the layer tables in README-layers.md, by network."""
    tables, name = {}, None
    for line in (PROJECT / "README-layers.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            name = next((word.strip("`:,") for word in line.split() if word.strip("`:,") in PARAMETERS), None)
        elif name and line.startswith("| ") and not line.startswith("| layer"):
            tables.setdefault(name, []).append([cell.strip() for cell in line.strip("|").split("|")])
    return tables


@pytest.mark.parametrize("name", ["cnn_v2", "cnn_v1", "cnn_v3"])
def test_the_layer_guide_says_what_the_code_does(name):
    expected = [
        [
            f"`{row.kind}`",
            row.details,
            shape_text(row.output_shape),
            f"{row.neurons:,}",
            f"{row.parameters:,}",
        ]
        for row in layer_rows(models.NETWORKS[name].build())
    ]
    assert readme_tables()[name] == expected


def test_saved_networks_load_without_this_project(tmp_path):
    model = models.cnn_small()
    model.save(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras").count_params() == 5386


def test_networks_are_shown_on_any_console_and_with_any_keras_settings(tmp_path):
    """A console without line characters, and another project's keras.json with a backend that is not installed."""
    other_settings = {"backend": "nowhere", "image_data_format": "channels_first", "floatx": "float16"}
    (tmp_path / "keras.json").write_text(json.dumps(other_settings), encoding="utf-8")
    settings = {"PYTHONIOENCODING": "cp1252", "KERAS_HOME": str(tmp_path)}
    unset = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    program = (
        "import keras, models; from handwriting import console; print(keras.config.floatx()); "
        "raise SystemExit(console.guard(models.main))"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from handwriting import installation; installation.start_keras(); {program}",
        ],
        cwd=PROJECT,
        env=unset | settings,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"float32")
    assert b"276,810 parameters" in done.stdout
