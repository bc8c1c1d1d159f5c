"""How well people's own pictures are read: by us, by invert-and-resize, and by Tesseract.

    python -m benchmarks.pictures                     the pictures of data/
    python -m benchmarks.pictures DIR                 a tree with a folder for each set of pictures
    python -m benchmarks.pictures --mnist mnist.npz   whether MNIST's own images pass through images.py unharmed

Labels come from the names, as in test_load.py. Pictures with one digit are scored set by set and pictures with several
by their whole reading; a folder named _negative holds what is no digit. A reading that is unsure, and a digit that is
not found, count as refused, and as wrong. Tesseract takes part where the command `tesseract` is there.
"""

import argparse
import concurrent.futures
import re
import shutil
import statistics
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import test_load
from handwriting import console, installation, model_files, processes
from handwriting.data.load import load
from handwriting.digit_image import SIDE
from handwriting.pictures.files import find_pictures, label_of
from handwriting.pictures.many import read_pictures
from handwriting.reading import reader
from handwriting.reading.sheet import draw_readings
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table

NEGATIVE = "_negative"
# Signs that can be read as digits, by the end of a file's name without its number: letter_o_0012.png.
LIKE_DIGITS = {"o", "l", "s", "z", "b", "q", "g", "i", "y", "beta", "gamma", "delta", "theta"}
BINS = 15  # of the calibration error


@dataclass(frozen=True)
class Read:
    """What came out for a picture."""

    path: Path
    reading: reader.Reading

    @property
    def label(self) -> str | None:
        return None if self.folder == NEGATIVE else label_of(self.path)

    @property
    def refused(self) -> bool:
        return self.reading.status != "ok"

    @property
    def right(self) -> bool:
        return self.reading.digits == self.label and not self.refused

    @property
    def folder(self) -> str:
        """The set that it belongs to: its folder, or that one's where the folder is a label."""
        parent = self.path.absolute().parent
        return parent.parent.name if re.fullmatch("[0-9]", parent.name) else parent.name


def main() -> int:
    arguments = parse_arguments()
    installation.start_keras()
    models = load_ensemble(arguments.models)
    print(f"networks: the mean of {', '.join(models)}")
    if arguments.mnist:
        print(through_images(models, arguments.mnist))
        return 0
    if not arguments.folder.is_dir():
        raise console.InputError(f"expected a folder of pictures, got {arguments.folder}; check the spelling")
    paths = find_pictures([arguments.folder])
    if not paths:
        raise console.InputError(f"expected pictures, got none in {arguments.folder}; give a folder of them")
    ours, pictures = our_readings(models, paths)
    columns = {"ours": ours, "invert and resize": invert_and_resize(models, paths)}
    if shutil.which("tesseract"):
        columns["Tesseract"] = tesseract(paths)
    else:
        print("no command `tesseract` here (Debian: tesseract-ocr), so no column of it")
    print(f"\n{accuracy_table(columns)}")
    print(f"\n{other_figures(ours)}")
    wrong = [number for number, read in enumerate(ours) if not is_well(read)]
    print(f"\npictures not read as they should be: {len(wrong)}")
    if arguments.sheet and wrong:
        draw_sheet(
            arguments.sheet, [ours[number] for number in wrong], [pictures[number] for number in wrong]
        )
        print(f"wrote {arguments.sheet}, which shows them")
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = console.Parser(description="Measure how well pictures are read.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=PROJECT / "data", metavar="DIR", help="(default: data/)"
    )
    parser.add_argument(
        "--mnist", type=Path, help="an mnist.npz: pass its validation images through images.py"
    )
    parser.add_argument(
        "--models", type=Path, default=PROJECT / "checkpoints", help="(default: checkpoints/)"
    )
    parser.add_argument("--sheet", type=Path, help="draw what went wrong into this PNG")
    return parser.parse_args()


def load_ensemble(folder: Path) -> dict:
    """The ensemble's networks; all in the folder where fewer than two of them are there."""
    paths = {path.stem: path for path in test_load.find_models([folder])}
    return {name: model_files.load_model(paths[name]) for name in reader.members(paths)}


def mean_probabilities(models: dict, digits: np.ndarray) -> np.ndarray:
    return reader.mean(reader.answers_of(models, digits), models)


# ---------------------------------------------------------------- readers


def our_readings(models: dict, paths: list[Path]) -> tuple[list[Read], list]:
    """As test_load.py reads them; also what images.py found on each."""
    with read_pictures(paths) as reading:
        pictures = list(reading)
    digits = reader.digits_of(pictures)
    digit_or_not = reader.answer_of(reader.load_doubter(), digits)
    pictures, readings = reader.read(pictures, reader.answers_of(models, digits), digit_or_not)
    return list(map(Read, paths, readings["ensemble"])), pictures


def invert_and_resize(models: dict, paths: list[Path]) -> list[Read]:
    """What the usual script does; what it can't open counts as refused."""
    views = {path: view for path in paths if (view := usual_view(path)) is not None}
    digits = np.array(list(views.values()), np.float32).reshape(-1, SIDE, SIDE, 1)
    probabilities = mean_probabilities(models, digits)
    best = zip(views, probabilities.argmax(axis=1), probabilities.max(axis=1), strict=True)
    readings = {path: reader.Reading(str(digit), float(confidence), "ok") for path, digit, confidence in best}
    return [Read(path, readings.get(path, reader.Reading("", None, "unreadable"))) for path in paths]


def usual_view(path: Path) -> np.ndarray | None:
    """A picture in grey, 28 × 28, inverted where it is bright; None where Pillow can't open it."""
    try:
        with Image.open(path) as picture:
            grey = ImageOps.exif_transpose(picture).convert("L").resize((SIDE, SIDE))
    except Exception:  # Pillow's decoders raise whatever a damaged file provokes
        return None
    pixels = np.asarray(grey, np.float32) / 255
    return 1 - pixels if pixels.mean() > 0.5 else pixels


def tesseract(paths: list[Path]) -> list[Read]:
    """Tesseract, told that there are digits only, and whether one or a block of them."""

    def read(path: Path) -> Read:
        layout = "6" if len(label_of(path) or "") > 1 else "10"
        command = ["tesseract", str(path), "-", "--psm", layout, "-c", "tessedit_char_whitelist=0123456789"]
        output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        digits = "".join(output.split())
        return Read(
            path, reader.Reading(digits, 1.0, "ok") if digits else reader.Reading("", None, "no digit")
        )

    with concurrent.futures.ThreadPoolExecutor(processes.usable_cores()) as threads:
        return list(threads.map(read, paths))


# ---------------------------------------------------------------- figures


def accuracy_table(columns: dict[str, list[Read]]) -> str:
    """Each set's accuracy by each reader; single digits first, then the mean over their sets, then several digits."""
    any_column = next(iter(columns.values()))
    single = sorted({read.folder for read in any_column if is_single(read)})
    several = sorted({read.folder for read in any_column if read.label and not is_single(read)})
    rows, accuracies = [], {name: [] for name in columns}
    for folder in single:
        shares = {
            name: share_right([read for read in column if read.folder == folder and is_single(read)])
            for name, column in columns.items()
        }
        for name, share in shares.items():
            accuracies[name].append(share)
        count = sum(read.folder == folder and is_single(read) for read in any_column)
        rows.append([folder, str(count), *(f"{share:.3f}" for share in shares.values())])
    if len(single) > 1:
        rows.append(
            [
                f"mean of {len(single)} sets",
                "",
                *(f"{statistics.mean(accuracies[name]):.3f}" for name in columns),
            ]
        )
    for folder in several:
        of_folder = {
            name: [read for read in column if read.folder == folder and read.label and not is_single(read)]
            for name, column in columns.items()
        }
        counts = [f"{sum(read.right for read in column)}" for column in of_folder.values()]
        rows.append([f"{folder}, several digits", str(len(of_folder["ours"])), *counts])
    return text_table(["set", "n", *columns], rows, right_aligned=set(range(1, 2 + len(columns))))


def is_single(read: Read) -> bool:
    return read.label is not None and len(read.label) == 1


def share_right(reads: list[Read]) -> float:
    return sum(read.right for read in reads) / len(reads)


def other_figures(reads: list[Read]) -> str:
    """What is refused, how far the confidence can be trusted, and what happens to pictures of no digit."""
    single = [read for read in reads if is_single(read)]
    negative = [read for read in reads if read.folder == NEGATIVE and not like_a_digit(read.path)]
    lines = []
    if single:
        refused = sum(read.refused for read in single)
        error = calibration_error([read for read in single if read.reading.confidence is not None])
        lines.append(f"true single digits refused: {refused} of {len(single)} ({refused / len(single):.1%})")
        lines.append(f"calibration error of single digits ({BINS} bins): {error:.3f}")
    if negative:
        refused = sum(read.refused for read in negative)
        lines.append(
            f"no digits, and not given a sure one: {refused} of {len(negative)} ({refused / len(negative):.2f}); "
            "signs that can be read as digits are left out"
        )
    return "\n".join(lines)


def like_a_digit(path: Path) -> bool:
    """Whether a picture of no digit shows a sign that can be read as one: 'letter_o_0012.png'."""
    sign = path.stem.rsplit("_", 1)[0].rsplit("_", 1)[-1]
    return unicodedata.normalize("NFC", sign).lower() in LIKE_DIGITS


def calibration_error(reads: list[Read]) -> float:
    """The mean distance between confidence and share of right readings, over bins of equal width."""
    confidences = np.array([read.reading.confidence for read in reads])
    right = np.array([read.reading.digits == read.label for read in reads], float)
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    distances = [
        abs(confidences[bins == number].sum() - right[bins == number].sum()) for number in range(BINS)
    ]
    return float(sum(distances) / len(reads))


def is_well(read: Read) -> bool:
    """Whether a picture was read as it should be, as far as its name says how."""
    if read.folder == NEGATIVE:
        return read.refused or like_a_digit(read.path)
    return read.label is None or read.right


# ---------------------------------------------------------------- pictures


def draw_sheet(path: Path, reads: list[Read], pictures: list) -> None:
    """The pictures that went wrong, as test_load.py's sheet shows them."""
    files = [read.path for read in reads]
    names = [f"{read.folder}/{read.path.name}" for read in reads]
    labels, readings = [read.label for read in reads], {"ensemble": [read.reading for read in reads]}
    draw_readings(path, files, names, pictures, labels, readings)


# ---------------------------------------------------------------- MNIST through images.py


def through_images(models: dict, mnist: Path) -> str:
    """MNIST's validation images as picture files: as they are, and on larger paper, where all steps take part."""

    part = load(str(mnist)).validation
    rows = []
    for name, margin in (("28 × 28", 0), ("on 60 × 60", 16)):
        with tempfile.TemporaryDirectory() as scratch:
            paths = []
            for number, image in enumerate(part.images[..., 0]):
                paths.append(Path(scratch) / f"{number:05}.png")
                page = np.pad(255 - np.round(image * 255).astype(np.uint8), margin, constant_values=255)
                Image.fromarray(page).save(paths[-1])
            with read_pictures(paths) as reading:
                pictures = list(reading)
        one = np.array([len(picture.digits) == 1 for picture in pictures])
        arrays = np.stack(
            [picture.digits[0].image if picture.digits else part.images[0] for picture in pictures]
        )
        before = mean_probabilities(models, part.images).argmax(axis=1) == part.labels
        after = (mean_probabilities(models, arrays).argmax(axis=1) == part.labels) & one
        moved = np.abs(centres(part.images) - centres(arrays)).max(axis=1)[one]
        rows.append(
            [
                name,
                f"{one.sum():,} of {len(one):,}",
                f"{moved.max():.2f}",
                f"{before.mean():.2%}",
                f"{after.mean():.2%}",
            ]
        )
    titles = [
        "MNIST's validation images",
        "one digit found",
        "moved at most, px",
        "right before",
        "right after",
    ]
    return text_table(titles, rows, right_aligned={1, 2, 3, 4})


def centres(fields: np.ndarray) -> np.ndarray:
    """The ink's centre of mass of each field: (n, 2)."""
    ink = fields[..., 0]
    places = np.arange(SIDE)
    return np.stack(
        [(ink.sum(axis=3 - axis) * places).sum(axis=1) / ink.sum(axis=(1, 2)) for axis in (1, 2)], axis=1
    )


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
