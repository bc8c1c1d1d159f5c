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
import multiprocessing
import re
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.TiffImagePlugin
import PIL.WebPImagePlugin  # noqa: F401
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

import runs

SIDE = 28  # of the contract array
DIGIT_SIDE = 20  # of the digit's box in it
CENTRE = 14  # the pixel in which the centre of mass falls

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
# Looked for in folders; the last ones can't be read, and are named so instead of being passed over.
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pbm"}
SUFFIXES |= {".svg", ".heic", ".heif", ".avif"}
PIXELS_CAP = 120_000_000  # photos of 108 megapixels pass
BYTES_CAP = 200_000_000
ORIENTATION = 0x0112  # the EXIF tag; from 5 on the picture lies on its side

FEW = 8  # pictures; starting processes would take longer than reading so many
AT_ONCE = 16  # pictures that a process is given at a time

WORKING_SIDE = 800  # of the picture while digits are searched: enough for a page of them
PAPER_SIDE = 128  # of the picture while the paper is estimated: paper changes slowly
# How much of the threshold between paper and ink still counts as paper, round by round: at last the strokes'
# soft edges don't.
PAPER_ROUNDS = (1.0, 1.0, 0.4)
DARKEST_PAPER = 0.25  # darker than that, a camera's noise would look like ink
LEAST_CONTRAST = 0.06  # of full scale; less than that is paper, not ink
LEAST_INK = 0.04  # of the ink's strength: where a stroke's soft edge ends
NOISE_MARGIN = 4.0  # standard deviations of the paper's noise that are not ink either
SKIP = 0.012  # of the largest piece's side: gaps of twice that don't part a stroke
SPECK = 0.16  # of the tallest piece's longer side: smaller pieces alone are dirt
MOST_PIECES = 500  # a page of digits has fewer; more are a halftone or a pattern, and no reading
LOOSE = 0.45  # of a piece's height: how flat and how near a loose stroke of it is
# px in the 20 px box: strokes thinner than the first (so are 1 in 100 of MNIST) get the second, MNIST's median.
THIN, USUAL_STROKE = 1.35, 2.45


class UnreadablePicture(Exception):
    """A file that can't be read as a picture; its text says why in a few words."""


@dataclass(frozen=True)
class Digit:
    """A digit found on a picture.

    Args:
        array: its contract array.
        box: left, top, right, bottom in the pixels of the upright picture.
    """

    array: np.ndarray
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Picture:
    """What is on a picture: its size when upright, and its digits in reading order."""

    size: tuple[int, int]
    digits: list[Digit]


def read_picture(path: Path) -> Picture:
    """Finds the digits on a picture file; raises UnreadablePicture."""
    size, image = open_picture(path, WORKING_SIDE)
    scale = max(size) / max(image.size)
    pixels = np.asarray(image, np.float32) / 255
    ready = ready_digit(pixels)
    if ready:
        return Picture(size, [ready])
    ink = ink_strength(pixels)
    digits = []
    for (left, top, right, bottom), digit_ink in find_digits(ink):
        box = tuple(round(edge * scale) for edge in (left, top, right, bottom))
        digits.append(Digit(contract_array(digit_ink), box))
    return Picture(size, digits)


@contextlib.contextmanager
def read_pictures(paths: list[Path]) -> Iterator[Iterator[Picture | UnreadablePicture]]:
    """Reads many picture files, in their order, on all cores; shows progress where it takes long.

    Many are read in processes of their own, which begin at once, whenever the result is asked for, and end with the
    `with` block, whether all is read or not.
    """
    if len(paths) <= FEW:
        yield map(read_or_reason, paths)
        return
    cores = runs.usable_cores()
    pool = ProcessPoolExecutor(
        cores,
        # "spawn" everywhere: a copy of a process that runs TensorFlow may hang.
        mp_context=multiprocessing.get_context("spawn"),
        # Ctrl-C reaches these processes too, and is this one's to answer.
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        pictures = pool.map(read_or_reason, paths, chunksize=min(AT_ONCE, -(-len(paths) // (4 * cores))))
        yield with_progress(pictures, len(paths))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


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
    if re.match(r"(19|20)[0-9]{6}[-_][0-9]{6}", path.stem):
        return None  # a camera's date and time
    digits = re.match(r"([0-9]+)(?=[-_]|$)", path.stem)
    return digits[1] if digits else None


# ---------------------------------------------------------------- files


def open_picture(path: Path, longer_side: int) -> tuple[tuple[int, int], Image.Image]:
    """Opens a picture upright, as RGB, shrunk to `longer_side` where it is larger.

    Returns:
        Its own size (upright) and the image.
    """
    try:
        check_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large size or odd metadata is no reason to say anything
            size, upright = decoded(path, longer_side)
    except UnreadablePicture:
        raise
    except UnidentifiedImageError:
        raise UnreadablePicture(what_else_it_is(path)) from None
    except Image.DecompressionBombError:
        raise UnreadablePicture("too large: more pixels than any camera takes") from None
    except Exception as error:  # Pillow's decoders raise whatever a damaged file provokes
        raise UnreadablePicture(f"damaged ({' '.join(str(error).split()) or type(error).__name__})") from None
    upright.thumbnail((longer_side, longer_side), Image.Resampling.BOX, reducing_gap=None)
    return size, upright


def decoded(path: Path, longer_side: int) -> tuple[tuple[int, int], Image.Image]:
    """A picture's own size and its pixels, upright and RGB, not yet shrunk to `longer_side`."""
    with Image.open(path, formats=FORMATS) as image:
        if image.width * image.height > PIXELS_CAP:
            raise UnreadablePicture(f"too large: {image.width} × {image.height} pixels")
        size = image.size if image.getexif().get(ORIENTATION, 1) < 5 else image.size[::-1]
        if image.format in ("JPEG", "MPO"):
            image.draft("RGB", (2 * longer_side, 2 * longer_side))  # decodes a reduced copy, quickly
        image.load()
        return size, plain_rgb(ImageOps.exif_transpose(image))


def check_file(path: Path) -> None:
    if path.is_dir():
        raise UnreadablePicture("a folder")
    if not path.exists():
        raise UnreadablePicture("a link to nothing" if path.is_symlink() else "no such file")
    if not path.is_file():
        raise UnreadablePicture("not a regular file")
    size = path.stat().st_size
    if size == 0:
        raise UnreadablePicture("an empty file")
    if size > BYTES_CAP:
        raise UnreadablePicture(f"too large: {size:,} bytes")


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


def plain_rgb(image: Image.Image) -> Image.Image:
    """Any mode as 8-bit RGB: Pillow's own conversion would clip 16 bits and forget transparency."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        levels = np.asarray(image, np.float32)
        top = next(limit for limit in (1.0, 255.0, float(max(levels.max(), 65535))) if levels.max() <= limit)
        return Image.fromarray((levels.clip(0, top) * (255 / top)).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        return on_paper(image.convert("RGBA"))
    return image.convert("RGB")


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

    Ink is what differs from the paper around it, in whatever colour and direction. The paper's noise
    is taken off, and the ink's usual strength becomes 1, so pale pencil and black marker look alike.

    Args:
        pixels: (height, width, 3) in [0, 1].
    """
    if (pixels == pixels[..., :1]).all():
        pixels = pixels[..., :1]  # grey: one channel says it all
    paper = paper_colour(pixels)
    difference = paper - pixels
    # One direction for the whole picture: dark ink on light paper, or light on dark. Relative to the paper,
    # ink is as strong in a shadow as beside it.
    darker = np.clip(largest(difference / np.maximum(paper, DARKEST_PAPER)), 0, 1)
    lighter = np.clip(largest(-difference / np.maximum(1 - paper, DARKEST_PAPER)), 0, 1)
    strength = darker if strong_part(darker) >= strong_part(lighter) else lighter
    threshold = otsu(strength)
    inked = strength > threshold
    if not inked.any() or inked.all():
        return np.zeros_like(strength)
    level = float(np.median(strength[inked]))
    # Half of the noise is cut off at 0; its upper quarter begins at 0.67 standard deviations. The soft edges
    # of the strokes are more than noise, and fewer.
    noise = float(np.quantile(strength[~inked], 0.75)) / 0.67
    if level < LEAST_CONTRAST or level < NOISE_MARGIN * noise:
        return np.zeros_like(strength)
    floor = min(NOISE_MARGIN * noise, 0.5 * level) if noise > 0.01 else 0.0
    top = float(np.quantile(strength[inked], 0.8))
    return np.clip((strength - floor) / (top - floor), 0, 1)


def largest(pixels: np.ndarray) -> np.ndarray:
    """The largest of each pixel's channels; channel by channel, as NumPy's own maximum of short rows is slow."""
    return functools.reduce(np.maximum, np.moveaxis(pixels, 2, 0))


def strong_part(strength: np.ndarray) -> float:
    """How much a picture differs from its paper in one direction; strong differences count most."""
    return float((strength**2).sum())


def paper_colour(pixels: np.ndarray) -> np.ndarray:
    """The colour of the paper at every pixel, under the ink too.

    It starts as the picture's median colour; then, a few times, whatever differs from it is taken for ink
    and painted over with the paper around it.
    """
    height, width = pixels.shape[:2]
    shrunk = shrink(pixels, PAPER_SIDE)
    paper = np.broadcast_to(np.median(shrunk, axis=(0, 1)), shrunk.shape)
    radius = max(shrunk.shape) / 4
    for share in PAPER_ROUNDS:
        difference = largest(np.abs(shrunk - paper))
        threshold = max(share * otsu(difference), LEAST_CONTRAST / 2)
        is_paper = (difference <= threshold).astype(np.float32)[..., np.newaxis]
        weight = blurred(is_paper, radius)
        paper = (blurred(shrunk * is_paper, radius) + 1e-4 * paper) / (weight + 1e-4)
        radius /= 1.6
    return each_channel(paper, lambda channel: resized(channel, (width, height)))


def shrink(pixels: np.ndarray, longer_side: int) -> np.ndarray:
    """A smaller copy by area averages; a copy of the same size where it is small already."""
    height, width = pixels.shape[:2]
    scale = min(1.0, longer_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return each_channel(pixels, lambda channel: resized(channel, size, Image.Resampling.BOX))


def each_channel(pixels: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return np.stack([change(channel) for channel in np.moveaxis(pixels, 2, 0)], axis=2)


def resized(values: np.ndarray, size: tuple[int, int], how=Image.Resampling.BILINEAR) -> np.ndarray:
    """A float array at another (width, height)."""
    if size == values.shape[::-1]:
        return values
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, how))


def blurred(values: np.ndarray, radius: float) -> np.ndarray:
    """Two box blurs both ways, which is nearly a Gaussian."""
    for axis in (0, 1, 0, 1):
        values = box_blurred(values, int(radius), axis)
    return values


def box_blurred(values: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """The mean of 2 · radius + 1 neighbours along an axis; of fewer at the edges."""
    values = values.swapaxes(0, axis)
    places = np.arange(len(values))
    first, last = np.maximum(places - radius, 0), np.minimum(places + radius + 1, len(values))
    sums = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, out=sums[1:])
    count = (last - first).reshape(-1, *[1] * (values.ndim - 1))
    return ((sums[last] - sums[first]) / count).astype(np.float32).swapaxes(0, axis)


def otsu(values: np.ndarray) -> float:
    """The threshold that parts values in [0, 1] best into two groups."""
    counts = np.bincount(np.minimum(values * 256, 255).astype(np.uint8).ravel(), minlength=256)
    weight = counts.cumsum()
    mass = (counts * (np.arange(256) + 0.5) / 256).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (mass[-1] * weight / weight[-1] - mass) ** 2 / (weight * (weight[-1] - weight))
    return (1 + int(np.nanargmax(np.nan_to_num(spread)))) / 256


# ---------------------------------------------------------------- digits


@dataclass(frozen=True)
class Piece:
    """Connected ink: its box and the numbers it has in the labelled picture."""

    left: int
    top: int
    right: int
    bottom: int
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
            self.numbers + other.numbers,
        )


def find_digits(ink: np.ndarray) -> list[tuple[tuple[int, int, int, int], np.ndarray]]:
    """The digits in reading order, each as its box and the ink in it that is its own."""
    mask = ink > LEAST_INK
    pieces = strong_pieces(connected(mask), ink)
    if not pieces:
        return []
    largest = max(max(piece.width, piece.height) for piece in pieces)
    # A pen skips: ink that is nearly connected belongs together.
    labelled = connected(widened(mask, max(1, round(SKIP * largest)))) * mask
    pieces = without_frame(strong_pieces(labelled, ink), labelled.shape)
    largest = max(max(piece.width, piece.height) for piece in pieces)
    pieces = [piece for piece in pieces if max(piece.width, piece.height) >= SPECK * largest]
    if len(pieces) > MOST_PIECES:
        return []
    digits = []
    for line in text_lines(with_loose_strokes(pieces)):
        for piece in joined_pieces(line):
            box = (piece.left, piece.top, piece.right, piece.bottom)
            own = np.isin(labelled[piece.top : piece.bottom, piece.left : piece.right], piece.numbers)
            digits.append((box, np.where(own, ink[piece.top : piece.bottom, piece.left : piece.right], 0)))
    return digits


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
    steps = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
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
    return [
        Piece(int(left[n]), int(top[n]), int(right[n]), int(bottom[n]), (n,))
        for n in range(1, count)
        if right[n]
    ]


def without_frame(pieces: list[Piece], shape: tuple[int, int]) -> list[Piece]:
    """Leaves out what runs around the others along the picture's edges: a frame, the table under a sheet."""
    height, width = shape

    def is_frame(piece: Piece) -> bool:
        return piece.width > 0.95 * width and piece.height > 0.95 * height

    inside = [piece for piece in pieces if not is_frame(piece)]
    return inside or pieces


def text_lines(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces line by line: a piece belongs to the line whose height range holds its middle."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.height):
        middle = (piece.top + piece.bottom) / 2
        for line in lines:
            if line[0].top <= middle < line[0].bottom:
                line.append(piece)
                break
        else:
            lines.append([piece])
    return sorted(lines, key=lambda line: line[0].top)


def with_loose_strokes(pieces: list[Piece]) -> list[Piece]:
    """Joins flat pieces close above or below a larger one to it: the bar of a 5, the lower half of a broken 3."""
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: -piece.height):
        for number, larger in enumerate(joined):
            overlap = min(larger.right, piece.right) - max(larger.left, piece.left)
            gap = max(larger.top - piece.bottom, piece.top - larger.bottom)
            if (
                piece.height < LOOSE * larger.height
                and gap < LOOSE * larger.height
                and overlap > 0.5 * min(piece.width, larger.width)
            ):
                joined[number] = larger.joined(piece)
                break
        else:
            joined.append(piece)
    return joined


def joined_pieces(line: list[Piece]) -> list[Piece]:
    """The pieces of a line from left to right; those that lie over each other are one digit."""
    joined: list[Piece] = []
    for piece in sorted(line, key=lambda piece: piece.left):
        if joined:
            last = joined[-1]
            overlap = min(last.right, piece.right) - piece.left
            if overlap > 0.5 * min(last.width, piece.width):
                joined[-1] = last.joined(piece)
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
    digit = scaled(ink, (max(1, round(width * scale)), max(1, round(height * scale))))
    field = np.zeros((SIDE, SIDE), np.float32)
    field[: digit.shape[0], : digit.shape[1]] = digit / max(float(digit.max()), 1e-6)
    return centred(field[np.newaxis])[0, ..., np.newaxis]


def scaled(ink: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Ink at another size: area averages when it shrinks, smooth when it grows."""
    how = Image.Resampling.BOX if size[0] <= ink.shape[1] else Image.Resampling.BICUBIC
    return np.clip(resized(ink, size, how), 0, 1)


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
