"""The server of the page: how many may connect, and what the answers to their requests need."""

import os
import socketserver
import threading
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

from handwriting.web.bodies import BODIES
from handwriting.web.gate import LOOPBACK, Gate
from handwriting.web.handler import Handler
from handwriting.web.learning import Learning
from handwriting.web.mine import MyDigits
from handwriting.web.responses import page_files
from handwriting.web.worker import Worker


@dataclass(frozen=True)
class ServerSettings:
    """Where one connects, and how many may."""

    port: int = 8028  # the first that is tried
    ports: int = 20  # that are tried, one after another
    connections: int = 64  # at once; a browser takes six


SERVER = ServerSettings()


class Server(ThreadingHTTPServer):
    """The server of the page, with what its requests need.

    Args:
        port: must be free.
        worker: has the networks.
        mine: the person's own digits.
        learning: learns the person's hand.
        lan_address: this machine's address in its network, if other devices may connect.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    allow_reuse_address = os.name != "nt"  # on Windows, it would let two programs use one port

    def __init__(
        self, port: int, worker: Worker, mine: MyDigits, learning: Learning, lan_address: str | None = None
    ):
        super().__init__(("0.0.0.0" if lan_address else LOOPBACK, port), Handler)
        self.worker = worker
        self.mine = mine
        self.learning = learning
        self.gate = Gate(self.server_address[1], lan_address)
        self.files = page_files()
        self.body_places = threading.Semaphore(BODIES.at_once)
        self.connection_places = threading.Semaphore(SERVER.connections)

    @property
    def address(self) -> str:
        """The page's address on this machine."""
        return f"http://{LOOPBACK}:{self.gate.port}/"

    def server_bind(self) -> None:
        """Takes the port. Unlike HTTPServer, it does not look up this machine's name, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def service_actions(self) -> None:
        """Ends the server if the networks can't be loaded. It is called twice a second."""
        if self.worker.failure:
            raise self.worker.failure

    def process_request(self, request, client_address) -> None:
        """Answers a connection in a thread of its own. One too many is closed."""
        if not self.connection_places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self.connection_places.release()
            raise

    def process_request_thread(self, request, client_address) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.connection_places.release()

    def handle_error(self, request, client_address) -> None:
        """A connection that breaks off is no news."""
