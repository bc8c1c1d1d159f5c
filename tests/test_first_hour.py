"""README's list "What do you want?", command by command, in a copy of the project, as a newcomer types it."""

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handwriting.shipped import PROJECT
from handwriting.writing.digits import write_digits
from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import paths_in_forms
from handwriting.writing.pen import in_ink
from handwriting.writing.scenes import STYLES, draw_picture
from tests.helpers import draw_strokes

NOT_COPIED = (".git", ".*cache*", ".venv", "running", "previous", "__pycache__", "tests")
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def command_to(wanted: str) -> list[str]:
    """The command that README names for this wish."""
    row = next(line for line in README.splitlines() if line.startswith(f"| {wanted}"))
    python, *arguments = shlex.split(re.search("`(.+)`", row)[1])
    assert python == "python"
    return [sys.executable, *arguments]


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A copy of the project. MNIST is neither there nor can it be fetched."""
    folder = tmp_path / "clone"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED, *own_outputs()))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "no-keras-home"))
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return folder


def own_outputs() -> list[str]:
    """What earlier runs may have left in the project."""
    return ["*_try*", "*_own*", "*_mine*", "mine", "*_offline*", "predictions.*", "digits.csv", "marked"]


def typed(command: list[str], folder, code: int = 0) -> subprocess.CompletedProcess:
    """What a command printed. It must end with this exit code, and print nothing wider than 80 columns but paths."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr
    wide = [line for line in done.stdout.splitlines() if len(line) > 80]
    assert all(os.sep in line for line in wide), wide
    return done


def readings(folder) -> dict[str, dict[str, str]]:
    """The ensemble's rows of predictions.csv."""
    with (folder / "logs" / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return {row["image"]: row for row in csv.DictReader(file) if row["model"] == "ensemble"}


def page_of_numbers(path, *lines: str) -> None:
    """A scanned page: a written number in each line."""
    random = np.random.default_rng(4)
    parts = [np.asarray(draw_picture(line, STYLES["wide"], random).convert("L")) for line in lines]
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.concatenate(parts)).save(path)


def test_someone_with_pictures(clone):
    page_of_numbers(clone / "holiday-photos" / "IMG_1.png", "42")
    page_of_numbers(clone / "scan.png", "365")
    typed(command_to("read your own pictures"), clone)
    assert {name: row["reading"] for name, row in readings(clone).items()} == {
        "IMG_1.png": "42",
        "scan.png": "365",
    }


def test_a_teacher_with_pages(clone):
    for number in range(1, 7):
        page_of_numbers(clone / "pages" / f"{number}.jpg", "1572", "43890", "2047", "86")
    said = typed(command_to("turn scanned pages into a table"), clone).stdout
    assert "1572 / 43890 / 2047 / 86" in said
    rows = readings(clone)
    assert rows["3.jpg"]["reading"] == "1572 / 43890 / 2047 / 86"
    assert {row["label"] for row in rows.values()} == {""}
    logs = clone / "logs"
    assert len(list((logs / "marked").iterdir())) == 6
    for name in ("predictions.xlsx", "predictions.png", "digits.csv"):
        assert (logs / name).stat().st_size > 1000


@pytest.mark.slow
def test_a_student_who_trains(clone):
    shipped = (clone / "checkpoints" / "cnn_digit03.keras").read_bytes()
    said = typed(command_to("train your first network"), clone).stdout
    assert "MNIST can't be had" in said
    accuracy = float(re.search(r"^test  loss .* accuracy ([0-9.]+)%", said, re.MULTILINE)[1])
    assert accuracy > 85  # of written digits; with MNIST, nearly 99
    assert (clone / "checkpoints" / "cnn_digit03.keras").read_bytes() == shipped
    following = re.search(r"python (test_load\.py --models \S+)", " ".join(said.split()))[1]
    typed([sys.executable, *shlex.split(following)], clone)
    assert "cnn_v3_offline_try" in (clone / "logs" / "predictions.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_kaggle_competitor(clone, digits):
    pixels, labels = digits
    columns = [f"pixel{number}" for number in range(784)]
    table = np.column_stack([labels, pixels.reshape(len(pixels), -1)])
    (clone / "digit-recognizer").mkdir()
    for name, part, header in (
        ("train.csv", table, ["label", *columns]),
        ("test.csv", table[:9, 1:], columns),
    ):
        np.savetxt(clone / "digit-recognizer" / name, part, "%d", ",", header=",".join(header), comments="")
    said = typed(command_to("train on Kaggle's digits"), clone).stdout
    assert f"wrote {Path('checkpoints') / 'cnn_digit03_own.keras'}" in said
    assert "python test_load.py --models cnn_v3_own" in " ".join(said.split())
    told = typed(
        [*command_to("train on Kaggle's digits")[:-1], "digit-recognizer/test.csv"], clone, code=2
    ).stderr
    assert "looks like Kaggle's test.csv: it has none; give train.csv" in told


@pytest.mark.slow
def test_someone_with_an_odd_hand(clone, tmp_path):
    for number in range(30):
        label = "0147"[number % 4]
        path = clone / "my_digits" / f"{label}-{number}.png"
        path.parent.mkdir(exist_ok=True)
        draw_strokes(label, width=8 + number % 7).save(path)
    command = command_to("train on 170 pictures of your own")
    refused = typed(command, clone, code=2).stderr
    assert refused.count("\n") == 1
    assert "at least 150 training images, got 27" in refused
    assert "read them with the networks that are trained already: python test_load.py" in refused
    assert not (clone / "checkpoints" / "cnn_digit03_own.keras").exists()
    typed([sys.executable, "test_load.py", "my_digits"], clone)
    right = sum(row["reading"] == row["label"] for row in readings(clone).values())
    assert right >= 25


@pytest.mark.slow
def test_someone_whose_hand_is_learned(clone):
    mine = clone / "data" / "mine"
    mine.mkdir()
    random = np.random.default_rng(9)
    flagged = in_ink(paths_in_forms([FORMS[1][3]], 30, random), random)  # some are read as 7s
    others, labels = write_digits(30, seed=9)
    pictures = [*((pixels, 1) for pixels in flagged), *zip(others, labels, strict=True)]
    for number, (pixels, label) in enumerate(pictures):
        Image.fromarray(pixels).save(mine / f"{label}-{number:04}.png")
    shipped = (clone / "checkpoints" / "cnn_digit03.keras").read_bytes()
    done = typed(command_to("have it learn your hand"), clone)
    assert "digits held back   before  loss" in done.stdout
    assert (clone / "checkpoints" / "cnn_digit03_mine.keras").exists()
    assert (clone / "checkpoints" / "cnn_digit03.keras").read_bytes() == shipped
    done = typed([sys.executable, "test_load.py", "data/7-big.png"], clone)
    assert "cnn_v3_mine, which has learned a hand, counts for 75%" in " ".join(done.stdout.split())


def test_a_developer(clone, tmp_path):
    """The three lines, from another folder. `tests/ground/test_package.py` installs the package first."""
    program = README.split("```python\n")[1].split("```")[0]
    assert program.count("\n") <= 4
    draw_strokes("7").save(tmp_path / "scan.png")
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout.split()[0] == "7"
