"""An open picture -> what is on it."""

import io
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from handwriting.finder.files import Finder
from handwriting.pictures.decoding import Opened, UnreadablePicture
from handwriting.pictures.find import Digit, find_digits
from handwriting.pictures.ready import ready_digit

USUAL_QUALITY = 75  # of a JPEG, from 1 to 95
LARGE = 20_000_000  # pixels; decoding such a picture once more, to show it, may take a second
THREADS = 2  # while Python works in one, the networks compute in the other


@dataclass(frozen=True, slots=True)
class Picture:
    """What is on a picture.

    Args:
        size: width and height of the upright picture.
        digits: in reading order.
        note: what of the file was not read, or how the picture was turned, if anything.
        view: a large picture's smaller copy, as a JPEG file.
    """

    size: tuple[int, int]
    digits: list[Digit]
    note: str | None = None
    view: bytes | None = None


def digits_on_all(
    pictures: Iterable[Opened | UnreadablePicture], finder: Finder
) -> Iterator[Picture | UnreadablePicture]:
    """Finds the digits on open pictures, in their order, in several threads. What can't be read is passed on.

    Few pictures are searched ahead, because each takes memory. At an early end, no other picture is begun.
    """

    def found_on(picture: Opened | UnreadablePicture) -> Picture | UnreadablePicture:
        return picture if isinstance(picture, UnreadablePicture) else digits_on(picture, finder)

    threads = ThreadPoolExecutor(THREADS)
    begun = deque()
    try:
        for picture in pictures:
            begun.append(threads.submit(found_on, picture))
            if len(begun) > THREADS:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def digits_on(picture: Opened, finder: Finder) -> Picture:
    """Finds the digits on a picture that is open."""
    ready = ready_digit(picture.image)
    if ready:
        return Picture(picture.size, [ready], picture.note)
    found, turns = find_digits(picture.image, finder)
    digits = [on_picture(digit, picture.image.size, picture.size) for digit in found]
    turned = f"turned by {90 * turns}° counterclockwise before it was read" if turns else None
    note = "; ".join(filter(None, (picture.note, turned))) or None
    view = as_jpeg(picture.image) if picture.size[0] * picture.size[1] > LARGE else None
    return Picture(picture.size, digits, note, view)


def as_jpeg(image: Image.Image, quality: int = USUAL_QUALITY) -> bytes:
    """The bytes of a JPEG file."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def on_picture(digit: Digit, found_in: tuple[int, int], size: tuple[int, int]) -> Digit:
    """A digit that was found in a smaller copy of a picture, with its box in whole pixels of the picture."""
    scale = max(size) / max(found_in)
    edges = np.clip(np.array(digit.box) * scale, 0, (*size, *size))
    left, top = np.minimum(np.floor(edges[:2]), np.subtract(size, 1)).astype(int)
    right, bottom = np.maximum(np.round(edges[2:]), (left + 1, top + 1)).astype(int)
    return replace(digit, box=(int(left), int(top), int(right), int(bottom)))
