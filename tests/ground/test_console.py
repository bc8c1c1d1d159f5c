"""Arguments, error lines and exit codes."""

import argparse
import subprocess

import pytest

from handwriting import console, safe_files
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


def test_progress_appears_only_on_a_terminal_and_if_work_takes_long(capsys, monkeypatch):
    with monkeypatch.context() as quick:
        quick.setattr(console, "PROGRESS_AFTER", 0.0)
        assert list(console.progress("abc", 3, "reading")) == ["a", "b", "c"]
        assert capsys.readouterr().out == ""
    monkeypatch.setattr(console, "on_terminal", lambda: True)
    assert list(console.progress("abc", 3, "reading")) == ["a", "b", "c"]
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(console, "PROGRESS_AFTER", 0.0)
    assert list(console.progress(["ab", "c"], 3, "reading", size=len)) == ["ab", "c"]
    printed = capsys.readouterr().out
    assert "reading" in printed
    assert "100%" in printed


def test_an_error_is_not_blamed_on_space_where_a_folder_is_in_the_way(tmp_path, capsys):
    (tmp_path / "table.csv").mkdir()
    assert console.guard(lambda: safe_files.write_text(tmp_path / "table.csv", "a,b"), "read.py") == 2
    error = capsys.readouterr().err
    assert "move or rename that folder" in error
    assert "table.csv'" in error
    assert ".part" not in error


def test_letters_that_cannot_be_seen_are_told_apart():
    assert console.printable("a\x1b b\n c\x00") == r"a\x1b b\n c\x00"
    assert console.printable("\udc80") == r"\udc80"
    assert console.printable("7 – é") == "7 – é"


def test_guard_says_what_to_do_after_an_early_end(capsys):
    end = console.EarlyEnd(stopped="go on with --resume", write_failed="free some space", write_failed_code=1)
    assert console.guard(fails_with(KeyboardInterrupt(15)), "train.py", lambda: end) == 143
    assert capsys.readouterr().err == "\nstopped; go on with --resume\n"
    assert console.guard(fails_with(OSError("disk full")), "train.py", lambda: end) == 1
    assert capsys.readouterr().err == "train.py: disk full; free some space\n"
    assert console.guard(fails_with(OSError("disk full")), "read.py") == 2
