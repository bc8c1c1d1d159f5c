"""`python draw.py` as a person runs it."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

import draw
from handwriting.shipped import PROJECT
from handwriting.web import start
from handwriting.web.learning import Learning
from handwriting.web.mine import MyDigits
from handwriting.web.worker import Worker


@pytest.mark.parametrize("wait", [0, 0.7], ids=["at once", "while Keras is imported"])
def test_it_prints_the_address_and_ends_with_ctrl_c(wait, signals_heard):
    command = [sys.executable, "-u", str(PROJECT / "draw.py"), "--no-browser"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = next(line for line in program.stdout if "draw here" in line)
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        with urllib.request.urlopen(address, timeout=10) as page:
            assert b"Draw digits" in page.read()
        time.sleep(wait)
        began = time.monotonic()
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=10)
    finally:
        program.kill()
    assert (program.returncode, errors.strip()) == (130, "stopped")
    assert time.monotonic() - began < 3


def test_a_learning_ends_with_the_page(tmp_path, monkeypatch):
    """What sleeps in the place of the training is ended, and the page's end does not wait for it."""
    mine = MyDigits(tmp_path / "mine")
    for label in range(5):
        mine.save(np.full((28, 28, 1), (1 + label) / 10, np.float32), label)
    program = (sys.executable, "-c", "import time; time.sleep(60)")
    learning = Learning(mine, tmp_path, program)
    learning.start()
    with listening(None, tmp_path) as server:
        monkeypatch.setattr(server, "serve_forever", lambda: None)
        monkeypatch.setattr(start, "listening", lambda *arguments: contextlib.nullcontext(server))
        monkeypatch.setattr(start, "Learning", lambda mine, out: learning)
        monkeypatch.setattr(learning.worker, "load", lambda: None)
        assert start.serve(mine.folder, tmp_path, None, lan=False, browser=False) == 0
    learning.follower.join(10)
    assert not learning.is_busy
    assert "the training was stopped" in learning.described()["complaint"]


@pytest.mark.parametrize("port", ["0", "70000", "-1", "x", "٣"])
def test_a_port_is_a_number_of_a_port(port, capsys):
    with pytest.raises(SystemExit) as ended:
        draw.main(["--port", port])
    assert ended.value.code == 2
    assert "expected a port from 1 to 65535" in capsys.readouterr().err


def listening(port, tmp_path):
    mine = MyDigits(tmp_path)
    return start.listening(port, Worker(lambda: None), mine, Learning(mine, tmp_path), None)


def test_a_port_in_use_is_said_and_the_next_one_taken(tmp_path, capsys, monkeypatch):
    with listening(None, tmp_path) as first, listening(None, tmp_path) as second:
        assert second.gate.port > first.gate.port
        assert f"is in use; took {second.gate.port}" in capsys.readouterr().out


def test_a_port_that_was_asked_for_and_is_in_use_is_one_line(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert draw.main(["--no-browser", "--port", str(port)]) == 2
    assert f"draw.py: expected a free port, got port {port}, which" in capsys.readouterr().err


def test_without_a_browser_the_address_is_said(monkeypatch, capsys):
    def no_browser(address):
        raise OSError("no display")

    for answer in (lambda address: False, no_browser):
        monkeypatch.setattr("webbrowser.open", answer)
        start.open_browser("http://127.0.0.1:8028/")
        assert "no browser was found; open http://127.0.0.1:8028/ in one" in capsys.readouterr().out


def test_networks_that_cannot_be_loaded_end_it_with_one_line(monkeypatch, capsys):
    from handwriting import console
    from handwriting.web import answers

    def load(learned):
        raise console.ProjectError("finder.keras is damaged; git checkout checkpoints")

    monkeypatch.setattr(answers, "load", load)
    assert draw.main(["--no-browser"]) == 1
    assert "draw.py: finder.keras is damaged" in capsys.readouterr().err


def test_only_this_machine_can_connect(tmp_path):
    with listening(None, tmp_path) as server:
        assert server.server_address[0] == "127.0.0.1"
