"""The benchmarks that read and write."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from benchmarks import harmless_changes, networks, offline, peers, picture_scores, pictures, reading
from handwriting import console
from handwriting.reading.networks import Networks, load_networks
from handwriting.shipped import PROJECT
from handwriting.writing.scenes import Style, draw_picture
from tests.helpers import draw_strokes, shipped_finder


@pytest.mark.parametrize("stem", ["mlp", "mlp_offline", "mlp_own"])
def test_a_benchmark_finds_the_run_of_a_network_whatever_its_data(stem, tmp_path):
    assert networks.run_in(tmp_path, "mlp") is None
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / f"{stem}.json").touch()
    assert networks.run_in(tmp_path, "mlp").stem == stem


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
    assert [pictures.group_of(Path(path)) for path in ("sets/mine/7_a.png", "sets/mine/7/a.png")] == [
        "mine"
    ] * 2


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


def written_page(text: str, seed: int = 0) -> Image.Image:
    """Digits as a hand writes them, on a page of their own."""
    style = Style((160 * len(text), 240), 0.4, 0.05, (20, 20, 60), (250, 250, 250))
    return draw_picture(text, style, np.random.default_rng(seed))


def test_pictures_are_scored_set_by_set(tmp_path, capsys, monkeypatch):
    for folder, name, text in (("one", "1_a.png", "1"), ("one", "3_b.png", "7"), ("rows", "25_c.png", "25")):
        (tmp_path / folder).mkdir(exist_ok=True)
        written_page(text).save(tmp_path / folder / name)
    (tmp_path / pictures.NEGATIVE).mkdir()
    Image.new("L", (90, 90), 200).save(tmp_path / pictures.NEGATIVE / "blank_1.png")
    written_page("0").save(tmp_path / pictures.NEGATIVE / "letter_o_2.png")
    (tmp_path / "one" / "IMG_1.png").write_bytes(b"no picture, and without a label")
    (tmp_path / "one" / "IMG_2.ppm").write_bytes(b"P6 many 2 255 ")
    listed = tmp_path / "listed"
    listed.mkdir()
    for name, text in (("a.png", "46"), ("b.png", "80"), ("c.png", "3")):
        written_page(text).save(listed / name)
    Image.new("L", (90, 90), 200).save(listed / "x.png")
    (listed / pictures.LABELS).write_text("a.png\t4/6\nb.png\t8077\nx.png\tx\n")  # c.png isn't listed
    sheet = tmp_path / "wrong.png"
    monkeypatch.setattr("sys.argv", ["pictures.py", str(tmp_path), "--sheet", str(sheet)])
    assert pictures.main() == 0
    said = capsys.readouterr().out
    table = {line.split("  ")[0]: line.split() for line in said.splitlines()}
    assert table["one"] == ["one", "2", "0.500"]  # the 7 is labelled as a 3
    assert table["rows"] == ["rows", "1", "1", "1.00", "/", "0.000"]
    lines = [line.split() for line in said.splitlines()]
    assert ["listed", "2", "1", "0.50", "/", "0.250"] in lines
    assert ["listed", "1", "0", "0.00"] in lines  # x.png
    assert table[pictures.NEGATIVE] == [pictures.NEGATIVE, "1", "0", "0.00"]  # an o may be read as a 0
    assert "not read as they should be: 2" in said  # the 7 and b.png
    with Image.open(sheet) as image:
        assert min(image.size) > 100
    sheet.unlink()
    (tmp_path / "one" / "3_b.png").unlink()
    (listed / "b.png").unlink()
    assert pictures.main() == 0
    assert "not read as they should be: 0" in capsys.readouterr().out
    assert not sheet.exists()


@pytest.mark.parametrize(
    ("one", "other", "distance"), [("", "", 0), ("12", "", 2), ("1234", "1324", 2), ("705", "7105", 1)]
)
def test_edit_distance(one, other, distance):
    assert picture_scores.edit_distance(one, other) == picture_scores.edit_distance(other, one) == distance


def test_a_peer_that_is_not_installed_is_one_line(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(console.InputError, match="python -m pip install rapidocr"):
        peers.rapidocr([], as_lines=True)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(console.InputError, match="tesseract-ocr"):
        peers.tesseract([], [])


def test_calibration_error_is_the_mean_distance_of_confidence_and_share_right():
    def error(*pairs: tuple[float, bool]) -> float:
        confidences, right = np.array(pairs, float).T
        return picture_scores.calibration_error(confidences, right)

    assert error(*[(1.0, True)] * 4) == 0
    assert error((0.9, True), (0.9, False)) == pytest.approx(0.4)
    assert error(*[(0.75, True)] * 3, (0.75, False), *[(0.2, False)] * 4) == pytest.approx(0.1)


def test_few_readings_have_a_calibration_error_by_chance_alone():
    by_chance = picture_scores.error_by_chance
    assert by_chance(np.array([0.0, 1.0, 1.0])) == 0
    assert by_chance(np.array([0.5])) == pytest.approx(0.5)
    assert by_chance(np.full(2, 0.5)) == pytest.approx(0.25, abs=0.02)
    assert by_chance(np.full(1000, 0.5)) < 0.02


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
    odd = Networks(shipped_finder(), {"odd": keras.Sequential(layers)})
    with pytest.raises(console.InputError, match="^odd: expected probabilities"):
        pictures.read_by_us(odd, [PROJECT / "data" / "3-chalk.jpg"])


def test_changes_that_change_a_reading_are_counted_and_named(tmp_path, monkeypatch, capsys):
    for number in range(2):
        Image.new("RGB", (40 + number, 30), "white").save(tmp_path / f"{number}.png")
    monkeypatch.setattr(harmless_changes, "read_pictures", read_widths)
    monkeypatch.setattr(sys, "argv", ["harmless_changes.py", str(tmp_path)])
    assert harmless_changes.main() == 0
    said = capsys.readouterr().out
    shares = dict(re.findall(r"^(\S.*?) +(\d+\.\d)%$", said, re.M))
    assert shares == {
        "doubled": "0.0", "halved": "0.0", "inverted": "100.0", "rotated by 3°": "0.0", "JPEG 85": "100.0",
        "among others": "100.0",
    }  # fmt: skip
    assert "'41' -> '82'" in said


def read_widths(given):
    """Stands for the reader: reads a picture's width."""
    if isinstance(given, list):
        return [read_widths(image) for image in given]
    return SimpleNamespace(reading=str(given.width))
