"""Draw digits on a page that reads as you write.

    python draw.py                starts the page on this machine, and opens it in the browser
    python draw.py --no-browser   prints its address only
    python draw.py --lan          lets one other device of your network in, such as your phone

The page reads drawings, pictures and the camera. Digits that you correct or confirm are saved in data/mine/, as
`cnn_model_v2.py --data data/mine` and `test_load.py data/mine` take them. "Learn my hand" makes a network of them,
checkpoints/cnn_digit03_mine.keras, which reads with the others until you take it back. The page opens at once, and
reads after the seconds that the import of Keras takes. Ctrl-C ends it. The first lines look like this:

    draw here: http://127.0.0.1:8028/
    Ctrl-C ends it
"""

# --help must answer at once, so what needs NumPy or Keras is imported inside the functions.
from __future__ import annotations  # lets an old Python reach the check of its version

import signal

# Until `main` hears Ctrl-C, it ends the script without a traceback.
if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse

from handwriting import console, installation, stopping
from handwriting.shipped import PROJECT

EARLY_END = console.EarlyEnd(cut_off="the page has ended with it; start it again")


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = console.Parser(description="A page to draw on that reads as you write.")
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    parser.add_argument(
        "--port", type=port, help="the port of the page (default: 8028, or the next one that is free)"
    )
    parser.add_argument(
        "--lan",
        action="store_true",
        help="let one other device of your network in, with the address that is printed",
    )
    return parser.parse_args(argv)


def port(text: str) -> int:
    """Parses the number of a port."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, got {text!r}")
    return int(text)


def main(argv: list[str] | None = None) -> int:
    """Serves the page as the command line says. Returns the exit code."""
    arguments = parse_arguments(argv)
    return console.guard(lambda: serve(arguments), "draw.py", lambda: EARLY_END)


def serve(arguments: argparse.Namespace) -> int:
    """Serves the page until Ctrl-C."""
    installation.check_installation()
    from handwriting.web import start

    return start.serve(
        PROJECT / "data" / "mine", PROJECT, arguments.port, arguments.lan, not arguments.no_browser
    )


if __name__ == "__main__":
    stopping.leave_threads(main())
