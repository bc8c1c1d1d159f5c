import inspect
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import draw_strokes, stop_after
from PIL import Image

import cnn_model_v2
import models
import reader
from benchmarks import doubter, networks, offline, pictures, reading, recipe, training
from handwriting import console, safe_files
from handwriting.data.load import load
from handwriting.shipped import PROJECT, STEMS
from handwriting.training import batches as batches_module
from handwriting.training import run_files
from handwriting.training import variation as variation_module
from handwriting.training.batches import company
from handwriting.training.variation import BEND, varied


def test_nearest_distances_are_those_to_the_nearest():
    random = np.random.default_rng(0)
    others = random.random((30, 28, 28, 1), np.float32)
    images = np.concatenate([random.random((1200, 28, 28, 1), np.float32), others[4:5]])
    found = offline.nearest_distances(images, others)
    assert found.shape == (1201,)
    assert found[-1] < 0.05  # a copy; float32 leaves a little
    expected = np.sqrt(((images[:5, np.newaxis] - others) ** 2).sum(axis=(2, 3, 4)).min(axis=1))
    np.testing.assert_allclose(found[:5], expected, rtol=1e-4)


def test_mean_and_deviation():
    assert networks.mean_and_deviation([99.0, 99.2]) == "99.10 ± 0.14 %"
    assert networks.mean_and_deviation([99.0]) == "99.00 %"


def test_the_table_of_networks_is_of_the_runs_that_were_trained(trained, digits_file, tmp_path):
    networks.train("mlp", 0, str(digits_file), tmp_path / "published" / "seed0", "--recipe", "published")
    stem = cnn_model_v2.run_stem("mlp", str(digits_file), None)
    assert "| `mlp` | 109,386 |" in networks.table(tmp_path / "published", [stem], 1)


def test_a_benchmark_goes_on_with_a_training_that_was_killed(digits_file, tmp_path, monkeypatch, capfd):
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        command = ["--model", "mlp", "--data", str(digits_file), "--out", str(tmp_path), "--epochs", "2"]
        assert cnn_model_v2.main(command) == 130
    networks.train("mlp", 0, str(digits_file), tmp_path, "--epochs", "2")
    assert "Epoch 1/2" not in capfd.readouterr().out.split("=== mlp, seed 0")[1]
    assert json.loads(run_files.final_files(tmp_path, "mlp").settings.read_text())["epochs_trained"] == 2


def test_a_set_of_pictures_is_their_folder_or_the_one_above_a_label():
    def folder(path: str) -> str:
        return pictures.Read(Path(path), reader.Reading("", None, "no digit")).folder

    assert [folder("sets/mine/7_a.png"), folder("sets/mine/7/a.png")] == ["mine", "mine"]


def test_company_can_be_drawn_for_every_recipe():
    for variation in [change.variation for change in recipe.CHANGES.values() if change.variation]:
        with recipe.changed_images(variation):
            pixels, targets = company(100)
        assert len(pixels) == len(targets) == 10


def test_multiplications_of_a_network():
    model = training.small_example()
    first, second, dense = 26 * 26 * 9 * 32, 11 * 11 * 9 * 32 * 64, 1600 * 10
    assert model.count_params() == 34_826
    assert training.multiplications(model) == first + second + dense


def test_the_shortest_training_that_reaches_a_target_is_found():
    by_epochs = {
        4: [training.Run(99.2, 99.4, 40.0), training.Run(99.4, 99.3, 44.0)],
        2: [training.Run(98.9, 99.4, 20.0), training.Run(98.9, 99.2, 20.0)],
        15: [training.Run(99.8, 99.7, 150.0)],
    }
    assert training.shortest(by_epochs, 98.9) == 2
    assert training.shortest(by_epochs, 99.3) == 4  # 2 reach it on the test images, by chance
    assert training.shortest(by_epochs, 99.5) == 15
    assert training.shortest(by_epochs, 99.8) is None  # but for the validation images


def test_times_are_given_as_parts_of_the_usual_scripts():
    usual = {
        training.PLAIN: {training.USUAL_EPOCHS: [training.Run(99.2, 99.4, 1200.0)]},
        training.SMALL: {training.USUAL_EPOCHS: [training.Run(98.9, 99.06, 120.0)]},
    }
    ours = {"cnn_v3": {4: [training.Run(99.55, 99.52, 60.0)]}}
    lines = training.times_to_targets(usual, ours).splitlines()
    (line,) = [line for line in lines if line.startswith("our cnn_v3") and " 99.5 % " in line]
    assert line.split()[-9:] == ["99.5", "%", "4", "60", "0.050", "0.500", "99.52", "%", "1"]
    assert not any(line.startswith("our cnn_v3") and "99.65 %" in line for line in lines)
    assert training.times_to_targets({training.PLAIN: {}, training.SMALL: {}}, {}) == "nothing yet"


def test_a_finished_training_is_found_and_not_done_again(tmp_path):
    folder = training.our_folder("cnn_v2", 3, 1, tmp_path)
    assert folder == tmp_path / "ours_epochs3" / "seed1"
    assert training.our_folder("cnn_v2", 15, 1, tmp_path) == tmp_path / "ours" / "seed1"
    story = {"validation": {"accuracy": 0.99}, "test": {"accuracy": 0.995}, "seconds": 80.5}
    safe_files.write_settings(run_files.final_files(folder, STEMS["cnn_v2"]).settings, story)
    assert training.our_runs("cnn_v2", tmp_path) == {3: [training.Run(99.0, 99.5, 80.5)]}


def test_every_change_of_the_recipe_changes_something_that_is_there():
    def current(name):
        return getattr(variation_module if hasattr(variation_module, name) else batches_module, name)

    ours = models.NETWORKS[recipe.MODEL]
    for change in recipe.CHANGES.values():
        assert all(getattr(cnn_model_v2, name) != value for name, value in change.script.items())
        assert all(current(name) != value for name, value in change.variation.items())
        assert change.peak_rate != ours.peak_rate
        assert all(ours.ours.get(name) != value for name, value in change.network.items())
        assert set(change.network) <= set(inspect.signature(models.cnn_v3).parameters)
        if change.build:
            assert change.build("he_normal", 0.3).output_shape == (None, 10)


def test_a_changed_recipe_is_trained_and_the_change_undone(digits_file, monkeypatch):
    monkeypatch.setattr(recipe, "EPOCHS", 1)
    data = load(str(digits_file))
    seen = []
    real = varied
    monkeypatch.setattr(
        batches_module, "varied", lambda *given: seen.append(variation_module.BEND) or real(*given)
    )
    smoothed = cnn_model_v2.smoothed
    monkeypatch.setattr(
        cnn_model_v2,
        "smoothed",
        lambda rows, network: smoothing.append(network.smoothing) or smoothed(rows, network),
    )
    bend, smoothing = BEND, []
    change = recipe.Change(variation={"BEND": 0.25}, script={"SMOOTHING": 0.0})
    model, seconds = recipe.trained(change, 0, data.training, "float32")
    assert seconds > 0
    assert set(seen) == {0.25}
    assert set(smoothing) == {0.0}
    assert bend == BEND
    certain = np.tile([0.0, 1.0], (5, 1))
    result = recipe.judged(model, data.validation, data.validation.images[:5], certain)
    assert result["count"] == len(data.validation)
    assert result["sure_with_doubt"] == result["sure_non_digits"]


def test_fewer_non_digits_expected_than_learned():
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    shown = np.random.default_rng(0).random((5, 3), np.float32)
    other, digit = model.predict(shown, verbose=0).T
    doubter.expect(model, learned=0.4, expected=0.01)
    other_now, digit_now = model.predict(shown, verbose=0).T
    np.testing.assert_allclose(
        (digit_now / other_now) / (digit / other), (0.99 / 0.01) / (0.6 / 0.4), rtol=1e-3
    )


def test_a_stopwatch_hands_everything_on():
    with reading.stopwatch(console, "positive_integer") as seconds:
        assert console.positive_integer(text="3") == 3
    assert len(seconds) == 1


def test_what_a_stopwatch_times_is_not_lost():
    with reading.stopwatch(time, "sleep") as seconds:
        time.sleep(0.02)
    assert len(seconds) == 1
    assert seconds[0] >= 0.02
    assert time.sleep(0) is None
    assert len(seconds) == 1
    sentence = reading.sentence("this", [3.0, 4.0, 2.0], "that", [2.0, 2.0, 2.0])
    assert sentence == "this: 3.0 s; that: 2.0 s; ratio 1.50 (median of 3)"


def test_photos_are_drawn_and_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "PHOTO_SIZE", (400, 300))
    monkeypatch.setattr(reading, "ROUNDS", 1)
    assert re.fullmatch(
        r"\d+ photos of 0\.12 megapixels: \d\.\d\d s each \(median of 1\)", reading.large_photos(tmp_path)
    )
    with Image.open(tmp_path / "photo0.jpg") as photo:
        assert photo.size == (400, 300)


@pytest.mark.parametrize("precision", ("float32", "bfloat16"))
def test_a_convolution_is_timed_in_both_precisions(precision):
    assert training.convolution_speed(4, 8, precision) > 0


@pytest.mark.parametrize("quick_in_bfloat16", [True, False])
def test_speeds_are_those_of_fit(digits_file, monkeypatch, capsys, quick_in_bfloat16):
    seconds = {"float32": 2.0, "bfloat16": 1.0 if quick_in_bfloat16 else 20.0}
    monkeypatch.setattr(cnn_model_v2, "convolution_seconds", seconds.get)
    monkeypatch.setattr(training, "OURS", {"cnn_small": {15: 1}})
    monkeypatch.setattr(training, "USUAL_SEEDS", {training.SMALL: 1})
    monkeypatch.setattr(training, "LARGE_CONVOLUTIONS", ((4, 8),))
    monkeypatch.setattr(training, "ROUNDS", 1)
    monkeypatch.setattr(training, "BATCH", 8)
    lines = training.speeds(load(str(digits_file)).training).splitlines()
    assert [line.split()[:2] for line in lines[2:]] == [
        ["small", "example"],
        *[["our", "cnn_small"]] * (2 if quick_in_bfloat16 else 1),
    ]
    left_out = "bfloat16 is left out: a convolution takes 10 times as long in it here"
    assert (left_out in capsys.readouterr().out) is not quick_in_bfloat16


def test_pictures_are_scored_set_by_set(trained, tmp_path, capsys, monkeypatch):
    for folder, name, label in (("one", "1_a.png", "1"), ("one", "3_b.png", "7"), ("rows", "11_c.png", "1")):
        page = draw_strokes(label)
        if folder == "rows":
            page = Image.fromarray(np.concatenate([np.asarray(page)] * 2, axis=1))
        (tmp_path / folder).mkdir(exist_ok=True)
        page.save(tmp_path / folder / name)
    (tmp_path / pictures.NEGATIVE).mkdir()
    Image.new("L", (90, 90), 200).save(tmp_path / pictures.NEGATIVE / "blank_1.png")
    draw_strokes("0").save(tmp_path / pictures.NEGATIVE / "letter_o_2.png")
    (tmp_path / "one" / "IMG_1.png").write_bytes(b"no picture, and without a label")
    (tmp_path / "one" / "IMG_2.ppm").write_bytes(b"P6 many 2 255 ")
    sheet = tmp_path / "wrong.png"
    command = ["pictures.py", str(tmp_path), "--models", str(trained / "checkpoints"), "--sheet", str(sheet)]
    monkeypatch.setattr("sys.argv", command)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert pictures.main() == 0
    said = capsys.readouterr().out
    assert "no command `tesseract`" in said
    table = {line.split("  ")[0]: line.split() for line in said.splitlines()}
    assert table["one"][1:3] == ["2", "0.500"]  # the 7 is labelled as a 3
    assert table["rows, several digits"][-3:-1] == ["1", "1"]
    assert "not given a sure one: 1 of 1 (1.00)" in said
    assert "not read as they should be: 1" in said  # the 7; of the others nothing was expected
    with Image.open(sheet) as image:
        assert min(image.size) > 100
    sheet.unlink()
    (tmp_path / "one" / "3_b.png").unlink()
    assert pictures.main() == 0
    assert "not read as they should be: 0" in capsys.readouterr().out
    assert not sheet.exists()


def test_calibration_error_is_the_mean_distance_of_confidence_and_share_right():
    def read(confidence, right):
        return pictures.Read(Path("7_1.png"), reader.Reading("7" if right else "1", confidence, "ok"))

    assert pictures.calibration_error([read(1.0, True)] * 4) == 0
    assert pictures.calibration_error([read(0.9, True), read(0.9, False)]) == pytest.approx(0.4)
    mixed = [read(0.75, True)] * 3 + [read(0.75, False)] + [read(0.2, False)] * 4
    assert pictures.calibration_error(mixed) == pytest.approx(0.1)


def test_what_a_benchmark_cannot_use_is_one_line():
    command = [sys.executable, "-m", "benchmarks.recipe", "--mnist", "nowhere.npz", "--out", "nowhere"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("recipe.py: ")
    assert "nowhere.npz does not exist" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_pictures_is_not_scored(tmp_path, name):
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "benchmarks.pictures", str(tmp_path / name)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"{tmp_path / name};" in done.stderr


@pytest.mark.parametrize("name", ["training", "recipe"])
def test_a_folder_that_cannot_be_written_is_told_before_a_training(digits_file, tmp_path, name):
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


def test_written_digits_are_compared_with_images_that_are_there(tmp_path, monkeypatch):
    np.savez(tmp_path / "own.npz", x_train=np.zeros((30, 28, 28)), y_train=np.zeros(30, int))
    monkeypatch.setattr(
        "sys.argv", ["offline.py", "--mnist", str(tmp_path / "own.npz"), "--out", str(tmp_path)]
    )
    with pytest.raises(console.InputError, match="without test images"):
        offline.main()


def test_a_network_whose_answers_are_none_is_named():
    model = keras.Sequential(
        [keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    )
    with pytest.raises(console.InputError, match="^odd: its answers"):
        reader.answers_of({"odd": model}, np.ones((1, 28, 28, 1), np.float32))
