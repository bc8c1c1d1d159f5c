"""The digit writer: training without a download, and the pictures of data/.

    python -m handwriting.writing                              draws docs/written.png, non_digits.png, pages.png, …
    python -m handwriting.writing --count 70000 --out my.npz   writes a data set in MNIST's form
    python -m handwriting.writing --pictures data              draws the pictures that come with the project

A digit is one of the forms in glyphs.py. Its control points, proportions, slant and care vary as they do from writer to
writer (hand.py). A round pen draws it with gaps and ragged edges, as a digit image (pen.py). Letters, scribbles, lines
and blots are drawn in the same way (other_ink.py). A page is laid out (layouts.py), written by one hand (person.py),
and photographed (pages.py, photos.py). Image or page number i depends on the seed and on i alone.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from handwriting import console, safe_files
from handwriting.shipped import PROJECT
from handwriting.writing.digits import write_digits
from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import HABITS, written_paths
from handwriting.writing.other_ink import KINDS, write_non_digits
from handwriting.writing.pages import write_page
from handwriting.writing.pen import in_ink
from handwriting.writing.scenes import draw_pictures

PROGRAM = "python -m handwriting.writing"
TEST_PART = 7  # one in seven digits is for the test, as in MNIST


def contact_sheet(columns: int = 26, seed: int = 0) -> Image.Image:
    """Written digits, a row for each digit."""
    pixels, labels = write_digits(columns * 40, seed)
    return sheet_of([pixels[labels == digit][:columns] for digit in range(10)])


def non_digits_sheet(columns: int = 26, seed: int = 0) -> Image.Image:
    """Ink that is no digit, a row for each kind."""
    pixels, kinds = write_non_digits(columns * 20, seed)
    return sheet_of([pixels[kinds == kind][:columns] for kind in range(len(KINDS))])


def forms_sheet(digit: int, columns: int = 24, seed: int = 0) -> Image.Image:
    """All forms of a digit by many hands, a row for each form."""
    random = np.random.default_rng([seed, digit])
    rows = []
    for _, strokes in FORMS[digit]:
        rows.append(in_ink(written_paths(strokes, columns, random, HABITS), random))
    return sheet_of(rows)


def pages_sheet(columns: int = 6, lines: int = 4, side: int = 200, seed: int = 0) -> Image.Image:
    """Written pages, each so many pixels high and wide."""
    sheet = Image.new("RGB", (columns * side, lines * side))
    for number in range(columns * lines):
        line, column = divmod(number, columns)
        page = Image.fromarray(write_page(seed, number).pixels)
        sheet.paste(page.resize((side, side), Image.Resampling.LANCZOS), (column * side, line * side))
    return sheet


def sheet_of(rows: list[np.ndarray]) -> Image.Image:
    """An image of rows of digit images, black on white and twice as large."""
    sheet = Image.fromarray(255 - np.concatenate([np.concatenate(list(row), axis=1) for row in rows]))
    return sheet.resize((2 * sheet.width, 2 * sheet.height), Image.Resampling.BICUBIC)


def main() -> int:
    """Writes what the command line asks for."""
    parser = console.Parser(prog=PROGRAM, description="Write digits as a hand does.")
    parser.add_argument("--count", type=console.positive_integer, help="write so many digits into --out")
    parser.add_argument("--out", type=Path, help="an .npz in MNIST's form, a seventh of it for the test")
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR", help="draw the pictures of data/ into a folder"
    )
    parser.add_argument("--seed", type=console.natural_number, default=0, help="(default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.out and arguments.out.suffix != ".npz":
        parser.error(f"expected an --out that ends in .npz, got {arguments.out}")
    if (arguments.count is None) != (arguments.out is None):
        parser.error("expected --count and --out together")
    if arguments.pictures and arguments.count:
        parser.error("expected --pictures or --count, got both; give one at a time")
    if arguments.pictures:
        paths = draw_pictures(arguments.pictures, arguments.seed)
        print(f"drew {len(paths)} pictures in {arguments.pictures}")
    elif arguments.count:
        write_data_set(arguments.out, arguments.count, arguments.seed)
        print(f"wrote {arguments.out}")
    else:
        draw_sheets(PROJECT / "docs", arguments.seed)
    return 0


def write_data_set(path: Path, count: int, seed: int) -> None:
    """Writes digits in MNIST's form, a part of them for the test."""
    pixels, labels = write_digits(count, seed, progress=True)
    training = count - count // TEST_PART
    with safe_files.replacing(path) as temporary:
        np.savez_compressed(
            temporary, x_train=pixels[:training], y_train=labels[:training].astype(np.uint8),
            x_test=pixels[training:], y_test=labels[training:].astype(np.uint8),
        )  # fmt: skip


def draw_sheets(folder: Path, seed: int) -> None:
    """Draws what the writer writes into the project's folder of pictures."""
    if not folder.is_dir():
        raise console.InputError(
            f"expected the project's folder {folder}, got none; run this in a checkout, or give --count and --out"
        )
    sheets = {"written": contact_sheet(seed=seed), "non_digits": non_digits_sheet(seed=seed)}
    sheets["pages"] = pages_sheet(seed=seed)
    sheets |= {f"forms_{digit}": forms_sheet(digit, seed=seed) for digit in FORMS}
    for name, sheet in sheets.items():
        path = folder / f"{name}.png"
        with safe_files.replacing(path) as temporary:
            sheet.save(temporary)
        print(f"wrote {console.shown(path)}")


if __name__ == "__main__":
    raise SystemExit(console.guard(main, PROGRAM))
