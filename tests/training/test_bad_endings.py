"""Runs that fail, and wrong usage."""

import contextlib
import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import time
import types

import keras
import numpy as np
import pytest

from handwriting import stopping
from handwriting.data import load
from handwriting.shipped import PROJECT
from handwriting.training import plan, results
from handwriting.training.batches import Batches
from handwriting.training.progress import HEADER
from handwriting.training.run_files import Run
from tests.helpers import train


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_terminated_run_exits_143_and_leaves_nothing_before_its_first_epoch(digits_file, tmp_path):
    command = [sys.executable, "cnn_model_v2.py", "--data", str(digits_file), "--out", str(tmp_path)]
    # Quick to start, and long at its first epoch.
    command += ["--model", "cnn_drawn", "--precision", "float32", "--batch-size", "2"]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        for line in run.stdout:
            if line.startswith("epoch "):
                break
        time.sleep(0.2)
        run.send_signal(signal.SIGTERM)
        error = run.communicate(timeout=60)[1]
    assert run.returncode == 143
    assert "stopped; no epoch was finished" in error
    assert "Traceback" not in error
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and "running" not in path.parts]


def test_a_signal_while_the_model_is_scored_is_not_lost(digits_file, tmp_path, monkeypatch, signals_heard):
    real = results.evaluate

    def evaluate_and_be_stopped(*arguments):
        with contextlib.suppress(KeyboardInterrupt):  # a callback of the garbage collector swallows it
            signal.raise_signal(signal.SIGTERM)
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(results, "evaluate", evaluate_and_be_stopped)
        patched.setattr(stopping, "GRACE", 60)  # or a thread would end the tests
        assert train(digits_file, tmp_path) == 143
    assert train(digits_file, tmp_path, "--resume") == 0


def test_training_on_a_part_of_the_pictures_ends_with_exit_code_1(digits_file, tmp_path, monkeypatch):
    real = load.load
    monkeypatch.setattr(load, "load", lambda *wanted: dataclasses.replace(real(*wanted), unread=1))
    assert train(digits_file, tmp_path) == 1
    assert Run(tmp_path, "mlp_own").final.model.exists()


def test_a_disk_without_space_ends_the_run_before_its_first_epoch(digits_file, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: types.SimpleNamespace(free=1_000_000))
    assert train(digits_file, tmp_path, "--epochs", "1") == 1
    printed = capfd.readouterr()
    assert "expected 3.5 MB free, got 1.0 MB" in printed.err
    assert HEADER not in printed.out
    assert not (tmp_path / "running").exists()


def test_loss_that_is_no_number_ends_the_run(digits_file, tmp_path, monkeypatch, capsys):
    import models

    hot = models.Network(models.mlp, lambda: keras.optimizers.SGD(1e30), True, 32, 5, ours={})
    monkeypatch.setitem(models.NETWORKS, "mlp", hot)
    assert train(digits_file, tmp_path, "--recipe", "published", epochs=3) == 1
    assert "NaN or infinite" in capsys.readouterr().err
    assert not Run(tmp_path, "mlp_own").final.model.exists()


def test_a_validation_loss_that_is_no_number_is_reported(digits_file, tmp_path, monkeypatch, capsys):
    """The labels are broken, not the pixels: on some processors relu makes a pixel that is no number 0."""
    real = plan.one_hot

    def with_broken_validation(labels):
        return real(labels) * (np.nan if len(labels) == 60 else 1)

    monkeypatch.setattr(plan, "one_hot", with_broken_validation)
    assert train(digits_file, tmp_path, epochs=1) == 1
    assert "nothing new was saved" in capsys.readouterr().err
    assert not (tmp_path / "running").exists()  # or the same command would find a run that can't be ended


@pytest.mark.parametrize("recipe", ["ours", "published"])
def test_the_best_model_before_a_loss_that_is_no_number_is_saved(
    digits_file, tmp_path, monkeypatch, capsys, recipe
):
    assert train(digits_file, tmp_path / "short", "--recipe", "published", epochs=2) == 0
    real = Batches.__getitem__

    def broken_later(self, index):
        images, targets = real(self, index)
        return images, (targets * np.nan if self.epoch == 2 else targets)

    monkeypatch.setattr(Batches, "__getitem__", broken_later)
    assert train(digits_file, tmp_path / "broken", "--recipe", recipe, epochs=6) == 1
    assert (
        "in epoch 3; try another --seed; the best of the 2 epochs before is kept" in capsys.readouterr().err
    )
    final = Run(tmp_path / "broken", "mlp_own").final
    weights = keras.models.load_model(final.model).get_weights()
    assert all(np.isfinite(array).all() for array in weights)
    assert json.loads(final.record.read_text())["best_epoch"] <= 2
    if recipe == "published":  # whose epochs don't depend on how many there are to be
        expected = keras.models.load_model(Run(tmp_path / "short", "mlp_own").final.model).get_weights()
        for one, other in zip(weights, expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_output_that_is_cut_off_is_no_traceback(digits_file, tmp_path):
    command = [sys.executable, "cnn_model_v2.py", "--model", "mlp", "--data", digits_file, "--out", tmp_path]
    with subprocess.Popen(
        list(map(str, command)), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        run.stdout.close()
        error = run.stderr.read()
    assert "cnn_model_v2.py: the output was cut off" in error
    assert "free space" not in error
    assert "Traceback" not in error
    assert run.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--epochs", "0"], "expected a whole number of at least 1, got '0'"),
        (["--limit", "-5"], "got '-5'"),
        (["--limit=-5"], "expected a whole number of at least 1, got '-5'"),
        (["--batch-size", "x"], "expected a whole number of at least 1, got 'x'"),
        (["--model", "vgg"], "invalid choice: 'vgg'"),
        (["--seed", "-1"], "-1"),
        (["--data", "nowhere.npz"], "got nowhere.npz, which does not exist"),
    ],
)
def test_wrong_usage_is_one_line(arguments, said):
    done = subprocess.run(
        [sys.executable, "cnn_model_v2.py", *arguments], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_out_that_cannot_be_written(digits_file, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert train(digits_file, tmp_path / "file") == 2
    assert "choose another with --out" in capsys.readouterr().err


@pytest.mark.parametrize("blocked", ["checkpoints", "logs"])
def test_result_folders_are_tried_before_the_training(digits_file, tmp_path, capsys, blocked):
    (tmp_path / blocked).write_text("")
    assert train(digits_file, tmp_path) == 2
    captured = capsys.readouterr()
    assert "choose another with --out" in captured.err
    assert "training at most" not in captured.out
    assert [path.name for path in tmp_path.iterdir()] == [blocked]
