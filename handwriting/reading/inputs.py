"""Which pictures and which networks a command reads with, from the paths on its command line."""

from __future__ import annotations  # lets an old Python reach the check of its version

import os
from pathlib import Path

from handwriting import console, safe_files
from handwriting.pictures.decoding import FilePage, pages_of
from handwriting.pictures.files import SUFFIXES, find_pictures
from handwriting.shipped import CHECKPOINTS, STEMS, stem_of

TIFF = {".tif", ".tiff"}


def pictures_in(paths: list[Path], results: Path) -> list[Path | FilePage]:
    """The pictures among these files and in these folders. Raises InputError if a path has none.

    Of a TIFF file with several pages, each page is a picture.

    Args:
        paths: files and folders.
        results: a folder for results. The pictures in it are no input, unless it is named itself.
    """
    check_existing(paths, "a picture or a folder")
    own = results.absolute()
    files = []
    for path in paths:
        found = find_pictures([path])
        if not path.absolute().is_relative_to(own):
            found = [file for file in found if not file.absolute().is_relative_to(own)]
        if not found:
            raise console.InputError(
                f"expected pictures, got none in {path}; "
                "put PNG or JPEG files there, named by what they show: 3-01.jpg"
            )
        files += found
    files = without_repeats(files)
    return [page for file in files for page in (pages_of(file) if file.suffix.lower() in TIFF else [file])]


def networks_in(paths: list[Path]) -> list[Path]:
    """The .keras files among these files and directly in these folders. Raises InputError if a path has none.

    A name such as cnn_v2 or cnn_v2_own stands for the file in checkpoints/, unless there is a file of that name.
    """
    paths = [path if os.path.lexists(path) else network_named(path) for path in paths]
    check_existing(paths, f"a .keras file, a folder, or one of {', '.join(STEMS)}")
    files = []
    for path in paths:
        if path.suffix.lower() in SUFFIXES:
            raise console.InputError(
                f"expected .keras files after --models, got {path}; name pictures before --models"
            )
        if not safe_files.is_folder(path) or not safe_files.may_be_listed(path):
            files.append(path)  # whoever opens a folder that may not be listed says so
            continue
        found = sorted(file for file in path.glob("*.keras") if not file.name.startswith("."))
        if not found:
            raise console.InputError(
                f"expected .keras files, got none in {path}; train one: python cnn_model_v2.py; "
                "folders of pictures go before --models"
            )
        files += found
    return without_repeats(files)


def without_repeats(paths: list[Path]) -> list[Path]:
    """The paths, each once, where it is first. What is given twice, perhaps once in its folder, counts once."""
    first: dict[Path, Path] = {}
    for path in paths:
        first.setdefault(path.absolute(), path)
    return list(first.values())


def network_named(path: Path) -> Path:
    """The file in checkpoints/ of the network of this name, if there is one. Else the path as it is."""
    file = CHECKPOINTS / f"{stem_of(str(path))}.keras"
    return file if str(path) == path.name and file.exists() else path


def check_existing(paths: list[Path], expected: str) -> None:
    """Raises InputError if a path doesn't exist. A broken link exists: it is reported as an unreadable picture."""
    for path in paths:
        if not os.path.lexists(path):
            raise console.InputError(f"expected {expected}, but {path} does not exist; check the spelling")


def complain_of_refused(refused: list[str]) -> None:
    """Says which networks are not used, and why."""
    for reason in refused:
        console.complain(f"not used  {console.printable(reason)}")
