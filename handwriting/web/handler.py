"""Which requests the server knows, and what it answers."""

import contextlib
import http
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from handwriting import console
from handwriting.web import answers
from handwriting.web.bodies import BODIES, drain, length_of, one_of, receive
from handwriting.web.contents import digit_image_in, label_in, parsed
from handwriting.web.gate import HEADERS
from handwriting.web.not_answered import NotAnswered
from handwriting.web.responses import NOT_FOUND, Response, error_response, json_response, text_response

if TYPE_CHECKING:
    from handwriting.web.server import Server

MINE = "/mine/"  # before the name of a picture
SILENCE = 20  # seconds without a request, after which a connection is closed


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    server_version = "draw"
    sys_version = ""
    timeout = SILENCE
    wbufsize = -1  # an answer leaves in one piece; of two, the second would wait for the browser's receipt
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.answer(
            {"/api/status": self.status, "/api/mine": self.list_mine, "/api/learning": self.show_learning},
            self.get_other,
        )

    def do_POST(self) -> None:
        self.answer(
            {"/api/read": self.read_picture, "/api/mine": self.save_mine, "/api/learning": self.learn}
        )

    def do_DELETE(self) -> None:
        self.answer({"/api/learning": self.take_back}, self.delete_other)

    def answer(
        self,
        known: dict[str, Callable[[], Response]],
        other: Callable[[str], Response] = lambda path: NOT_FOUND,
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

    def refusal(self, text: str, status: int) -> Response:
        """An error in words: as JSON for the page, and as text for a person who has typed an address."""
        if self.command == "GET" and not self.path.startswith("/api/"):
            return text_response(text, status)
        return error_response(text, status)

    def answer_inside(self, known, other) -> Response:
        path = self.path.partition("?")[0]
        return known[path]() if path in known else other(path)

    def entrance(self) -> Response | None:
        """The answer to a device of the network that has not been let in, or that shows its token. Else None."""
        lan_pass = self.server.gate.lan_pass
        if self.server.gate.lets_in(self.client_address[0], self.headers.get("Cookie", "")):
            return None
        path, _, query = self.path.partition("?")
        token = parse_qs(query).get("token", [""])[0]
        if self.command == "GET" and path == "/" and lan_pass.use(token):
            return Response(status=303, headers=(("Location", "/"), ("Set-Cookie", lan_pass.cookie)))
        raise NotAnswered(403, "expected the address with its token that draw.py has printed; it works once")

    def get_other(self, path: str) -> Response:
        if path.startswith(MINE):
            return Response(self.server.mine.thumbnail(unquote(path.removeprefix(MINE))), "image/png")
        return self.server.files.get(path, NOT_FOUND)

    def delete_other(self, path: str) -> Response:
        if not path.startswith(MINE):
            return NOT_FOUND
        self.server.mine.delete(unquote(path.removeprefix(MINE)))
        return json_response(self.server.mine.listed())

    def status(self) -> Response:
        return json_response({"ready": self.server.worker.ready.is_set(), "largest": BODIES.largest})

    def list_mine(self) -> Response:
        return json_response(self.server.mine.listed())

    def read_picture(self) -> Response:
        with self.body(BODIES.largest) as body:
            return json_response(
                self.server.worker.ask(lambda: answers.reading_of(body, self.server.learning.networks))
            )

    def save_mine(self) -> Response:
        with self.body(BODIES.small) as body:
            content = parsed(body)
        name = self.server.mine.save(digit_image_in(content), label_in(content))
        return json_response({"name": name, **self.server.mine.listed()}, 201)

    def show_learning(self) -> Response:
        return json_response(self.server.learning.described())

    def learn(self) -> Response:
        self.server.learning.start()
        return json_response(self.server.learning.described(), 202)

    def take_back(self) -> Response:
        self.server.learning.take_back()
        return self.show_learning()

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

    def send(self, response: Response) -> None:
        """Sends a response. A connection with a body that nobody has read can't be used again."""
        unread = not self.body_taken and self.has_body()
        self.send_response(response.status)
        self.send_header("Content-Type", response.kind)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in (*HEADERS.items(), *response.headers):
            self.send_header(name, value)
        if unread:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(response.body)
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
        self.send(error_response(text, code))

    def log_message(self, format, *values) -> None:
        """Requests are no news."""
