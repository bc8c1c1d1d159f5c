"""The page in a real browser. These tests are skipped where Playwright or Chromium is not installed."""

import base64
import threading
from pathlib import Path

import pytest
from PIL import Image

from handwriting.shipped import PROJECT
from handwriting.web.mine import MyDigits
from handwriting.web.server import Server
from handwriting.web.worker import Worker
from tests.web.browser import (
    PHONE,
    WIDE,
    chromium,
    draw,
    draw_by_touch,
    reading,
    screenshot,
    wait_for_reading,
)

playwright = pytest.importorskip(
    "playwright.sync_api",
    reason="the page was not tried in a browser: pip install -r requirements-browser.txt",
)
pytestmark = [
    pytest.mark.skipif(
        not chromium(),
        reason="the page was not tried in a browser: install Chromium (apt-get install chromium)",
    ),
]


def test_a_number_and_two_lines_are_read_as_they_are_drawn(open_page, shots):
    page = open_page()
    draw(page, "7", 60, 60, 130)
    wait_for_reading(page, "7")
    page.locator("#clear").click()
    wait_for_reading(page, "")
    draw(page, "2047", 60, 60, 130)
    wait_for_reading(page, "2047")
    draw(page, "31", 80, 300, 120)
    wait_for_reading(page, "2047 / 31")
    assert page.locator("#draw-boxes rect").count() == 6
    assert page.locator("#certainty").inner_text().startswith(("Sure", "Fairly sure", "Likely"))
    screenshot(page, "drawn", shots)


def test_undo_takes_back_strokes_and_a_clear(open_page):
    page = open_page()
    draw(page, "71", 60, 60, 130)
    wait_for_reading(page, "71")
    page.keyboard.press("Control+z")
    wait_for_reading(page, "7")
    page.locator("#clear").click()
    wait_for_reading(page, "")
    page.locator("#undo").click()
    wait_for_reading(page, "7")


def test_the_same_with_a_finger_on_a_phone(open_page, shots):
    page = open_page(**PHONE)
    draw_by_touch(page, "2047", 20, 60, 80)
    wait_for_reading(page, "2047")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(page, "phone", shots)


def test_a_click_on_the_ink_shows_what_the_networks_say_and_draws_nothing(open_page, shots):
    page = open_page()
    draw(page, "7", 60, 60, 130)
    wait_for_reading(page, "7")
    sheet = page.locator("#ink").bounding_box()
    page.mouse.click(sheet["x"] + 100, sheet["y"] + 100)
    page.wait_for_selector("#inspector-body:not([hidden])")
    playwright.expect(page.locator("#opinions tr")).to_have_count(5)
    assert page.locator("#opinions td").count() == 50
    assert page.locator("#opinions .best").count() == 5
    screenshot(page, "inspected", shots)
    page.keyboard.press("Escape")
    assert page.locator("#inspector-body").is_hidden()
    page.keyboard.press("Control+z")
    wait_for_reading(page, "")


PIXELS = "canvas => canvas.toDataURL()"


def add_a_bar(page):
    """Draws the bar of a crossed 7 with the mouse, from ink to paper."""
    sheet = page.locator("#ink").bounding_box()
    page.mouse.move(sheet["x"] + 80, sheet["y"] + 125)
    page.mouse.down()
    page.mouse.move(sheet["x"] + 140, sheet["y"] + 125, steps=5)
    page.mouse.up()


def test_a_second_stroke_may_begin_on_what_was_read(open_page):
    page = open_page()
    draw(page, "7", 60, 60, 130)
    wait_for_reading(page, "7")
    add_a_bar(page)
    wait_for_reading(page, "7")
    assert page.locator("#inspector-body").is_hidden()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    wait_for_reading(page, "")


def test_a_digit_stays_chosen_when_a_stroke_is_added_to_it(open_page):
    page = open_page()
    draw(page, "7", 60, 60, 130)
    wait_for_reading(page, "7")
    page.locator("#reading button").click()
    page.wait_for_selector("#inspector-body:not([hidden])")
    image = page.locator("#digit-image")
    before = image.evaluate(PIXELS)
    add_a_bar(page)
    page.wait_for_function(
        f"before => ({PIXELS})(document.querySelector('#digit-image')) !== before", arg=before
    )
    assert page.locator("#inspector-body").is_visible()
    assert page.locator("#reading button").get_attribute("aria-pressed") == "true"


def test_all_of_it_without_a_mouse(open_page, server, shots):
    page = open_page()
    page.locator("#ink").focus()
    page.keyboard.press("Space")
    hold(page, ["ArrowRight"], 8)
    hold(page, ["ArrowDown", "ArrowLeft"], 2)
    hold(page, ["ArrowDown"], 10)
    page.keyboard.press("Space")
    playwright.expect(page.locator("#reading button")).to_have_count(1)
    read = reading(page)
    screenshot(page, "keyboard", shots)
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#reading button')"):
            break
    page.keyboard.press("Enter")
    wrong = "3" if read != "3" else "4"
    page.keyboard.press(wrong)
    playwright.expect(page.locator("#saved-note")).to_contain_text(
        f"Saved as {wrong}, in data/mine/{wrong}-0001.png"
    )
    assert [path.name for path in server.mine.pictures()] == [f"{wrong}-0001.png"]
    wait_for_reading(page, wrong)
    page.keyboard.press("n")
    playwright.expect(page.locator("#saved-note")).to_contain_text("not a digit")
    assert [path.name for path in server.mine.pictures()] == ["other-0002.png"]
    page.keyboard.press("y")
    wait_for_reading(page, read)
    page.locator("#mine button").focus()
    page.keyboard.press("Enter")
    playwright.expect(page.locator("#mine li")).to_have_count(0)
    assert server.mine.pictures() == []


def hold(page, keys: list[str], steps: int) -> None:
    """Holds arrow keys down for some steps."""
    for _ in range(steps):
        for key in keys:
            page.keyboard.down(key)
    for key in keys:
        page.keyboard.up(key)


def drop(page, path: Path, name: str = "") -> None:
    """Drops a file on the page."""
    content = base64.b64encode(path.read_bytes()).decode()
    page.evaluate(
        """([content, name]) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const items = new DataTransfer();
            items.items.add(new File([bytes], name, { type: "image/jpeg" }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: items, bubbles: true, cancelable: true }));
        }""",
        [content, name or path.name],
    )


def test_a_dropped_photo_is_read(open_page, shots):
    page = open_page()
    drop(page, PROJECT / "data" / "2047-shadow.jpg")
    wait_for_reading(page, "2047")
    assert page.locator("#picture-tab").get_attribute("aria-selected") == "true"
    page.locator("#picture-boxes rect").first.click()
    assert "Read as 2" in page.locator("#digit-words").inner_text()
    screenshot(page, "picture", shots)


def test_a_chosen_photo_is_made_smaller_and_read(open_page, tmp_path):
    page = open_page()
    page.locator("#picture-tab").click()
    with Image.open(PROJECT / "data" / "31-red.jpg") as photo:
        photo.resize((4000, 4000 * photo.height // photo.width)).save(tmp_path / "large.jpg")
    page.locator("#file").set_input_files(tmp_path / "large.jpg")
    wait_for_reading(page, "31")
    assert page.locator("#picture-note").inner_text() == "large.jpg, made smaller before it was read"


def test_a_picture_that_is_read_late_takes_no_newer_ones_place(open_page):
    page = open_page()
    page.locator("#picture-tab").click()
    held = []

    def hold_the_first(route) -> None:
        held.append(route) if not held else route.continue_()

    page.route("**/api/read", hold_the_first)
    for name in ("31-red.jpg", "2047-shadow.jpg"):
        page.locator("#file").set_input_files(PROJECT / "data" / name)
        page.wait_for_timeout(200)
    wait_for_reading(page, "2047")
    with page.expect_response("**/api/read"):
        held[0].continue_()
    page.wait_for_timeout(200)
    assert reading(page) == "2047"


def test_what_is_no_picture_is_said_in_words(open_page, tmp_path, shots):
    page = open_page()
    (tmp_path / "words.png").write_text("no picture")
    page.locator("#picture-tab").click()
    page.locator("#file").set_input_files(tmp_path / "words.png")
    playwright.expect(page.locator("#certainty")).to_contain_text("This picture can't be read: not a picture")
    screenshot(page, "no-picture", shots)


def test_the_camera_is_read_live(open_page, shots):
    page = open_page()
    page.locator("#camera-tab").click()
    page.locator("#camera-switch").click()
    wait_for_reading(page, "2047")
    assert page.locator("#camera-boxes rect").count() == 4
    screenshot(page, "camera", shots)
    page.locator("#camera-keep").click()
    playwright.expect(page.locator("#picture-tab")).to_have_attribute("aria-selected", "true")
    wait_for_reading(page, "2047")
    page.locator("#camera-tab").click()
    assert page.locator("#camera-switch").inner_text() == "Start the camera"
    page.locator("#camera-switch").click()
    wait_for_reading(page, "2047")
    page.locator("#camera-switch").click()
    playwright.expect(page.locator("#certainty")).to_have_text("The camera is off")
    assert page.locator("#camera-boxes rect").count() == 0


def test_the_dark_page(open_page, shots):
    page = open_page(**WIDE, color_scheme="dark")
    draw(page, "2047", 60, 60, 130)
    wait_for_reading(page, "2047")
    page.locator("#reading button").first.click()
    playwright.expect(page.locator("#opinions tr")).to_have_count(5)
    screenshot(page, "dark", shots)


def test_a_drawing_outlives_a_reload_and_a_turned_phone(open_page):
    page = open_page()
    draw(page, "2047", 400, 60, 100)
    wait_for_reading(page, "2047")
    page.set_viewport_size({"width": 420, "height": 800})
    draw(page, "7", 20, 100, 40)
    wait_for_reading(page, "2047 / 7")
    page.keyboard.press("Control+z")
    wait_for_reading(page, "2047")
    page.reload()
    wait_for_reading(page, "2047")
    page.keyboard.press("Control+z")
    wait_for_reading(page, "204")


def test_keys_work_on_a_keyboard_with_other_letters(open_page):
    page = open_page()
    draw(page, "71", 60, 60, 130)
    wait_for_reading(page, "71")
    russian = "{key: 'я', code: 'KeyZ', ctrlKey: true}"
    page.evaluate(f"document.dispatchEvent(new KeyboardEvent('keydown', {russian}))")
    wait_for_reading(page, "7")


def test_what_is_drawn_while_the_networks_load_is_read_later(open_page, running, tmp_path):
    loaded = threading.Event()
    worker = Worker(loaded.wait)
    worker.start()
    with Server(0, worker, MyDigits(tmp_path), running.learning) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        page = open_page(server, is_ready=False)
        draw(page, "7", 60, 60, 130)
        playwright.expect(page.locator("#certainty")).to_contain_text("The networks are still loading")
        loaded.set()
        wait_for_reading(page, "7")
        page.wait_for_selector("#server-state[data-state=ready]")
        server.shutdown()
        thread.join()


def test_a_page_whose_server_has_ended_says_so(open_page, running, tmp_path):
    with Server(0, running.worker, MyDigits(tmp_path), running.learning) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        page = open_page(server, expected="ERR_FAILED")
        page.route("**/api/read", lambda route: route.abort())
        draw(page, "7", 60, 60, 130)
        playwright.expect(page.locator("#certainty")).to_contain_text("The page has lost its server")
        page.unroute("**/api/read")
        page.locator("#undo").click()
        draw(page, "7", 60, 60, 130)
        wait_for_reading(page, "7")
        server.shutdown()
        thread.join()


def test_the_picture_in_readme(open_page, shots):
    """Shows a page on which somebody writes. DRAW_SCREENSHOTS=docs makes docs/page.png."""
    page = open_page(viewport={"width": 1200, "height": 960})
    draw(page, "2047", 60, 70, 150)
    draw(page, "31", 330, 340, 150)
    wait_for_reading(page, "2047 / 31")
    page.locator("#reading button").nth(2).click()
    playwright.expect(page.locator("#opinions tr")).to_have_count(5)
    page.screenshot(path=shots / "page.png")
