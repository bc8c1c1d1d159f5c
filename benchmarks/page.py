"""How quickly the page of draw.py reads, and what it bears.

    python -m benchmarks.page               all of it: about two minutes on two cores
    python -m benchmarks.page --seconds 10  fewer seconds of many clients

It needs Linux, and for two of the rows Playwright and Chromium. The rows:

    start     seconds from the start of the program to a page that reads
    stroke    milliseconds from the end of the tenth digit's stroke to its box, on a sheet of about 900 × 500 pixels
    camera    pictures per second that are read while a film plays as the camera's picture
    clients   the answers to eight clients at once, with a thousand bad requests among theirs

A bad request is cut off, of a wrong type, too large, slow, or of another origin.
"""

import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.page_clients import many_clients
from handwriting import console
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table
from tests.web.browser import draw, launch, make_film
from tests.web.client import ask_at

CAMERA_SECONDS = 10
SHEET = {"viewport": {"width": 1352, "height": 724}}  # in which the sheet has some 900 × 500 pixels
NINE = (("20473", 20, 40), ("7134", 20, 260))  # text, left, top: what stands on the sheet already
TENTH = (476, 260)  # left and top of the digit that is timed
ONE_STROKE = "01237"  # the digits that are drawn in one stroke
STROKES = 50  # that are timed
HEIGHT = 120  # px, of the drawn digits
READ_WITHIN = 20_000  # ms, or something is wrong

# Notes the time from the end of each stroke to the frame with the boxes of the next reading.
STOPWATCH = """() => {
    window.times = [];
    let lifted = null;
    document.getElementById("ink").addEventListener("pointerup", (event) => { lifted = event.timeStamp; }, true);
    new MutationObserver(() => {
        if (lifted === null) { return; }
        const since = lifted;
        lifted = null;
        requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - since)));
    }).observe(document.getElementById("draw-boxes"), { childList: true });
}"""
READ = """({ boxes, times }) => document.querySelectorAll("#draw-boxes rect").length === boxes
    && (window.times ?? []).length === times"""
COUNTER = """() => {
    window.readings = 0;
    new MutationObserver(() => { window.readings += 1; })
        .observe(document.getElementById("camera-boxes"), { childList: true });
}"""


@contextmanager
def draw_program() -> Iterator[tuple[subprocess.Popen, int, float]]:
    """draw.py running: the process, its port, and when it was started."""
    began = time.monotonic()
    command = [sys.executable, "-u", str(PROJECT / "draw.py"), "--no-browser"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = next((line for line in program.stdout if "draw here" in line), None)
        if line is None:
            raise console.InputError(f"expected draw.py to start, but {state_of(program)}")
        yield program, int(re.search(r":(\d+)/", line)[1]), began
    finally:
        program.terminate()
        program.wait()


def state_of(program: subprocess.Popen) -> str:
    """Whether a program is still there, in words."""
    try:
        return f"it has ended with exit code {program.wait(1)}"
    except subprocess.TimeoutExpired:
        return "it is still there"


def wait_until_ready(program: subprocess.Popen, port: int) -> None:
    """Waits until the networks are loaded."""
    try:
        while not ask_at(port, "GET", "/api/status")[1]["ready"]:
            time.sleep(0.05)
    except OSError as error:
        why = f"expected draw.py to answer, but {state_of(program)} ({error})"
        raise console.InputError(why) from None


def in_browser(program: subprocess.Popen, port: int, folder: Path) -> list[list[str]]:
    """The rows of what is timed in a real browser."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as started:
        browser = launch(started, make_film(folder / "film.mjpeg"))
        page = browser.new_page(**SHEET)
        try:
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector("#server-state[data-state=ready]")
            return [time_strokes(page), count_pictures(page)]
        except Error as error:
            why = f"the page did not show what was drawn ({console.first_line(error)}); draw.py: {state_of(program)}"
            raise console.InputError(why) from None
        finally:
            browser.close()


def time_strokes(page) -> list[str]:
    """The time from the end of one stroke, the tenth digit, to its box on the page."""
    for text, left, top in NINE:
        draw(page, text, left, top, HEIGHT)
    wait_for_boxes(page, 9, 0)
    page.evaluate(STOPWATCH)
    for number in range(STROKES):
        draw(page, ONE_STROKE[number % len(ONE_STROKE)], *TENTH, HEIGHT)
        wait_for_boxes(page, 10, number + 1)
        page.keyboard.press("Control+z")
        wait_for_boxes(page, 9, number + 1)
    middle, late = np.percentile(page.evaluate("window.times"), [50, 95])
    sheet = page.locator("#ink").bounding_box()
    return [
        f"stroke to box, tenth digit, {sheet['width']:.0f} × {sheet['height']:.0f}, {STROKES} strokes",
        f"median {middle:.0f} ms, 95th percentile {late:.0f} ms",
    ]


def wait_for_boxes(page, boxes: int, times: int) -> None:
    """Waits until the page shows so many boxes and has timed so many strokes."""
    page.wait_for_function(READ, arg={"boxes": boxes, "times": times}, timeout=READ_WITHIN, polling=50)


def count_pictures(page) -> list[str]:
    """How many pictures of the camera are read in a second."""
    page.locator("#camera-tab").click()
    page.locator("#camera-switch").click()
    page.wait_for_selector("#camera-boxes rect", timeout=READ_WITHIN, state="attached")
    page.evaluate(COUNTER)
    page.wait_for_timeout(1000 * CAMERA_SECONDS)
    return ["camera", f"{page.evaluate('window.readings') / CAMERA_SECONDS:.1f} pictures a second"]


def main() -> int:
    parser = console.Parser(description="Measure the page of draw.py.")
    parser.add_argument("--seconds", type=console.positive_integer, default=60, help="(default: %(default)s)")
    arguments = parser.parse_args()
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import handwriting.quiet_keras"], cwd=PROJECT, check=True)
    importing = time.monotonic() - began
    with draw_program() as (program, port, started), tempfile.TemporaryDirectory() as folder:
        wait_until_ready(program, port)
        seconds = f"{time.monotonic() - started:.1f} s; the import of Keras alone takes {importing:.1f} s"
        rows = [["start to a page that reads", seconds]]
        if importlib.util.find_spec("playwright"):
            rows += in_browser(program, port, Path(folder))
        else:
            console.say("not measured in a browser; run: python -m pip install -r requirements-browser.txt")
        more, is_alive = many_clients(program, port, arguments.seconds)
    print(text_table(["what", "figure"], [*rows, *more]))
    return 0 if is_alive else 1


if __name__ == "__main__":
    sys.exit(console.guard(main, "benchmarks.page"))
