"""A picture (a file, its bytes, a PIL image or an array) as an upright RGB image, or why it can't be read."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from handwriting import safe_files
from handwriting.pictures.modes import plain_rgb, shrink

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
PIXELS_CAP = 120_000_000  # photos of 108 megapixels pass
SLOW_PIXELS_CAP = 5_000_000  # a plain-text PPM; Pillow needs over a second per million pixels
WEBP_PIXELS_CAP = 60_000_000  # Pillow takes 16 bytes a pixel to decode one: 1 GB for so many
BYTES_CAP = 200_000_000  # of a file
PAGES_CAP = 1_000  # of a TIFF
WORKING_SIDE = 1280  # px; a larger picture is shrunk to this before digits are looked for
ORIENTATION = 0x0112  # the EXIF tag
ON_ITS_SIDE = (5, 6, 7, 8)  # the values of the tag for which width and height change places
ARRAY_SHAPES = "(height, width), or (height, width, 1, 3 or 4)"


@dataclass(frozen=True)
class FilePage:
    """One page of a file with several, counted from 0."""

    path: Path
    number: int


Source = Path | str | bytes | Image.Image | np.ndarray | FilePage


@dataclass(frozen=True)
class Opened:
    """A picture that was opened.

    Args:
        size: its own width and height, upright.
        image: upright, RGB, and perhaps smaller.
        note: which part of the file was not read, if any.
    """

    size: tuple[int, int]
    image: Image.Image
    note: str | None = None


class UnreadablePicture(Exception):
    """A picture can't be read. The text says why in a few words."""


def open_picture(source: Source, longer_side: int = WORKING_SIDE) -> Opened:
    """Opens a picture upright, as RGB. A larger one is shrunk until its longer side is `longer_side`."""
    if isinstance(source, str):
        source = Path(source)
    if not isinstance(source, Path | bytes | Image.Image | np.ndarray | FilePage):
        kind = type(source).__name__
        raise TypeError(f"expected a path, the bytes of a file, a PIL image or a NumPy array, got {kind}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large size or odd metadata are no reason for a warning
            with image_of(source) as image:
                note = not_read(image) if isinstance(source, Path | bytes) else None
                size, upright = upright_rgb(image, longer_side)
    except (UnreadablePicture, ArrayError):
        raise
    except UnidentifiedImageError:
        raise UnreadablePicture(what_else_it_is(first_bytes(source))) from None
    except Image.DecompressionBombError:
        raise UnreadablePicture(too_large(PIXELS_CAP)) from None
    except PermissionError:
        raise UnreadablePicture("no permission to read it") from None
    except MemoryError:
        raise UnreadablePicture("it needs more memory than there is; shrink it") from None
    except Exception as error:  # Pillow's decoders raise many kinds of errors for a damaged file
        raise UnreadablePicture(f"damaged ({' '.join(str(error).split()) or type(error).__name__})") from None
    shrink(upright, longer_side)
    return Opened(size, upright, note)


@contextlib.contextmanager
def image_of(source: Path | FilePage | bytes | Image.Image | np.ndarray) -> Iterator[Image.Image]:
    """The image of a source, not yet decoded. It may be changed."""
    if isinstance(source, np.ndarray):
        yield image_of_array(source)
        return
    if isinstance(source, Image.Image):
        check_size(source)
        yield source.copy()  # because an image of the caller's must stay as it is
        return
    if isinstance(source, bytes):
        with Image.open(io.BytesIO(source), formats=FORMATS) as image:
            yield image
        return
    path = source.path if isinstance(source, FilePage) else source
    reason = safe_files.unusable(path, BYTES_CAP)
    if reason:
        raise UnreadablePicture(reason)
    with Image.open(path, formats=FORMATS) as image:
        if isinstance(source, FilePage):
            image.seek(source.number)
        yield image


def pages_of(path: Path) -> list[Path | FilePage]:
    """The pages of a TIFF file that has several. The file itself if it has one, or can't be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with image_of(path) as image:
                count = page_count(image)
    except Exception:  # whoever opens it to read it says what is wrong with it
        return [path]
    return [FilePage(path, number) for number in range(count)] if count > 1 else [path]


def page_count(image: Image.Image) -> int:
    """The pages of a TIFF. Raises UnreadablePicture if there are more than anybody scans."""
    count = 1
    with contextlib.suppress(EOFError):
        while True:
            image.seek(count)
            count += 1
            if count > PAGES_CAP:
                raise UnreadablePicture(f"more than {PAGES_CAP:,} pages; split it")
    image.seek(0)
    return count


def not_read(image: Image.Image) -> str | None:
    """Which pages or frames of a file are not read, if any, because only the first is.

    A phone's photo may hold a second image beside the photo itself (MPO). Nobody misses it.
    """
    if image.format == "MPO" or not getattr(image, "is_animated", False):
        return None
    if image.format == "TIFF":
        return f"page 1 of {page_count(image)} was read"
    return "an animation; its first frame was read"


def upright_rgb(image: Image.Image, longer_side: int) -> tuple[tuple[int, int], Image.Image]:
    """The image's own size when upright, and its pixels, upright and RGB. Changes the image."""
    check_size(image)
    if image.format == "WEBP" and image.width * image.height > WEBP_PIXELS_CAP:
        raise UnreadablePicture(f"{too_large(WEBP_PIXELS_CAP)}, or save it as JPEG")
    if slowly_decoded(image) and image.width * image.height > SLOW_PIXELS_CAP:
        raise UnreadablePicture(f"{too_large(SLOW_PIXELS_CAP)}, or save it as PNG")
    orientation = orientation_of(image)
    # Pillow turns a TIFF itself when it is loaded.
    on_its_side = orientation in ON_ITS_SIDE and image.format != "TIFF"
    size = image.size[::-1] if on_its_side else image.size
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", (2 * longer_side, 2 * longer_side))  # decodes a smaller copy, which is quicker
    image.load()
    if orientation is not None:
        ImageOps.exif_transpose(image, in_place=True)  # makes no copy of a picture that is upright
    return size, plain_rgb(image, longer_side)


def slowly_decoded(image: Image.Image) -> bool:
    """Whether it is a PPM or PGM whose numbers Pillow reads in Python, as those in plain text."""
    return image.format == "PPM" and any(tile[0] != "raw" for tile in getattr(image, "tile", []))


def check_size(image: Image.Image) -> None:
    """Raises UnreadablePicture if the image has too many pixels."""
    if image.width * image.height > PIXELS_CAP:
        raise UnreadablePicture(too_large(PIXELS_CAP))


def too_large(cap: int) -> str:
    """What is wrong with a picture of more pixels than the cap, and what to do."""
    return f"too large: more than {cap // 10**6} million pixels; shrink it"


class ArrayError(ValueError):
    """An array isn't a picture. The text says what was expected."""


def image_of_array(array: np.ndarray) -> Image.Image:
    """The image of an array of grey, RGB or RGBA pixels: bool, uint8, uint16, or float in [0, 1]."""
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 3, 4) or not array.size:
        raise ArrayError(f"expected an array of pixels with the shape {ARRAY_SHAPES}, got {array.shape}")
    if array.ndim == 3 and channels == 1:
        array = array[..., 0]
    if array.dtype == bool:
        array = array * np.uint8(255)
    elif array.dtype.kind == "f":
        if not (array.min() >= 0 and array.max() <= 1):  # false for pixels that are not numbers, too
            raise ArrayError(
                f"expected float pixels in [0, 1], got {array.min():g} to {array.max():g}; "
                "divide by the largest possible value, or use uint8"
            )
        array = np.round(array * 255).astype(np.uint8)
    elif array.dtype == np.uint16 and array.ndim == 3:
        array = (array >> 8).astype(np.uint8)
    elif array.dtype not in (np.uint8, np.uint16):
        raise ArrayError(f"expected pixels of type bool, uint8, uint16 or float, got {array.dtype}")
    return Image.fromarray(np.ascontiguousarray(array))


def orientation_of(image: Image.Image) -> int | None:
    """The EXIF tag that says which side is up, or None if there is none or it can't be read."""
    try:
        return image.getexif().get(ORIENTATION)
    except Exception:  # Pillow's TIFF reader raises many kinds of errors for damaged metadata
        return None


def first_bytes(source: Path | FilePage | bytes | Image.Image, count: int = 512) -> bytes:
    """The beginning of a file. Nothing if the file is gone by now, or if the caller has opened it."""
    if isinstance(source, bytes):
        return source[:count]
    if isinstance(source, Image.Image):
        return b""
    path = source.path if isinstance(source, FilePage) else source
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError:
        return b""


def what_else_it_is(start: bytes) -> str:
    """The kind of a file that people often take for a picture, by its first bytes."""
    if b"<svg" in start:
        return "an SVG drawing; export it as PNG"
    if start[4:8] == b"ftyp":
        return "a HEIC or AVIF photo; export it as JPEG"
    if start.startswith(b"%PDF"):
        return "a PDF; export its page as PNG"
    return "not a picture (PNG, JPEG, BMP, GIF, TIFF, WebP or PPM)"
