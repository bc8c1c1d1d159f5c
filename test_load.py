"""Read your pictures with every trained network.

    python test_load.py                       every picture in data/, every .keras in checkpoints/
    python test_load.py scan.png holiday/     these pictures instead
    python test_load.py --models mine.keras   with these networks instead
    python test_load.py --all                 the readings of every network, not the ensemble's alone

A picture may hold one digit or several, in one line or many. Labels come from the names: 3-01.jpg or 3/scan.png show
a 3, 2047_a.png shows 2047. It prints a table, and writes logs/predictions.csv, predictions.xlsx, digits.csv and the
picture sheet predictions.png. The last lines look like this:

    ensemble: the mean of cnn_v1, cnn_v2, cnn_v3, averaged with the finder's own reading
    wrote logs/predictions.csv
    wrote logs/predictions.xlsx
    wrote logs/digits.csv
    wrote logs/predictions.png
    when a reading is wrong, look at predictions.png first: it shows what the networks see
"""

# --help must answer at once, so what needs NumPy or Keras is imported inside the functions.
from __future__ import annotations  # lets an old Python reach the check of its version

import signal

# Until `main` hears Ctrl-C, it ends the script without a traceback.
if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
from pathlib import Path

from handwriting import console, installation, safe_files, stopping
from handwriting.shipped import PROJECT

EARLY_END = console.EarlyEnd(
    cut_off="send it to a file to have all files written",
    write_failed="free the file or some space, or choose another folder with --out",
)


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = console.Parser(description="Read pictures of digits with every trained network.")
    parser.add_argument(
        "paths",
        nargs="*",
        type=console.path_given,
        default=[PROJECT / "data"],
        metavar="PATH",
        help="pictures, or folders of them; 3-01.jpg and 3/scan.png are labelled 3 (default: data/)",
    )
    parser.add_argument(
        "--models",
        nargs="+",
        type=console.path_given,
        default=[PROJECT / "checkpoints"],
        metavar="PATH",
        help=".keras files, folders of them, or names such as cnn_v2 (default: checkpoints/)",
    )
    parser.add_argument(
        "--all", action="store_true", help="show the readings of every network, not the ensemble's alone"
    )
    parser.add_argument(
        "--no-labels",
        action="store_true",
        help="don't take file names for labels: 1.jpg and 2.jpg are pages 1 and 2",
    )
    parser.add_argument(
        "--out",
        type=console.path_given,
        default=PROJECT,
        help="its logs/ gets the readings and the picture sheet (default: beside this script)",
    )
    parser.add_argument(
        "--cluster",
        type=console.address_given,
        metavar="ADDRESS",
        help="read on the workers of the Dask scheduler at this address, such as tcp://desk:8786, or of one that is "
        "started on this machine: local (docs/several-machines.md)",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Reads as the command line says. Returns the exit code."""
    arguments = parse_arguments(argv)
    return console.guard(lambda: read(arguments), "test_load.py", lambda: EARLY_END)


def read(arguments: argparse.Namespace) -> int:
    """Reads the pictures, shows and writes the readings. Returns the exit code."""
    installation.check_installation()
    if arguments.cluster:
        from handwriting.cluster.command import read_on_cluster

        return read_on_cluster(arguments)
    from handwriting.pictures.many import open_pictures
    from handwriting.reading.inputs import complain_of_refused, networks_in, pictures_in

    logs = arguments.out / "logs"
    files = pictures_in(arguments.paths, logs)
    model_files = networks_in(arguments.models)
    safe_files.make_folder(logs)

    # Other processes open the pictures while Keras starts and the networks answer.
    with open_pictures(files) as pictures:
        from handwriting.reading.networks import load_networks
        from handwriting.reading.reader import read_all
        from handwriting.reading.readings import in_words

        networks, refused = load_networks(model_files)
        pictures_read, networks, failures = (
            read_all(pictures, networks) if networks.each else ([], networks, {})
        )
    refused += in_words(failures)
    complain_of_refused(refused)
    if not networks.each:
        raise console.InputError(
            f"none of the {len(model_files)} models can be used; train one: python cnn_model_v2.py"
        )

    from handwriting.reading.results import picture_rows

    rows = picture_rows(files, pictures_read, labelled=not arguments.no_labels)
    show(rows, networks, arguments.all)
    write(rows, logs)
    return 1 if refused or any(row.unreadable for row in rows) else 0


def show(rows, networks, all_networks: bool) -> None:
    """Prints the readings, and why some are missing or in doubt."""
    from handwriting.reading.reader import ensemble_in_words
    from handwriting.reading.readings import ENSEMBLE_NAME
    from handwriting.reading.results import readings_table, reasons, some_labels, totals

    names = list(rows[0].readings) if all_networks else [ENSEMBLE_NAME]
    print(readings_table(rows, names, console.screen_width()))
    if lines := reasons(rows):
        console.say("", *lines)
    print(f"\n{totals(rows, names)}\n")
    if line := some_labels(rows):
        console.say(line)
    for name, why in networks.left_out.items():
        console.say(f"{name} is not in the ensemble: {why}")
    console.say(ensemble_in_words(networks.ensemble))
    for row in rows:
        if row.unreadable:
            console.complain(f"unreadable  {row.name}: {console.printable(str(row.unreadable))}")


def write(rows, logs: Path) -> None:
    """Writes the readings and the picture sheet, and says where they are."""
    from handwriting.reading.results import LOOK_THERE
    from handwriting.reading.sheet import draw_marked_copies, draw_sheet, left_off
    from handwriting.reading.written import write_readings

    sheet, marked = logs / "predictions.png", logs / "marked"
    written = write_readings(logs, rows)
    safe_files.keep_previous(sheet)
    shown = draw_sheet(sheet, rows)
    copies = draw_marked_copies(marked, rows)
    if line := left_off(shown, len(rows)):
        console.say(line)
    for path in (*written, sheet):
        print(f"wrote {console.shown(path)}")
    if copies:
        print(f"wrote {console.shown(marked)}: a marked copy of each of the {copies} pages")
    console.say(LOOK_THERE)


if __name__ == "__main__":
    stopping.leave(main())
