"""A person's own digits: labelled pictures in a folder, as `--data` and `test_load.py` take them.

A picture is named <digit>-<number>.png. What is not a digit is named other-<number>.png: it has no label. This
module numbers new pictures. To show or delete one, the page gives its name, which must be plain: no folder, no drive.
"""

import contextlib
import io
import re
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting import safe_files
from handwriting.pictures.decoding import UnreadablePicture, open_picture
from handwriting.pictures.files import READABLE, label_of
from handwriting.web.digit_pixels import pixels_of
from handwriting.web.not_answered import NotAnswered

NO_DIGIT = "other"
NUMBERED = re.compile(rf"([0-9]|{NO_DIGIT})-([0-9]+)\.png")
THUMBNAIL = 112  # px, of its longer side
MOST_LISTED = 500  # pictures, the newest
NEVER_IN_NAMES = set("/\\:\0")  # they part folders, drives and streams on some system, or end a name


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Raises NotAnswered if the folder can't be changed, for example because the disk is full."""
    try:
        yield
    except OSError as error:
        place = (
            f"{folder.parent.name}/{folder.name}"  # not the whole path, which is nobody's on another device
        )
        why = f"expected to write in {place}, got: {error.strerror or error}"
        raise NotAnswered(507, why) from None


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
        """The number of a new picture: higher than all in the folder and all that this program has given."""
        numbers = [int(match[2]) for path in self.pictures() if (match := NUMBERED.fullmatch(path.name))]
        self.last = max([self.last, *numbers]) + 1
        return self.last

    def pictures(self) -> list[Path]:
        """The pictures in the folder, the newest first."""
        if not safe_files.is_folder(self.folder) or not safe_files.may_be_listed(self.folder):
            return []
        return sorted(filter(is_picture, self.folder.iterdir()), key=newness, reverse=True)

    def listed(self) -> dict:
        """The pictures for the page: how many there are, and the names and labels of the newest."""
        pictures = self.pictures()
        newest = [{"name": path.name, "label": label_of(path)} for path in pictures[:MOST_LISTED]]
        return {"count": len(pictures), "pictures": newest}

    def find(self, name: str) -> Path:
        """The picture with a plain name. Raises NotAnswered if there is none."""
        if NEVER_IN_NAMES.isdisjoint(name) and is_picture(self.folder / name):
            return self.folder / name
        raise NotAnswered(404, "there is no such picture any more")

    def thumbnail(self, name: str) -> bytes:
        """A small copy of a picture, as a PNG file."""
        try:
            image = open_picture(self.find(name), THUMBNAIL).image
        except UnreadablePicture as reason:
            raise NotAnswered(404, f"this picture can't be read: {reason}") from None
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    def delete(self, name: str) -> None:
        """Deletes a picture."""
        with changing(self.folder):
            self.find(name).unlink(missing_ok=True)


def is_picture(path: Path) -> bool:
    """Whether a file in the folder is one of the pictures. Links are none: they may lead out of the folder."""
    if path.name.startswith(".") or path.suffix.lower() not in READABLE:
        return False
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):  # no such file, or a name that no file can have
        return False


def newness(path: Path) -> tuple[int, str]:
    """Sorts pictures by their numbers. Those that were not saved here are the oldest."""
    match = NUMBERED.fullmatch(path.name)
    return (int(match[2]) if match else 0, path.name)
