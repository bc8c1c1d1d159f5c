"""Which files are pictures, and their labels."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from handwriting.model_files import RefusedModel, load_model
from handwriting.pictures.decoding import Opened, UnreadablePicture
from handwriting.pictures.files import find_pictures, label_of
from handwriting.pictures.many import open_or_reason
from handwriting.reading.inputs import networks_in
from tests.helpers import draw_strokes


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("7/scan.png", "7"),
        ("3-01.jpg", "3"),
        ("3.png", "3"),
        ("2047_a.png", "2047"),
        ("20240101_123456.jpg", None),
        ("20240101.jpg", "20240101"),
        ("20240101_1234.jpg", None),
        ("2024-01-01 12.34.56.jpg", None),
        ("2024-05-17_12-30-00.jpg", None),
        ("2024-05-17.jpg", None),
        ("2024_05_17-scan.jpg", None),
        ("20240101123456.jpg", None),
        ("2024-55-17.jpg", "2024"),
        ("2024-05-170.jpg", "2024"),
        ("202401011234567.jpg", "202401011234567"),
        ("2024-05_17.jpg", "2024"),
        ("IMG_0042.jpg", None),
        ("3rd.png", None),
        ("12/scan.png", None),
    ],
)
def test_labels(path, label):
    assert label_of(Path("pictures") / path) == label


@contextlib.contextmanager
def no_administrator() -> Iterator[None]:
    """What an administrator runs, runs as a user for whom permissions count."""
    administrator = os.geteuid() == 0
    if administrator:
        os.seteuid(65534)
    try:
        yield
    finally:
        if administrator:
            os.seteuid(0)


@pytest.fixture
def closed_folders() -> Iterator[Path]:
    """A folder that everybody may enter, with one that may not be listed, and one that may only be listed."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    for name in ("1.png", "closed/2.png", "listed/3.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        draw_strokes().save(folder / name)
    (folder / "closed").chmod(0o000)
    (folder / "listed").chmod(0o444)
    yield folder
    for name in ("closed", "listed"):
        (folder / name).chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
def test_folders_that_may_not_be_opened_are_named_and_the_rest_is_read(closed_folders):
    with no_administrator():
        found = find_pictures([closed_folders])
        assert [path.relative_to(closed_folders).as_posix() for path in found] == [
            "1.png",
            "closed",
            "listed/3.png",
        ]
        read = [open_or_reason(path) for path in found]
        assert isinstance(read[0], Opened)
        assert [str(one) for one in read[1:]] == [
            "a folder that may not be listed",
            "not to be opened (Permission denied)",
        ]
        assert all(isinstance(one, UnreadablePicture) for one in read[1:])
        assert networks_in([closed_folders / "closed"]) == [closed_folders / "closed"]
        with pytest.raises(RefusedModel, match="may not be listed"):
            load_model(closed_folders / "closed")


def test_pictures_in_folders(tmp_path):
    for name in ("b/2.png", "a.JPG", "c.jfif", "scan.pdf", ".hidden.png", ".cache/3.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = [path.relative_to(tmp_path).as_posix() for path in find_pictures([tmp_path])]
    assert found == ["a.JPG", "b/2.png", "c.jfif", "scan.pdf"]
