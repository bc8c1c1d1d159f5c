"""The server of the page: which requests it knows, and what it answers."""

import contextlib
import http
import json
import os
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote

from handwriting import console
from handwriting.web import answers
from handwriting.web.bodies import BODIES, drain, length_of, one_of, parsed, receive
from handwriting.web.gate import HEADERS, LOOPBACK, Gate, Pass
from handwriting.web.mine import MyDigits
from handwriting.web.not_answered import NotAnswered
from handwriting.web.worker import Worker

PAGE = Path(__file__).resolve().parent / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
MINE = "/mine/"  # before the name of a picture


@dataclass(frozen=True)
class ServerSettings:
    """How many may connect, where, and how slowly."""

    port: int = 8028  # the first that is tried
    ports: int = 20  # that are tried, one after another
    connections: int = 64  # at once; a browser takes six
    silence: float = 20  # seconds without a request, after which a connection is closed


SERVER = ServerSettings()


@dataclass(frozen=True)
class Answer:
    """An answer to a request."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def json_answer(content: dict, status: int = 200) -> Answer:
    """An object as an answer."""
    return Answer(json.dumps(content).encode(), status=status)


def page_files(folder: Path = PAGE) -> dict[str, Answer]:
    """The files of the page by their paths in requests. No other file can be asked for."""
    files = {f"/{path.name}": Answer(path.read_bytes(), KINDS[path.suffix]) for path in folder.iterdir()}
    return files | {"/": files["/index.html"]}


class Server(ThreadingHTTPServer):
    """The server of the page, with what its requests need.

    Args:
        port: must be free.
        worker: has the networks.
        mine: the person's own digits.
        lan_address: this machine's address in its network, if other devices may connect.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    allow_reuse_address = os.name != "nt"  # on Windows, it would let two programs use one port

    def __init__(self, port: int, worker: Worker, mine: MyDigits, lan_address: str | None = None):
        super().__init__(("0.0.0.0" if lan_address else LOOPBACK, port), Handler)
        self.worker = worker
        self.mine = mine
        self.gate = Gate(self.server_address[1], lan_address, Pass())
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


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "draw"
    sys_version = ""
    timeout = SERVER.silence
    wbufsize = -1  # an answer leaves in one piece; of two, the second would wait for the browser's receipt
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.answer({"/api/status": self.status, "/api/mine": self.list_mine}, self.get_other)

    def do_POST(self) -> None:
        self.answer({"/api/read": self.read_picture, "/api/mine": self.save_mine})

    def do_DELETE(self) -> None:
        self.answer({}, self.delete_other)

    def answer(
        self, known: dict[str, Callable[[], Answer]], other: Callable[[str], Answer] = lambda path: NOT_FOUND
    ) -> None:
        """Answers a request.

        Args:
            known: what answers the paths that are known.
            other: answers any other path.
        """
        self.body_taken = False
        try:
            self.server.gate.check(self.client_address[0], self.command, self.headers)
            found = self.entrance() or self.answer_inside(known, other)
        except NotAnswered as error:
            found = self.refusal(str(error), error.status)
        except ConnectionError:
            raise  # the connection is broken, and nobody hears an answer
        except Exception as error:  # a fault of this program, of which both the page and the terminal tell
            console.complain(
                f"draw.py: {self.command} failed: {type(error).__name__}: {console.first_line(error)}"
            )
            found = self.refusal("draw.py failed at this; the terminal says how", 500)
        self.send(found)

    def refusal(self, text: str, status: int) -> Answer:
        """An error in words: as JSON for the page, and as text for a person who has typed an address."""
        if self.command == "GET" and not self.path.startswith("/api/"):
            return Answer(text.encode(), "text/plain; charset=utf-8", status)
        return error_answer(text, status)

    def answer_inside(self, known, other) -> Answer:
        path = self.path.partition("?")[0]
        return known[path]() if path in known else other(path)

    def entrance(self) -> Answer | None:
        """The answer to a device of the network that has not been let in, or that shows its token. Else None."""
        lan_pass = self.server.gate.lan_pass
        if self.server.gate.lets_in(self.client_address[0], self.headers.get("Cookie", "")):
            return None
        path, _, query = self.path.partition("?")
        token = parse_qs(query).get("token", [""])[0]
        if self.command == "GET" and path == "/" and lan_pass.use(token):
            return Answer(status=303, headers=(("Location", "/"), ("Set-Cookie", lan_pass.cookie)))
        raise NotAnswered(403, "expected the address with its token that draw.py has printed; it works once")

    def get_other(self, path: str) -> Answer:
        if path.startswith(MINE):
            return Answer(self.server.mine.thumbnail(unquote(path.removeprefix(MINE))), "image/png")
        return self.server.files.get(path, NOT_FOUND)

    def delete_other(self, path: str) -> Answer:
        if not path.startswith(MINE):
            return NOT_FOUND
        self.server.mine.delete(unquote(path.removeprefix(MINE)))
        return json_answer(self.server.mine.listed())

    def status(self) -> Answer:
        return json_answer({"ready": self.server.worker.ready.is_set(), "largest": BODIES.largest})

    def list_mine(self) -> Answer:
        return json_answer(self.server.mine.listed())

    def read_picture(self) -> Answer:
        with self.body(BODIES.largest) as body:
            return json_answer(self.server.worker.ask(lambda: answers.reading_of(body)))

    def save_mine(self) -> Answer:
        with self.body(BODIES.small) as body:
            content = parsed(body)
        name = self.server.mine.save(answers.digit_image_in(content), answers.label_in(content))
        return json_answer({"name": name, **self.server.mine.listed()}, 201)

    @contextlib.contextmanager
    def body(self, largest: int) -> Iterator[bytes]:
        """The body of the request, of at most so many bytes."""
        length = length_of(self.headers, largest)
        place = one_of(self.server.body_places) if length > BODIES.large else contextlib.nullcontext()
        with place:
            body = receive(self.connection, self.rfile, length)
            self.connection.settimeout(self.timeout)
            self.body_taken = True
            yield body

    def send(self, answer: Answer) -> None:
        """Sends an answer. A connection with a body that nobody has read can't be used again."""
        unread = not self.body_taken and self.has_body()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in (*HEADERS.items(), *answer.headers):
            self.send_header(name, value)
        if unread:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()
        if unread:
            drain(self.connection, self.rfile)

    def has_body(self) -> bool:
        """Whether a body follows the request, or might."""
        return self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers

    def send_error(self, code, message=None, explain=None) -> None:
        """Answers what is no request, or one that this server does not know."""
        self.close_connection = True
        self.body_taken = True
        text = message or http.HTTPStatus(code).phrase
        self.request_version = "HTTP/1.1"  # or no headers are sent to a client that named no version
        self.command = getattr(self, "command", None) or "GET"
        self.send(error_answer(text, code))

    def log_message(self, format, *values) -> None:
        """Requests are no news."""


def error_answer(text: str, status: int) -> Answer:
    """An error in words."""
    return json_answer({"error": text}, status)


NOT_FOUND = error_answer("there is no such page", 404)
