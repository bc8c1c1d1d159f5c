"""A running server of the page, with a folder of its own for the person's digits."""

import threading

import pytest

from handwriting.web import answers
from handwriting.web.mine import MyDigits
from handwriting.web.server import Server
from handwriting.web.worker import Worker


@pytest.fixture(scope="package")
def running(tmp_path_factory):
    """A server with the shipped networks, on a free port."""
    worker = Worker(answers.load)
    worker.start()
    folder = tmp_path_factory.mktemp("page") / "data" / "mine"
    with Server(0, worker, MyDigits(folder)) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        assert worker.ready.wait(120)
        yield server
        server.shutdown()
        thread.join()
    worker.stop()


@pytest.fixture
def server(running):
    """The running server, with none of the person's digits left from other tests."""
    for path in running.mine.pictures():
        path.unlink()
    return running
