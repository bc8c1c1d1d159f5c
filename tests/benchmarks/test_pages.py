"""The benchmark of written pages."""

import numpy as np

from benchmarks import pages
from handwriting.judge.finds import NO_DIGIT
from handwriting.writing.pages import write_page
from tests.helpers import shipped_finder


def test_the_weights_that_chances_were_made_with_are_found():
    random = np.random.default_rng(0)
    terms = np.column_stack([random.normal(0, 2, (20_000, 2)), np.ones(20_000)])
    target = random.random(20_000) < 1 / (1 + np.exp(-terms @ [1.5, 0.5, -1]))
    np.testing.assert_allclose(
        pages.logistic_regression(terms, target.astype(float)), [1.5, 0.5, -1], atol=0.1
    )


def test_finds_are_labelled_by_what_is_on_the_page():
    page = write_page(3, 1)
    judged = pages.judge_page(page, shipped_finder())
    assert set(judged.labels) <= {NO_DIGIT, *(digit.digit for digit in page.digits)}
    assert (judged.labels != NO_DIGIT).sum() <= len(page.digits)
    assert judged.judges.shape == (len(judged.labels), 10)


def test_the_tables_tell_how_well_a_few_pages_are_read(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["pages", "--pages", "4"])
    assert pages.main() == 0
    printed = capsys.readouterr().out
    for words in (
        "a digit from",
        "from a confidence",
        "alone, unlikely",
        "the judge's share",
        "sure of",
        "calibration error of the chances",
    ):
        assert words in printed
