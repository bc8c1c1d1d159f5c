"""Which files are pictures, and the labels in their names."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from handwriting import safe_files

READABLE = {
    ".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pbm", ".pnm"
}  # fmt: skip
UNREADABLE = set(
    [".svg", ".heic", ".heif", ".avif", ".pdf"]
)  # people take these for pictures, so they are reported
SUFFIXES = READABLE | UNREADABLE  # of the files that are looked for in folders

# How cameras name files: 20240101_123456, 20240101123456, 2024-01-01 12.34.56, 2024_01_01 and more of the kind.
CAMERA_DATE = (
    r"(19|20)[0-9]{6}([-_][0-9]{4}|[0-9]{6}(?![0-9]))|(19|20)[0-9]{2}([-_])[01][0-9]\4[0-3][0-9](?![0-9])"
)


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """The picture files among these files, and in these folders at any depth. Names with a leading dot are skipped.

    A folder that may not be listed is among them. Whoever reads it says why it can't be read.
    """
    found = []
    for path in paths:
        if safe_files.is_folder(path):
            pictures, closed = pictures_inside(path)
            found += sorted(pictures + closed)
        elif not path.name.startswith("."):
            found.append(path)
    return found


def pictures_inside(folder: Path) -> tuple[list[Path], list[Path]]:
    """The pictures in a folder, at any depth, and the folders in it that may not be listed."""
    found, closed = [], []
    for place, folders, names in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(place, name)
            for name in names
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES
        ]
    return found, closed


def label_of(path: Path) -> str | None:
    """The label in a picture's path, or None: '3' for 3/scan.png and for 3-01.jpg, '2047' for 2047_a.png."""
    if re.fullmatch("[0-9]", path.absolute().parent.name):
        return path.absolute().parent.name
    if re.match(CAMERA_DATE, path.stem):
        return None
    digits = re.match(r"([0-9]+)(?=[-_]|$)", path.stem)
    return digits[1] if digits else None
