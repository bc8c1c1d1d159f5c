"""What a worker does: it reads pictures with the functions that `test_load.py` uses everywhere."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from handwriting.cluster.description import Description, NetworkFiles, NetworksFailed
from handwriting.digit_image import SIDE
from handwriting.finder.files import load_finder
from handwriting.model_files import RefusedModel, load_model
from handwriting.pictures.decoding import FilePage, UnreadablePicture
from handwriting.pictures.many import open_or_reason
from handwriting.pictures.picture import Picture
from handwriting.reading.networks import Networks, far_worse, shown_name
from handwriting.reading.reader import ensemble_in_words, read_all
from handwriting.reading.readings import ENSEMBLE_NAME, ReadDigit, ReadPicture

NOT_SEEN = "at least not on this worker's machine; put pictures where all machines find them"
NO_PIXELS = np.empty((0, SIDE, SIDE, 1), np.float32)


def as_it_is(files: NetworkFiles) -> NetworkFiles:
    """The files of the networks. Each worker fetches them once."""
    return files


@functools.lru_cache(maxsize=1)
def loaded(files: NetworkFiles) -> tuple[Networks, dict[str, str], list[str]]:
    """The networks in these files; their names and files; why others are refused. Loaded once in a process."""
    each, paths, refused = {}, {}, []
    with tempfile.TemporaryDirectory() as folder:
        lies = Path(folder, "network.keras")
        for path, content in files:
            lies.write_bytes(content)
            name = shown_name(Path(path), taken={*each, ENSEMBLE_NAME})
            try:
                each[name] = load_model(lies)
                paths[name] = path
            except RefusedModel as reason:
                refused.append(str(reason).replace(str(lies), path))
    return Networks(load_finder(), each, far_worse(each)), paths, refused


def described(files: NetworkFiles) -> Description:
    """What the networks in these files are."""
    networks, paths, refused = loaded(files)
    ensemble = ensemble_in_words(networks.ensemble) if networks.each else ""
    return Description(paths, refused, networks.left_out, ensemble)


def read_whole(files: NetworkFiles, pictures: list[Path | FilePage]) -> list[ReadPicture]:
    """Reads pictures, which lie where this worker sees them."""
    networks = loaded(files)[0]
    # One after another, not all at once: an open picture takes up to 5 MB.
    opened = (seen_from_here(open_or_reason(picture), picture) for picture in pictures)
    read, _, failures = read_all(opened, networks)
    if failures:
        raise NetworksFailed(failures)
    return read


def seen_from_here(opened, picture: Path | FilePage):
    """An open picture. A path that is not there may be there on other machines, which the reason says."""
    path = picture if isinstance(picture, Path) else picture.path
    if isinstance(opened, UnreadablePicture) and not path.exists() and not path.is_symlink():
        return UnreadablePicture(f"{opened}, {NOT_SEEN}") if "no such file" in str(opened) else opened
    return opened


def read_lightly(files: NetworkFiles, pictures: list[Path | FilePage]) -> list[ReadPicture]:
    """The same without the pixels of the digits: all that the tables need, in a tenth of the memory."""
    return [light(read) for read in read_whole(files, pictures)]


def light(read: ReadPicture) -> ReadPicture:
    """A picture with its readings, and its digits without pixels."""
    picture = read.picture
    if isinstance(picture, Picture):
        picture = replace(picture, digits=[], view=None)
    return replace(read, picture=picture, found=[light_digit(found) for found in read.found])


def light_digit(found: ReadDigit) -> ReadDigit:
    """A digit without its pixels, and without what single networks say of it."""
    return replace(found, digit=replace(found.digit, image=NO_PIXELS), each={})
