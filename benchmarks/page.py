"""How quickly the page of draw.py reads, and what it bears.

    python -m benchmarks.page               all of it: about two minutes on two cores
    python -m benchmarks.page --seconds 10  fewer seconds of many clients

It needs Linux, and for the first three rows Playwright and Chromium. The rows: from the end of a stroke to the reading
on the page, while ten digits are drawn on a sheet of about 900 × 500 pixels; from the start of the program to a page
that reads; the pictures that are read of a film before the camera; and eight clients at once, with a thousand bad
requests among theirs. A bad request is cut off, of a wrong type, too large, slow, or of another origin.
"""

import http.client
import importlib.util
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

import handwriting
from handwriting import console
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table

CLIENTS = 8
BAD_REQUESTS = 1_000
BAD_SENDERS = 4  # threads that send bad requests
EVERY = 5  # the clients send every fifth picture of data/
CAMERA_SECONDS = 10
SHEET = {"viewport": {"width": 1352, "height": 724}}  # in which the sheet has some 900 × 500 pixels
NUMBERS = (("20473", 20, 40), ("71342", 20, 260))  # text, left, top
HEIGHT = 120  # px, of the drawn digits

# Notes the time between the end of each stroke and the next change of the reading.
STOPWATCH = """() => {
    window.times = [];
    let lifted = null;
    document.getElementById("ink").addEventListener("pointerup", () => { lifted = performance.now(); }, true);
    new MutationObserver(() => {
        if (lifted !== null) { window.times.push(performance.now() - lifted); lifted = null; }
    }).observe(document.getElementById("reading"), { childList: true });
}"""
COUNTER = """() => {
    window.readings = 0;
    new MutationObserver(() => { window.readings += 1; })
        .observe(document.getElementById("camera-boxes"), { childList: true });
}"""


@dataclass
class Tally:
    """What happened to the requests of many clients."""

    right: int = 0
    wrong: int = 0
    busy: int = 0
    failed: int = 0
    refused: int = 0
    let_in: int = 0  # bad requests that were answered as good ones
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        with self.lock:
            setattr(self, what, getattr(self, what) + 1)


@contextmanager
def draw_program() -> Iterator[tuple[subprocess.Popen, int, float]]:
    """draw.py running: the process, its port, and when it was started."""
    began = time.monotonic()
    command = [sys.executable, "-u", str(PROJECT / "draw.py"), "--no-browser"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = next(line for line in program.stdout if "draw here" in line)
        yield program, int(re.search(r":(\d+)/", line)[1]), began
    finally:
        program.terminate()
        program.wait()


def ask(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """The status and the body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, body, {"Origin": f"http://127.0.0.1:{port}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_until_ready(port: int) -> None:
    """Waits until the networks are loaded."""
    while b'"ready": true' not in ask(port, "GET", "/api/status")[1]:
        time.sleep(0.05)


def memory(program: subprocess.Popen) -> float:
    """The memory of a program in MB."""
    status = Path(f"/proc/{program.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def head(port: int, *lines: str, host: str = "", origin: str = "") -> bytes:
    """The head of a request to read a picture."""
    here = f"127.0.0.1:{port}"
    first = ["POST /api/read HTTP/1.1", f"Host: {host or here}", f"Origin: {origin or f'http://{here}'}"]
    return "\r\n".join([*first, *lines, "", ""]).encode()


def bad_requests(port: int) -> list[Callable[[], list[bytes]]]:
    """The kinds of bad requests: each makes the pieces that are sent, with a pause after each."""
    noise = np.random.default_rng(0).bytes
    return [
        lambda: [head(port, "Content-Length: 5000") + noise(400)],
        lambda: [head(port, "Content-Length: 100000000") + bytes(200_000)],
        lambda: [head(port, "Content-Length: 40"), b"slow", b"slow", b"slow"],
        lambda: [head(port, "Content-Length: 4", origin="http://evil.example") + b"evil"],
        lambda: [head(port, "Content-Length: 4", host="evil.example") + b"evil"],
        lambda: [head(port, "Transfer-Encoding: chunked") + b"4\r\nevil\r\n0\r\n\r\n"],
        lambda: [head(port, "Content-Length: many")],
        lambda: [noise(300) + b"\r\n\r\n"],
        lambda: [b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
        lambda: [
            head(port)
            .replace(b"/api/read", b"/api/mine")
            .replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n[]")
        ],
        lambda: [b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n"],
        lambda: [b"G"],
    ]


def send_bad(port: int, pieces: list[bytes], tally: Tally) -> None:
    """Sends a bad request, and counts how it was answered."""
    answer = b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
            if len(pieces) > 1:
                time.sleep(0.2)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(100)
    tally.count("let_in" if b" 200 " in answer or b" 201 " in answer else "refused")


def send_many_bad(port: int, count: int, until: float, seed: int, tally: Tally) -> None:
    """Sends bad requests, spread over the time that is left."""
    kinds, chance = bad_requests(port), random.Random(seed)
    for number in range(count):
        time.sleep(max(0, (until - time.monotonic()) / (count - number) * chance.random()))
        send_bad(port, chance.choice(kinds)(), tally)


def send_good(port: int, pictures: dict[bytes, str], until: float, seed: int, tally: Tally) -> None:
    """Has pictures read until the time is over, and compares the readings."""
    chance = random.Random(seed)
    while time.monotonic() < until:
        picture = chance.choice(list(pictures))
        try:
            status, answer = ask(port, "POST", "/api/read", picture)
        except OSError:
            tally.count("failed")
            continue
        right = f'"reading": "{pictures[picture]}"'.encode() in answer
        tally.count({200: "right" if right else "wrong", 503: "busy"}.get(status, "failed"))


def many_clients(program: subprocess.Popen, port: int, seconds: float) -> list[str]:
    """Eight clients at once, and a thousand bad requests."""
    files = sorted((PROJECT / "data").glob("*.*"))[::EVERY]
    pictures = {file.read_bytes(): handwriting.read(file).reading for file in files}
    before, until, tally = memory(program), time.monotonic() + seconds, Tally()
    threads = [
        threading.Thread(target=send_good, args=(port, pictures, until, seed, tally))
        for seed in range(CLIENTS)
    ]
    threads += [
        threading.Thread(
            target=send_many_bad, args=(port, BAD_REQUESTS // BAD_SENDERS, until, 100 + seed, tally)
        )
        for seed in range(BAD_SENDERS)
    ]
    for thread in threads:
        thread.start()
    highest = before
    while any(thread.is_alive() for thread in threads):
        highest = max(highest, memory(program))
        time.sleep(0.5)
    crashed = program.poll() is not None
    return [
        f"{CLIENTS} clients for {seconds:g} s, {tally.refused + tally.let_in:,} bad requests",
        f"{tally.right:,} right, {tally.wrong} wrong, {tally.busy} busy, {tally.failed} failed, "
        f"{tally.let_in} bad let in, {'crashed' if crashed else 'no crash'}, "
        f"{before:.0f} MB before, {highest:.0f} MB at most",
    ]


def film(path: Path) -> Path:
    """A film for Chromium's pretended camera."""
    with Image.open(PROJECT / "data" / "2047-shadow.jpg") as photo:
        photo.convert("RGB").resize((640, 480)).save(path, "JPEG")
    path.write_bytes(path.read_bytes() * 3)
    return path


def in_browser(port: int, folder: Path) -> list[list[str]]:
    """The latency of readings and the camera, in a real browser."""
    from playwright.sync_api import sync_playwright

    from tests.web.browser import chromium, draw

    arguments = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    arguments.append(f"--use-file-for-fake-video-capture={film(folder / 'film.mjpeg')}")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=arguments)
        page = browser.new_page(**SHEET)
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("#server-state[data-state=ready]")
        size = page.locator("#ink").bounding_box()
        page.evaluate(STOPWATCH)
        for _ in range(3):
            for text, left, top in NUMBERS:
                for number, digit in enumerate(text):
                    draw(page, digit, left + number * 0.95 * HEIGHT, top, HEIGHT)
                    page.wait_for_timeout(600)
            read = page.locator("#reading").inner_text().split()
            page.locator("#clear").click()
            page.wait_for_timeout(300)
        times = sorted(page.evaluate("window.times"))
        page.locator("#camera-tab").click()
        page.locator("#camera-switch").click()
        page.wait_for_timeout(1000)
        page.evaluate(COUNTER)
        page.wait_for_timeout(1000 * CAMERA_SECONDS)
        pictures = page.evaluate("window.readings") / CAMERA_SECONDS
        browser.close()
    late = times[int(0.95 * (len(times) - 1))]
    where = f"{size['width']:.0f} × {size['height']:.0f}, {len(read)} digits, {len(times)} strokes"
    return [
        [f"stroke to reading, {where}", f"{statistics.median(times):.0f} ms, 95th percentile {late:.0f} ms"],
        ["camera", f"{pictures:.1f} pictures a second"],
    ]


def main() -> int:
    parser = console.Parser(description="Measure the page of draw.py.")
    parser.add_argument("--seconds", type=console.positive_integer, default=60, help="(default: %(default)s)")
    arguments = parser.parse_args()
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import handwriting.quiet_keras"], cwd=PROJECT, check=True)
    importing = time.monotonic() - began
    with draw_program() as (program, port, started), tempfile.TemporaryDirectory() as folder:
        wait_until_ready(port)
        ready = time.monotonic() - started
        rows = [
            [
                "start to a page that reads",
                f"{ready:.1f} s; the import of Keras alone takes {importing:.1f} s",
            ]
        ]
        if importlib.util.find_spec("playwright"):
            rows += in_browser(port, Path(folder))
        else:
            console.say("not measured in a browser; run: python -m pip install -r requirements-browser.txt")
        rows.append(many_clients(program, port, arguments.seconds))
    print(text_table(["what", "figure"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(console.guard(main, "benchmarks.page"))
