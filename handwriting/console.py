"""What every command needs on the command line: arguments, one guard for errors, a progress bar, printable text."""

from __future__ import annotations  # lets an old Python reach the check of its version

import argparse
import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from handwriting import stopping

PROGRESS_AFTER = 1.0  # seconds; what is done sooner needs no progress bar
USUAL_WIDTH = 80  # characters in a line of a terminal
PROGRESS_EVERY = 0.1  # seconds between two updates of the bar


REMEDIES = {
    errno.EISDIR: "move or rename that folder",
    errno.ENOTDIR: "move or rename the file that lies where a folder is needed",
    errno.ENOENT: "is the current folder, or the folder of the results, still there?",
}


class InputError(Exception):
    """The user's input can't be used. The text is the one line to print."""

    code = 2  # the exit code


class ProjectError(InputError):
    """A file of the project itself is missing or damaged. The text says how to get it back."""

    code = 1


@dataclass(frozen=True)
class EarlyEnd:
    """What a command says when it ends early: what to do next.

    Args:
        stopped: after Ctrl-C or SIGTERM.
        cut_off: after the reader of its output went away, as `head` does.
        write_failed: after a file could not be read or written, for example on a full disk.
        write_failed_code: the exit code after that.
    """

    stopped: str = ""
    cut_off: str = "send the output to a file"
    write_failed: str = "free the file or some space, or choose another folder"
    write_failed_code: int = 2


def guard(command: Callable[[], int], program: str = "", early_end: Callable[[], EarlyEnd] = EarlyEnd) -> int:
    """Runs a command and returns its exit code. An expected error becomes one line on the error output.

    Ctrl-C and SIGTERM end it within two seconds.

    Args:
        command: does the work and returns its exit code.
        program: the name that the error lines begin with.
        early_end: gives what to say when the command ends early. It is called then.
    """
    program = program or Path(sys.argv[0]).name
    open_closed_streams()
    accept_all_characters()

    def stopped() -> str:
        what_next = early_end().stopped
        return "\nstopped" + (f"; {what_next}" if what_next else "")

    with stopping.stopped_by_signals(stopped):
        return exit_code(command, program, early_end, stopped)


def exit_code(
    command: Callable[[], int], program: str, early_end: Callable[[], EarlyEnd], stopped: Callable[[], str]
) -> int:
    """The exit code of a command, after a line for an expected error."""
    try:
        code = command()
        sys.stdout.flush()
        return code
    except InputError as error:
        complain(f"{program}: {printable(str(error))}")
        return error.code
    except subprocess.CalledProcessError as error:
        return error.returncode  # that program has said why
    except KeyboardInterrupt as interruption:
        complain(stopped())
        return 128 + (interruption.args[0] if interruption.args else signal.SIGINT)
    except OSError as error:
        if is_cut_off(error):
            # or Python's own last flush fails, too
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            complain(f"{program}: the output was cut off; {early_end().cut_off}")
            return 1
        complain(f"{program}: {error}; {REMEDIES.get(error.errno, early_end().write_failed)}")
        return early_end().write_failed_code


def is_cut_off(error: OSError) -> bool:
    """Whether an error means that nobody reads the output any more. Windows has no error of its own for that."""
    on_windows = os.name == "nt" and error.errno == errno.EINVAL and error.filename is None
    return isinstance(error, BrokenPipeError) or on_windows


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str):
        complain(f"{self.prog}: {message}; --help shows what can be given")
        self.exit(2)


class Once(argparse.Action):
    """An argument that may be given only once. Of two, the first would be lost in silence."""

    def __call__(self, parser, namespace, value, option_string=None):
        if getattr(namespace, self.dest) != self.default:
            parser.error(f"expected {option_string} once, got it twice; give one of the two")
        setattr(namespace, self.dest, value)


def path_given(text: str) -> Path:
    """Parses a path. An empty text is none: it would mean the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("expected a path, got an empty text")
    return Path(text)


def address_given(text: str) -> str:
    """Parses the address of a scheduler. An empty text is none: it would mean no cluster."""
    if not text:
        raise argparse.ArgumentTypeError(
            "expected the address of a Dask scheduler or local, got an empty text"
        )
    return text


def positive_integer(text: str) -> int:
    """Parses a command-line number that must be at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def natural_number(text: str) -> int:
    """Parses a command-line number from 0 to 2**32 - 1, the range of a seed."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to 4294967295, got {text!r}")
    return int(text)


def progress(
    items: Iterable, total: int, doing: str, size: Callable[[object], int] = lambda item: 1
) -> Iterator:
    """The items, one by one. On a terminal, a progress bar appears if they take longer than a second.

    Args:
        items: what is worked on.
        total: the sum of all their sizes.
        doing: what the bar says.
        size: how much of the total an item is.
    """
    if not on_terminal():
        yield from items
        return
    done, bar, task = 0, None, None
    next_update = time.monotonic() + PROGRESS_AFTER
    with contextlib.ExitStack() as stack:
        for item in items:
            yield item
            done += size(item)
            if time.monotonic() < next_update and not (bar and done == total):
                continue
            if bar is None:
                from rich.progress import Progress  # takes a tenth of a second, and most work is done by then

                bar = stack.enter_context(Progress())
                task = bar.add_task(doing, total=total)
            bar.update(task, completed=done)
            next_update = time.monotonic() + PROGRESS_EVERY


def say(*texts: str) -> None:
    """Prints texts, each broken into lines that are no longer than the screen is wide."""
    for text in texts:
        print(in_lines(text, screen_width()), flush=True)


def complain(text: str) -> None:
    """Prints a text on the error output: in lines on a terminal, else as one line, which programs can read."""
    terminal = sys.stderr.isatty()
    width = shutil.get_terminal_size((USUAL_WIDTH, 24)).columns
    print(in_lines(text, width) if terminal else text, file=sys.stderr)


def in_lines(text: str, width: int) -> str:
    """A text in lines of this width. Its own lines and long paths stay whole."""
    lines = []
    for line in text.split("\n"):
        lines += textwrap.wrap(
            line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        ) or [""]
    return "\n".join(lines)


def screen_width() -> int:
    """The characters in a line of the terminal. 80 if the output goes to a file or another program."""
    return shutil.get_terminal_size((USUAL_WIDTH, 24)).columns if on_terminal() else USUAL_WIDTH


def on_terminal() -> bool:
    """Whether the output goes to a terminal, and not to a file or another program."""
    return sys.stdout.isatty()


def open_closed_streams() -> None:
    """Opens the null device in place of each closed standard stream, such as cron and pythonw leave.

    Otherwise the next files that the program opens would get these numbers, and receive what is printed.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def accept_all_characters() -> None:
    """Makes a console or file that lacks a character show a replacement instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def printable(text: str) -> str:
    r"""The text with an escape such as \x1b for each line break, control character and broken character."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )


def first_line(error: Exception, length: int = 120) -> str:
    """The first line of an exception's text, cut to a length."""
    lines = str(error).splitlines()
    return lines[0][:length] if lines else type(error).__name__


def shown(path: Path) -> str:
    """The path relative to the current folder if it lies in it, else the whole path."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
