"""Take a trained network along.

    python -m handwriting.export cnn_v3                    for phones: a LiteRT file
    python -m handwriting.export cnn_v3 --format html      one page that reads digits offline, in any browser
    python -m handwriting.export my.keras --format onnx --out robot/

The network is a .keras file, or the name of one in checkpoints/. It leaves a folder: exported/cnn_digit03_litert/, or
that of --out. In it are the network, a README that says what the network takes and gives, and a check that runs without
this project: it compares the network's answers for 20 digits with those of Keras. The html page has this check inside.
The export takes some ten seconds. The last line names the folder.
"""

from __future__ import annotations  # lets an old Python reach the check of its version

import argparse
import shutil
import tempfile
from pathlib import Path

from handwriting import console, installation, safe_files, stopping
from handwriting.export.formats import FORMATS
from handwriting.reading.inputs import network_named
from handwriting.shipped import RESULTS, STEMS, name_of

PROGRAM = "python -m handwriting.export"
README = "README.md"
FIRST_LINE = "# A network that reads handwritten digits, exported from Keras"

TEXT = f"""{FIRST_LINE}

`{{file}}` is {{name}}. It runs in {{use}}.

- **In:** float32 of shape {{taken}}, from 0 to 1. Ink is bright on 0. The longer side of the ink is 20 pixels, and
  its centre of mass lies in pixel 14 both ways, as in MNIST's images. A picture that is not prepared so is misread.
- **Out:** float32 of shape (n, 10): the probabilities of the digits 0 to 9.

{{check}}
"""
BY_CHECK = "`python check.py` compares it with Keras on 20 digits. Its first lines say what it needs."
BY_ITSELF = (
    "The page prepares drawings and pictures so, and compares itself with Keras on 20 digits when it opens."
)


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = console.Parser(
        prog=PROGRAM, description="Take a trained network along, to a phone or a browser."
    )
    add = parser.add_argument
    add("network", type=console.path_given, metavar="NETWORK", help="a .keras file, or a name such as cnn_v3")
    add("--format", choices=FORMATS, default="litert", help="(default: %(default)s)")
    place = "the folder (default: in exported/, named after the network and the format)"
    add("--out", type=console.path_given, metavar="DIR", help=place)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    return console.guard(lambda: export(arguments), PROGRAM)


def export(arguments: argparse.Namespace) -> int:
    """Writes the folder. Returns the exit code."""
    installation.check_installation()  # before the imports that need it
    path = the_network(arguments.network)
    folder = arguments.out or RESULTS / "exported" / f"{path.stem}_{arguments.format}"
    check_folder(folder)
    from handwriting.export.sample import sample_of
    from handwriting.model_files import load_model

    model = load_model(path)
    form = FORMATS[arguments.format]
    safe_files.make_folder(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as scratch:
        whole = Path(scratch) / "whole"
        whole.mkdir()
        form.write(model, sample_of(model), whole, path.stem)
        text = TEXT.format(
            file=form.file.format(path.stem),
            name=f"the network {name_of(path.stem)} with {model.count_params():,} parameters",
            use=form.use,
            taken=f"(n, {', '.join(map(str, model.input_shape[1:]))})",
            check=BY_ITSELF if arguments.format == "html" else BY_CHECK,
        )
        (whole / README).write_text(text, encoding="utf-8", newline="\n")
        if folder.exists():
            shutil.move(folder, Path(scratch) / "earlier")
        shutil.move(whole, folder)
    print(f"wrote {console.shown(folder.absolute())}")
    return 0


def the_network(given: Path) -> Path:
    """The file that is meant. Raises InputError if there is none."""
    path = given if given.exists() else network_named(given)
    if not path.is_file():
        what = "a folder" if path.is_dir() else "which does not exist"
        raise console.InputError(f"expected a .keras file or one of {', '.join(STEMS)}, got {given}, {what}")
    return path


def check_folder(folder: Path) -> None:
    """Raises InputError if something other than an earlier export is there."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    readme = folder / README
    if not readme.is_file() or not readme.read_text(encoding="utf-8", errors="replace").startswith(
        FIRST_LINE
    ):
        raise console.InputError(
            f"expected a new folder, an empty one or an earlier export, got {folder}; name another with --out"
        )


if __name__ == "__main__":
    stopping.leave(main())
