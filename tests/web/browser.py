"""A person at the page: a real Chromium, pointer events, and what the page must never do."""

import contextlib
import math
import shutil
import time
from pathlib import Path

from PIL import Image

from handwriting.shipped import PROJECT

# Strokes of digits, in a box of one unit of height. A person's are rounder, but no better to read.
STROKES = {
    "0": [
        [(0.33 + 0.3 * math.sin(a / 8 * math.pi), 0.5 - 0.5 * math.cos(a / 8 * math.pi)) for a in range(17)]
    ],
    "1": [[(0.3, 0), (0.3, 1)]],
    "2": [[(0, 0.25), (0.1, 0.05), (0.35, 0), (0.55, 0.15), (0.5, 0.4), (0, 1), (0.65, 1)]],
    "3": [[(0, 0.1), (0.3, 0), (0.5, 0.2), (0.2, 0.45), (0.55, 0.7), (0.3, 1), (0, 0.9)]],
    "4": [[(0.1, 0), (0.05, 0.55), (0.65, 0.55)], [(0.5, 0.25), (0.5, 1)]],
    "7": [[(0, 0), (0.6, 0), (0.2, 1)]],
}
WIDE = {"viewport": {"width": 1400, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
ADVANCE = 0.95  # of the height, from one digit to the next
ARGUMENTS = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of an installed Chromium."""
    return next(filter(None, map(shutil.which, EXECUTABLES)), None)


def expect(place):
    """Playwright's `expect`, imported here because only some have it."""
    from playwright.sync_api import expect as playwrights

    return playwrights(place)


def launch(playwright, film: Path):
    """A Chromium whose camera shows a film."""
    arguments = [*ARGUMENTS, f"--use-file-for-fake-video-capture={film}"]
    return playwright.chromium.launch(executable_path=chromium(), args=arguments)


def make_film(path: Path) -> Path:
    """Makes a film of one of the pictures in data/."""
    film = Image.new("RGB", (640, 480), "white")
    with Image.open(PROJECT / "data" / "2047-shadow.jpg") as photo:
        photo.thumbnail((600, 440))
        film.paste(photo, (20, 20))
    film.save(path, "JPEG", quality=90)
    path.write_bytes(3 * path.read_bytes())
    return path


def strokes_of(text: str, left: float, top: float, height: float) -> list[list[tuple[float, float]]]:
    """The strokes of a number, in pixels of the sheet."""
    return [
        [(left + height * (ADVANCE * number + x), top + height * y) for x, y in stroke]
        for number, digit in enumerate(text)
        for stroke in STROKES[digit]
    ]


def draw(page, text: str, left: float, top: float, height: float) -> None:
    """Draws a number with the mouse."""
    sheet = page.locator("#ink").bounding_box()
    for first, *others in strokes_of(text, sheet["x"] + left, sheet["y"] + top, height):
        page.mouse.move(*first)
        page.mouse.down()
        for x, y in others:
            page.mouse.move(x, y, steps=5)
        page.mouse.up()


def draw_by_touch(page, text: str, left: float, top: float, height: float) -> None:
    """Draws a number with a finger."""
    sheet = page.locator("#ink").bounding_box()
    session = page.context.new_cdp_session(page)
    for first, *others in strokes_of(text, sheet["x"] + left, sheet["y"] + top, height):
        send_touch(session, "touchStart", first)
        start = first
        for x, y in others:
            for step in range(1, 6):
                send_touch(
                    session,
                    "touchMove",
                    (start[0] + (x - start[0]) * step / 5, start[1] + (y - start[1]) * step / 5),
                )
            start = (x, y)
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def send_touch(session, kind: str, at: tuple[float, float]) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at[0], "y": at[1]}]})


def wait_for_reading(page, expected: str, seconds: float = 20) -> None:
    """Waits until the page shows a reading."""
    deadline = time.monotonic() + seconds
    while (now := reading(page)) != expected:
        assert time.monotonic() < deadline, f"expected {expected}, got {now}"
        time.sleep(0.05)


def reading(page) -> str:
    """The reading as the page shows it: a space between numbers, " / " between lines."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#reading .line")].map((line) =>
            [...line.querySelectorAll(".number")].map((number) => number.textContent).join(" ")).join(" / ")"""
    )


@contextlib.contextmanager
def quiet_pages(browser):
    """Gives a function that opens pages. In the end they must have said nothing, and asked nothing of other hosts."""
    pages, complaints = [], []

    def opened(address: str, own: str, expected: str = "", **options):
        """A page that may ask only what begins with `own`, and say only what has `expected` in it."""

        def note_request(request):
            if not request.url.startswith((own, "blob:")):
                complaints.append(f"asked {request.url}")

        def note_message(message):
            if not expected or expected not in message.text:
                complaints.append(f"console: {message.text}")

        page = browser.new_context(**options).new_page()
        page.on("console", note_message)
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", note_request)
        page.goto(address)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert complaints == []


def violations(page, axe: str) -> list[str]:
    """What axe complains about, in lines."""
    page.evaluate(axe)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']]}" for one in found]


def screenshot(page, name: str, folder: Path) -> None:
    """Saves what the page looks like, for people to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
