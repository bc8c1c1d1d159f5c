"""Arguments, error lines and exit codes."""

import argparse
import subprocess

import pytest

from handwriting import console
from handwriting.text_table import text_table


def test_table_is_aligned():
    lines = text_table(["a", "number"], [["long cell", "7"], ["x", "1,234"]], right_aligned={1}).splitlines()
    assert lines == ["a          number", "─────────  ──────", "long cell       7", "x           1,234"]


@pytest.mark.parametrize("text", ["0", "-5", "1.5", "many", ""])
def test_counts_must_be_positive(text):
    with pytest.raises(argparse.ArgumentTypeError, match="at least 1"):
        console.positive_integer(text)


def fails_with(error: BaseException):
    def main() -> int:
        raise error

    return main


def test_guard_makes_one_line_and_an_exit_code_of_an_error(capsys):
    assert console.guard(lambda: 0) == 0
    assert console.guard(fails_with(console.InputError("expected a tree,\ngot a stone"))) == 2
    assert "expected a tree" in capsys.readouterr().err
    assert console.guard(fails_with(subprocess.CalledProcessError(3, "train"))) == 3
    assert capsys.readouterr().err == ""  # the command has said why
    assert console.guard(fails_with(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "\nstopped\n"
