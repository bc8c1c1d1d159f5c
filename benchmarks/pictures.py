"""How well people's own pictures are read: by us, by invert-and-resize, and by Tesseract.

    python -m benchmarks.pictures                     the pictures of data/
    python -m benchmarks.pictures DIR                 a tree with a folder for each set of pictures
    python -m benchmarks.pictures --mnist mnist.npz   whether MNIST's own images are read as well from picture files

Labels come from the names, as in test_load.py. Pictures with one digit are scored set by set, pictures with several by
their whole reading. A folder named _negative holds what is no digit. A reading that is unsure and a digit that is not
found count as refused, and as wrong. Tesseract takes part if the command `tesseract` is there.
"""

import argparse
import concurrent.futures
import re
import shutil
import statistics
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from handwriting import console, processes
from handwriting.data.load import load
from handwriting.digit_image import SIDE
from handwriting.pictures.files import find_pictures, label_of
from handwriting.pictures.many import read_pictures
from handwriting.reading import reader
from handwriting.reading.inputs import networks_in
from handwriting.reading.networks import Networks, load_networks
from handwriting.reading.readings import Reading, ReadPicture
from handwriting.reading.results import PictureRow
from handwriting.reading.sheet import draw_sheet
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table

NEGATIVE = "_negative"
# Signs that can be read as digits, by the end of a file's name without its number: letter_o_0012.png.
LIKE_DIGITS = {"o", "l", "s", "z", "b", "q", "g", "i", "y", "beta", "gamma", "delta", "theta"}
BINS = 15  # of the calibration error


@dataclass(frozen=True)
class Read:
    """A picture and what was read on it."""

    path: Path
    reading: Reading

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
        """The set that the picture belongs to: its folder, or the folder above if its own is a label."""
        parent = self.path.absolute().parent
        return parent.parent.name if re.fullmatch("[0-9]", parent.name) else parent.name


def main() -> int:
    arguments = parse_arguments()
    networks = load_ensemble(arguments.models)
    print(f"networks: the mean of {', '.join(networks.ensemble)}")
    if arguments.mnist:
        print(through_files(networks, arguments.mnist))
        return 0
    if not arguments.folder.is_dir():
        raise console.InputError(f"expected a folder of pictures, got {arguments.folder}; check the spelling")
    paths = find_pictures([arguments.folder])
    if not paths:
        raise console.InputError(f"expected pictures, got none in {arguments.folder}; give a folder of them")
    read = read_by_us(networks, paths)
    ours = [Read(path, picture.ensemble) for path, picture in zip(paths, read, strict=True)]
    columns = {"ours": ours, "invert and resize": invert_and_resize(networks, paths)}
    if shutil.which("tesseract"):
        columns["Tesseract"] = tesseract(paths)
    else:
        print("no command `tesseract` here (Debian: tesseract-ocr), so no column of it")
    print(f"\n{accuracy_table(columns)}")
    print(f"\n{other_figures(ours)}")
    wrong = [
        (of_picture, picture)
        for of_picture, picture in zip(ours, read, strict=True)
        if not is_well(of_picture)
    ]
    print(f"\npictures not read as they should be: {len(wrong)}")
    if arguments.sheet and wrong:
        draw_sheet(arguments.sheet, [sheet_row(*of_wrong) for of_wrong in wrong])
        print(f"wrote {arguments.sheet}, which shows them")
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = console.Parser(description="Measure how well pictures are read.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=PROJECT / "data", metavar="DIR", help="(default: data/)"
    )
    parser.add_argument(
        "--mnist", type=Path, help="an mnist.npz: read its validation images from picture files"
    )
    parser.add_argument(
        "--models", type=Path, default=PROJECT / "checkpoints", help="(default: checkpoints/)"
    )
    parser.add_argument("--sheet", type=Path, help="draw what went wrong into this PNG")
    return parser.parse_args()


def load_ensemble(folder: Path) -> Networks:
    """The networks of the ensemble, and the digit-or-not network."""
    networks, refused = load_networks(networks_in([folder]))
    if refused:
        raise console.InputError("; ".join(refused))
    return replace(networks, each={name: networks.each[name] for name in networks.ensemble})


def mean_probabilities(networks: Networks, digits: np.ndarray) -> np.ndarray:
    """The ensemble's probabilities for each digit image."""
    return reader.mean(
        {name: reader.answer(each, digits) for name, each in networks.each.items()}, networks.ensemble
    )


def read_by_us(networks: Networks, paths: list[Path]) -> list[ReadPicture]:
    """The pictures as test_load.py reads them."""
    with read_pictures(paths) as pictures:
        read, _, failures = reader.read_all(pictures, networks)
    if failures:
        raise console.InputError("; ".join(failures))
    return read


def invert_and_resize(networks: Networks, paths: list[Path]) -> list[Read]:
    """What the usual script reads. A picture that it can't open counts as refused."""
    views = {path: view for path in paths if (view := usual_view(path)) is not None}
    digits = np.array(list(views.values()), np.float32).reshape(-1, SIDE, SIDE, 1)
    probabilities = mean_probabilities(networks, digits)
    best = zip(views, probabilities.argmax(axis=1), probabilities.max(axis=1), strict=True)
    readings = {path: Reading(str(digit), float(confidence), "ok") for path, digit, confidence in best}
    return [Read(path, readings.get(path, Reading("", None, "unreadable"))) for path in paths]


def usual_view(path: Path) -> np.ndarray | None:
    """A picture in grey, 28 × 28, inverted if it is bright. None if Pillow can't open it."""
    try:
        with Image.open(path) as picture:
            grey = ImageOps.exif_transpose(picture).convert("L").resize((SIDE, SIDE))
    except Exception:  # Pillow's decoders raise many kinds of errors for a damaged file
        return None
    pixels = np.asarray(grey, np.float32) / 255
    return 1 - pixels if pixels.mean() > 0.5 else pixels


def tesseract(paths: list[Path]) -> list[Read]:
    """Tesseract's readings. It knows that there are only digits, and whether it is one or a block of them."""

    def read(path: Path) -> Read:
        layout = "6" if len(label_of(path) or "") > 1 else "10"
        command = ["tesseract", str(path), "-", "--psm", layout, "-c", "tessedit_char_whitelist=0123456789"]
        output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        digits = "".join(output.split())
        return Read(path, Reading(digits, 1.0, "ok") if digits else Reading("", None, "no digit"))

    with concurrent.futures.ThreadPoolExecutor(processes.usable_cores()) as threads:
        return list(threads.map(read, paths))


def accuracy_table(columns: dict[str, list[Read]]) -> str:
    """The accuracy of each reader on each set: single digits, the mean over their sets, then several digits."""
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
    """The share of digits that are refused, the calibration error, and what is read on pictures of no digit."""
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
    """Whether a picture of no digit shows a sign that looks like a digit, as letter_o_0012.png does."""
    sign = path.stem.rsplit("_", 1)[0].rsplit("_", 1)[-1]
    return unicodedata.normalize("NFC", sign).lower() in LIKE_DIGITS


def calibration_error(reads: list[Read]) -> float:
    """The mean distance between the confidence and the share of right readings, over bins of equal width."""
    confidences = np.array([read.reading.confidence for read in reads])
    right = np.array([read.reading.digits == read.label for read in reads], float)
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    distances = [
        abs(confidences[bins == number].sum() - right[bins == number].sum()) for number in range(BINS)
    ]
    return float(sum(distances) / len(reads))


def is_well(read: Read) -> bool:
    """Whether a picture was read as its name says, if it says so."""
    if read.folder == NEGATIVE:
        return read.refused or like_a_digit(read.path)
    return read.label is None or read.right


def sheet_row(of_picture: Read, picture: ReadPicture) -> PictureRow:
    """A picture for the sheet, which shows the ensemble's reading alone."""
    name = f"{of_picture.folder}/{of_picture.path.name}"
    return PictureRow(of_picture.path, name, of_picture.label, replace(picture, each={}))


def through_files(networks: Networks, mnist: Path) -> str:
    """How MNIST's validation images are read from picture files, as they are and on larger paper: a table."""
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
        before = mean_probabilities(networks, part.images).argmax(axis=1) == part.labels
        after = (mean_probabilities(networks, arrays).argmax(axis=1) == part.labels) & one
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


def centres(images: np.ndarray) -> np.ndarray:
    """The centre of mass of the ink of each image: (n, 2)."""
    ink = images[..., 0]
    places = np.arange(SIDE)
    return np.stack(
        [(ink.sum(axis=3 - axis) * places).sum(axis=1) / ink.sum(axis=(1, 2)) for axis in (1, 2)], axis=1
    )


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
