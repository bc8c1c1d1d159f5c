"""How well people's own pictures are read: by us, and by others.

    python -m benchmarks.pictures                     the pictures of data/
    python -m benchmarks.pictures DIR                 a tree with a folder for each set of pictures
    python -m benchmarks.pictures DIR --peer rapidocr another reader reads the same pictures, if it is installed
    python -m benchmarks.pictures --mnist mnist.npz   whether MNIST's own images are read as well from picture files

Labels come from a set's labels.tsv if it has one: a line for each picture with its name, a tab and its text, in which a
slash stands between lines, and x is no digit. Else they come from the names, as in test_load.py, and a folder named
_negative holds what is no digit.

Of single digits, an unsure reading counts as wrong. Of several digits, the whole reading must be right, whether it is
sure or not. The character error is the edit distance over the label's length, at most 1 for a picture.
"""

import argparse
import re
import statistics
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import peers
from handwriting import console
from handwriting.data.load import load
from handwriting.digit_image import SIDE
from handwriting.pictures.files import find_pictures, label_of
from handwriting.pictures.many import open_pictures
from handwriting.pictures.picture import digits_on
from handwriting.reading import reader
from handwriting.reading.inputs import networks_in
from handwriting.reading.networks import Networks, load_networks
from handwriting.reading.readings import ReadPicture
from handwriting.reading.results import PictureRow
from handwriting.reading.sheet import draw_sheet
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table

LABELS = "labels.tsv"
NEGATIVE = "_negative"
# Signs that can be read as digits, by the end of a file's name without its number: letter_o_0012.png.
LIKE_DIGITS = {"o", "l", "s", "z", "b", "q", "g", "i", "y", "beta", "gamma", "delta", "theta"}
BINS = 15  # of the calibration error
OURS = "ours"


@dataclass(frozen=True)
class Shown:
    """A picture and what it shows.

    Args:
        path: its file.
        group: the set that it belongs to.
        label: the digits on it. Empty if there is none. None if nobody says.
    """

    path: Path
    group: str
    label: str | None


@dataclass(frozen=True)
class Read:
    """What was read on a picture.

    Args:
        shown: the picture.
        digits: the reading's.
        sure: whether the reader is sure.
        confidence: None if it gives none.
    """

    shown: Shown
    digits: str
    sure: bool = True
    confidence: float | None = None

    @property
    def right(self) -> bool:
        """Whether the reading is the label. A doubted single digit is not."""
        return self.digits == self.shown.label and (self.sure or len(self.shown.label) > 1)

    @property
    def character_error(self) -> float:
        return min(1.0, edit_distance(self.digits, self.shown.label) / len(self.shown.label))


def main() -> int:
    arguments = parse_arguments()
    networks = load_ensemble(arguments.models)
    print(f"networks: the mean of {', '.join(networks.ensemble)}")
    if arguments.mnist:
        print(through_files(networks, arguments.mnist))
        return 0
    if not arguments.folder.is_dir():
        raise console.InputError(f"expected a folder of pictures, got {arguments.folder}; check the spelling")
    pictures = pictures_in(arguments.folder)
    if not pictures:
        raise console.InputError(f"expected pictures, got none in {arguments.folder}; give a folder of them")
    read = read_by_us(networks, [picture.path for picture in pictures])
    ours = [our_reading(*pair) for pair in zip(pictures, read, strict=True)]
    columns = {OURS: ours, **read_by_others(arguments.peer, pictures, networks)}
    for table in (single_table(columns), several_table(columns), none_table(columns), other_figures(ours)):
        if table:
            print(f"\n{table}")
    wrong = [
        (of_picture, picture) for of_picture, picture in zip(ours, read, strict=True) if is_wrong(of_picture)
    ]
    print(f"\npictures not read as they should be: {len(wrong)}")
    if arguments.sheet and wrong:
        draw_sheet(arguments.sheet, [sheet_row(*of_wrong) for of_wrong in wrong])
        print(f"wrote {arguments.sheet}, which shows them")
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = console.Parser(description="Measure how well pictures are read.")
    add = parser.add_argument
    add("folder", nargs="?", type=Path, default=PROJECT / "data", metavar="DIR", help="(default: data/)")
    add("--mnist", type=Path, help="an mnist.npz: read its validation images from picture files")
    add("--models", type=Path, default=PROJECT / "checkpoints", help="(default: checkpoints/)")
    add(
        "--peer",
        choices=("invert", "tesseract", "rapidocr"),
        nargs="*",
        default=[],
        help="others that read, too",
    )
    add("--sheet", type=Path, help="draw what went wrong into this PNG")
    return parser.parse_args()


def pictures_in(folder: Path) -> list[Shown]:
    """The pictures of all sets in a folder, with their labels."""
    tables = {path.parent: labels_of(path) for path in sorted(folder.rglob(LABELS))}
    shown = []
    for path in find_pictures([folder]):
        if path.parent in tables:
            if path.name in tables[path.parent]:
                shown.append(Shown(path, path.parent.name, tables[path.parent][path.name]))
        else:
            group = group_of(path)
            shown.append(Shown(path, group, "" if group == NEGATIVE else label_of(path)))
    return shown


def labels_of(path: Path) -> dict[str, str]:
    """The digits on the pictures that a labels.tsv names."""
    pairs = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {name: peers.digits_of(text) for name, text in pairs}


def group_of(path: Path) -> str:
    """The set that a picture belongs to: its folder, or the folder above if its own is a label."""
    parent = path.absolute().parent
    return parent.parent.name if re.fullmatch("[0-9]", parent.name) else parent.name


def load_ensemble(folder: Path) -> Networks:
    """The finder, and the networks of the ensemble."""
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
    with open_pictures(paths) as pictures:
        read, _, failures = reader.read_all(pictures, networks)
    if failures:
        raise console.InputError("; ".join(failures))
    return read


def our_reading(shown: Shown, read: ReadPicture) -> Read:
    """What the ensemble reads on a picture."""
    reading = read.ensemble
    return Read(shown, reading.digits, reading.status == "ok", reading.confidence)


def read_by_others(names: list[str], pictures: list[Shown], networks: Networks) -> dict[str, list[Read]]:
    """What other readers read on the pictures."""
    paths, labels = [picture.path for picture in pictures], [picture.label for picture in pictures]
    readings = {}
    if "invert" in names:
        readings["invert and resize"] = peers.invert_and_resize(networks, paths)
    if "tesseract" in names:
        readings["Tesseract"] = peers.tesseract(paths, labels)
    if "rapidocr" in names:
        readings["RapidOCR, line"] = peers.rapidocr(paths, as_lines=True)
        readings["RapidOCR, page"] = peers.rapidocr(paths, as_lines=False)
    return {
        name: [Read(*pair) for pair in zip(pictures, digits, strict=True)]
        for name, digits in readings.items()
    }


def groups_of(reads: Iterable[Read]) -> dict[str, list[Read]]:
    """The readings of each set."""
    groups: dict[str, list[Read]] = {}
    for read in reads:
        groups.setdefault(read.shown.group, []).append(read)
    return dict(sorted(groups.items()))


def single_table(columns: dict[str, list[Read]]) -> str:
    """The share of single digits that each reader reads right, set by set, and the mean over the sets."""
    groups = {name: groups_of(filter(is_single, column)) for name, column in columns.items()}
    if not groups[OURS]:
        return ""
    rows = [
        [group, str(len(reads)), *(f"{share_right(of_reader[group]):.3f}" for of_reader in groups.values())]
        for group, reads in groups[OURS].items()
    ]
    if len(rows) > 1:
        means = [statistics.mean(map(share_right, of_reader.values())) for of_reader in groups.values()]
        rows.append([f"mean of {len(rows)} sets", "", *(f"{mean:.3f}" for mean in means)])
    return text_table(["single digits", "n", *columns], rows, right_aligned=set(range(1, 2 + len(columns))))


def several_table(columns: dict[str, list[Read]]) -> str:
    """Whole readings right, and the character error, of pictures with several digits."""
    groups = {
        name: groups_of(read for read in column if len(read.shown.label or "") > 1)
        for name, column in columns.items()
    }
    if not groups[OURS]:
        return ""
    rows = [
        [group, str(len(reads)), *(whole_and_error(of_reader[group]) for of_reader in groups.values())]
        for group, reads in groups[OURS].items()
    ]
    titles = ["several digits: whole right / character error", "n", *columns]
    return text_table(titles, rows, right_aligned=set(range(1, 2 + len(columns))))


def whole_and_error(reads: list[Read]) -> str:
    error = statistics.mean(read.character_error for read in reads)
    return f"{sum(read.right for read in reads)} {share_right(reads):.2f} / {error:.3f}"


def none_table(columns: dict[str, list[Read]]) -> str:
    """How many pictures of no digit are given a sure one. Signs that can be read as digits are left out."""
    groups = {name: groups_of(filter(is_none, column)) for name, column in columns.items()}
    if not groups[OURS]:
        return ""
    rows = [
        [group, str(len(reads)), *(sure_digits(of_reader[group]) for of_reader in groups.values())]
        for group, reads in groups[OURS].items()
    ]
    titles = ["no digit: given a sure one", "n", *columns]
    return text_table(titles, rows, right_aligned=set(range(1, 2 + len(columns))))


def sure_digits(reads: list[Read]) -> str:
    count = sum(bool(read.digits) and read.sure for read in reads)
    return f"{count} {count / len(reads):.2f}"


def is_single(read: Read) -> bool:
    return len(read.shown.label or "") == 1


def is_none(read: Read) -> bool:
    """Whether a picture shows no digit, and nothing that looks like one."""
    return read.shown.label == "" and not like_a_digit(read.shown.path)


def share_right(reads: list[Read]) -> float:
    return sum(read.right for read in reads) / len(reads)


def other_figures(reads: list[Read]) -> str:
    """The share of single digits that are refused, and the calibration errors."""
    single = list(filter(is_single, reads))
    several = [read for read in reads if len(read.shown.label or "") > 1]
    lines = []
    if single:
        refused = sum(not (read.digits and read.sure) for read in single)
        lines.append(f"true single digits refused: {refused} of {len(single)} ({refused / len(single):.1%})")
    for name, some in (("single digits", single), ("several digits", several)):
        confident = [read for read in some if read.confidence is not None]
        if confident:
            confidences = np.array([read.confidence for read in confident])
            right = np.array([read.digits == read.shown.label for read in confident], float)
            lines.append(
                f"calibration error of {name} ({BINS} bins): {calibration_error(confidences, right):.3f}"
            )
    return "\n".join(lines)


def like_a_digit(path: Path) -> bool:
    """Whether a picture of no digit shows a sign that looks like a digit, as letter_o_0012.png does."""
    sign = path.stem.rsplit("_", 1)[0].rsplit("_", 1)[-1]
    return unicodedata.normalize("NFC", sign).lower() in LIKE_DIGITS


def calibration_error(confidences: np.ndarray, right: np.ndarray) -> float:
    """The mean distance between the confidence and the share of right readings, over bins of equal width."""
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    distances = [
        abs(confidences[bins == number].sum() - right[bins == number].sum()) for number in range(BINS)
    ]
    return float(sum(distances) / len(confidences))


def edit_distance(one: str, other: str) -> int:
    """The fewest insertions, deletions and replacements that make one text of the other."""
    row = list(range(len(other) + 1))
    for number, sign in enumerate(one, start=1):
        before, row[0] = row[0], number
        for place, of_other in enumerate(other, start=1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (sign != of_other)),
            )
    return row[-1]


def is_wrong(read: Read) -> bool:
    """Whether a picture was read otherwise than its label says, if there is one."""
    if read.shown.label is None:
        return False
    if read.shown.label == "":
        return is_none(read) and bool(read.digits) and read.sure
    return not read.right


def sheet_row(read: Read, picture: ReadPicture) -> PictureRow:
    """A picture for the sheet, which shows the ensemble's reading alone."""
    name = f"{read.shown.group}/{read.shown.path.name}"
    return PictureRow(read.shown.path, name, read.shown.label, replace(picture, each={}))


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
            with open_pictures(paths) as reading:
                pictures = [digits_on(picture, networks.finder) for picture in reading]
        likely = [[digit for digit in picture.digits if digit.is_likely] for picture in pictures]
        one = np.array([len(digits) == 1 for digits in likely])
        arrays = np.stack([digits[0].image if digits else part.images[0] for digits in likely])
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
