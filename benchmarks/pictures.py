"""How well people's own pictures are read: by us, and by others.

    python -m benchmarks.pictures                     the pictures of data/
    python -m benchmarks.pictures DIR                 a tree with a folder for each set of pictures
    python -m benchmarks.pictures DIR --peer rapidocr another reader reads the same pictures, if it is installed
    python -m benchmarks.pictures --mnist mnist.npz   whether MNIST's own images are read as well from picture files

Labels come from a set's labels.tsv if it has one: a line for each picture with its name, a tab and its text, in which a
slash stands between lines, and x is no digit. Otherwise they come from the names, as in test_load.py, and a folder
named _negative holds what is no digit.

Of single digits, an unsure reading counts as wrong. Of several digits, the whole reading must be right, whether it is
sure or not. The character error is the edit distance over the label's length, at most 1 for a picture.
"""

import argparse
import re
from dataclasses import replace
from pathlib import Path

from benchmarks import peers
from benchmarks.mnist_files import through_files
from benchmarks.picture_scores import (
    Read,
    Shown,
    is_wrong,
    none_table,
    other_figures,
    several_table,
    single_table,
)
from handwriting import console
from handwriting.pictures.files import find_pictures, label_of
from handwriting.pictures.many import open_pictures
from handwriting.reading import reader
from handwriting.reading.inputs import networks_in
from handwriting.reading.networks import Networks, load_networks
from handwriting.reading.readings import ReadPicture, in_words
from handwriting.reading.results import PictureRow
from handwriting.reading.sheet import draw_sheet
from handwriting.shipped import PROJECT

LABELS = "labels.tsv"
NEGATIVE = "_negative"
OURS = "ours"


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


def read_by_us(networks: Networks, paths: list[Path]) -> list[ReadPicture]:
    """The pictures as test_load.py reads them."""
    with open_pictures(paths) as pictures:
        read, _, failures = reader.read_all(pictures, networks)
    if failures:
        raise console.InputError("; ".join(in_words(failures)))
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


def sheet_row(read: Read, picture: ReadPicture) -> PictureRow:
    """A picture for the sheet, which shows the ensemble's reading alone."""
    name = f"{read.shown.group}/{read.shown.path.name}"
    return PictureRow(read.shown.path, name, read.shown.label, replace(picture, each={}))


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
