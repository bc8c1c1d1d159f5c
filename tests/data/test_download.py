"""The download of MNIST, and Keras's cache of it."""

import http.server
import threading
import time

import pytest

from handwriting import console
from handwriting.data.download import DownloadLimits
from handwriting.data.load import load
from handwriting.data.mnist import download_mnist


@pytest.mark.parametrize("content", [b"", b"PK", b"not an archive"])
def test_a_damaged_cache_is_downloaded_again(tmp_path, monkeypatch, capsys, content):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(content)
    with pytest.raises(console.InputError, match="could not download MNIST"):  # the tests have no network
        load("mnist")
    assert "damaged" in capsys.readouterr().out


class BadPages(http.server.BaseHTTPRequestHandler):
    """A server whose pages go wrong in the way that their names say."""

    def do_GET(self):
        if self.path == "/slow":
            time.sleep(20)
            return
        if self.path == "/nonsense":
            self.wfile.write(b"220 this is no web server\r\n")
            return
        if self.path == "/trickle":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x" * 65536)
                time.sleep(0.1)
            return
        body = b"x" * 1000
        self.send_response(200)
        self.send_header("Content-Length", str(2000 if self.path == "/short" else len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), BadPages) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("/wrong", "/wrong, got something else"),
        ("/short", "could not download MNIST"),
        ("/slow", "no answer within"),
        ("/nonsense", "could not download MNIST"),
        ("/trickle", "not whole after 0.5 seconds"),
    ],
)
def test_a_bad_download_leaves_no_file(tmp_path, server, page, message):
    # A busy machine may need seconds for its first connection. So only the pages that test a limit get a short one.
    limits = DownloadLimits(
        connect_seconds=0.5 if page == "/slow" else 8,
        total_seconds=0.5 if page == "/trickle" else 8,
    )
    started = time.monotonic()
    with pytest.raises(console.InputError) as error:
        download_mnist(tmp_path / "mnist.npz", server + page, limits)
    assert message in str(error.value)
    assert time.monotonic() - started < 10  # without the limits, the slow pages take twice as long
    assert list(tmp_path.iterdir()) == []
