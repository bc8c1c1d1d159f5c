"""What tests of several wings share: pictures drawn on the spot, links, an interrupted run."""

import csv
import functools
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from PIL import Image, ImageDraw

import cnn_model_v2
from handwriting.finder.files import load_finder
from handwriting.pictures.decoding import open_picture
from handwriting.pictures.picture import Picture, digits_on
from handwriting.training.resume import Resume
from handwriting.training.run_files import Run
from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import paths_in_forms
from handwriting.writing.pen import in_ink


def draw_strokes(
    text: str = "7",
    size: tuple[int, int] = (200, 200),
    paper=(255, 255, 255),
    ink=(0, 0, 0),
    width: int = 14,
    box: tuple[int, int, int, int] = (60, 40, 140, 160),
) -> Image.Image:
    """A picture of one plain stroke digit ('1', '4', '7' or '0') inside a box."""
    left, top, right, bottom = box
    middle = (top + bottom) // 2
    lines = {
        "0": None,
        "1": [[(left, top), (left, bottom)]],
        "4": [
            [(left, top), (left, middle), (right, middle)],
            [(right - width, top), (right - width, bottom)],
        ],
        "7": [[(left, top), (right, top), (left + (right - left) // 3, bottom)]],
    }[text]
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    if lines is None:
        draw.ellipse(box, outline=ink, width=width)
    for line in lines or []:
        draw.line(line, fill=ink, width=width, joint="curve")
    return image


def written_images(digit: int, count: int) -> np.ndarray:
    """Digit images of one digit: uint8 (count, 28, 28). As pictures, they are read without a finder."""
    random = np.random.default_rng(digit)
    return in_ink(paths_in_forms(FORMS[digit], count, random), random)


def linked(path: Path, target: Path) -> bool:
    """Makes a link, and says whether it could be made: Windows allows it only to some."""
    try:
        path.symlink_to(target)
    except OSError:
        return False
    return True


def stop_after(epoch_to_stop, monkeypatch):
    """Interrupts the run once it has saved its state after this many epochs."""

    save = Resume.on_epoch_end

    def save_and_stop(self, epoch, logs=None):
        save(self, epoch, logs)
        if epoch + 1 == epoch_to_stop:
            raise KeyboardInterrupt

    monkeypatch.setattr(Resume, "on_epoch_end", save_and_stop)


def check_it_goes_on_where_it_was(train, out: Path, stem: str, monkeypatch, stopped_after: int = 1) -> None:
    """A run that is stopped and goes on ends as one that was never stopped.

    Args:
        train: takes a folder and further arguments, and gives the exit code.
        out: a folder for both runs.
        stem: of the run's files.
        stopped_after: epochs.
    """
    assert train(out / "whole") == 0
    with monkeypatch.context() as patched:
        stop_after(stopped_after, patched)
        assert train(out / "parts") == 130
    assert train(out / "parts") == 2  # an unfinished run lies there: it is not begun anew in silence
    assert train(out / "parts", "--resume") == 0
    whole, parts = (Run(out / name, stem).final for name in ("whole", "parts"))
    assert parts.log.read_bytes() == whole.log.read_bytes()
    expected, actual = (keras.models.load_model(files.model).get_weights() for files in (whole, parts))
    for one, other in zip(expected, actual, strict=True):
        np.testing.assert_array_equal(one, other)


shipped_finder = functools.cache(load_finder)


def read_picture(source) -> Picture:
    """What the shipped finder takes for digits on a picture."""
    found = digits_on(open_picture(source), shipped_finder())
    return replace(found, digits=[digit for digit in found.digits if digit.is_likely])


def read(image: Image.Image, tmp_path, name="picture.png", **options) -> Picture:
    image.save(tmp_path / name, **options)
    return read_picture(tmp_path / name)


def likeness(one: Picture, other: Picture) -> float:
    """The correlation of the one digit on each of two pictures, at the best of nine places.

    A side of 13.49 px becomes 13, one of 13.51 px 14: the same digit may lie a pixel further.
    """
    assert len(one.digits) == len(other.digits) == 1
    still, moving = one.digits[0].image[..., 0], other.digits[0].image[..., 0]
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(np.corrcoef(still.ravel(), np.roll(moving, shift, (0, 1)).ravel())[0, 1] for shift in shifts)


def transparent(image, ink=(0, 0, 0)):
    alpha = Image.eval(image.convert("L"), lambda level: 255 - level)
    clear = Image.new("RGBA", image.size, (*ink, 0))
    clear.putalpha(alpha)
    return clear


def train(digits_file, out, *more, model="mlp", epochs=2):
    return cnn_model_v2.main(
        ["--model", model, "--data", str(digits_file), "--epochs", str(epochs), "--out", str(out)]
        + ["--precision", "float32", *more]
    )


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
