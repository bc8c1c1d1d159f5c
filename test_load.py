"""Read your pictures with every trained network.

    python test_load.py                       every picture in data/, every .keras in checkpoints/
    python test_load.py scan.png holiday/     these pictures instead
    python test_load.py --models mine.keras   with these networks instead

A picture may hold one digit or several. Labels come from the names: 3-01.jpg or 3/scan.png show a 3,
2047_a.png shows 2047. It prints a table, and writes logs/predictions.csv and logs/predictions.png.
The pictures of data/ take some seven seconds on two CPU cores; the last lines read like

    ensemble: the mean of cnn_digit01, cnn_digit02, cnn_digit03
    wrote logs/predictions.csv
    wrote logs/predictions.png
"""

# Keras is imported in the functions that need it: --help answers at once.
from __future__ import annotations  # so that a Python that is too old gets as far as being told so

import argparse
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from handwriting import console, installation, safe_files
from handwriting.shipped import PROJECT

PICTURES_AT_ONCE = 500
EARLY_END = console.EarlyEnd(
    cut_off="send it to a file to have all files written",
    write_failed="free the file or some space, or choose another folder with --out",
)


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = console.Parser(description="Read pictures of digits with every trained network.")
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[PROJECT / "data"],
        metavar="PATH",
        help="pictures, or folders of them; 3-01.jpg and 3/scan.png are labelled 3 (default: data/)",
    )
    parser.add_argument(
        "--models",
        nargs="+",
        type=Path,
        default=[PROJECT / "checkpoints"],
        metavar="PATH",
        help=".keras files, or folders of them (default: checkpoints/)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=PROJECT,
        help="its logs/ gets predictions.csv and predictions.png (default: beside this script)",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Reads as the command line says. Returns the exit code."""
    arguments = parse_arguments(argv)
    return console.guard(lambda: read(arguments), "test_load.py", EARLY_END)


def read(arguments: argparse.Namespace) -> int:
    """The whole task: find, read, predict, report."""
    installation.check_installation()
    from handwriting.pictures.decoding import UnreadablePicture
    from handwriting.pictures.files import label_of
    from handwriting.pictures.many import read_pictures
    from handwriting.reading.results import readings_table, shown_names, totals, write_table
    from handwriting.reading.sheet import draw_readings

    picture_files = pictures_in(existing(arguments.paths, "a picture or a folder"))
    model_paths = find_models(existing(arguments.models, "a .keras file or a folder"))
    logs = arguments.out / "logs"
    safe_files.make_folder(logs)

    with read_pictures(picture_files) as reading:  # goes on while Keras starts and the networks answer
        from handwriting.reading import reader  # starts Keras

        models, refused = load_models(model_paths)
        pictures, answers = predict(models | load_doubter(refused), reading, refused) if models else ([], {})
    digit_or_not = answers.pop(reader.DOUBTER, None)
    labels = [label_of(path) for path in picture_files]
    names = shown_names(picture_files)
    if not answers:
        tell(refused)
        raise console.InputError(
            f"none of the {len(model_paths)} models can be used; train one: python cnn_model_v2.py"
        )
    pictures, readings = reader.read(pictures, answers, digit_or_not)

    print(readings_table(names, labels, readings))
    print()
    print(totals(labels, readings))
    print(f"\nensemble: the mean of {', '.join(reader.members(answers))}")
    unreadable = {
        name: picture
        for name, picture in zip(names, pictures, strict=True)
        if isinstance(picture, UnreadablePicture)
    }
    for name, reason in unreadable.items():
        print(f"unreadable  {name}: {console.printable(str(reason))}", file=sys.stderr)
    tell(refused)
    if digit_or_not is None:
        print(
            "so all ink is taken for digits; `git checkout checkpoints/reader` brings that network back",
            file=sys.stderr,
        )
    table, sheet = logs / "predictions.csv", logs / "predictions.png"
    write_table(table, names, labels, readings)
    shown = draw_readings(sheet, picture_files, names, pictures, labels, readings)
    if shown < len(names):
        print(f"the sheet shows {shown} of {len(names):,} pictures, the wrong and the rejected first")
    print(f"wrote {console.shown(table)}\nwrote {console.shown(sheet)}")
    return 1 if refused or unreadable else 0


def tell(refused: list[str]) -> None:
    """Says which models are not used, and why."""
    for reason in refused:
        print(f"not used  {console.printable(reason)}", file=sys.stderr)


def existing(paths: list[Path], expected: str) -> list[Path]:
    """The paths, all of which must exist; a broken link is there too, and is told as an unreadable picture."""
    for path in paths:
        if not os.path.lexists(path):
            raise console.InputError(f"expected {expected}, but {path} does not exist; check the spelling")
    return paths


def pictures_in(paths: list[Path]) -> list[Path]:
    """The pictures among files and in folders; none may be named in vain."""
    from handwriting.pictures.files import find_pictures

    files = []
    for path in paths:
        found = find_pictures([path])
        if not found:
            raise console.InputError(
                f"expected pictures, got none in {path}; "
                "put PNG or JPEG files there, named by what they show: 3-01.jpg"
            )
        files += found
    return files


def find_models(paths: list[Path]) -> list[Path]:
    """The .keras files among files and on the top level of folders."""
    from handwriting.pictures.files import SUFFIXES

    files = []
    for path in paths:
        if path.suffix.lower() in SUFFIXES:
            raise console.InputError(
                f"expected .keras files after --models, got {path}; name pictures before --models"
            )
        if not path.is_dir():
            files.append(path)
            continue
        found = sorted(file for file in path.glob("*.keras") if not file.name.startswith("."))
        if not found:
            raise console.InputError(
                f"expected .keras files, got none in {path}; train one: python cnn_model_v2.py; "
                "folders of pictures go before --models"
            )
        files += found
    return files


def load_models(paths: list[Path]) -> tuple[dict, list[str]]:
    """The usable models by their names; and why the others were refused."""
    from handwriting import model_files

    models, refused = {}, []
    for path in paths:
        taken = path.stem in models or path.stem == "ensemble"
        name = console.printable(path.as_posix() if taken else path.stem)
        try:
            models[name] = model_files.load_model(path)
        except model_files.RefusedModel as reason:
            refused.append(str(reason))
    return models, refused


def load_doubter(refused: list[str]) -> dict:
    """The network that tells digits from other ink, by its path; where it can't be used, it is added to the refused."""
    from handwriting import model_files
    from handwriting.reading import reader

    try:
        return {reader.DOUBTER: reader.load_doubter()}
    except model_files.RefusedModel as reason:
        refused.append(str(reason))
        return {}


def predict(models: dict, reading: Iterator, refused: list[str]) -> tuple[list, dict]:
    """The pictures, and each model's probabilities for all digits on them, worked out as they come in.

    A model that fails on the way gives no answers and is added to the refused ones.
    """
    import numpy as np

    from handwriting import model_files
    from handwriting.reading import reader

    pictures, answers = [], {name: [] for name in models}
    while some := list(itertools.islice(reading, PICTURES_AT_ONCE)):
        pictures += some
        digits = reader.digits_of(some)
        for name in list(answers):
            try:
                answers[name].append(reader.answer_of(models[name], digits))
            except model_files.RefusedModel as reason:
                refused.append(f"{name}: {reason}")
                del answers[name]
    return pictures, {name: np.concatenate(parts) for name, parts in answers.items()}


if __name__ == "__main__":
    raise SystemExit(main())
