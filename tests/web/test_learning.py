"""The page learns a hand: in another process, one at a time, and it takes it back."""

import shutil
import time

import numpy as np
import pytest

from handwriting.shipped import shipped_network
from handwriting.web.learning import Learning
from handwriting.web.mine import MyDigits
from handwriting.writing.digits import write_digits
from tests.reading.command import foreign
from tests.web.browser import draw, expect, screenshot, wait_for_reading
from tests.web.client import ask
from tests.web.conftest import QUICK_PROGRAM

PATIENCE = 120  # seconds for a training


@pytest.fixture
def learner(server):
    """The running server, with digits to learn. What was learned is forgotten in the end."""
    add_digits(server.mine)
    yield server
    wait_for_end(server)
    for name in ("checkpoints", "logs", "running"):
        shutil.rmtree(server.learning.out / name, ignore_errors=True)
    server.learning.join()


def add_digits(mine, count: int = 60):
    pixels, labels = write_digits(count, seed=7)
    for image, label in zip(pixels, labels, strict=True):
        mine.save(image[..., np.newaxis].astype(np.float32) / 255, int(label))


def wait_for_end(server) -> dict:
    """How the training stands when it has ended."""
    deadline = time.monotonic() + PATIENCE
    while (stand := ask(server, "GET", "/api/learning")[1])["state"] == "learning":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return stand


def test_it_learns_one_at_a_time_joins_the_readings_and_is_taken_back(learner):
    picture = learner.mine.find(learner.mine.listed()["pictures"][0]["name"]).read_bytes()
    status, stand, _ = ask(learner, "POST", "/api/learning")
    assert (status, stand["state"], stand["share"]) == (202, "learning", 0)
    status, answer, _ = ask(learner, "POST", "/api/learning")
    assert (status, answer["error"]) == (409, "your hand is being learned already")
    assert ask(learner, "DELETE", "/api/learning")[0] == 409
    before = ask(learner, "POST", "/api/read", picture)[1]  # it reads while it learns
    assert set(before["digits"][0]["networks"]) == {"cnn_v1", "cnn_v2", "cnn_v3"}
    stand = wait_for_end(learner)
    assert (stand["state"], stand["complaint"], stand["unfinished"]) == ("learned", "", False)
    assert stand["result"]["judged_by"] == "digits held back"
    assert stand["result"]["after"] <= stand["result"]["before"]
    after = ask(learner, "POST", "/api/read", picture)[1]
    assert set(after["digits"][0]["networks"]) == {"cnn_v1", "cnn_v2", "cnn_v3", "cnn_v3_mine"}
    status, stand, _ = ask(learner, "DELETE", "/api/learning")
    assert (status, stand["state"]) == (200, "none")
    assert ask(learner, "POST", "/api/read", picture)[1] == before
    assert (learner.learning.out / "checkpoints" / "previous" / "cnn_digit03_mine.keras").exists()


def test_a_learning_that_is_killed_harms_nothing_and_goes_on(learner):
    shipped = shipped_network("cnn_v3").read_bytes()
    pictures = {path.name: path.read_bytes() for path in learner.mine.pictures()}
    ask(learner, "POST", "/api/learning")
    deadline = time.monotonic() + PATIENCE
    while not learner.learning.run.state.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    learner.learning.process.kill()
    stand = wait_for_end(learner)
    assert (stand["state"], stand["unfinished"]) == ("none", True)
    assert stand["complaint"].startswith("Nothing was changed: the training was stopped")
    assert {path.name: path.read_bytes() for path in learner.mine.pictures()} == pictures
    assert shipped_network("cnn_v3").read_bytes() == shipped
    ask(learner, "POST", "/api/learning")
    stand = wait_for_end(learner)
    assert (stand["state"], stand["complaint"], stand["unfinished"]) == ("learned", "", False)


def test_too_few_digits_are_refused_in_words(server):
    add_digits(server.mine, 4)
    server.mine.save(np.ones((28, 28, 1), np.float32), None)
    status, answer, _ = ask(server, "POST", "/api/learning")
    assert status == 409
    assert answer["error"].startswith("expected at least 5 of your digits to learn your hand from, got 4")


def test_why_a_learning_fails_is_said_without_paths_of_this_machine(tmp_path, monkeypatch):
    learning = Learning(MyDigits(tmp_path / "mine"), tmp_path, QUICK_PROGRAM)
    add_digits(learning.mine, 8)
    (tmp_path / "checkpoints").write_text("a file where a folder should be")
    learning.start()
    learning.follower.join(PATIENCE)
    complaint = learning.described()["complaint"]
    assert complaint.startswith(
        "Nothing was changed: expected a folder that can be written in, got checkpoints"
    )
    assert str(tmp_path) not in complaint


def test_a_damaged_learned_network_does_not_keep_the_page_from_reading(tmp_path, capsys):
    learning = Learning(MyDigits(tmp_path / "mine"), tmp_path)
    path = learning.run.final.model
    path.parent.mkdir()
    path.write_bytes(b"damaged")
    learning.load()
    assert learning.networks is None
    assert "reading without it" in capsys.readouterr().err
    assert learning.described()["complaint"].startswith("The learned network can't be used")


def test_a_learned_network_that_gives_no_probabilities_does_not_either(tmp_path, capsys):
    learning = Learning(MyDigits(tmp_path / "mine"), tmp_path)
    learning.run.final.model.parent.mkdir()
    foreign(learning.run.final.model, activation="relu")
    learning.load()
    assert learning.networks is None
    assert "expected probabilities that add up to 1" in capsys.readouterr().err


def test_a_learned_network_that_reads_far_worse_is_left_out_and_the_page_says_so(tmp_path):
    learning = Learning(MyDigits(tmp_path / "mine"), tmp_path)
    learning.run.final.model.parent.mkdir()
    foreign(learning.run.final.model)
    learning.load()
    complaint = learning.described()["complaint"]
    assert complaint.startswith("The learned network does not read with the others: it reads ")


def test_whatever_fails_when_the_networks_are_loaded_anew_the_page_says_so(tmp_path, monkeypatch):
    learning = Learning(MyDigits(tmp_path / "mine"), tmp_path)

    def ask(question):
        raise MemoryError("no memory left")

    monkeypatch.setattr(learning.worker, "ask", ask)
    learning.join()
    assert "could not be loaded anew (no memory left)" in learning.described()["complaint"]


def test_learn_and_take_back_in_a_browser(learner, open_page, shots):
    page = open_page()
    draw(page, "7", 60, 60, 130)
    wait_for_reading(page, "7")
    page.locator("#reading button").click()
    expect(page.locator("#opinions tr")).to_have_count(5)
    page.locator("#learn").click()
    expect(page.locator("#learning-progress")).to_be_visible()
    expect(page.locator("#learn")).to_be_disabled()
    page.reload()  # in the middle
    wait_for_reading(page, "7")
    expect(page.locator("#learning-progress")).to_be_visible()
    expect(page.locator("#learning-note")).to_contain_text("Learning your hand: 50", timeout=1000 * PATIENCE)
    screenshot(page, "learning", shots)
    expect(page.locator("#learning-note")).to_contain_text("Learned 5", timeout=1000 * PATIENCE)
    expect(page.locator("#learning-progress")).to_be_hidden()
    page.locator("#reading button").click()
    expect(page.locator("#opinions tr")).to_have_count(6)
    assert "Your hand" in page.locator("#opinions").inner_text()
    screenshot(page, "learned", shots)
    page.locator("#take-back").click()
    expect(page.locator("#opinions tr")).to_have_count(5)
    expect(page.locator("#take-back")).to_be_hidden()
    wait_for_reading(page, "7")


def test_with_too_few_digits_the_page_says_how_many_it_needs(open_page):
    page = open_page()
    expect(page.locator("#learning-note")).to_contain_text("Correct or confirm 5 digits or more")
    assert page.locator("#learn").is_disabled()
