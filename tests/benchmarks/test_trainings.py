"""The benchmarks that train."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

import cnn_model_v2
import models
from benchmarks import networks, recipe, recipe_changes, speed, training
from cnn_model_v2 import RECIPE
from handwriting import safe_files
from handwriting.data.load import load
from handwriting.shipped import PROJECT, STEMS
from handwriting.training.extra_images import draw_extra_images
from handwriting.training.run_files import Run
from tests.helpers import stop_after

pytestmark = pytest.mark.slow


def test_mean_and_deviation():
    assert networks.mean_and_deviation([99.0, 99.2]) == "99.10 ± 0.14 %"
    assert networks.mean_and_deviation([99.0]) == "99.00 %"


def test_the_table_of_networks_is_of_the_runs_that_were_trained(digits_file, tmp_path):
    networks.train("mlp", 0, str(digits_file), tmp_path / "published" / "seed0", "--recipe", "published")
    table = networks.table(tmp_path / "published", ["mlp"], seeds=1)
    assert "| `mlp` | 109,386 |" in table


def test_a_benchmark_goes_on_with_a_training_that_was_killed(digits_file, tmp_path, monkeypatch, capfd):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        command = ["--model", "mlp", "--data", str(digits_file), "--out", str(tmp_path), "--epochs", "2"]
        assert cnn_model_v2.main(command) == 130
    networks.train("mlp", 0, str(digits_file), tmp_path, "--epochs", "2")
    assert "  1/2  " not in capfd.readouterr().out.split("=== mlp, seed 0")[1]
    assert json.loads(Run(tmp_path, "mlp_own").final.record.read_text())["epochs_trained"] == 2


def test_extra_images_can_be_drawn_for_every_change():
    for change in recipe_changes.CHANGES.values():
        extra = draw_extra_images(change.recipe, training_images=100)
        share = change.recipe.non_digits + change.recipe.written
        assert (extra is None) == (share == 0)
        assert extra is None or len(extra.images) == len(extra.targets) == 10


def test_multiplications_of_a_network():
    model = speed.small_example()
    first, second, dense = 26 * 26 * 9 * 32, 11 * 11 * 9 * 32 * 64, 1600 * 10
    assert model.count_params() == 34_826
    assert speed.multiplications(model) == first + second + dense


def test_the_shortest_training_that_reaches_a_target_is_found():
    by_epochs = {
        4: [training.Trained(99.2, 99.4, 40.0), training.Trained(99.4, 99.3, 44.0)],
        2: [training.Trained(98.9, 99.4, 20.0), training.Trained(98.9, 99.2, 20.0)],
        15: [training.Trained(99.8, 99.7, 150.0)],
    }
    assert training.shortest(by_epochs, 98.9) == 2
    assert training.shortest(by_epochs, 99.3) == 4  # 2 reach it on the test images, by chance
    assert training.shortest(by_epochs, 99.5) == 15
    assert training.shortest(by_epochs, 99.8) is None  # but for the validation images


def test_times_are_given_as_parts_of_the_usual_scripts():
    usual = {
        training.PLAIN: {training.USUAL_EPOCHS: [training.Trained(99.2, 99.4, 1200.0)]},
        training.SMALL: {training.USUAL_EPOCHS: [training.Trained(98.9, 99.06, 120.0)]},
    }
    ours = {"cnn_v3": {4: [training.Trained(99.55, 99.52, 60.0)]}}
    lines = training.times_to_targets(usual, ours).splitlines()
    (line,) = [line for line in lines if line.startswith("our cnn_v3") and " 99.5 % " in line]
    assert line.split()[-9:] == ["99.5", "%", "4", "60", "0.050", "0.500", "99.52", "%", "1"]
    assert not any(line.startswith("our cnn_v3") and "99.65 %" in line for line in lines)
    assert training.times_to_targets({training.PLAIN: {}, training.SMALL: {}}, {}) == "nothing yet"


def test_a_finished_training_is_found_and_not_done_again(tmp_path):
    folder = training.our_folder("cnn_v2", 3, 1, tmp_path)
    assert folder == tmp_path / "ours_epochs3" / "seed1"
    assert training.our_folder("cnn_v2", 15, 1, tmp_path) == tmp_path / "ours" / "seed1"
    record = {"validation": {"accuracy": 0.99}, "test": {"accuracy": 0.995}, "seconds": 80.5}
    safe_files.write_json(Run(folder, STEMS["cnn_v2"]).final.record, record)
    assert training.our_runs("cnn_v2", tmp_path) == {3: [training.Trained(99.0, 99.5, 80.5)]}


def test_every_change_but_the_first_changes_one_network_or_recipe():
    first, *others = recipe_changes.CHANGES.values()
    assert first == recipe_changes.Change()
    ours = models.NETWORKS[recipe_changes.MODEL]
    for change in others:
        assert change != first
        assert all(ours.ours.get(name) != value for name, value in change.arguments.items())
        assert change.network.build(**change.network.ours).output_shape == (None, 10)


def test_a_changed_recipe_is_trained_and_judged(digits_file):
    data = load(str(digits_file))
    changed = replace(RECIPE, warp=0.25, smoothing=0.0)
    losses = {}
    for name, a_recipe in (("ours", RECIPE), ("changed", changed)):
        model, seconds = recipe.trained(recipe_changes.Change(a_recipe), data, 0, "float32", epochs=1)
        assert seconds > 0
        result = recipe.judged(model, data.validation, data.validation.images[:5])
        assert result["count"] == len(data.validation)
        losses[name] = result["loss"]
    assert losses["ours"] != losses["changed"]


@pytest.mark.parametrize("precision", ("float32", "bfloat16"))
def test_a_convolution_is_timed_in_both_precisions(precision):
    assert speed.convolution_speed(4, 8, precision) > 0


@pytest.mark.parametrize("quick_in_bfloat16", [True, False])
def test_speeds_are_those_of_fit(digits_file, monkeypatch, capsys, quick_in_bfloat16):
    seconds = {"float32": 2.0, "bfloat16": 1.0 if quick_in_bfloat16 else 20.0}
    monkeypatch.setattr(speed, "convolution_seconds", seconds.get)
    timing = speed.Timing(rounds=1, batch_size=8, large_convolutions=((4, 8),))
    table = speed.speeds(load(str(digits_file)).training, [speed.SMALL], ["cnn_small"], timing)
    assert [line.split()[:2] for line in table.splitlines()[2:]] == [
        ["small", "example"],
        *[["our", "cnn_small"]] * (2 if quick_in_bfloat16 else 1),
    ]
    left_out = "bfloat16 is left out: a convolution takes 10 times as long in it here"
    assert (left_out in capsys.readouterr().out) is not quick_in_bfloat16


@pytest.mark.parametrize("name", ["training", "recipe"])
def test_a_folder_that_cannot_be_written_is_reported_before_a_training(digits_file, tmp_path, name):
    (tmp_path / "file").write_text("")
    command = [
        sys.executable,
        "-m",
        f"benchmarks.{name}",
        "--mnist",
        str(digits_file),
        "--out",
        str(tmp_path / "file"),
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "expected a folder that can be written in" in done.stderr
