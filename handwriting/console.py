"""What all commands share on the command line: arguments, errors as one line and an exit code, printable text."""

from __future__ import annotations  # so that a Python that is too old gets as far as being told so

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


class InputError(Exception):
    """What the user gave can't be used; its text is the one line to print. Exit code 2."""


def exit_code(main: Callable[[], int]) -> int:
    """That of a benchmark, or a module that shows what it makes; what it can't use, and Ctrl-C, end it with a line."""
    accept_all_characters()
    try:
        return main()
    except InputError as error:
        print(f"{Path(sys.argv[0]).name}: {printable(str(error))}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        return error.returncode  # which has said why
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 128 + signal.SIGINT


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str):
        self.exit(2, f"{self.prog}: {message}; --help shows what can be given\n")


def positive_integer(text: str) -> int:
    """Reads a command-line number that must be at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def natural_number(text: str) -> int:
    """Reads a command-line number that must be from 0 to 2**32 - 1, as seeds are."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to 4294967295, got {text!r}")
    return int(text)


def accept_all_characters() -> None:
    """Lets a console or file that lacks a character show a replacement instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def output_cut_off(program: str, advice: str) -> int:
    """Says that what took the output had enough of it, as `head` has; gives the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python's own last flush would fail, too
    print(f"{program}: the output was cut off; {advice}", file=sys.stderr)
    return 1


def printable(text: str) -> str:
    """A name or message without line breaks, control characters and what is no text at all."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def first_line(error: Exception, length: int = 120) -> str:
    """What an exception says, short enough for a line."""
    lines = str(error).splitlines()
    return lines[0][:length] if lines else type(error).__name__


def shown(path: Path) -> str:
    """A path as short as it can be said from where the user is."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
