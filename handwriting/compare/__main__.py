"""Compare trainings: a table of their scores, and a figure with their learning curves side by side.

    python -m handwriting.compare                            all runs in logs/
    python -m handwriting.compare logs/mlp.json old/logs/    these runs; a folder stands for the logs in it
    python -m handwriting.compare seed*/logs                 several seeds of one setting are one row, and a band

A run has two logs, a .json and a .csv. Either names it, and one is enough. Runs are ranked by their accuracy on the
test images. Runs with other training or test images stand in a table of their own. It takes two seconds. It writes
logs/comparison.png, and ends with the line:

    wrote logs/comparison.png

The exit code is 1 if a log was left out because it is cut, damaged or of another program, 2 if nothing is left to show.
"""

import argparse
from pathlib import Path

from handwriting import console, stopping
from handwriting.shipped import PROJECT

PROGRAM = "python -m handwriting.compare"
LOGS = PROJECT / "logs"
FIGURE = LOGS / "comparison.png"


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = console.Parser(
        prog=PROGRAM, description="Show which training reads better, and how each one learned."
    )
    parser.add_argument(
        "logs",
        nargs="*",
        type=console.path_given,
        metavar="LOG",
        help="the .json or .csv of a run, or a folder of them (default: logs/ of the project)",
    )
    parser.add_argument(
        "--figure",
        type=png_path,
        default=FIGURE,
        metavar="PNG",
        help="where the learning curves are drawn (default: logs/comparison.png of the project)",
    )
    return parser.parse_args(argv)


def png_path(text: str) -> Path:
    """Parses the path of a figure."""
    path = console.path_given(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"expected a path that ends in .png, got {text!r}")
    return path


def main(argv: list[str] | None = None) -> int:
    """Compares what the command line names. Returns the exit code."""
    arguments = parse_arguments(argv)
    return console.guard(lambda: compare(arguments.logs or [LOGS], arguments.figure), PROGRAM)


def compare(logs: list[Path], figure: Path) -> int:
    """Prints the tables and draws the figure. Returns the exit code."""
    # Here, because NumPy would delay --help.
    from handwriting.compare.figure import MOST_RANKINGS, draw_comparison, with_curves
    from handwriting.compare.finding import find_runs
    from handwriting.compare.rows import rankings_of
    from handwriting.compare.table import tables

    runs, complaints = find_runs(logs)
    for complaint in complaints:
        console.complain(f"{PROGRAM}: left out {console.printable(complaint)}")
    if not runs:
        raise console.InputError(
            "expected the logs of at least one training, got none that can be shown; train a network with "
            "python cnn_model_v2.py, or name the .json or .csv of a run"
        )
    rankings = rankings_of(runs)
    print(f"{tables(rankings, console.screen_width())}\n")
    drawn = with_curves(rankings)
    if drawn:
        draw_comparison(figure, drawn)
        print(f"wrote {console.shown(figure)}")
    if len(drawn) == MOST_RANKINGS < len(rankings):
        console.say(
            f"the figure shows {MOST_RANKINGS} of {len(rankings)} tables; name fewer logs to see the others"
        )
    missing = [console.shown(run.place) for run in runs if not run.curves]
    if missing:
        console.say(
            f"without curves, because there is no usable .csv: {console.printable(', '.join(missing))}"
        )
    return 1 if complaints else 0


if __name__ == "__main__":
    stopping.leave(main())
