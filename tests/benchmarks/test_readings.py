"""The benchmarks that read and write."""

import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from benchmarks import offline, pictures, reading
from handwriting import console
from handwriting.reading.networks import Networks, load_networks
from handwriting.reading.readings import Reading
from handwriting.shipped import PROJECT
from tests.helpers import draw_strokes


def test_nearest_distances_are_those_to_the_nearest():
    random = np.random.default_rng(0)
    others = random.random((30, 28, 28, 1), np.float32)
    images = np.concatenate([random.random((1200, 28, 28, 1), np.float32), others[4:5]])
    found = offline.nearest_distances(images, others)
    assert found.shape == (1201,)
    assert found[-1] < 0.05  # a copy; float32 leaves a little
    expected = np.sqrt(((images[:5, np.newaxis] - others) ** 2).sum(axis=(2, 3, 4)).min(axis=1))
    np.testing.assert_allclose(found[:5], expected, rtol=1e-4)


def test_a_set_of_pictures_is_their_folder_or_the_one_above_a_label():
    def folder(path: str) -> str:
        return pictures.Read(Path(path), Reading("", None, "no digit")).folder

    assert [folder("sets/mine/7_a.png"), folder("sets/mine/7/a.png")] == ["mine", "mine"]


def test_reading_is_timed_and_done(trained, tmp_path):
    files = [tmp_path / f"{digit}-a.png" for digit in "147"]
    for file in files:
        draw_strokes(file.name[0]).save(file)
    networks, _ = load_networks([trained / "checkpoints" / "mlp_own.keras"])
    assert reading.reading_seconds(files, networks, tmp_path) > 0
    assert (tmp_path / "predictions.csv").read_text().count("\n") == 1 + 2 * len(files)


def test_a_ratio_is_the_median_of_the_rounds():
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


def test_pictures_are_scored_set_by_set(tmp_path, capsys, monkeypatch):
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
    command = ["pictures.py", str(tmp_path), "--sheet", str(sheet)]
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
        return pictures.Read(Path("7_1.png"), Reading("7" if right else "1", confidence, "ok"))

    assert pictures.calibration_error([read(1.0, True)] * 4) == 0
    assert pictures.calibration_error([read(0.9, True), read(0.9, False)]) == pytest.approx(0.4)
    mixed = [read(0.75, True)] * 3 + [read(0.75, False)] + [read(0.2, False)] * 4
    assert pictures.calibration_error(mixed) == pytest.approx(0.1)


def test_what_a_benchmark_cannot_use_is_one_line():
    command = [sys.executable, "-m", "benchmarks.recipe", "--mnist", "nowhere.npz", "--out", "nowhere"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("recipe.py: ")
    assert "got nowhere.npz, which does not exist" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_pictures_is_not_scored(tmp_path, name):
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "benchmarks.pictures", str(tmp_path / name)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"{tmp_path / name};" in done.stderr


def test_written_digits_are_compared_with_images_that_are_there(tmp_path, monkeypatch):
    np.savez(tmp_path / "own.npz", x_train=np.eye(28)[None].repeat(30, 0), y_train=np.zeros(30, int))
    monkeypatch.setattr(
        "sys.argv", ["offline.py", "--mnist", str(tmp_path / "own.npz"), "--out", str(tmp_path)]
    )
    with pytest.raises(console.InputError, match="without test images"):
        offline.main()


def test_a_network_whose_answers_are_none_is_named():
    layers = [keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    odd = Networks({"odd": keras.Sequential(layers)}, None)
    with pytest.raises(console.InputError, match="^odd: expected probabilities"):
        pictures.read_by_us(odd, [PROJECT / "data" / "3-chalk.jpg"])
