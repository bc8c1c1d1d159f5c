"""The server of the page without a browser: it reads, saves and deletes, and refuses all that is not its page's."""

import base64
import contextlib
import functools
import http.client
import json
import socket
import threading
import time

import numpy as np
import pytest
from PIL import Image

import handwriting
from handwriting.data.picture_folder import picture_folder
from handwriting.shipped import PROJECT
from handwriting.web import answers, gate
from handwriting.web import server as server_module
from handwriting.web.bodies import BodySettings, receive
from handwriting.web.mine import MyDigits
from handwriting.web.server import PAGE, Server
from tests.helpers import draw_strokes
from tests.web.client import a_digit, ask, encoded, png, raw


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
    assert len(digit["probabilities"]) == len(digit["finder"]) == 10
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


def test_each_network_says_what_it_takes_a_digit_for(server):
    status, answer, _ = ask(server, "POST", "/api/opinions", {"image": encoded(a_digit())})
    assert status == 200
    assert set(answer["networks"]) == {"cnn_v1", "cnn_v2", "cnn_v3"}
    for opinion in answer["networks"].values():
        assert np.argmax(opinion) == 7
        assert sum(opinion) == pytest.approx(1, abs=0.01)


def test_what_was_corrected_is_a_labelled_picture_for_data_and_is_read_as_it_was(server):
    digit = a_digit()
    status, answer, _ = ask(server, "POST", "/api/mine", {"image": encoded(digit), "label": 7})
    assert (status, answer["name"], answer["count"]) == (201, "7-0001.png", 1)
    _, answer, _ = ask(server, "POST", "/api/mine", {"image": encoded(digit), "label": None})
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
    name = ask(server, "POST", "/api/mine", {"image": encoded(a_digit()), "label": 1})[1]["name"]
    status, content, headers = ask(server, "GET", f"/mine/{name}")
    assert (status, headers["Content-Type"], content[:4]) == (200, "image/png", b"\x89PNG")
    assert ask(server, "GET", "/api/mine")[1]["count"] == 1
    assert ask(server, "DELETE", f"/mine/{name}")[:2] == (200, {"count": 0, "pictures": []})
    assert ask(server, "DELETE", f"/mine/{name}")[0] == 404


def test_numbers_are_not_given_twice(server):
    names = [
        ask(server, "POST", "/api/mine", {"image": encoded(a_digit()), "label": label})[1]["name"]
        for label in (7, 7, 1)
    ]
    assert names == ["7-0001.png", "7-0002.png", "1-0003.png"]
    ask(server, "DELETE", "/mine/7-0001.png")
    assert (
        ask(server, "POST", "/api/mine", {"image": encoded(a_digit()), "label": 7})[1]["name"] == "7-0004.png"
    )


@pytest.mark.parametrize("label", ["7", 7.0, 10, -1, True, "../../7", [], {}])
def test_a_label_is_a_digit_or_none(server, label):
    status, answer, _ = ask(server, "POST", "/api/mine", {"image": encoded(a_digit()), "label": label})
    assert (status, server.mine.pictures()) == (400, [])
    assert answer["error"].startswith("expected a digit from 0 to 9")


@pytest.mark.parametrize("image", [None, 5, "", "!!!!", "AAAA", encoded(np.zeros((28, 28, 1))), "é" * 1046])
def test_a_digit_image_has_28_by_28_pixels_and_ink(server, image):
    for path in ("/api/mine", "/api/opinions"):
        status, answer, _ = ask(server, "POST", path, {"image": image, "label": 7})
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
        "/etc/passwd",
        "//etc/passwd",
        "/index.html/",
        "/__init__.py",
        "/page",
    ],
)
def test_nothing_that_the_page_sends_becomes_a_path(server, path):
    ask(server, "POST", "/api/mine", {"image": encoded(a_digit()), "label": 7})
    secret = server.mine.folder.parent.parent / "secret.png"
    secret.write_bytes(png(draw_strokes("7")))
    for method in ("GET", "DELETE"):
        assert ask(server, method, path)[0] == 404
    assert secret.exists()
    assert len(server.mine.pictures()) == 1


def test_every_file_of_the_page_is_served_and_asks_for_nothing_elsewhere(server):
    for path in PAGE.iterdir():
        status, content, headers = ask(server, "GET", f"/{path.name}")
        assert (status, content) == (200, path.read_bytes())
        assert headers["Content-Type"] == server_module.KINDS[path.suffix]
        assert b"//" not in content.replace(b"http://www.w3.org/2000/svg", b"").replace(b"// ", b"")
    assert ask(server, "GET", "/")[1] == (PAGE / "index.html").read_bytes()


@pytest.mark.parametrize("path", ["/", "/main.js", "/api/status", "/nowhere"])
def test_every_answer_has_the_policy(server, path):
    headers = ask(server, "GET", path)[2]
    assert headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "[::1]:{port}"]
)
def test_another_host_is_refused(server, host):
    for method, path in (("GET", "/"), ("GET", "/api/mine"), ("POST", "/api/read")):
        status, answer, _ = ask(server, method, path, Host=host.format(port=server.gate.port))
        assert (status, "another host" in str(answer)) == (403, True)


def test_localhost_is_a_name_of_this_machine(server):
    host = f"localhost:{server.gate.port}"
    assert ask(server, "GET", "/", Host=host, Origin=None)[0] == 200
    assert ask(server, "GET", "/api/status", Host=host, Origin=f"http://{host}")[0] == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", ""]
)
def test_another_origin_is_refused(server, origin):
    origin = origin.format(port=server.gate.port)
    for method, path in (("GET", "/api/mine"), ("POST", "/api/read"), ("DELETE", "/mine/7-0001.png")):
        assert ask(server, method, path, Origin=origin)[0] == 403


def test_a_change_must_say_where_it_comes_from(server):
    assert ask(server, "POST", "/api/mine", {"image": encoded(a_digit()), "label": 7}, Origin=None)[0] == 403
    assert server.mine.pictures() == []
    assert ask(server, "GET", "/api/mine", Origin=None)[0] == 200


def test_two_hosts_are_refused(server):
    answer = raw(
        server, f"GET / HTTP/1.0\r\nHost: 127.0.0.1:{server.gate.port}\r\nHost: evil\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 403")


def head(server, **headers) -> bytes:
    """The head of a request to read a picture."""
    lines = {
        "Host": f"127.0.0.1:{server.gate.port}",
        "Origin": f"http://127.0.0.1:{server.gate.port}",
    } | headers
    text = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"POST /api/read HTTP/1.1\r\n{text}\r\n".encode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Length": "20000001"}, 413),
        ({"Content_Length": "9" * 5000}, 413),
        ({"Content_Length": "-1"}, 400),
        ({"Content_Length": "1e3"}, 400),
        ({"Content_Length": "²"}, 400),
        ({}, 411),
        ({"Transfer_Encoding": "chunked"}, 411),
        ({"Transfer_Encoding": "chunked", "Content_Length": "5"}, 411),
    ],
)
def test_a_body_of_a_wrong_size_is_refused_before_it_is_read(server, headers, status):
    answer = raw(server, head(server, **headers), close=True)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert (b"Connection: close" in answer) == bool(headers)


def test_a_large_picture_is_refused_in_words_while_it_is_still_sent(server):
    status, answer, _ = ask(server, "POST", "/api/read", bytes(30_000_000))
    assert (status, answer["error"]) == (413, "too large: expected at most 20 MB; shrink it")


def test_a_body_that_is_cut_off_is_refused(server):
    answer = raw(server, head(server, Content_Length="1000") + b"half", close=True)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"expected 1,000 bytes, got 4" in answer


@pytest.mark.parametrize(
    "request_line",
    [b"HELLO\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"PUT / HTTP/1.1\r\n\r\n", b"\x00\xff\r\n\r\n"],
)
def test_what_is_no_request_is_answered_in_words(server, request_line):
    answer = raw(server, request_line, close=True)
    assert answer.startswith(b"HTTP/1.1 ")
    assert b"Content-Security-Policy" in answer
    assert ask(server, "GET", "/api/status")[0] == 200


def test_a_folder_that_cannot_be_written_is_one_sentence(server):
    server.mine.folder.parent.mkdir(parents=True, exist_ok=True)
    if server.mine.folder.is_dir():
        server.mine.folder.rmdir()
    server.mine.folder.write_text("a file where the folder should be")
    try:
        status, answer, _ = ask(server, "POST", "/api/mine", {"image": encoded(a_digit()), "label": 7})
        assert (status, answer["error"].startswith("expected to write in data/mine, got")) == (507, True)
        assert ask(server, "GET", "/api/mine")[1] == {"count": 0, "pictures": []}
    finally:
        server.mine.folder.unlink()


def test_a_fault_of_the_program_is_said_on_both_sides(server, monkeypatch, capsys):
    def fail(body):
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


def test_a_slow_sender_keeps_nobody_waiting_and_is_ended(server, monkeypatch):
    monkeypatch.setattr(
        server_module, "receive", functools.partial(receive, settings=BodySettings(silence=0.3))
    )
    with socket.create_connection(("127.0.0.1", server.gate.port), timeout=30) as slow:
        slow.sendall(head(server, Content_Length="1000") + b"slow")
        assert ask(server, "GET", "/api/status")[0] == 200
        answer = slow.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")


def test_one_connection_too_many_is_closed_and_the_others_go_on(server):
    others = [
        socket.create_connection(("127.0.0.1", server.gate.port), timeout=30)
        for _ in range(server_module.SERVER.connections + 4)
    ]
    try:
        assert any(is_closed(connection) for connection in others[-4:])
    finally:
        for connection in others:
            connection.close()
    assert eventually(lambda: ask(server, "GET", "/api/status")[0] == 200)


def is_closed(connection) -> bool:
    """Whether the server has closed a connection."""
    connection.settimeout(0.5)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def eventually(condition) -> bool:
    """Whether something becomes true within ten seconds."""
    for _ in range(100):
        with contextlib.suppress(OSError, http.client.HTTPException):
            if condition():
                return True
        time.sleep(0.1)
    return False


def test_another_device_gets_in_once(tmp_path, running, monkeypatch):
    """The client of this test counts as another device: only loopback addresses may be asked in tests."""
    monkeypatch.setattr(gate, "is_loopback", lambda client: False)
    with Server(0, running.worker, MyDigits(tmp_path), "127.0.0.1") as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        token = server.gate.lan_pass.token
        assert ask(server, "GET", "/")[0] == 403
        assert ask(server, "GET", "/api/mine", Cookie="draw_session=guess")[0] == 403
        assert ask(server, "GET", "/?token=guess")[0] == 403
        status, _, headers = ask(server, "GET", f"/?token={token}")
        assert (status, headers["Location"]) == (303, "/")
        cookie = headers["Set-Cookie"].partition(";")[0]
        assert ask(server, "GET", "/", Cookie=cookie)[0] == 200
        assert ask(server, "GET", "/api/mine", Cookie=cookie)[0] == 200
        status, text, _ = ask(server, "GET", f"/?token={token}")
        assert (status, text.decode()) == (
            403,
            "expected the address with its token that draw.py has printed; it works once",
        )
        server.shutdown()
        thread.join()
