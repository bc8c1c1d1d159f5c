"""How well spoilt digits are read: digit images by each network, and PNG files by the whole reading.

    python -m benchmarks.robustness --mnist mnist.npz                  1,000 validation images: minutes
    python -m benchmarks.robustness --mnist mnist.npz --test           all 10,000 test images, once after a training
    python -m benchmarks.robustness --mnist mnist.npz --sheet all.png  also draws one digit, spoilt in all ways

Twenty-four kinds of damage in five strengths, see `corruptions.py`. In half of them, training images are varied, too.
The other half the networks have never seen. Each image is spoilt in a way of its own. The last column is for pictures:
digits of 20 × 20 units on paper of 40 × 40 units, in 160 × 160 pixels, as test_load.py reads them. The finder and the
judge have seen some of the other half on written pages: specks, uneven light, ruled paper. An unsure reading of a
picture counts as wrong.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.corruptions import KINDS, STRENGTHS, Kind
from benchmarks.pictures import read_by_us
from handwriting import console
from handwriting.data.load import load
from handwriting.data.sets import Labelled
from handwriting.digit_image import SIDE, unit_range
from handwriting.reading import reader
from handwriting.reading.inputs import networks_in
from handwriting.reading.networks import Networks, load_networks
from handwriting.reading.readings import ENSEMBLE_NAME
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table

IMAGES = 1_000  # of the validation
PICTURES = 50  # for each kind and strength
UNIT = 4  # px of a picture
PAPER = 40  # units; a picture's width and height
SEED = 0
SHOWN = 3  # times as large as a digit image, on the sheet


def main() -> int:
    arguments = parse_arguments()
    networks, refused = load_networks(networks_in([arguments.models]))
    if refused:
        raise console.InputError("; ".join(refused))
    data = load(str(arguments.mnist))
    digits = data.test if arguments.test else data.validation.take(slice(IMAGES))
    if arguments.sheet:
        sheet_of(digits.images[0]).save(arguments.sheet)
        print(f"wrote {arguments.sheet}")
    print(f"{len(digits):,} images and {PICTURES} pictures for each kind and strength")
    cells = [(kind, strength) for kind in KINDS for strength in STRENGTHS]
    right = {
        cell: shares_right(networks, digits, *cell)
        for cell in console.progress(cells, len(cells), "reading spoilt digits")
    }
    print(f"\n{kinds_table(right)}\n\n{strengths_table(right)}")
    misses = sum(
        round((1 - right[cell][ENSEMBLE_NAME]) * len(digits)) for cell in cells if not cell[0].trained
    )
    print(f"\nmisses of the ensemble, kinds never trained with, all strengths: {misses:,}")
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = console.Parser(description="Measure how well spoilt digits are read.")
    add = parser.add_argument
    add("--mnist", type=Path, required=True, metavar="NPZ", help="an mnist.npz, or another file of digits")
    add("--test", action="store_true", help="read the test images, not the validation images")
    add("--models", type=Path, default=PROJECT / "checkpoints", help="(default: checkpoints/)")
    add("--sheet", type=Path, metavar="PNG", help="draw a digit, spoilt in all ways")
    return parser.parse_args()


def shares_right(networks: Networks, digits: Labelled, kind: Kind, strength: int) -> dict[str, float]:
    """The share of spoilt digits that each network reads right, the ensemble, and the whole reading of pictures."""
    random = np.random.default_rng([SEED, KINDS.index(kind), strength])
    spoilt = [kind.spoil(in_grey(image), strength, random, 1) for image in digits.images]
    images = unit_range(np.stack([np.asarray(image) for image in spoilt]))
    answers = {name: reader.answer(network, images) for name, network in networks.each.items()}
    answers[ENSEMBLE_NAME] = reader.mean(answers, networks.ensemble)
    shares = {
        name: float((of_network.argmax(axis=1) == digits.labels).mean())
        for name, of_network in answers.items()
    }
    some = digits.take(slice(PICTURES))
    pictures = [kind.spoil(on_paper(in_grey(image)), strength, random, UNIT) for image in some.images]
    return {**shares, "pictures": share_of_pictures(networks, pictures, some.labels)}


def in_grey(image: np.ndarray) -> Image.Image:
    """A digit image as a Pillow image."""
    return Image.fromarray(np.round(image[..., 0] * 255).astype(np.uint8))


def on_paper(digit: Image.Image) -> Image.Image:
    """A digit image, enlarged, in the middle of a larger paper."""
    paper = Image.new("L", (PAPER * UNIT, PAPER * UNIT))
    margin = (PAPER - SIDE) // 2 * UNIT
    paper.paste(digit.resize((SIDE * UNIT, SIDE * UNIT), Image.Resampling.BICUBIC), (margin, margin))
    return paper


def share_of_pictures(networks: Networks, pictures: list[Image.Image], labels: np.ndarray) -> float:
    """The share of pictures that are read right and surely from PNG files, with dark ink on light paper."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = [Path(scratch, f"{number:04}.png") for number in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            picture.point(lambda level: 255 - level).save(path)
        readings = [read.ensemble for read in read_by_us(networks, paths)]
    return statistics.mean(
        reading.status == "ok" and reading.digits == str(label)
        for reading, label in zip(readings, labels, strict=True)
    )


def kinds_table(right: dict[tuple[Kind, int], dict[str, float]]) -> str:
    """Percent read right of each kind of damage, the mean over the strengths, by each network."""
    names = list(next(iter(right.values())))

    def row(title: str, kinds: list[Kind]) -> list[str]:
        means = [
            statistics.mean(right[kind, strength][name] for kind in kinds for strength in STRENGTHS)
            for name in names
        ]
        return [title, *(f"{100 * mean:.1f}" for mean in means)]

    groups = {"trained with": True, "never trained with": False}
    rows = []
    for title, trained in groups.items():
        kinds = [kind for kind in KINDS if kind.trained == trained]
        rows += [
            *(row(kind.name, [kind]) for kind in kinds),
            row(f"mean, {title}", kinds),
            [""] * (1 + len(names)),
        ]
    return text_table(["read right, %", *names], rows[:-1], right_aligned=set(range(1, 1 + len(names))))


def strengths_table(right: dict[tuple[Kind, int], dict[str, float]]) -> str:
    """Percent that the ensemble reads right of each kind and strength."""
    rows = [
        [kind.name, *(f"{100 * right[kind, strength][ENSEMBLE_NAME]:.1f}" for strength in STRENGTHS)]
        for kind in KINDS
    ]
    header = ["ensemble, by strength, %", *map(str, STRENGTHS)]
    return text_table(header, rows, right_aligned=set(range(1, len(header))))


def sheet_of(image: np.ndarray) -> Image.Image:
    """A digit, spoilt in all ways: a row for each kind, a column for each strength."""
    side = SIDE * SHOWN
    sheet = Image.new("L", (len(STRENGTHS) * side, len(KINDS) * side))
    for row, kind in enumerate(KINDS):
        random = np.random.default_rng([SEED, row])
        for column, strength in enumerate(STRENGTHS):
            spoilt = kind.spoil(in_grey(image), strength, random, 1)
            sheet.paste(spoilt.resize((side, side), Image.Resampling.NEAREST), (column * side, row * side))
    return sheet


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
