"""An interrupted run continues exactly where it was."""

import dataclasses
import json
import subprocess
import sys

import pytest

import models
from cnn_model_v2 import RECIPE
from handwriting.shipped import PROJECT, STEMS
from handwriting.training.recipe import climb_and_fall
from handwriting.training.resume import read_state, write_state
from handwriting.training.run_files import Run
from tests.helpers import check_it_goes_on_where_it_was, rows, stop_after, train


@pytest.mark.parametrize(
    ("model", "recipe", "stopped_after"),
    [
        ("cnn_small", "ours", 1),
        ("cnn_small", "ours", 3),
        ("cnn_small", "published", 2),
        pytest.param("cnn_v3", "ours", 1, marks=pytest.mark.slow),
    ],
)
def test_resumed_run_is_the_run_that_was_never_stopped(
    digits_file, tmp_path, monkeypatch, capsys, model, recipe, stopped_after
):
    """With dropout, whose random state must go on too: batch normalisation draws from it between epochs."""

    def train_small(out, *more):
        return train(digits_file, out, "--recipe", recipe, *more, model=model, epochs=3)

    check_it_goes_on_where_it_was(train_small, tmp_path, STEMS[model] + "_own", monkeypatch, stopped_after)
    assert "--resume" in capsys.readouterr().err
    assert not (tmp_path / "parts" / "running").exists()


@pytest.mark.parametrize("stopped_after", [2, 4])
def test_resumed_run_remembers_how_long_it_has_waited(noise_file, tmp_path, monkeypatch, stopped_after):
    published = ["--recipe", "published"]
    assert train(noise_file, tmp_path / "whole", *published, epochs=40) == 0
    with monkeypatch.context() as patched:
        stop_after(stopped_after, patched)
        assert train(noise_file, tmp_path / "parts", *published, epochs=40) == 130
    assert train(noise_file, tmp_path / "parts", *published, "--resume", epochs=40) == 0
    whole, parts = (Run(tmp_path / name, "mlp_own").final.log.read_bytes() for name in ("whole", "parts"))
    assert parts == whole
    assert b",0.0005" in whole


def test_a_run_killed_after_its_last_epoch_trains_no_further(noise_file, tmp_path, monkeypatch):
    """Although it stopped early, long before the epochs it was given."""
    published = ["--recipe", "published"]
    assert train(noise_file, tmp_path / "whole", *published, epochs=40) == 0
    whole, parts = (Run(tmp_path / name, "mlp_own").final for name in ("whole", "parts"))
    epochs = len(rows(whole.log))
    assert epochs < 40
    with monkeypatch.context() as patched:
        stop_after(epochs, patched)
        assert train(noise_file, tmp_path / "parts", *published, epochs=40) == 130
    assert train(noise_file, tmp_path / "parts", *published, "--resume", epochs=40) == 0
    assert parts.log.read_bytes() == whole.log.read_bytes()


def test_the_seconds_of_all_parts_are_added(digits_file, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        assert train(digits_file, tmp_path) == 130
    run = Run(tmp_path, "mlp_own")
    state = read_state(run.state)
    assert 0 < state.seconds < 1000
    write_state(run.state, dataclasses.replace(state, seconds=1000 + state.seconds))
    assert train(digits_file, tmp_path, "--resume") == 0
    assert json.loads(run.final.record.read_text())["seconds"] > 1000 + state.seconds


def test_a_folder_with_braces_in_its_name(digits_file, tmp_path):
    assert train(digits_file, tmp_path / "b{r}") == 0
    assert Run(tmp_path / "b{r}", "mlp_own").final.model.exists()


@pytest.mark.slow
def test_resumed_run_keeps_its_halved_rate(noise_file, tmp_path, monkeypatch):
    assert train(noise_file, tmp_path / "whole", epochs=40) == 0
    log = Run(tmp_path / "whole", "mlp_own").final.log
    epochs_trained = len(rows(log))
    with monkeypatch.context() as patched:
        stop_after(epochs_trained - 1, patched)
        assert train(noise_file, tmp_path / "parts", epochs=40) == 130
    assert train(noise_file, tmp_path / "parts", "--resume", epochs=40) == 0
    assert Run(tmp_path / "parts", "mlp_own").final.log.read_bytes() == log.read_bytes()
    steps_an_epoch = -(-540 // 32)
    scheduled = climb_and_fall(epochs_trained * steps_an_epoch, 40 * steps_an_epoch, RECIPE.warm_up)
    peak = models.NETWORKS["mlp"].peak_rate * (32 / RECIPE.peak_batch) ** 0.5
    assert float(rows(log)[-1]["learning_rate"]) < 0.51 * peak * scheduled


def test_resume_with_other_settings_is_refused(digits_file, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        train(digits_file, tmp_path, epochs=3)
    assert train(digits_file, tmp_path, "--resume", "--batch-size", "64", epochs=3) == 2
    assert "had batch_size 32, this command has 64" in capsys.readouterr().err


def test_resume_with_other_layers_is_refused(digits_file, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        assert train(digits_file, tmp_path, epochs=2) == 130
    changed = dataclasses.replace(models.NETWORKS["mlp"], build=models.cnn_small)
    monkeypatch.setitem(models.NETWORKS, "mlp", changed)
    assert train(digits_file, tmp_path, "--resume", epochs=2) == 2
    assert "other layers than mlp has now; delete" in capsys.readouterr().err


def test_a_run_killed_in_its_first_epoch_begins_again(trained, digits_file, tmp_path, capsys):
    command = [sys.executable, "cnn_model_v2.py", "--model", "mlp", "--data", str(digits_file)]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as run:
        next(line for line in run.stdout if line.startswith("epoch "))
        run.kill()
    assert train(digits_file, tmp_path, "--resume", epochs=8) == 0
    assert "died before the end of its first epoch; it begins again" in capsys.readouterr().out
    logs = [Run(out, "mlp_own").final.log.read_bytes() for out in (trained, tmp_path)]
    assert logs[0] == logs[1]
    assert train(digits_file, tmp_path, "--resume", epochs=8) == 0
    assert "nothing left to resume" in capsys.readouterr().out


def test_nothing_left_to_resume(trained, digits_file, capsys):
    assert train(digits_file, trained, "--resume") == 0
    assert "leave out --resume to train mlp anew" in capsys.readouterr().out


def test_resume_without_the_other_arguments_names_the_run_that_waits(
    digits_file, tmp_path, monkeypatch, capsys
):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        assert train(digits_file, tmp_path, "--limit", "200") == 130
    assert "the same command with --resume" in capsys.readouterr().err
    assert train(digits_file, tmp_path, "--resume") == 0
    assert "to go on with mlp_own_try give that run's other arguments, too" in capsys.readouterr().out
    assert train(digits_file, tmp_path, "--resume", "--limit", "200") == 0
    assert Run(tmp_path, "mlp_own_try").final.record.exists()
