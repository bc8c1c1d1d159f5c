"""Which files are pictures, and their labels."""

from pathlib import Path

import pytest

from handwriting.pictures.files import find_pictures, label_of


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


def test_pictures_in_folders(tmp_path):
    for name in ("b/2.png", "a.JPG", "c.jfif", "scan.pdf", ".hidden.png", ".cache/3.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = [path.relative_to(tmp_path).as_posix() for path in find_pictures([tmp_path])]
    assert found == ["a.JPG", "b/2.png", "c.jfif", "scan.pdf"]
