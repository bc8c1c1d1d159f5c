"""The public API, as another program uses it."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import handwriting
from handwriting import console
from handwriting.shipped import ENSEMBLE, PROJECT
from tests.reading.test_reading import foreign

CHALK = PROJECT / "data" / "3-chalk.jpg"


def test_the_three_lines_of_readme_run_in_another_folder(tmp_path):
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    program = next(block for block in readme.split("```python\n")[1:] if "handwriting.read(" in block).split(
        "```"
    )[0]
    with Image.open(CHALK) as image:
        image.save(tmp_path / "scan.png")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stderr == ""
    reading, confidence, status = done.stdout.split()
    assert (reading, status) == ("3", "ok")
    assert 0.9 < float(confidence) <= 1


@pytest.mark.parametrize("kind", [str, "path", "bytes", "image", "array", "float"])
def test_a_picture_may_be_a_path_an_image_or_an_array(kind):
    with Image.open(PROJECT / "data" / "7-corner.png") as opened:
        image = opened.convert("RGB")
    source = {
        str: str(PROJECT / "data" / "7-corner.png"),
        "path": PROJECT / "data" / "7-corner.png",
        "bytes": (PROJECT / "data" / "7-corner.png").read_bytes(),
        "image": image,
        "array": np.asarray(image),
        "float": np.asarray(image) / 255,
    }[kind]
    result = handwriting.read(source)
    assert (result.reading, result.status) == ("7", "ok")
    (digit,) = result.digits
    assert digit.digit == 7
    assert digit.confidence == result.confidence > 0.9
    assert digit.image.shape == (28, 28, 1)
    left, top, right, bottom = digit.box
    assert 0 <= left < right <= image.width
    assert 0 <= top < bottom <= image.height


def test_a_digit_holds_what_each_network_of_the_ensemble_and_the_finder_say():
    (digit,) = handwriting.read(CHALK).digits
    assert list(digit.networks) == list(ENSEMBLE)
    mean = np.mean(list(digit.networks.values()), axis=0)
    assert digit.probabilities == pytest.approx((mean + digit.finder) / 2, abs=1e-5)


def test_a_picture_without_a_digit_and_one_that_is_none(tmp_path):
    blank = handwriting.read(Image.new("L", (100, 100), 255))
    assert (blank.digits, blank.reading, blank.confidence, blank.status) == ([], "", None, "no digit")
    (tmp_path / "text.png").write_text("hello")
    assert handwriting.read(tmp_path / "text.png").status.startswith("unreadable: not a picture")
    assert handwriting.read(tmp_path / "missing.png").status == "unreadable: no such file"


def test_an_array_that_is_no_picture_is_an_error():
    with pytest.raises(ValueError, match="expected an array of pixels"):
        handwriting.read(np.zeros(10))


def test_other_networks_read(trained):
    networks = handwriting.load_networks([trained / "checkpoints" / "mlp_own.keras"])
    assert list(networks.each) == ["mlp_own"]
    assert handwriting.read(CHALK, networks).status in ("ok", "unsure")
    assert list(handwriting.load_networks(str(trained / "checkpoints")).each) == ["mlp_own"]


def test_a_network_that_cannot_be_used_is_an_error(tmp_path):
    foreign(tmp_path / "letters.keras", outputs=26)
    with pytest.raises(console.InputError, match="letters.keras: expected"):
        handwriting.load_networks([tmp_path / "letters.keras"])
    with pytest.raises(console.InputError, match="does not exist"):
        handwriting.load_networks([tmp_path / "none.keras"])


def test_the_import_is_quick():
    program = "import sys, handwriting; assert not {'keras', 'tensorflow', 'numpy', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


def test_a_list_is_read_in_any_program(tmp_path):
    """Without `if __name__ == "__main__"`: worker processes would run such a program again."""
    script = tmp_path / "program.py"
    script.write_text(
        "import handwriting, pathlib, sys\n"
        "paths = sorted(pathlib.Path(sys.argv[1]).glob('[0-9]-*.png'))[:12]\n"
        "print(*(result.reading for result in handwriting.read(paths)), len(handwriting.read([])))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, script, PROJECT / "data"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert done.stderr == ""
    expected = [path.name[0] for path in sorted((PROJECT / "data").glob("[0-9]-*.png"))[:12]]
    assert done.stdout.split() == [*expected, "0"]


def test_one_unreadable_picture_of_a_list_is_the_only_one_without_a_reading():
    results = handwriting.read([CHALK, b"hello", str(CHALK)])
    assert [result.reading for result in results] == ["3", "", "3"]
    assert results[1].status.startswith("unreadable: not a picture")


@pytest.mark.parametrize("slip", [None, 7, {"path": "scan.png"}])
def test_a_programming_slip_is_no_damaged_file(slip):
    with pytest.raises(
        TypeError, match="expected a path, the bytes of a file, a PIL image or a NumPy array, got"
    ):
        handwriting.read(slip)
