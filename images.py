"""One picture file -> the digits on it, as contract arrays with their boxes.

The steps, each a function that can be looked at alone:

    open_picture      the file as an upright RGB image, or UnreadablePicture with the reason
    ink_strength      how much each pixel differs from the paper around it: 0 paper, 1 ink
    find_digits       connected ink, grouped into digits, in reading order
    contract_array    one digit's ink as MNIST has it: 20 px, centre of mass in the middle

A contract array is float32 (28, 28, 1) in [0, 1], bright ink on 0, the ink's tight box scaled so
that its longer side is 20 px, its centre of mass in pixel 14 both ways.
"""

import contextlib
import functools
import math
import re
import statistics
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.TiffImagePlugin  # these two, or Pillow would look for their formats in all its plugins
import PIL.WebPImagePlugin  # noqa: F401
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from handwriting import processes, safe_files

SIDE = 28  # of the contract array
DIGIT_SIDE = 20  # of the digit's box in it
CENTRE = 14  # the pixel in which the centre of mass falls

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
# Looked for in folders; the last ones can't be read, and are named so instead of being passed over.
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
SUFFIXES |= {".jfif", ".pgm", ".ppm", ".pbm", ".pnm", ".svg", ".heic", ".heif", ".avif", ".pdf"}
PIXELS_CAP = 120_000_000  # photos of 108 megapixels pass
TOO_LARGE = f"too large: more than {PIXELS_CAP // 10**6} million pixels; shrink it"
BYTES_CAP = 200_000_000
# 20240101_123456, 20240101123456, 2024-01-01 12.34.56, 2024_01_01 and the like, whatever follows.
CAMERA_DATE = (
    r"(19|20)[0-9]{6}([-_][0-9]{4}|[0-9]{6}(?![0-9]))|(19|20)[0-9]{2}([-_])[01][0-9]\4[0-3][0-9](?![0-9])"
)
ORIENTATION = 0x0112  # the EXIF tag
ON_ITS_SIDE = (5, 6, 7, 8)  # of its values
# The brightest levels that there are, of one to sixteen bits.
WHITES = (1, 2**8 - 1, 2**10 - 1, 2**12 - 1, 2**14 - 1, 2**16 - 1)

FEW = 8  # pictures; starting processes would take longer than reading so many
AT_ONCE = 16  # pictures that a process is given at a time

WORKING_SIDE = 800  # of the picture while digits are searched: enough for a page of them
SMALL = 64  # px: a picture that small has even light and no ruled lines
# A sheet of paper on a table covers LEAST_SHEET of the picture, FILLED of the smallest rectangle around it, is at most
# LONGEST_SHEET times as long as wide, and SOLID of it is paper. Its edge, SHEET_MARGIN of its width, is left out.
LEAST_SHEET, FILLED, LONGEST_SHEET, SOLID, SHEET_MARGIN = 0.05, 0.9, 4, 0.75, 0.03
MOST_STROKE = 0.3  # of the longer side of what is written there: the rest are blots
WIDEST_STROKE = 0.4  # of the picture's shorter side
SPAN = 4  # times the strokes' width: dark areas wider than that are shadows, tables, coloured paper
LEAST_SPAN = 16  # px
NARROWEST_SPAN = 0.15  # of the picture's shorter side
LIGHT_POINTS = 40  # each way, at which the light is measured
LIGHT_ROUNDS = 4
COARSE = 200  # px: enough to tell which of ink and paper is lighter
CLEARLY = 2.7  # times as much difference in one direction as in the other
DARKEST_PAPER = 0.25  # darker than that, a camera's noise would look like ink
LEAST_CONTRAST = 0.012  # of full scale, three of 255 steps; less than that is paper, not ink
BODY = 0.25  # of the ink's strength: what is paler is a stroke's soft edge, or nothing
LEAST_INK, SOFT_EDGE = 0.04, 2  # of the ink's strength and px: where a stroke's soft edge ends
SOFT_SIDE = 40  # px: of a digit larger than that, the soft edges are lost when it is scaled down
NOISE_MARGIN = 4.0  # standard deviations of the paper's noise that are not ink either
SURE_MARGIN = 5.0  # and that the ink's usual strength must be
INK_ROUNDS = 3
FEWEST_PIXELS = 5  # of ink: fewer are dust
LINE_THICKNESS = 0.02  # of the picture's shorter side; thicker ones are strokes
LINE_CONTRAST = 0.04  # of the paper's brightness
LINE_COVERS = 0.4  # of the picture's width
LINE_MARGIN = 0.1  # of the picture's width on either side, half of which is covered too
LINE_SLOPE = 0.08  # the steepest
SKIP = 0.012  # of the largest piece's side: gaps of twice that don't part a stroke
SPECK = 0.16  # of the tallest piece's longer side: smaller pieces alone are dirt
MOST_PIECES = 500  # a page of digits has fewer; more are a halftone or a pattern, and no reading
MARK, FLAT = 0.4, 2.5  # of the tallest digit's height, and of a dash's own: dots and dashes
LITTLE_INK = 0.2  # of the ink of a line's largest digit; a 1 has more, or is as high as the others
# Of a digit's height: a comma beside it is lower than LOW and not so far, and may hang a little below it.
LOW, HANGS = 0.5, 0.1
# Where at least PAGE pieces have the median's height, up to a factor ALIKE, what is TOO_HIGH times as high is no digit.
PAGE, ALIKE, TOO_HIGH = 6, 1.4, 1.6
LEVEL = 0.4  # of the lower piece's height: how much two pieces of a line share
LARGE_FRAME = 0.6  # of the picture, both ways
# What is inside of a large frame is at least FRAMED of its height, of a table or a small one IN_TABLE.
FRAMED, IN_TABLE = 0.12, 0.04
# A field is at least LEAST_FIELD px wide and high, at most MOST_OUTLINE of it is ink, and ink within FIELD_RIM of its
# edge runs along FIELD_COVERED of each side.
LEAST_FIELD, MOST_OUTLINE, FIELD_RIM, FIELD_COVERED = 16, 0.5, 0.1, 0.85
EDGE = 2  # px from the picture's edge
ALONG_RIM = 0.6  # of a piece's longer side: what lies along the rim so far is no digit, if there is other ink
BAR = 0.1  # of the picture's side: how thick what runs from edge to edge may be
MUCH_HIGHER = 1.2  # times the tallest ink off the edges: what is higher is no digit cut at its ink
# A piece that is wider than WIDE times its height is cut where at most ONE_STROKE times a stroke's ink is crossed, if
# either part has FULL_HEIGHT of its height and is at least NARROWEST of it wide.
WIDE, ONE_STROKE, FULL_HEIGHT, NARROWEST, USUAL_WIDTH = 0.8, 1.6, 0.75, 0.12, 0.7
CUT_SLOPES = (-0.2, 0.0, 0.2, 0.4)  # sideways for each pixel up: people write upright or lean to the right
CUTS_TRIED = 40  # or a long thin scribble would take seconds
BAR_APART = 0.1  # of a 5's height: the gap between it and its bar, sideways
FLAT_BAR = 1.5  # times its height: how wide that bar is
# Of a piece's height: how low its loose strokes are, and how far above it the bar of a 5; how near all others.
LOOSE, CLOSE = 0.5, 0.08
# px in the 20 px box: strokes thinner than the first (so are 1 in 100 of MNIST) get the second, MNIST's median.
THIN, USUAL_STROKE = 1.35, 2.45
EVEN_SPAN, PALEST = 7, 0.5  # px in that box, and the part of the darkest ink: see `evened`


class UnreadablePicture(Exception):
    """A file that can't be read as a picture; its text says why in a few words."""


@dataclass(frozen=True)
class Digit:
    """A digit found on a picture.

    Args:
        array: its contract array.
        box: left, top, right, bottom in the pixels of the upright picture.
        parts: the digits that it may be instead, if it is several that touch; for a network to decide.
    """

    array: np.ndarray
    box: tuple[int, int, int, int]
    parts: tuple["Digit", ...] = ()


@dataclass(frozen=True)
class Picture:
    """What is on a picture: its size when upright, and its digits in reading order, or why there are none."""

    size: tuple[int, int]
    digits: list[Digit]
    empty_because: str | None = None


def read_picture(path: Path) -> Picture:
    """Finds the digits on a picture file; raises UnreadablePicture."""
    size, image = open_picture(path, WORKING_SIDE)
    scale = max(size) / max(image.size)
    pixels = np.asarray(image, np.float32) / 255
    ready = ready_digit(pixels)
    if ready:
        return Picture(size, [ready])
    ink = ink_strength(pixels)
    digits = [
        digit_of(found, scale, tuple(digit_of(part, scale) for part in parted(found)))
        for found in on_sheets(find_digits(ink), pixels)
    ]
    if digits:
        return Picture(size, digits)
    return Picture(
        size, [], "a pattern, not a page of digits" if ink.any() else "nothing stands out from the paper"
    )


def on_sheets(all_found: list["Found"], pixels: np.ndarray) -> list["Found"]:
    """What is written on sheets of paper, if any of what was found is one; else what was found."""
    return [written for found in all_found for written in written_on(found, pixels)] or all_found


def written_on(found: "Found", pixels: np.ndarray) -> list["Found"]:
    """What is written on a sheet of paper on a table, a card or a screen; nothing if that is not what was found."""
    whole = solid_rectangle(found.ink)
    if whole is None or whole.size < LEAST_SHEET * pixels[..., 0].size:
        return []
    left, top, right, bottom = found.box
    crop = pixels[top:bottom, left:right]
    inner = ~widened(~np.pad(whole, 1), round(SHEET_MARGIN * min(whole.shape)))[1:-1, 1:-1]
    sheet = np.where(inner[..., np.newaxis], crop, np.median(crop[inner], axis=0))  # all around is paper, too
    return [
        Found((x0 + left, y0 + top, x1 + left, y1 + top), ink.ink)
        for ink in find_digits(ink_strength(sheet))
        for x0, y0, x1, y1 in [ink.box]
        if stroke_thickness(ink.ink) < MOST_STROKE * max(ink.ink.shape)
    ]


def solid_rectangle(ink: np.ndarray) -> np.ndarray | None:
    """Where a rectangle is, tilted or not, and all that is written on it, if ink is one; a thick 1 is too narrow."""
    if min(ink.shape) < SMALL:
        return None
    ground = connected(np.pad(ink <= 0.5, 1, constant_values=True))
    whole = (ground != ground[0, 0])[1:-1, 1:-1]
    area = whole.sum()
    if (ink > 0.5).sum() < SOLID * area:
        return None
    y, x = np.nonzero(whole & widened(~np.pad(whole, 1), 1)[1:-1, 1:-1])  # its outline
    tilts = np.radians(np.arange(0, 90, 3))[:, np.newaxis]
    along, across = (
        np.ptp(place, axis=1)
        for place in (x * np.cos(tilts) + y * np.sin(tilts), y * np.cos(tilts) - x * np.sin(tilts))
    )
    best = (along * across).argmin()
    sides = sorted((along[best], across[best]))
    is_rectangle = area > FILLED * sides[0] * sides[1] and sides[1] < LONGEST_SHEET * sides[0]
    return whole if is_rectangle else None


def digit_of(found: "Found", scale: float, parts: tuple[Digit, ...] = ()) -> Digit:
    """Found ink as a digit of a picture that is so many times larger."""
    box = tuple(round(edge * scale) for edge in found.box)
    return Digit(contract_array(found.ink), box, parts)


@contextlib.contextmanager
def read_pictures(paths: list[Path]) -> Iterator[Iterator[Picture | UnreadablePicture]]:
    """Reads many picture files, in their order, on all cores; shows progress where it takes long.

    Many are read in processes of their own, which begin at once, whenever the result is asked for, and end with the
    `with` block, whether all is read or not.
    """
    if len(paths) <= FEW:
        yield map(read_or_reason, paths)
        return
    cores = processes.usable_cores()
    pool = processes.worker_processes(cores)
    try:
        pictures = pool.map(read_or_reason, paths, chunksize=min(AT_ONCE, -(-len(paths) // (4 * cores))))
        yield with_progress(outlived(pictures, paths), len(paths))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def outlived(pictures: Iterator, paths: list[Path]) -> Iterator[Picture | UnreadablePicture]:
    """The pictures as they come; and where one of them ends its process, the others all the same."""
    done = 0
    try:
        for picture in pictures:
            yield picture
            done += 1
    except BrokenProcessPool:
        yield from one_by_one(read_or_reason, paths[done:])


def one_by_one(read: Callable, paths: list[Path]) -> Iterator[Picture | UnreadablePicture]:
    """Reads pictures in another process, and in a new one after each that ends it: by a decoder's fault, say."""
    done = 0
    while done < len(paths):
        with processes.worker_processes(1) as pool:
            try:
                while done < len(paths):
                    picture = pool.submit(read, paths[done]).result()
                    done += 1
                    yield picture
            except BrokenProcessPool:
                done += 1
                yield UnreadablePicture("reading it ended the process that did")


def with_progress(pictures: Iterator, count: int) -> Iterator:
    """The pictures as they come; says how many where it takes long."""
    began = last_shown = time.monotonic()
    for number, picture in enumerate(pictures, start=1):
        yield picture
        now = time.monotonic()
        shown_before = last_shown > began
        if now - last_shown > 1 or (shown_before and number == count):
            print(f"\rread {number:,} of {count:,} pictures", end="", flush=True)
            last_shown = now
    if last_shown > began:
        print()


def read_or_reason(path: Path) -> Picture | UnreadablePicture:
    try:
        return read_picture(path)
    except UnreadablePicture as reason:
        return reason


# ---------------------------------------------------------------- names


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """The picture files among files and, however deep, in folders; names with a leading dot are skipped."""
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
    """What a picture shows by its name: '3/scan.png' and '3-01.jpg' a '3', '2047_a.png' '2047'."""
    if re.fullmatch("[0-9]", path.absolute().parent.name):
        return path.absolute().parent.name
    if re.match(CAMERA_DATE, path.stem):
        return None
    digits = re.match(r"([0-9]+)(?=[-_]|$)", path.stem)
    return digits[1] if digits else None


# ---------------------------------------------------------------- files


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


# ---------------------------------------------------------------- ink


def ink_strength(pixels: np.ndarray) -> np.ndarray:
    """How much ink is in each pixel: 0 where there is paper, 1 where the pen was; all 0 on a blank page.

    Ink is what differs from the paper around it, in whatever colour and direction. Ruled lines and the paper's noise
    are taken off, and the ink's usual strength becomes 1, so pale pencil and black marker look alike.

    Args:
        pixels: (height, width, 3) in [0, 1].
    """
    if (pixels == pixels[..., :1]).all():
        pixels = pixels[..., :1]  # grey: one channel says it all
    pixels = in_even_light(pixels)
    if ink_is_lighter(pixels.mean(axis=2)):
        pixels = 1 - pixels
    span = max(WIDEST_STROKE * min(pixels.shape[:2]), SMALL)
    strength = without_lines(darker_than_paper(pixels, span))
    narrower = max(SPAN * stroke_width(strength), LEAST_SPAN, NARROWEST_SPAN * min(pixels.shape[:2]))
    if narrower < span:
        strength = without_lines(darker_than_paper(pixels, narrower))
    return full_strength(strength)


def in_even_light(pixels: np.ndarray) -> np.ndarray:
    """A picture whose light falls off to one side, or to all, made as bright everywhere as where it is best."""
    height, width = pixels.shape[:2]
    if min(height, width) < SMALL:
        return pixels
    places = (np.arange(LIGHT_POINTS, dtype=np.float32) + 0.5) / LIGHT_POINTS - 0.5
    y, x = (axis.ravel() for axis in np.meshgrid(places, places, indexing="ij"))
    terms = np.stack([np.ones_like(x), y, y * y, x, x * x, x * y], axis=1)
    grey = resized(pixels.mean(axis=2), (LIGHT_POINTS, LIGHT_POINTS), Image.Resampling.BOX).ravel()
    is_paper = np.ones(len(grey), bool)
    for _ in range(LIGHT_ROUNDS):  # what is far from the fit, as ink is, has no say in the next one
        fit = np.linalg.lstsq(terms[is_paper], grey[is_paper], rcond=None)[0].astype(np.float32)
        distance = np.abs(grey - terms @ fit)
        is_paper = distance <= np.quantile(distance, 0.7)
    down, across = (
        (np.arange(side, dtype=np.float32) + 0.5) / side - np.float32(0.5) for side in (height, width)
    )
    light = (fit[0] + fit[1] * down + fit[2] * down**2)[:, np.newaxis]
    light = light + fit[3] * across + fit[4] * across**2 + fit[5] * np.outer(down, across)
    if light.min() <= DARKEST_PAPER * light.max():
        return pixels  # no light falls off so far: these are things of different colours
    return np.clip(pixels * (light.max() / light)[..., np.newaxis], 0, 1)


def ink_is_lighter(grey: np.ndarray) -> bool:
    """Whether a picture is light on dark. There is less ink than paper around it, so it differs more from the mean."""
    scale = min(1, COARSE / max(grey.shape))
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    shrunk = resized(grey, (width, height), Image.Resampling.BOX)
    difference = shrunk - blurred(shrunk, min(shrunk.shape) / 4)
    darker, lighter = (float((np.maximum(way * difference, 0) ** 2).sum()) for way in (-1, 1))
    if max(darker, lighter) > CLEARLY * min(darker, lighter):
        return lighter > darker
    # About as much ink as paper: the digit fills the picture. What lies all around is paper; else the paper is
    # what falls into more pieces.
    dark = grey < otsu(grey)
    around = np.concatenate([dark[0], dark[-1], dark[1:-1, 0], dark[1:-1, -1]]).mean()
    if abs(around - 0.5) > 0.25:
        return bool(around > 0.5)
    dark_pieces, light_pieces = (large_pieces(mask) for mask in (dark, ~dark))
    return dark_pieces > light_pieces if dark_pieces != light_pieces else lighter > darker


def large_pieces(mask: np.ndarray) -> int:
    """The number of connected parts that are more than specks."""
    return int((np.bincount(connected(mask).ravel())[1:] > 0.01 * mask.size).sum())


def darker_than_paper(pixels: np.ndarray, span: float) -> np.ndarray:
    """How much darker each pixel is than the paper around it, as a part of the paper's brightness.

    The paper is what remains when everything dark that is narrower than `span` pixels is painted over with what
    surrounds it: the edge of a shadow, or of the paper itself, stays where it is.
    """
    strengths = []
    for channel in np.moveaxis(pixels, 2, 0):
        paper = np.round(channel * 255).astype(np.uint8)
        for largest_or_smallest in (np.maximum, np.minimum):
            for axis in (0, 1):
                paper = in_window(paper, int(span), axis, largest_or_smallest)
        paper = np.maximum(paper / np.float32(255), DARKEST_PAPER)
        strengths.append((paper - channel) / paper)
    return np.clip(functools.reduce(np.maximum, strengths), 0, 1)


def in_window(values: np.ndarray, span: int, axis: int, of_two: np.ufunc) -> np.ndarray:
    """The largest (or smallest) value within half of `span` on either side along an axis."""
    radius = min(span // 2, values.shape[axis] - 1)
    length = 2 * radius + 1
    values = values.swapaxes(0, axis)
    ends = [np.repeat(values[end], radius, axis=0) for end in (slice(0, 1), slice(-1, None))]
    values = np.concatenate([ends[0], values, ends[1]])
    covered = 1
    while covered < length:  # the best of 1, 2, 4, 8, … neighbours
        step = min(covered, length - covered)
        values = of_two(values[:-step], values[step:])
        covered += step
    return values.swapaxes(0, axis)


def full_strength(strength: np.ndarray) -> np.ndarray:
    """Strength without the paper's noise, the ink's usual strength being 1; all 0 where there is no ink."""
    steady = strength
    if min(strength.shape) >= SMALL:  # strokes are wider than grains of noise
        steady = softened(softened(strength).T).T
    above = steady
    for _ in range(INK_ROUNDS):
        inked = above > otsu(above)
        if inked.sum() < FEWEST_PIXELS or inked.all():
            break
        paper, noise = paper_and_noise(steady[~inked])
        level = float(np.median(steady[inked])) - paper
        if level >= max(LEAST_CONTRAST, SURE_MARGIN * noise):
            paper, noise = paper_and_noise(strength[~inked])
            floor = paper + min(NOISE_MARGIN * noise, 0.5 * level)
            top = float(np.quantile(strength[inked], 0.8))
            if top <= floor:  # specks so small that most of what is softened to ink is paper
                break
            return np.clip((strength - floor) / (top - floor), 0, 1)
        # Of very little ink the first threshold knows nothing: it parts the paper's noise.
        above = np.maximum(steady - paper - NOISE_MARGIN * noise, 0)
    return np.zeros_like(strength)


def paper_and_noise(strength: np.ndarray) -> tuple[float, float]:
    """The middle strength of the paper's pixels, and its standard deviation.

    Of noise, a sixth lies a standard deviation below the middle, and a quarter 0.67 above. In a shadow there is more
    of it; the soft edges of strokes are none.
    """
    below, paper, upper = (float(value) for value in np.quantile(strength, (1 / 6, 0.5, 0.75)))
    return paper, min((upper - paper) / 0.67, 2 * (paper - below))


def stroke_width(strength: np.ndarray) -> float:
    """About how many pixels wide the strokes are."""
    inked = strength > otsu(strength)
    if not inked.any():
        return 0.0
    # Only the strongest: what is paler may be a shadow, or a darker piece of paper under the ink.
    mask = strength > 0.5 * np.quantile(strength[inked], 0.95)
    # Most rows and columns cross strokes, few run along one; those of a wide dark area are few, too.
    crossings = np.concatenate([runs_of(way)[2] for way in (mask, mask.T)])
    return float(np.quantile(crossings, 0.4))


def runs_of(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The runs of set pixels in the rows of a mask: row, first column and length of each."""
    framed = np.pad(mask, ((0, 0), (1, 1)))  # so that no run goes on in the next row
    changes = np.flatnonzero(framed.ravel()[1:] != framed.ravel()[:-1])
    rows, starts = np.divmod(changes[::2], framed.shape[1])
    return rows, starts, changes[1::2] - changes[::2]


def run_lengths(mask: np.ndarray) -> np.ndarray:
    """For each set pixel, how many set pixels stand together in its row; 0 elsewhere."""
    rows, starts, lengths = runs_of(mask)
    changes = np.zeros((mask.shape[0], mask.shape[1] + 1), np.int32)
    changes[rows, starts] = lengths
    changes[rows, starts + lengths] -= lengths.astype(np.int32)
    return changes.cumsum(axis=1)[:, :-1]


def box_blurred(values: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """The mean of 2 · radius + 1 neighbours along an axis; of fewer at the edges."""
    values = values.swapaxes(0, axis)
    places = np.arange(len(values))
    first, last = np.maximum(places - radius, 0), np.minimum(places + radius + 1, len(values))
    sums = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, out=sums[1:])
    count = (last - first).reshape(-1, *[1] * (values.ndim - 1))
    return ((sums[last] - sums[first]) / count).astype(np.float32).swapaxes(0, axis)


def softened(values: np.ndarray) -> np.ndarray:
    """The mean of each pixel and those above and below it."""
    framed = np.pad(values, ((1, 1), (0, 0)), mode="edge")
    return (framed[:-2] + framed[1:-1] + framed[2:]) / 3


def blurred(values: np.ndarray, radius: float) -> np.ndarray:
    """Two box blurs both ways, which is nearly a Gaussian."""
    for axis in (0, 1, 0, 1):
        values = box_blurred(values, int(radius), axis)
    return values


def resized(values: np.ndarray, size: tuple[int, int], how=Image.Resampling.BILINEAR) -> np.ndarray:
    """A float array at another (width, height)."""
    if size == values.shape[::-1]:
        return values
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, how))


# ---------------------------------------------------------------- ruled paper


def without_lines(strength: np.ndarray) -> np.ndarray:
    """Takes off the lines of ruled and squared paper, of forms and frames; strokes that cross them stay whole."""
    if min(strength.shape) < SMALL:
        return strength
    return without_level_lines(without_level_lines(strength).T).T


def without_level_lines(strength: np.ndarray) -> np.ndarray:
    """Takes off thin lines that run from left to right through most of the picture."""
    height, width = strength.shape
    thickest = max(4, round(LINE_THICKNESS * min(height, width)))
    mask = strength > np.median(strength) + LINE_CONTRAST
    down = run_lengths(mask.T).T
    ys, xs = np.nonzero((down > 0) & (down <= thickest))
    cleaned = strength.copy()
    columns = np.arange(width)
    for row, slope in level_lines(ys, xs, (height, width), thickest):
        middle = np.round(row + slope * (columns - width / 2)).astype(int)
        on_it = (middle >= 0) & (middle < height)
        own = down[np.clip(middle, 0, height - 1), columns][on_it]
        own = own[(own > 0) & (own <= thickest)]
        reach = int(np.median(own) if own.size else thickest) // 2 + 2
        # What is on a line is as dark as what lies just beyond it: paper, or the stroke that crosses it.
        sides = [middle + way * (reach + 1) for way in (-1, 1)]
        beyond = np.maximum(
            *(
                np.where((side >= 0) & (side < height), strength[np.clip(side, 0, height - 1), columns], 0)
                for side in sides
            )
        )
        for offset in range(-reach, reach + 1):
            inside = (middle + offset >= 0) & (middle + offset < height)
            place = (middle + offset)[inside], columns[inside]
            cleaned[place] = np.minimum(cleaned[place], beyond[inside])
    return cleaned


def level_lines(
    ys: np.ndarray, xs: np.ndarray, shape: tuple[int, int], thickest: int
) -> list[tuple[int, float]]:
    """The straight, nearly level lines on which many of the given pixels lie: row in the middle column, and slope."""
    height, width = shape
    steps = math.ceil(LINE_SLOPE * width / 2)  # from one slope to the next a line's ends move by a pixel
    slopes = np.linspace(-LINE_SLOPE, LINE_SLOPE, 2 * steps + 1)
    covered = np.zeros((len(slopes), height))
    margin = LINE_MARGIN * width
    at_end = (xs < margin) | (xs >= width - margin)
    for number, slope in enumerate(slopes):
        row = np.round(ys - slope * (xs - width / 2)).astype(int)
        inside = (row >= 0) & (row < height)
        counts, counts_at_ends = (
            np.bincount(row[chosen], minlength=height) for chosen in (inside, inside & at_end)
        )
        # A digit's long stroke ends somewhere; a line runs on to the picture's edge.
        covered[number] = np.where(counts_at_ends > margin, counts, 0)
    best = covered.max(axis=0)
    lines = []
    for row in np.argsort(-best, kind="stable"):
        if best[row] < LINE_COVERS * width:
            break
        if all(abs(row - other) > thickest for other, _ in lines):
            lines.append((int(row), float(slopes[covered[:, row].argmax()])))
    return lines


def otsu(values: np.ndarray) -> float:
    """The threshold that parts values in [0, 1] best into two groups."""
    counts = np.bincount(np.minimum(values * 256, 255).astype(np.uint8).ravel(), minlength=256)
    weight = counts.cumsum()
    mass = (counts * (np.arange(256) + 0.5) / 256).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (mass[-1] * weight / weight[-1] - mass) ** 2 / (weight * (weight[-1] - weight))
    return (1 + int(np.nan_to_num(spread).argmax())) / 256


# ---------------------------------------------------------------- digits


@dataclass(frozen=True)
class Piece:
    """Connected ink: its box, how many pixels it has, and its numbers in the labelled picture."""

    left: int
    top: int
    right: int
    bottom: int
    area: int
    numbers: tuple[int, ...]

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def joined(self, other: "Piece") -> "Piece":
        return Piece(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            self.area + other.area,
            self.numbers + other.numbers,
        )


@dataclass(frozen=True)
class Found:
    """Ink that is one digit, or several that touch: its box on the shrunken picture, and the ink in it."""

    box: tuple[int, int, int, int]
    ink: np.ndarray


def find_digits(ink: np.ndarray) -> list[Found]:
    """The digits in reading order."""
    mask = ink > BODY
    labelled = connected(mask)
    all_pieces = strong_pieces(labelled, ink)
    pieces = without_surroundings(all_pieces, labelled)
    if not pieces:
        return []
    left_out = set(all_pieces) - set(pieces)
    fields = np.isin(labelled, [piece.numbers[0] for piece in left_out if is_box(piece, labelled)])
    mask &= ~fields  # or a digit close to its field's line would become one with it
    ink = np.where(fields, 0, ink)
    largest = side_of_tallest(pieces)
    if largest < SOFT_SIDE:  # so small that the strokes' soft edges count
        mask |= (ink > LEAST_INK) & widened(mask, SOFT_EDGE)
    # A pen skips: ink that is nearly connected belongs together.
    labelled = connected(widened(mask, max(1, round(SKIP * largest)))) * mask
    pieces = without_surroundings(strong_pieces(labelled, ink), labelled)
    largest = side_of_tallest(pieces)
    pieces = [piece for piece in pieces if max(piece.width, piece.height) >= SPECK * largest]
    if len(pieces) > MOST_PIECES:
        return []
    found = []
    pieces = without_dashes(with_loose_strokes(pieces, too_high(pieces)))
    highest = too_high(pieces)  # now, as they may have grown
    for line in text_lines(pieces, highest):
        for piece in without_marks(joined_pieces(line, highest)):
            rows, columns = slice(piece.top, piece.bottom), slice(piece.left, piece.right)
            own = np.where(np.isin(labelled[rows, columns], piece.numbers), ink[rows, columns], 0)
            found.append(cropped(own, piece.left, piece.top))
    return found


def side_of_tallest(pieces: list[Piece]) -> int:
    """The longer side of the tallest digit; the widest piece may be an underline."""
    highest = too_high(pieces)
    tallest = max((piece for piece in pieces if piece.height < highest), key=lambda piece: piece.height)
    return max(tallest.width, tallest.height)


def too_high(pieces: list[Piece]) -> float:
    """How high no digit is on a page of them: digits of two lines that touch are; infinite where few tell nothing."""
    tallest = max(piece.height for piece in pieces)
    heights = [piece.height for piece in pieces if piece.height > SPECK * tallest]
    usual = statistics.median(heights)
    alike = [height for height in heights if usual / ALIKE < height < ALIKE * usual]
    return TOO_HIGH * usual if len(alike) >= PAGE else math.inf


def cropped(ink: np.ndarray, left: int, top: int) -> Found:
    """Ink without empty rows and columns around it; `left` and `top` are where it came from."""
    rows, columns = (np.flatnonzero((ink > 0).any(axis=axis)) for axis in (1, 0))
    box = (left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1)
    return Found(tuple(map(int, box)), ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def parted(found: Found) -> list[Found]:
    """What ink may be cut into if it is two or more digits side by side; nothing where it doesn't look like it.

    It is wide, a cut, straight or slanted, crosses about one stroke, and either part is about as high as the whole.
    """
    ink, (left, top) = found.ink, found.box[:2]
    height, width = ink.shape
    if width < WIDE * height:
        return []
    least = ONE_STROKE * stroke_thickness(ink)
    narrowest = max(1, round(NARROWEST * height))
    columns = np.arange(narrowest, width - narrowest + 1)
    cuts, places = [], {slope: slanted_columns(ink.shape, slope) for slope in CUT_SLOPES}
    for slope in CUT_SLOPES:
        crossed = np.bincount(places[slope].ravel(), ink.ravel(), width)[columns]
        # The best cut crosses little ink, and leaves parts of a digit's usual width.
        usual = columns / (USUAL_WIDTH * height)
        cost = crossed / least + np.abs(usual - np.round(usual))
        cuts += [(cost[n], slope, columns[n]) for n in np.flatnonzero(crossed <= least)]
    # Of cuts that are as good, the most upright.
    for _, slope, column in sorted(cuts, key=lambda cut: (cut[0], abs(cut[1])))[:CUTS_TRIED]:
        behind = places[slope] >= column
        halves = np.where(behind, 0, ink), np.where(behind, ink, 0)
        if min(tallest_piece(half > 0.5) for half in halves) >= FULL_HEIGHT * height:
            parts = [cropped(half, left, top) for half in halves]
            return [smallest for part in parts for smallest in (parted(part) or [part])]
    return []


def slanted_columns(shape: tuple[int, int], slope: float) -> np.ndarray:
    """For each pixel, the column in which a line that leans to the right by `slope` through it is half-way down."""
    y, x = np.indices(shape)
    columns = x + np.round(slope * (y - shape[0] / 2)).astype(int)
    return np.clip(columns, 0, shape[1] - 1)


def tallest_piece(mask: np.ndarray) -> int:
    """The height of the tallest connected part."""
    return max((piece.height for piece in boxes(connected(mask))), default=0)


def strong_pieces(labelled: np.ndarray, ink: np.ndarray) -> list[Piece]:
    """The pieces with at least one dark pixel; what is pale all over is a smudge."""
    strong = np.bincount(labelled[ink > 0.5], minlength=int(labelled.max()) + 1)
    return [piece for piece in boxes(labelled) if strong[piece.numbers[0]]]


def widened(mask: np.ndarray, radius: int) -> np.ndarray:
    """A mask with a margin of `radius` pixels around everything in it."""
    return box_blurred(box_blurred(mask.astype(np.float32), radius, 0), radius, 1) > 1e-6


def connected(mask: np.ndarray) -> np.ndarray:
    """Numbers the connected parts of a mask (diagonals connect) from 1; 0 is no part.

    Each row is cut into runs of set pixels; runs of neighbouring rows that touch get the same number.
    """
    height, width = mask.shape
    rows, starts, lengths = runs_of(mask)
    ends = starts + lengths
    # Keys grow from run to run, so the runs of the next row that a run touches are neighbours.
    stride = width + 2
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts, side="left")
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, side="right")
    touches = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(rows)), touches)
    lower = (
        np.arange(touches.sum()) - np.repeat(touches.cumsum() - touches, touches) + np.repeat(first, touches)
    )
    smallest = np.arange(len(rows))
    while True:
        together = np.minimum(smallest[upper], smallest[lower])
        before = smallest.copy()
        np.minimum.at(smallest, smallest[upper], together)
        np.minimum.at(smallest, smallest[lower], together)
        smallest = smallest[smallest]
        if np.array_equal(smallest, before):
            break
    numbers = np.unique(smallest, return_inverse=True)[1] + 1
    changes = np.zeros((height, width + 1), np.int32)
    changes[rows, starts] = numbers
    changes[rows, ends] -= numbers.astype(np.int32)
    return changes.cumsum(axis=1)[:, :width]


def boxes(labelled: np.ndarray) -> list[Piece]:
    """The boxes of the connected parts."""
    ys, xs = np.nonzero(labelled)
    numbers = labelled[ys, xs]
    count = int(labelled.max()) + 1
    left, top = np.full(count, labelled.shape[1]), np.full(count, labelled.shape[0])
    right, bottom = np.zeros(count, int), np.zeros(count, int)
    np.minimum.at(left, numbers, xs)
    np.minimum.at(top, numbers, ys)
    np.maximum.at(right, numbers, xs + 1)
    np.maximum.at(bottom, numbers, ys + 1)
    area = np.bincount(numbers, minlength=count)
    return [
        Piece(int(left[n]), int(top[n]), int(right[n]), int(bottom[n]), int(area[n]), (n,))
        for n in range(1, count)
        if right[n]
    ]


def without_surroundings(pieces: list[Piece], labelled: np.ndarray) -> list[Piece]:
    """Leaves out what is around the digits: frames, the table beside a sheet, what else reaches into the picture.

    Whatever is left out, something stays.
    """
    height, width = labelled.shape
    rim = [labelled[:EDGE], labelled[-EDGE:], labelled[:, :EDGE].T, labelled[:, -EDGE:].T]
    on_rim = sum(np.bincount(side.max(axis=0), minlength=int(labelled.max()) + 1) for side in rim)

    def is_frame(piece: Piece) -> bool:
        large = min(piece.width / width, piece.height / height) > LARGE_FRAME
        if not large and not is_box(piece, labelled):
            return False  # first of all: comparing each piece with all others takes long where there are thousands
        inner = [
            other.height
            for other in pieces
            if other.left > piece.left
            and other.top > piece.top
            and other.right < piece.right
            and other.bottom < piece.bottom
        ]
        return max(inner, default=0) > (FRAMED if large else IN_TABLE) * piece.height

    def is_from_outside(piece: Piece) -> bool:
        from_side_to_side = piece.left < EDGE and piece.right > width - EDGE and piece.height < BAR * height
        from_top_to_bottom = piece.top < EDGE and piece.bottom > height - EDGE and piece.width < BAR * width
        along_rim = on_rim[piece.numbers[0]] > ALONG_RIM * max(piece.width, piece.height)
        as_high_as_digits = FULL_HEIGHT * tallest_free < piece.height < MUCH_HIGHER * tallest_free
        cut_to_its_ink = as_high_as_digits and piece.width < piece.height
        return (from_side_to_side or from_top_to_bottom or along_rim) and not cut_to_its_ink

    inside = [piece for piece in pieces if not is_frame(piece)]
    largest = max((piece.height for piece in inside), default=0)
    tallest_free = max((piece.height for piece in inside if on_rim[piece.numbers[0]] == 0), default=0)
    if tallest_free > 0.1 * largest:
        inside = [piece for piece in inside if not is_from_outside(piece)]
    return inside or pieces


def is_box(piece: Piece, labelled: np.ndarray) -> bool:
    """Whether a piece is the outline of a rectangle, as of a form's field or a table: it runs along all its sides."""
    if min(piece.width, piece.height) < LEAST_FIELD or piece.area > MOST_OUTLINE * piece.width * piece.height:
        return False
    own = labelled[piece.top : piece.bottom, piece.left : piece.right] == piece.numbers[0]
    high, wide = (max(2, round(FIELD_RIM * side)) for side in own.shape)
    sides = (
        own[:high].any(axis=0),
        own[-high:].any(axis=0),
        own[:, :wide].any(axis=1),
        own[:, -wide:].any(axis=1),
    )
    return min(side.mean() for side in sides) > FIELD_COVERED


def text_lines(pieces: list[Piece], highest: float) -> list[list[Piece]]:
    """Pieces line by line, however slanted the lines: a piece follows the one to its left that it stands level with.

    Commas and points are level with nothing; they come to the line of the digit that they stand beside. What reaches
    over several lines, digits that touch, would draw these together; it comes to the upper one.
    """
    lines: list[list[Piece]] = []
    single = [piece for piece in pieces if piece.height < highest]
    marks = {piece: digit for piece in single if (digit := digit_beside(piece, single))}
    for piece in sorted((piece for piece in single if piece not in marks), key=lambda piece: piece.left):
        followed, gap = None, math.inf
        for line in lines:
            last = line[-1]
            apart = piece.left - last.right
            if level(last, piece) > LEVEL * min(last.height, piece.height) and apart < gap:
                followed, gap = line, apart
        if followed is None:
            lines.append([piece])
        else:
            followed.append(piece)
    for mark, digit in marks.items():
        while digit in marks:  # a smaller one, itself beside a larger one
            digit = marks[digit]
        next(line for line in lines if digit in line).append(mark)
    for piece in pieces:
        if piece.height >= highest:
            beside = [
                line for line in lines if any(level(piece, other) > LEVEL * other.height for other in line)
            ]
            min(beside, key=middle_of, default=lines[0]).append(piece)
    return sorted(lines, key=middle_of)


def middle_of(line: list[Piece]) -> float:
    """How far down a line is, twice."""
    return statistics.mean(piece.top + piece.bottom for piece in line)


def level(one: Piece, other: Piece) -> int:
    """How many rows two pieces share; below 0, how many lie between them."""
    return min(one.bottom, other.bottom) - max(one.top, other.top)


def digit_beside(piece: Piece, pieces: list[Piece]) -> Piece | None:
    """The much higher piece that a comma, a point or a dash stands beside, or None."""
    beside = [
        other
        for other in pieces
        if piece.height < LOW * other.height
        and -horizontal_overlap(piece, other) < LOW * other.height
        and level(piece, other) > -HANGS * other.height
    ]
    tallest = max((other.height for other in beside), default=0)
    digits = [other for other in beside if other.height > LOW * tallest]
    return min(
        digits, key=lambda other: abs(other.left + other.right - piece.left - piece.right), default=None
    )


def without_dashes(pieces: list[Piece]) -> list[Piece]:
    """Leaves out flat strokes that belong to no digit: what is left of a line at the picture's corner."""
    tallest = max(piece.height for piece in pieces)
    return [piece for piece in pieces if piece.height >= MARK * tallest or piece.width < FLAT * piece.height]


def without_marks(line: list[Piece]) -> list[Piece]:
    """Leaves out dots, dashes and specks: what is low beside the line's tallest digit, or has hardly any ink."""
    tallest, largest = max(piece.height for piece in line), max(piece.area for piece in line)
    return [
        piece
        for piece in line
        if piece.height >= MARK * tallest
        and (piece.area >= LITTLE_INK * largest or piece.height >= FULL_HEIGHT * tallest)
    ]


def with_loose_strokes(pieces: list[Piece], highest: float) -> list[Piece]:
    """Joins flat pieces to the larger one close above or below: the bar of a 5, a broken 3's lower half."""
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: -piece.height):
        digits = [larger for larger in joined if larger.height < highest]
        owners = [larger for larger in digits if is_loose_stroke_of(piece, larger)]
        if owners:
            owner = max(owners, key=lambda larger: horizontal_overlap(piece, larger))
            joined[joined.index(owner)] = owner.joined(piece)
        else:
            joined.append(piece)
    return joined


def is_loose_stroke_of(piece: Piece, larger: Piece) -> bool:
    if piece.height >= LOOSE * larger.height or piece.width >= larger.height:
        return False  # a digit of its own, or an underline
    overlap = horizontal_overlap(piece, larger)
    gap = max(larger.top - piece.bottom, piece.top - larger.bottom)
    is_bar = piece.width > FLAT_BAR * piece.height and piece.bottom < larger.top + LOOSE * larger.height
    if is_bar:  # of a 5: it may be far above, and begin only where the rest ends
        return gap < LOOSE * larger.height and overlap > -BAR_APART * larger.height
    return gap < CLOSE * larger.height and overlap > 0.5 * min(piece.width, larger.width)


def horizontal_overlap(one: Piece, other: Piece) -> int:
    """How many columns two pieces share; below 0, how many lie between them."""
    return min(one.right, other.right) - max(one.left, other.left)


def joined_pieces(line: list[Piece], highest: float) -> list[Piece]:
    """The pieces of a line from left to right; those that lie over each other are one, if not too high."""
    joined: list[Piece] = []
    for piece in sorted(line, key=lambda piece: piece.left):
        if joined:
            last = joined[-1]
            both = last.joined(piece)
            if horizontal_overlap(last, piece) > 0.5 * min(last.width, piece.width) and both.height < highest:
                joined[-1] = both
                continue
        joined.append(piece)
    return joined


# ---------------------------------------------------------------- the contract


def ready_digit(pixels: np.ndarray) -> Digit | None:
    """The digit of a picture that is a contract array already, as MNIST's are, bright on black or dark on white.

    Args:
        pixels: (height, width, 3) in [0, 1].

    Returns:
        None for every other picture; two digits side by side are none.
    """
    if pixels.shape[:2] != (SIDE, SIDE) or (pixels != pixels[..., :1]).any():
        return None
    ink = 1 - pixels[..., 0] if pixels[0, 0, 0] == 1 else pixels[..., 0]
    inked_rows, inked_columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(inked_rows):
        return None
    top, bottom = int(inked_rows[0]), int(inked_rows[-1]) + 1
    left, right = int(inked_columns[0]), int(inked_columns[-1]) + 1
    total = ink.sum()
    middle = ink.sum(axis=1) @ np.arange(SIDE) / total, ink.sum(axis=0) @ np.arange(SIDE) / total
    is_ready = (
        max(bottom - top, right - left) == DIGIT_SIDE
        and len(inked_columns) == right - left
        and max(abs(place - CENTRE) for place in middle) < 0.51  # a little for the rounding of 8-bit pixels
        and ink.max() > 0.9
    )
    return Digit(ink[..., np.newaxis], (left, top, right, bottom)) if is_ready else None


def contract_array(ink: np.ndarray) -> np.ndarray:
    """A digit's ink, cropped to its box, as a contract array."""
    ink = thickened(ink)
    height, width = ink.shape
    scale = DIGIT_SIDE / max(height, width)
    digit = evened(scaled(ink, (max(1, round(width * scale)), max(1, round(height * scale)))))
    field = np.zeros((SIDE, SIDE), np.float32)
    field[: digit.shape[0], : digit.shape[1]] = digit
    return centred(field[np.newaxis])[0, ..., np.newaxis]


def scaled(ink: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Ink at another size: area averages when it shrinks, smooth when it grows."""
    how = Image.Resampling.BOX if size[0] <= ink.shape[1] else Image.Resampling.BICUBIC
    return np.clip(resized(ink, size, how), 0, 1)


def evened(ink: np.ndarray) -> np.ndarray:
    """Ink whose pale parts, of a light hand or a blurred photo, are as dark as the rest; the palest, twice as dark."""
    ink = darkest = ink / max(float(ink.max()), 1e-6)
    for axis in (0, 1):
        darkest = in_window(darkest, EVEN_SPAN, axis, np.maximum)
    for axis in (0, 1):
        darkest = box_blurred(darkest, EVEN_SPAN // 2, axis)
    return np.clip(ink / np.maximum(darkest, PALEST), 0, 1)


def centred(fields: np.ndarray) -> np.ndarray:
    """Fields (n, 28, 28) with their ink moved by whole pixels, so that its centre of mass is in pixel 14.

    Ink that would leave the field stops at its edge.
    """
    moved = fields
    for axis in (1, 2):
        profile = fields.sum(axis=3 - axis)
        inked = profile > 0
        centre = (profile * np.arange(SIDE)).sum(axis=1) / np.maximum(profile.sum(axis=1), 1e-6)
        first, last = inked.argmax(axis=1), SIDE - 1 - inked[:, ::-1].argmax(axis=1)
        shift = np.clip(np.floor(CENTRE - centre + 0.5).astype(int), -first, SIDE - 1 - last)
        source = (np.arange(SIDE) - shift[:, np.newaxis]) % SIDE
        source = source[:, :, np.newaxis] if axis == 1 else source[:, np.newaxis, :]
        moved = np.take_along_axis(moved, source, axis=axis)
    return moved


def slanted(array: np.ndarray, slope: float) -> np.ndarray:
    """A contract array whose digit leans by `slope` more to the right, in pixels sideways for each pixel up."""
    image = Image.fromarray(array[..., 0])
    matrix = (1, slope, -slope * (CENTRE + 0.5), 0, 1, 0)
    return np.asarray(image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR))[
        ..., np.newaxis
    ]


def thickened(ink: np.ndarray) -> np.ndarray:
    """Hairlines as thick as a pen writes, or they would vanish when scaled down; other strokes untouched."""
    box_side = max(ink.shape)
    thickness = stroke_thickness(ink) * DIGIT_SIDE / box_side
    if thickness >= THIN:
        return ink
    grow = round((USUAL_STROKE - thickness) * box_side / DIGIT_SIDE / 2)
    if grow < 1:
        return ink
    image = Image.fromarray((np.pad(ink, grow) * 255).astype(np.uint8))
    for _ in range(grow):
        image = image.filter(ImageFilter.MaxFilter(3))
    return np.asarray(image, np.float32) / 255


def stroke_thickness(ink: np.ndarray) -> float:
    """The mean width of the strokes in pixels: twice their area over the length of their outline."""
    mask = np.pad(ink > 0.5, 1)
    outline = (mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()
    # The outline is counted along the pixels' edges, about 4/π times as long as the drawn one.
    return 2 * float(mask.sum()) / (float(outline) * np.pi / 4) if outline else 0.0
