"""Digits that are spoilt on purpose, and the benchmark that reads them."""

import sys

import numpy as np
import pytest
from PIL import Image

from benchmarks import robustness
from benchmarks.corruptions import KINDS, STRENGTHS
from handwriting.data.load import load
from handwriting.data.sets import Labelled
from handwriting.digit_image import SIDE
from handwriting.reading.inputs import networks_in
from handwriting.reading.networks import load_networks
from handwriting.writing.digits import write_digits


def difference(kind, strength: int, unit: int) -> float:
    """How much images change in the mean, spoilt in this way."""
    random = np.random.default_rng(strength)
    changes = []
    for pixels in write_digits(30)[0]:
        image = Image.fromarray(pixels).resize((SIDE * unit, SIDE * unit), Image.Resampling.BICUBIC)
        spoilt = kind.spoil(image, strength, random, unit)
        assert (spoilt.mode, spoilt.size) == ("L", image.size)
        changes.append(np.abs(np.asarray(spoilt, float) - np.asarray(image, float)).mean())
    return float(np.mean(changes))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_more_strength_changes_images_more_and_pictures_alike(kind):
    changes = [difference(kind, strength, 1) for strength in STRENGTHS]
    assert changes[0] > 1
    assert all(more > 1.05 * less for less, more in zip(changes, changes[1:], strict=False))
    assert difference(kind, 3, 4) == pytest.approx(changes[2], rel=0.4)


def test_half_of_the_kinds_are_never_trained_with():
    assert len({kind.name for kind in KINDS}) == len(KINDS) == 24
    assert sum(kind.trained for kind in KINDS) == 12


def test_the_share_of_right_readings_is_of_right_ones(trained, digits_file):
    """The network has learned these digits, so hardly spoilt they are read, and others' labels are wrong for them."""
    found, _ = load_networks(networks_in([trained / "checkpoints"]))
    digits = load(str(digits_file)).training.take(slice(100))
    wrong = Labelled(digits.images, (digits.labels + 1) % 10)
    kind = next(kind for kind in KINDS if kind.name == "stretched")
    of_right, of_wrong = (robustness.shares_right(found, part, kind, 1) for part in (digits, wrong))
    for name in (robustness.ENSEMBLE_NAME, *found.each):
        assert of_right[name] > 0.5
        assert of_wrong[name] < 0.3


def test_the_benchmark_reads_digits_and_pictures(trained, digits_file, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(robustness, "IMAGES", 10)
    monkeypatch.setattr(robustness, "PICTURES", 2)
    monkeypatch.setattr(robustness, "KINDS", [KINDS[0], KINDS[-1]])
    monkeypatch.setattr(robustness, "STRENGTHS", [1, 5])
    models, sheet = str(trained / "checkpoints"), tmp_path / "sheet.png"
    command = ["robustness", "--mnist", str(digits_file), "--models", models, "--sheet", str(sheet)]
    monkeypatch.setattr(sys, "argv", command)
    assert robustness.main() == 0
    printed = capsys.readouterr().out
    assert "10 images and 2 pictures for each kind and strength" in printed
    for text in ("turned", "mean, trained with", "faded", "mean, never trained with", "pictures"):
        assert text in printed
    with Image.open(sheet) as image:
        assert image.size == (2 * SIDE * robustness.SHOWN, 2 * SIDE * robustness.SHOWN)
