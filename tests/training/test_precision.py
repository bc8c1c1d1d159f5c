"""float32 or bfloat16."""

import keras
import numpy as np
import pytest

import cnn_model_v2
from handwriting.shipped import STEMS
from handwriting.training import precision as precision_module
from handwriting.training.plan import Plan
from handwriting.training.precision import SHORT, choose_precision, convolution_seconds
from handwriting.training.run_files import Run
from models import NETWORKS


@pytest.mark.parametrize("name", ["cnn_small", "cnn_v3"])
def test_bfloat16_run_saves_a_float32_model(name, digits_file, tmp_path):
    code = cnn_model_v2.main(
        ["--model", name, "--data", str(digits_file), "--epochs", "1", "--out", str(tmp_path)]
        + ["--precision", "bfloat16"]
    )
    assert code == 0
    model = keras.models.load_model(Run(tmp_path, STEMS[name] + "_own").final.model)
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


def planned(steps: int, network: str = "cnn_small") -> Plan:
    """A plan of so many steps for a network, of which nothing else is asked."""
    return Plan(NETWORKS[network].build, None, "", None, batch_size=128, steps=steps)


def test_precision_is_chosen_by_speed(monkeypatch):
    monkeypatch.setattr(precision_module, "convolution_seconds", lambda precision: 1.0)
    for bfloat16_seconds, chosen in ((0.4, "bfloat16"), (0.9, "float32"), (3.0, "float32")):
        monkeypatch.setattr(
            precision_module,
            "step_seconds",
            lambda plan, precision, training, fast=bfloat16_seconds: 1.0 if precision == "float32" else fast,
        )
        precision, reason = choose_precision("auto", planned(SHORT), None)
        assert precision == chosen
        assert f"{1 / bfloat16_seconds:.1f} times" in reason


def test_no_steps_are_timed_if_a_convolution_is_slow_already(monkeypatch):
    """A step in bfloat16 may take seconds on a processor that has no instructions for it."""
    monkeypatch.setattr(
        precision_module, "convolution_seconds", lambda precision: 0.1 if precision == "bfloat16" else 0.01
    )
    precision, reason = choose_precision("auto", planned(SHORT), None)
    assert precision == "float32"
    assert "0.1 times" in reason


@pytest.mark.parametrize(("bfloat16_seconds", "chosen"), [(0.5, "bfloat16"), (0.9, "float32")])
def test_before_a_short_run_a_convolution_decides_alone(monkeypatch, bfloat16_seconds, chosen):
    """Timing steps takes seconds, because they are compiled first."""
    seconds = {"float32": 1.0, "bfloat16": bfloat16_seconds}
    monkeypatch.setattr(precision_module, "convolution_seconds", seconds.get)
    monkeypatch.setattr(precision_module, "step_seconds", None)
    assert choose_precision("auto", planned(SHORT - 1), None)[0] == chosen


def test_steps_of_a_network_without_convolutions_are_timed_before_a_short_run_too(monkeypatch):
    monkeypatch.setattr(
        precision_module, "convolution_seconds", lambda precision: 1.0 if precision == "float32" else 0.5
    )
    monkeypatch.setattr(precision_module, "step_seconds", lambda plan, precision, training: 1.0)
    assert choose_precision("auto", planned(SHORT - 1, "mlp"), None)[0] == "float32"


def test_a_convolution_is_timed_in_both_precisions():
    assert min(map(convolution_seconds, ("float32", "bfloat16"))) > 0
