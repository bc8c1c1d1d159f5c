"""A picture file as an upright RGB image, or the reason why it can't be read."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from handwriting import safe_files

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")


PIXELS_CAP = 120_000_000  # photos of 108 megapixels pass


TOO_LARGE = f"too large: more than {PIXELS_CAP // 10**6} million pixels; shrink it"


BYTES_CAP = 200_000_000


ORIENTATION = 0x0112  # the EXIF tag


ON_ITS_SIDE = (5, 6, 7, 8)  # of its values


# The brightest levels that there are, of one to sixteen bits.
WHITES = (1, 2**8 - 1, 2**10 - 1, 2**12 - 1, 2**14 - 1, 2**16 - 1)


class UnreadablePicture(Exception):
    """A file that can't be read as a picture; its text says why in a few words."""


def open_picture(path: Path, longer_side: int) -> tuple[tuple[int, int], Image.Image]:
    """Opens a picture upright, as RGB, shrunk to `longer_side` where it is larger.

    Returns:
        Its own size (upright) and the image.
    """
    try:
        reason = safe_files.unusable(path, BYTES_CAP)
        if reason:
            raise UnreadablePicture(reason)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large size or odd metadata is no reason to say anything
            size, upright = decoded(path, longer_side)
    except UnreadablePicture:
        raise
    except UnidentifiedImageError:
        raise UnreadablePicture(what_else_it_is(path)) from None
    except Image.DecompressionBombError:
        raise UnreadablePicture(TOO_LARGE) from None
    except PermissionError:
        raise UnreadablePicture("no permission to read it") from None
    except MemoryError:
        raise UnreadablePicture("it needs more memory than there is; shrink it") from None
    except Exception as error:  # Pillow's decoders raise whatever a damaged file provokes
        raise UnreadablePicture(f"damaged ({' '.join(str(error).split()) or type(error).__name__})") from None
    shrink(upright, longer_side)
    return size, upright


def decoded(path: Path, longer_side: int) -> tuple[tuple[int, int], Image.Image]:
    """A picture's own size and its pixels, upright and RGB, not yet shrunk to `longer_side`."""
    with Image.open(path, formats=FORMATS) as image:
        if image.width * image.height > PIXELS_CAP:
            raise UnreadablePicture(TOO_LARGE)
        orientation = orientation_of(image)
        # Of a TIFF, Pillow says the upright size itself.
        on_its_side = orientation in ON_ITS_SIDE and image.format != "TIFF"
        size = image.size[::-1] if on_its_side else image.size
        if image.format in ("JPEG", "MPO"):
            image.draft("RGB", (2 * longer_side, 2 * longer_side))  # decodes a reduced copy, quickly
        image.load()
        if orientation is not None:
            ImageOps.exif_transpose(image, in_place=True)  # copies nothing where the picture is upright
        return size, plain_rgb(image, longer_side)


def orientation_of(image: Image.Image) -> int | None:
    """The EXIF tag that says which side is up, or None; metadata that can't be read say nothing."""
    try:
        return image.getexif().get(ORIENTATION)
    except Exception:  # whatever Pillow's TIFF reader raises of damaged metadata
        return None


def shrink(image: Image.Image, longer_side: int) -> None:
    """Makes a picture smaller where its longer side is longer than that."""
    image.thumbnail((longer_side, longer_side), Image.Resampling.BOX, reducing_gap=None)


def what_else_it_is(path: Path) -> str:
    """Names the files that people take for pictures."""
    with path.open("rb") as file:
        start = file.read(512)
    if b"<svg" in start:
        return "an SVG drawing; export it as PNG"
    if start[4:8] == b"ftyp":
        return "a HEIC or AVIF photo; export it as JPEG"
    if start.startswith(b"%PDF"):
        return "a PDF; export its page as PNG"
    return "not a picture (PNG, JPEG, BMP, GIF, TIFF, WebP or PPM)"


def plain_rgb(image: Image.Image, longer_side: int) -> Image.Image:
    """Any mode as 8-bit RGB: Pillow's own conversion would clip 16 bits and forget transparency."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        levels = np.nan_to_num(np.asarray(image, np.float32))
        top = next(limit for limit in (*WHITES, float(levels.max())) if levels.max() <= limit)
        return Image.fromarray((levels.clip(0, top) * (255 / top)).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        shrink(image, longer_side)  # now: on_paper takes many bytes a pixel
        return on_paper(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def on_paper(image: Image.Image) -> Image.Image:
    """A transparent picture on white; on black where what it shows is bright."""
    pixels = np.asarray(image, np.float32)
    weight = pixels[..., 3].sum()
    brightness = (pixels[..., :3].mean(axis=2) * pixels[..., 3]).sum() / weight if weight else 0
    transparent = (pixels[..., 3] < 128).mean()
    paper = (0, 0, 0) if brightness > 160 and transparent > 0.5 else (255, 255, 255)
    return Image.alpha_composite(Image.new("RGBA", image.size, (*paper, 255)), image).convert("RGB")
