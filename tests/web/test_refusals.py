"""What the server of the page refuses: other hosts and origins, bodies of a wrong size, slow senders, other devices."""

import contextlib
import functools
import http.client
import json
import socket
import threading
import time

import pytest

from handwriting.web import gate, handler
from handwriting.web.bodies import BodySettings, receive
from handwriting.web.digit_pixels import to_text
from handwriting.web.mine import MyDigits
from handwriting.web.server import SERVER, Server
from tests.web.client import a_digit, ask, raw


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
    assert ask(server, "POST", "/api/mine", {"image": to_text(a_digit()), "label": 7}, Origin=None)[0] == 403
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


def test_a_slow_sender_keeps_nobody_waiting_and_is_ended(server, monkeypatch):
    monkeypatch.setattr(handler, "receive", functools.partial(receive, settings=BodySettings(silence=0.3)))
    with socket.create_connection(("127.0.0.1", server.gate.port), timeout=30) as slow:
        slow.sendall(head(server, Content_Length="1000") + b"slow")
        assert ask(server, "GET", "/api/status")[0] == 200
        answer = slow.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")


def test_one_connection_too_many_is_closed_and_the_others_go_on(server):
    others = [
        socket.create_connection(("127.0.0.1", server.gate.port), timeout=30)
        for _ in range(SERVER.connections + 4)
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
    with Server(0, running.worker, MyDigits(tmp_path), running.learning, "127.0.0.1") as server:
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


def test_a_picture_on_another_sites_page_causes_no_request(server):
    for mode, dest, status in (
        ("no-cors", "image", 403),
        ("navigate", "iframe", 403),
        ("navigate", "document", 200),
    ):
        answer = ask(
            server, "GET", "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode=mode, Sec_Fetch_Dest=dest
        )
        assert answer[0] == status
    assert ask(server, "GET", "/", Sec_Fetch_Site="same-origin")[0] == 200
