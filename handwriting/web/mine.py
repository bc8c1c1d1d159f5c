"""A person's own digits: labelled pictures in a folder, as `--data` and `test_load.py` take them.

A picture is named <digit>-<number>.png. What is not a digit is named other-<number>.png: it has no label. No name comes
from the page: a new one is counted, and one that the page names must be one of those that are there.
"""

import contextlib
import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting import safe_files
from handwriting.pictures.decoding import UnreadablePicture, open_picture
from handwriting.pictures.files import READABLE, label_of
from handwriting.web.answers import pixels_of

NO_DIGIT = "other"
NUMBERED = re.compile(rf"([0-9]|{NO_DIGIT})-([0-9]+)\.png")
THUMBNAIL = 112  # px, of its longer side
MOST_LISTED = 500  # pictures, the newest


class NotThere(Exception):
    """No picture has this name. The text says so."""

    status = 404


class NotSaved(Exception):
    """The folder can't be changed, for example because the disk is full. The text says why."""

    status = 507


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Raises NotSaved if the folder can't be changed."""
    try:
        yield
    except OSError as error:
        place = (
            f"{folder.parent.name}/{folder.name}"  # not the whole path, which is nobody's on another device
        )
        raise NotSaved(f"expected to write in {place}, got: {error.strerror or error}") from None


class MyDigits:
    """The labelled pictures in a folder.

    Args:
        folder: is made when the first picture is saved.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.lock = threading.Lock()  # two pages must not take the same number
        self.last = 0  # the highest number that was given

    def save(self, image: np.ndarray, label: int | None) -> str:
        """Saves a digit image with its label, or as none. Returns the picture's name."""
        with self.lock:
            kind = NO_DIGIT if label is None else str(label)
            name = f"{kind}-{self.next_number():04}.png"
            with changing(self.folder), safe_files.replacing(self.folder / name) as temporary:
                Image.fromarray(pixels_of(image)).save(temporary, "PNG")
            return name

    def next_number(self) -> int:
        """A number that no picture has or had, so that a picture's name tells how new it is."""
        numbers = [int(match[2]) for path in self.pictures() if (match := NUMBERED.fullmatch(path.name))]
        self.last = max([self.last, *numbers]) + 1
        return self.last

    def pictures(self) -> list[Path]:
        """The pictures in the folder, the newest first."""
        if not safe_files.is_folder(self.folder) or not safe_files.may_be_listed(self.folder):
            return []
        found = [
            path
            for path in self.folder.iterdir()
            if path.suffix.lower() in READABLE and not path.name.startswith(".") and path.is_file()
        ]
        return sorted(found, key=newness, reverse=True)

    def listed(self) -> dict:
        """The pictures for the page: how many there are, and the names and labels of the newest."""
        pictures = self.pictures()
        newest = [{"name": path.name, "label": label_of(path)} for path in pictures[:MOST_LISTED]]
        return {"count": len(pictures), "pictures": newest}

    def find(self, name: str) -> Path:
        """The picture with a name. Raises NotThere if there is none."""
        for path in self.pictures():
            if path.name == name:
                return path
        raise NotThere("there is no such picture any more")

    def thumbnail(self, name: str) -> bytes:
        """A small copy of a picture, as a PNG file."""
        try:
            image = open_picture(self.find(name), THUMBNAIL).image
        except UnreadablePicture as reason:
            raise NotThere(f"this picture can't be read: {reason}") from None
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    def delete(self, name: str) -> None:
        """Deletes a picture."""
        with changing(self.folder):
            self.find(name).unlink(missing_ok=True)


def newness(path: Path) -> tuple[int, str]:
    """Sorts pictures by their numbers. Those that were not saved here are the oldest."""
    match = NUMBERED.fullmatch(path.name)
    return (int(match[2]) if match else 0, path.name)
