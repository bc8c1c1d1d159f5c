"""The page is fit for all: no violation of accessibility that axe knows, and nothing jumps."""

import functools

import pytest

from handwriting.shipped import PROJECT
from tests.web.browser import PHONE, WIDE, chromium, draw, violations, wait_for_reading

playwright = pytest.importorskip(
    "playwright.sync_api",
    reason="the page was not tried in a browser: pip install -r requirements-browser.txt",
)
pytestmark = pytest.mark.skipif(
    not chromium(), reason="the page was not tried in a browser: install Chromium (apt-get install chromium)"
)
SHIFT = 0.02  # of the screen; a tenth is what people call a jump


@pytest.mark.parametrize(
    "options", [WIDE, {**WIDE, "color_scheme": "dark"}, PHONE, {**PHONE, "color_scheme": "dark"}]
)
def test_every_state_is_accessible(open_page, axe, options, tmp_path):
    page = open_page(**options)
    assert violations(page, axe) == []
    draw(page, "27", 20, 60, 90)
    wait_for_reading(page, "27")
    page.locator("#reading button").first.click()
    playwright.expect(page.locator("#opinions tr")).to_have_count(5)
    page.keyboard.press("3")
    playwright.expect(page.locator("#mine li")).to_have_count(1)
    page.locator(".help summary").click()
    assert violations(page, axe) == []
    (tmp_path / "words.png").write_text("no picture")
    page.locator("#picture-tab").click()
    page.locator("#file").set_input_files(tmp_path / "words.png")
    playwright.expect(page.locator("#certainty")).to_contain_text("can't be read")
    assert violations(page, axe) == []
    page.locator("#file").set_input_files(PROJECT / "data" / "42-pen.png")
    wait_for_reading(page, "42")
    assert violations(page, axe) == []
    page.locator("#camera-tab").click()
    assert violations(page, axe) == []


def answer_with(content: dict, route) -> None:
    route.fulfill(json=content)


@pytest.mark.parametrize("options", [WIDE, {**PHONE, "color_scheme": "dark"}])
def test_every_state_of_learning_is_accessible(open_page, axe, options):
    """The states are shown as the server would say them."""
    page = open_page(**options)
    nothing = {"state": "none", "share": 0, "complaint": "", "unfinished": False, "fewest": 5, "result": None}
    result = {"learned": 80, "judged_by": "digits held back", "count": 20, "before": 6, "after": 1}
    for words, stand in {
        "Correct or confirm": nothing,
        "Learning your hand: 50": {**nothing, "state": "learning", "share": 0.5},
        "Learned 80 of your digits": {**nothing, "state": "learned", "result": result},
        "no luck": {**nothing, "state": "learned", "complaint": "no luck"},
        "stopped before its end": {**nothing, "unfinished": True},
    }.items():
        page.unroute_all()
        page.route("**/api/learning", functools.partial(answer_with, stand))
        page.reload()
        playwright.expect(page.locator("#learning-note")).to_contain_text(words)
        assert violations(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.unroute_all()


@pytest.mark.parametrize("options", [WIDE, PHONE])
def test_nothing_jumps_while_one_writes_and_corrects(open_page, options):
    page = open_page(**options)
    page.evaluate(
        """() => {
            window.shifts = [];
            const note = (entry) => window.shifts.push([entry.value, entry.sources.map(({ node }) => node?.id)]);
            new PerformanceObserver((list) => list.getEntries().forEach(note))
                .observe({ type: "layout-shift", buffered: true });
        }"""
    )
    draw(page, "27", 20, 60, 90)
    wait_for_reading(page, "27")
    draw(page, "7", 20, 200, 90)
    wait_for_reading(page, "27 / 7")
    page.locator("#clear").click()
    wait_for_reading(page, "")
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) < SHIFT, shifts


@pytest.mark.parametrize("width", [320, 480, 768, 1024, 1920])
def test_no_width_needs_scrolling_sideways(open_page, width):
    page = open_page(viewport={"width": width, "height": 700})
    draw(page, "27", 20, 40, 70)
    wait_for_reading(page, "27")
    page.locator("#reading button").first.click()
    playwright.expect(page.locator("#opinions tr")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
