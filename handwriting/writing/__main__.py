"""A digit writer: training without a download, and the pictures of data/.

    python -m handwriting.writing                              draws docs/written.png, non_digits.png, forms_….png
    python -m handwriting.writing --count 70000 --out my.npz   writes a data set in MNIST's form
    python -m handwriting.writing --pictures data              draws the pictures that the project ships

A digit is a form (FORMS) whose control points, proportions, slant and care vary as writers vary (HABITS),
drawn with a round pen, left with gaps and ragged edges, and brought to the input contract: ink bright, longer side
20 px, centre of mass in pixel 14. Digit i depends on the seed and on i alone. Letters, scribbles, lines and blots
come in the same form (`write_non_digits`).
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
from handwriting.writing.pen import in_ink
from handwriting.writing.scenes import draw_pictures


def contact_sheet(columns: int = 26, seed: int = 0) -> Image.Image:
    """Ten rows of written digits, a row a digit, black on white."""
    pixels, labels = write_digits(columns * 40, seed)
    return sheet_of([pixels[labels == digit][:columns] for digit in range(10)])


def non_digits_sheet(columns: int = 26, seed: int = 0) -> Image.Image:
    """Ink that is no digit, a row a kind."""
    pixels, kinds = write_non_digits(columns * 20, seed)
    return sheet_of([pixels[kinds == kind][:columns] for kind in range(len(KINDS))])


def forms_sheet(digit: int, columns: int = 24, seed: int = 0) -> Image.Image:
    """Every form of a digit, a row a form in the order of FORMS, by many hands."""
    random = np.random.default_rng([seed, digit])
    rows = []
    for _, strokes in FORMS[digit]:
        rows.append(in_ink(written_paths(strokes, columns, random, HABITS), random))
    return sheet_of(rows)


def sheet_of(rows: list[np.ndarray]) -> Image.Image:
    """Rows of as many fields each, black on white, twice as large."""
    sheet = Image.fromarray(255 - np.concatenate([np.concatenate(list(row), axis=1) for row in rows]))
    return sheet.resize((2 * sheet.width, 2 * sheet.height), Image.Resampling.BICUBIC)


def main() -> int:
    """Writes what the command line asks for."""
    parser = console.Parser(prog="python -m handwriting.writing", description="Write digits as a hand does.")
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
        pixels, labels = write_digits(arguments.count, arguments.seed, progress=True)
        training = arguments.count - arguments.count // 7
        with safe_files.replacing(arguments.out) as temporary:
            np.savez_compressed(
                temporary, x_train=pixels[:training], y_train=labels[:training].astype(np.uint8),
                x_test=pixels[training:], y_test=labels[training:].astype(np.uint8),
            )  # fmt: skip
        print(f"wrote {arguments.out}")
    else:
        sheets = {
            "written": contact_sheet(seed=arguments.seed),
            "non_digits": non_digits_sheet(seed=arguments.seed),
        }
        sheets |= {f"forms_{digit}": forms_sheet(digit, seed=arguments.seed) for digit in FORMS}
        for name, sheet in sheets.items():
            path = PROJECT / "docs" / f"{name}.png"
            with safe_files.replacing(path) as temporary:
                sheet.save(temporary)
            print(f"wrote {console.shown(path)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
