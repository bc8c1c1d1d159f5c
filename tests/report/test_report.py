"""The score of a run, and its figures."""

import numpy as np
import pytest
from PIL import Image

from handwriting.report.figures import draw_confusion, draw_curves, draw_misread
from handwriting.report.score import score


@pytest.fixture
def answers():
    """Labels and probabilities of 50 digits, three of them misread."""
    random = np.random.default_rng(0)
    labels = np.arange(50) % 10
    probabilities = np.full((50, 10), 0.02)
    probabilities[np.arange(50), labels] = 0.82
    for index in (3, 14, 25):
        probabilities[index] = np.roll(probabilities[index], 1)
    return random.random((50, 28, 28, 1)), labels, probabilities


def test_score(answers):
    _, labels, probabilities = answers
    result = score(labels, probabilities)
    assert result.misses == 3
    assert result.accuracy == pytest.approx(0.94)
    assert result.loss == pytest.approx(-(47 * np.log(0.82) + 3 * np.log(0.02)) / 50)
    assert str(result) == f"loss {result.loss:.4f}  accuracy 94.00%  misses 3/50"


def test_a_mistake_of_full_confidence_has_a_finite_loss():
    result = score(np.array([1]), np.eye(10)[[0]])
    assert np.isfinite(result.loss)


def test_figures_of_a_run(tmp_path, answers):
    digits, labels, probabilities = answers
    history = {
        name: [0.5, 0.3, 0.4] for name in ("loss", "val_loss", "accuracy", "val_accuracy", "learning_rate")
    }
    draw_curves(tmp_path / "curves.png", "a run", history, 1, "kl_divergence")
    draw_confusion(tmp_path / "confusion.png", "a run", labels, probabilities.argmax(axis=1))
    draw_misread(tmp_path / "misread.png", "a run", digits, labels, probabilities)
    for name in ("curves", "confusion", "misread"):
        with Image.open(tmp_path / f"{name}.png") as image:
            assert min(image.size) > 100
            assert len(image.convert("L").getcolors()) > 10


@pytest.mark.parametrize("misses", [0, 250])
def test_misread_figure_with_none_and_with_many(tmp_path, misses):
    labels = np.zeros(300, int)
    probabilities = np.tile(np.eye(10)[0], (300, 1))
    probabilities[:misses] = np.eye(10)[1]
    draw_misread(tmp_path / "misread.png", "a run", np.zeros((300, 28, 28, 1)), labels, probabilities)
    with Image.open(tmp_path / "misread.png") as image:
        assert image.height < 1600
