"""A running server of the page, with a folder of its own for the person's digits, and a browser that opens the page."""

import os
import sys
import threading
from importlib import resources
from pathlib import Path

import pytest

from handwriting.web.learning import Learning
from handwriting.web.mine import MyDigits
from handwriting.web.server import Server
from tests.web.browser import WIDE, chromium, launch, make_film, quiet_pages

# cnn_model_v2.py with so few images that it learns within seconds.
QUICK_PROGRAM = (sys.executable, "-u", "-m", "tests.quick_learning")


@pytest.fixture(scope="package")
def running(tmp_path_factory):
    """A server with the shipped networks, on a free port."""
    home = tmp_path_factory.mktemp("page")
    mine = MyDigits(home / "data" / "mine")
    learning = Learning(mine, home, QUICK_PROGRAM)
    worker = learning.worker
    worker.start()
    with Server(0, worker, mine, learning) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        assert worker.ready.wait(120)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server(running):
    """The running server, with none of the person's digits left from other tests."""
    running.mine.last = 0
    for path in running.mine.pictures():
        path.unlink()
    return running


@pytest.fixture(scope="package")
def camera_film(tmp_path_factory) -> Path:
    """A film for Chromium's pretended camera."""
    return make_film(tmp_path_factory.mktemp("camera") / "film.mjpeg")


@pytest.fixture(scope="package")
def browser(camera_film):
    """A Chromium. Tests that need it are skipped where it or Playwright is not installed."""
    if not chromium():
        pytest.skip("the page was not tried in a browser: install Chromium (apt-get install chromium)")
    playwright = pytest.importorskip(
        "playwright.sync_api",
        reason="the page was not tried in a browser: pip install -r requirements-browser.txt",
    )
    with playwright.sync_playwright() as started:
        opened = launch(started, camera_film)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def axe() -> str:
    """The program that looks for violations of accessibility."""
    package = pytest.importorskip(
        "axe_playwright_python",
        reason="accessibility was not checked: pip install -r requirements-browser.txt",
    )
    return resources.files(package).joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def shots(tmp_path_factory) -> Path:
    """Where screenshots go: to the folder that DRAW_SCREENSHOTS names, or to a folder that is soon deleted."""
    return Path(os.environ.get("DRAW_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))


@pytest.fixture
def open_page(browser, server):
    """Opens the page, of the running server or of another.

    In the end it must have said nothing on the console but what is expected, and asked no other host.
    """
    with quiet_pages(browser) as opened:

        def make(server=server, is_ready=True, expected="", **options):
            page = opened(server.address, server.address, expected, **(options or WIDE))
            page.wait_for_selector(f"#server-state[data-state={'ready' if is_ready else 'loading'}]")
            return page

        yield make
