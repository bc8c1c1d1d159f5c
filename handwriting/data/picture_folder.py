"""Reads a folder of pictures with one digit each. A picture is labelled by its name or by its folder."""

from pathlib import Path

import numpy as np

from handwriting import console
from handwriting.data.sets import Labelled, Source
from handwriting.pictures.files import find_pictures, label_of
from handwriting.pictures.many import read_pictures
from handwriting.pictures.picture import Picture


def picture_folder(folder: Path) -> Source:
    """The digits of a folder's labelled pictures. It has no test images.

    Pictures that are not labelled with one digit, or on which not exactly one digit is found, are left out.
    A printed line says how many.
    """
    paths = find_pictures([folder])
    label_of_path = single_digit_labels(paths)
    if not label_of_path:
        raise console.InputError(
            f"{folder}: expected pictures labelled by name (3-01.jpg) or by folder (3/scan.png), or IDX files; "
            f"got {len(paths)} pictures, none of them labelled with one digit; rename them or choose another folder"
        )
    images, labels = [], []
    with read_pictures(list(label_of_path)) as pictures:
        for label, picture in zip(label_of_path.values(), pictures, strict=True):
            if isinstance(picture, Picture) and len(picture.digits) == 1:
                images.append(picture.digits[0].image)
                labels.append(label)
    left_out = len(paths) - len(images)
    if left_out:
        print(
            f"left out {left_out} of {len(paths)} pictures: not labelled with one digit, or not one digit found on them"
        )
    if not images:
        raise console.InputError(
            f"{folder}: expected one digit on each picture, got none that was found on {len(paths)} pictures; "
            "look at them with test_load.py"
        )
    return Source("pictures", f"pictures in {folder}", Labelled(np.stack(images), np.array(labels)), None)


def single_digit_labels(paths: list[Path]) -> dict[Path, int]:
    """The digit that each picture is labelled with. Pictures with no label or a longer one are left out."""
    labels = {path: label_of(path) for path in paths}
    return {path: int(label) for path, label in labels.items() if label is not None and len(label) == 1}
