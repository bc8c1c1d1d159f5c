import numpy as np
import pytest
from PIL import Image

import reader
from handwriting.reading.results import readings_table
from handwriting.reading.sheet import THUMB, answer_text, font, sheet_legend, tag_place, wrapped
from handwriting.report.figures import draw_confusion, draw_curves, draw_misread
from handwriting.report.score import score
from handwriting.text_table import text_table


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


def test_score_survives_a_sure_mistake():
    result = score(np.array([1]), np.eye(10)[[0]])
    assert np.isfinite(result.loss)


def test_table_is_aligned():
    lines = text_table(["a", "number"], [["long cell", "7"], ["x", "1,234"]], right_aligned={1}).splitlines()
    assert lines == ["a          number", "─────────  ──────", "long cell       7", "x           1,234"]


def test_the_end_of_a_long_path_is_shown():
    paths = [f"/home/someone/pictures/of-very-many-digits/{digit}/scan.png" for digit in "37"]
    lines = readings_table(paths, ["3", "7"], {"mlp": [reader.Reading("7", 0.9, "ok")] * 2}).splitlines()
    shown = [line.split()[0] for line in lines[2:]]
    assert shown == [f"…es/of-very-many-digits/{digit}/scan.png" for digit in "37"]


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
def test_misread_sheet_with_none_and_with_many(tmp_path, misses):
    labels = np.zeros(300, int)
    probabilities = np.tile(np.eye(10)[0], (300, 1))
    probabilities[:misses] = np.eye(10)[1]
    draw_misread(tmp_path / "misread.png", "a run", np.zeros((300, 28, 28, 1)), labels, probabilities)
    with Image.open(tmp_path / "misread.png") as image:
        assert image.height < 1600


def test_a_long_numbers_confidence_is_on_the_sheet():
    for status in ("ok", "unsure"):
        text = answer_text(reader.Reading("1234567890" * 3, 0.87, status))
        assert text.startswith("12345")
        assert "...   87%" in text
        assert ("unsure" in text) == (status == "unsure")
        assert font(12).getlength(text) <= THUMB
    assert answer_text(reader.Reading("42", 0.5, "ok")) == "42   50%"


@pytest.mark.parametrize(("shown", "count"), [(1, 1), (2, 2), (100, 1000)])
def test_the_legend_fits_above_one_picture(shown, count):
    legend = sheet_legend(shown, count)
    assert ("the wrong" in legend) == (count > 1)
    lines = wrapped(legend, 2 * THUMB, 15).splitlines()
    assert " ".join(lines) == legend
    assert all(font(15).getlength(line) <= 2 * THUMB for line in lines)


def test_tags_stay_in_the_square_and_over_no_other():
    corner = (6, 6)
    boxes = [(6 + 12 * number, 40, 16 + 12 * number, 80) for number in range(10)]
    boxes += [(6 + 4 * number, 7, 9 + 4 * number, 130) for number in range(4)]
    taken = []
    for box in boxes:
        place = tag_place(box, corner, taken)
        if place:
            left, top, right, bottom = place
            assert corner[0] <= left
            assert right < corner[0] + THUMB
            assert corner[1] <= top
            assert bottom < corner[1] + THUMB
            assert all(
                right < other[0] or other[2] < left or bottom < other[1] or other[3] < top for other in taken
            )
            taken.append(place)
    assert len(taken) == 10  # none of the boxes that fill the square's height has room for one
