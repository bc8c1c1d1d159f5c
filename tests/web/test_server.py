"""The server of the page without a browser: it reads, saves and deletes."""

import base64
import os
import shutil
import threading
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

import handwriting
from handwriting.data.picture_folder import picture_folder
from handwriting.shipped import PROJECT
from handwriting.web import answers
from handwriting.web.digit_pixels import to_text
from handwriting.web.mine import MyDigits
from handwriting.web.responses import KINDS, PAGE
from tests.helpers import draw_strokes, linked
from tests.web.client import a_digit, ask, png


def test_a_drawn_seven_is_read_as_test_load_reads_it(server):
    picture = draw_strokes("7", size=(900, 500), box=(300, 100, 420, 300))
    status, answer, _ = ask(server, "POST", "/api/read", png(picture))
    result = handwriting.read(picture)
    assert status == 200
    assert (answer["reading"], answer["status"]) == (result.reading, result.status) == ("7", "ok")
    (digit,) = answer["digits"]
    assert digit["digit"] == 7
    assert digit["box"] == list(result.digits[0].box)
    assert digit["confidence"] == pytest.approx(result.confidence)
    assert set(digit["networks"]) == {"cnn_v1", "cnn_v2", "cnn_v3"}
    for probabilities in (digit["probabilities"], digit["finder"], *digit["networks"].values()):
        assert (len(probabilities), np.argmax(probabilities)) == (10, 7)
        assert sum(probabilities) == pytest.approx(1, abs=0.01)
    pixels = np.frombuffer(base64.b64decode(digit["image"]), np.uint8).reshape(28, 28)
    assert np.abs(pixels / 255 - result.digits[0].image[..., 0]).max() < 0.005


def test_pictures_of_all_formats_are_read_and_others_are_said_to_be_none(server):
    chalk = (PROJECT / "data" / "3-chalk.jpg").read_bytes()
    assert ask(server, "POST", "/api/read", chalk)[1]["reading"] == "3"
    status, answer, _ = ask(server, "POST", "/api/read", b"<svg></svg>")
    assert (status, answer["status"]) == (200, "unreadable: an SVG drawing; export it as PNG")
    blank = ask(server, "POST", "/api/read", png(Image.new("L", (300, 200), 255)))[1]
    assert (blank["digits"], blank["status"], blank["confidence"]) == ([], "no digit", None)
    assert ask(server, "POST", "/api/read", b"")[1]["status"].startswith("unreadable")


def test_what_was_corrected_is_a_labelled_picture_for_data_and_is_read_as_it_was(server):
    digit = a_digit()
    status, answer, _ = ask(server, "POST", "/api/mine", {"image": to_text(digit), "label": 7})
    assert (status, answer["name"], answer["count"]) == (201, "7-0001.png", 1)
    _, answer, _ = ask(server, "POST", "/api/mine", {"image": to_text(digit), "label": None})
    assert answer["name"] == "other-0002.png"
    assert answer["pictures"] == [
        {"name": "other-0002.png", "label": None},
        {"name": "7-0001.png", "label": "7"},
    ]
    assert sorted(path.name for path in server.mine.folder.iterdir()) == ["7-0001.png", "other-0002.png"]
    (found,) = handwriting.read(server.mine.folder / "7-0001.png").digits
    assert np.abs(found.image - digit).max() < 0.005
    source = picture_folder(server.mine.folder)
    assert source.training.labels.tolist() == [7]
    assert np.abs(source.training.images[0] - digit).max() < 0.005


def test_a_saved_picture_is_shown_and_deleted(server):
    name = ask(server, "POST", "/api/mine", {"image": to_text(a_digit()), "label": 1})[1]["name"]
    status, content, headers = ask(server, "GET", f"/mine/{name}")
    assert (status, headers["Content-Type"], content[:4]) == (200, "image/png", b"\x89PNG")
    assert ask(server, "GET", "/api/mine")[1]["count"] == 1
    assert ask(server, "DELETE", f"/mine/{name}")[:2] == (200, {"count": 0, "pictures": []})
    assert ask(server, "DELETE", f"/mine/{name}")[0] == 404


def test_numbers_are_not_given_twice(server):
    names = [
        ask(server, "POST", "/api/mine", {"image": to_text(a_digit()), "label": label})[1]["name"]
        for label in (7, 7, 1)
    ]
    assert names == ["7-0001.png", "7-0002.png", "1-0003.png"]
    ask(server, "DELETE", "/mine/1-0003.png")
    assert (
        ask(server, "POST", "/api/mine", {"image": to_text(a_digit()), "label": 7})[1]["name"] == "7-0004.png"
    )


@pytest.mark.parametrize("label", ["7", 7.0, 10, -1, True, "../../7", [], {}])
def test_a_label_is_a_digit_or_none(server, label):
    status, answer, _ = ask(server, "POST", "/api/mine", {"image": to_text(a_digit()), "label": label})
    assert (status, server.mine.pictures()) == (400, [])
    assert answer["error"].startswith("expected a digit from 0 to 9")


@pytest.mark.parametrize("image", [None, 5, "", "!!!!", "AAAA", to_text(np.zeros((28, 28, 1))), "é" * 1046])
def test_a_digit_image_has_28_by_28_pixels_and_ink(server, image):
    status, answer, _ = ask(server, "POST", "/api/mine", {"image": image, "label": 7})
    assert (status, server.mine.pictures()) == (400, [])
    assert answer["error"].startswith("expected the 28 × 28 pixels")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 90_000])
def test_a_body_that_is_no_object_is_said_to_be_none(server, body):
    status, answer, _ = ask(server, "POST", "/api/mine", body)
    assert status == 400
    assert answer["error"].startswith("expected")


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/page/../server.py",
        "/mine/../../3-chalk.jpg",
        "/mine/..%2f..%2fsecret.png",
        "/mine/%2e%2e/secret.png",
        "/mine/%00",
        "/mine/",
        "/mine/.",
        "/mine/..",
        "/mine/%2fetc%2fpasswd",
        "/mine/%5csecret.png",
        "/mine/..%5c..%5csecret.png",
        "/mine/C:secret.png",
        "/mine/C:%5csecret.png",
        "/mine/7-0001.png:stream",
        "/mine/7-0001.png%00",
        "/mine/7-0001.png/",
        "/mine/./7-0001.png",
        "/mine/folder/../7-0001.png",
        "/mine/7-0001",
        "/mine/NUL.png",
        "/mine/%ff.png",
        "/mine/" + 300 * "7" + ".png",
        "/mine/{outside}",
        "/etc/passwd",
        "//etc/passwd",
        "/index.html/",
        "/__init__.py",
        "/page",
        "//[",
    ],
)
def test_nothing_that_the_page_sends_becomes_a_path(server, path):
    ask(server, "POST", "/api/mine", {"image": to_text(a_digit()), "label": 7})
    secret = server.mine.folder.parent.parent / "secret.png"
    secret.write_bytes(png(draw_strokes("7")))
    path = path.format(outside=quote(str(secret), safe=""))
    for method in ("GET", "DELETE"):
        assert ask(server, method, path)[0] == 404
    assert secret.exists()
    assert len(server.mine.pictures()) == 1


def test_what_is_no_file_of_the_folder_itself_is_no_picture_of_it(server, tmp_path):
    folder = server.mine.folder
    folder.mkdir(parents=True, exist_ok=True)
    (tmp_path / "secret.png").write_bytes(png(draw_strokes("7")))
    (folder / ".hidden.png").write_bytes(png(draw_strokes("7")))
    (folder / "words.txt").write_text("no picture")
    (folder / "folder.png").mkdir()
    names = [".hidden.png", "words.txt", "folder.png"]
    if linked(folder / "link.png", tmp_path / "secret.png"):
        names.append("link.png")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.png")
        names.append("pipe.png")
    try:
        assert ask(server, "GET", "/api/mine")[1]["count"] == 0
        for name in names:
            for method in ("GET", "DELETE"):
                assert ask(server, method, f"/mine/{name}")[0] == 404
        assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    finally:
        shutil.rmtree(folder)


def test_one_picture_is_found_without_listing_all(server, monkeypatch):
    name = ask(server, "POST", "/api/mine", {"image": to_text(a_digit()), "label": 7})[1]["name"]
    with monkeypatch.context() as patched:
        patched.setattr(MyDigits, "pictures", None)
        assert ask(server, "GET", f"/mine/{name}")[0] == 200


def test_every_file_of_the_page_is_served_and_asks_for_nothing_elsewhere(server):
    for path in PAGE.iterdir():
        status, content, headers = ask(server, "GET", f"/{path.name}")
        assert (status, content) == (200, path.read_bytes())
        assert headers["Content-Type"] == KINDS[path.suffix]
        assert b"//" not in content.replace(b"http://www.w3.org/2000/svg", b"").replace(b"// ", b"")
    assert ask(server, "GET", "/")[1] == (PAGE / "index.html").read_bytes()


def test_a_folder_that_cannot_be_written_is_one_sentence(server):
    server.mine.folder.parent.mkdir(parents=True, exist_ok=True)
    if server.mine.folder.is_dir():
        server.mine.folder.rmdir()
    server.mine.folder.write_text("a file where the folder should be")
    try:
        status, answer, _ = ask(server, "POST", "/api/mine", {"image": to_text(a_digit()), "label": 7})
        assert (status, answer["error"].startswith("expected to write in data/mine, got")) == (507, True)
        assert ask(server, "GET", "/api/mine")[1] == {"count": 0, "pictures": []}
    finally:
        server.mine.folder.unlink()


def test_a_fault_of_the_program_is_said_on_both_sides(server, monkeypatch, capsys):
    def fail(body, networks):
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr(answers, "reading_of", fail)
    status, answer, _ = ask(server, "POST", "/api/read", b"picture")
    assert (status, answer["error"]) == (500, "draw.py failed at this; the terminal says how")
    assert "draw.py: POST failed: ZeroDivisionError: no such luck" in capsys.readouterr().err


def test_eight_clients_at_once_get_their_own_answers(server):
    files = sorted((PROJECT / "data").glob("[0-9]-*.png"))[:24:3]
    answered = {}

    def client(file):
        answered[file] = [ask(server, "POST", "/api/read", file.read_bytes())[1]["reading"] for _ in range(3)]

    clients = [threading.Thread(target=client, args=[file]) for file in files]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert answered == {file: [handwriting.read(file).reading] * 3 for file in files}
