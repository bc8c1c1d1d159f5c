"""Reads a folder of pictures with one digit each. A picture is labelled by its name, or by its folder 0 to 9."""

from pathlib import Path

import numpy as np

from handwriting import console, safe_files
from handwriting.data.sets import Labelled, Source
from handwriting.finder.files import load_finder
from handwriting.pictures.decoding import UnreadablePicture
from handwriting.pictures.files import label_of, pictures_inside
from handwriting.pictures.many import open_pictures
from handwriting.pictures.picture import digits_on_all

MOST_NAMED = 10  # pictures that could not be read
DIGIT_FOLDERS = set("0123456789")


def picture_folder(folder: Path) -> Source:
    """The digits of a folder's labelled pictures. It has no test images.

    Left out are pictures that are not labelled with one digit, on which not exactly one digit is found, or that lie
    deeper than in the folders 0 to 9. A printed line says how many. Another line names what can't be read.
    """
    everywhere, closed = pictures_inside(folder)
    everywhere.sort()
    name_unread(dict.fromkeys(closed, safe_files.UNLISTED))
    near = [path for path in everywhere if is_near(path, folder)]
    label_of_path = single_digit_labels(near)
    if not label_of_path:
        deeper = "" if near or not everywhere else f"; {console.shown(everywhere[0])} lies deeper"
        raise console.InputError(
            f"{folder}: expected pictures in it or in its folders 0 to 9, labelled by name (3-01.jpg) or by folder "
            f"(3/scan.png), or IDX files; got {len(near)} pictures, none of them labelled with one digit{deeper}; "
            "rename them or choose another folder"
        )
    images, labels, unread = [], [], {}
    finder = load_finder()
    with open_pictures(list(label_of_path)) as pictures:
        found = digits_on_all(pictures, finder)
        for (path, label), picture in zip(label_of_path.items(), found, strict=True):
            if isinstance(picture, UnreadablePicture):
                unread[path] = str(picture)
                continue
            digits = [digit for digit in picture.digits if digit.is_likely]
            if len(digits) == 1:
                images.append(digits[0].image)
                labels.append(label)
    name_unread(unread)
    left_out = len(everywhere) - len(images) - len(unread)
    if left_out:
        console.say(
            f"left out {left_out:,} of {len(everywhere):,} pictures: the label is not one digit, no digit or several "
            f"were found, or the picture lies deeper in {folder} than its folders 0 to 9"
        )
    if not images:
        raise console.InputError(
            f"{folder}: expected pictures with one digit each, got none: {len(unread)} can't be read, and no digit or "
            f"several were found on the other {len(label_of_path) - len(unread)}; look at them with test_load.py"
        )
    training = Labelled(np.stack(images), np.array(labels))
    return Source("pictures", f"pictures in {folder}", training, None, len(closed) + len(unread))


def name_unread(reasons: dict[Path, str]) -> None:
    """Says what could not be read, and why. Of many, only the first are named."""
    for path, reason in list(reasons.items())[:MOST_NAMED]:
        console.complain(f"not read  {console.printable(str(path))}: {reason}")
    if len(reasons) > MOST_NAMED:
        console.complain(f"not read  {len(reasons) - MOST_NAMED:,} more")


def is_near(path: Path, folder: Path) -> bool:
    """Whether a picture lies in a folder, or in its folders 0 to 9. What lies deeper belongs to something else."""
    return path.parent == folder or (path.parent.parent == folder and path.parent.name in DIGIT_FOLDERS)


def single_digit_labels(paths: list[Path]) -> dict[Path, int]:
    """The digit that each picture is labelled with. Pictures with no label or a longer one are left out."""
    labels = {path: label_of(path) for path in paths}
    return {path: int(label) for path, label in labels.items() if label is not None and len(label) == 1}
