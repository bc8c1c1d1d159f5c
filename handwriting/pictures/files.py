"""Which files are pictures, and the labels in their names."""

import re
from collections.abc import Iterable
from pathlib import Path

READABLE = {
    ".png",
    ".jpg",
    ".jpeg",
    ".jfif",
    ".bmp",
    ".gif",
    ".tif",
    ".tiff",
    ".webp",
    ".pgm",
    ".ppm",
    ".pbm",
    ".pnm",
}
UNREADABLE = {
    ".svg",
    ".heic",
    ".heif",
    ".avif",
    ".pdf",
}  # people take these for pictures, so they are reported
SUFFIXES = READABLE | UNREADABLE  # of the files that are looked for in folders

# How cameras name files: 20240101_123456, 20240101123456, 2024-01-01 12.34.56, 2024_01_01 and more of the kind.
CAMERA_DATE = (
    r"(19|20)[0-9]{6}([-_][0-9]{4}|[0-9]{6}(?![0-9]))|(19|20)[0-9]{2}([-_])[01][0-9]\4[0-3][0-9](?![0-9])"
)


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """The picture files among these files, and in these folders at any depth. Names with a leading dot are skipped."""
    found = []
    for path in paths:
        if path.is_dir():
            inside = [
                file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and not file.is_dir()
            ]
            visible = [
                file
                for file in inside
                if not any(part.startswith(".") for part in file.relative_to(path).parts)
            ]
            found += sorted(visible)
        elif not path.name.startswith("."):
            found.append(path)
    return found


def label_of(path: Path) -> str | None:
    """The label in a picture's path, or None: '3' for 3/scan.png and for 3-01.jpg, '2047' for 2047_a.png."""
    if re.fullmatch("[0-9]", path.absolute().parent.name):
        return path.absolute().parent.name
    if re.match(CAMERA_DATE, path.stem):
        return None
    digits = re.match(r"([0-9]+)(?=[-_]|$)", path.stem)
    return digits[1] if digits else None
