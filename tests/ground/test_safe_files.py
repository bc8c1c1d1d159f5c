"""Files are written whole or not at all."""

import json
import os
from pathlib import Path

import pytest

from handwriting import console, safe_files


def test_too_little_space_is_reported_before_writing(tmp_path):
    safe_files.check_space(tmp_path, 1000)
    with pytest.raises(OSError, match="expected .* MB free, got"):
        safe_files.check_space(tmp_path, 10**15)


def test_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "settings.json"
    safe_files.write_json(path, {"seed": 0})
    with pytest.raises(ZeroDivisionError), safe_files.replacing(path) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert json.loads(path.read_text()) == {"seed": 0}
    assert list(tmp_path.iterdir()) == [path]


def test_two_that_write_the_same_file_do_not_share_their_parts(tmp_path, monkeypatch):
    path = tmp_path / "settings.json"
    with safe_files.replacing(path) as ours:
        ours.write_text("ours")
        monkeypatch.setattr(os, "getpid", lambda: -1)
        safe_files.write_text(path, "theirs")
        assert path.read_text() == "theirs"
    assert path.read_text() == "ours"


def test_parts_of_killed_writers_are_removed(tmp_path):
    old, new, other = (tmp_path / name for name in (".log.1.part.csv", ".log.2.part.csv", ".log.1.part.png"))
    for part in (old, new, other):
        part.touch()
    for part in (old, other):
        os.utime(part, (0, 0))
    safe_files.write_text(tmp_path / "log.csv", "")
    assert {path.name for path in tmp_path.iterdir()} == {new.name, other.name, "log.csv"}


def test_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(console.InputError, match="choose another with --out"):
        safe_files.make_folder(tmp_path / "file" / "logs")


def test_a_file_is_on_the_disk_before_it_is_in_its_place(tmp_path, monkeypatch):
    """Otherwise a power cut could leave an empty file where a good one was."""
    in_order = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda number: in_order.append("fsync") or fsync(number))
    monkeypatch.setattr(Path, "replace", lambda *paths: in_order.append("replace") or replace(*paths))
    safe_files.write_text(tmp_path / "log.csv", "text")
    assert in_order == ["fsync", "replace"]


def test_one_generation_of_a_file_is_kept(tmp_path):
    path, previous = tmp_path / "log.csv", tmp_path / "previous" / "log.csv"
    safe_files.keep_previous(path)
    assert not previous.exists()
    for text in ("first", "second"):
        path.write_text(text)
        safe_files.keep_previous(path)
        assert previous.read_text() == text
    path.unlink()
    safe_files.keep_previous(path)
    assert not previous.exists()
