"""The bodies of requests: of limited size, whole, and in limited time."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPMessage

from handwriting.web.not_answered import NotAnswered


@dataclass(frozen=True)
class BodySettings:
    """What a body may cost."""

    largest: int = 20_000_000  # bytes; photos that are larger are shrunk in the browser
    small: int = 100_000  # bytes; of a body that is not a picture
    large: int = 1_000_000  # bytes; a larger body needs one of the places. Drawings are smaller
    at_once: int = 4  # places, so that large bodies take no more than 80 MB together
    piece: int = 65_536  # bytes that are read at a time
    silence: float = 10  # seconds without a byte
    whole: float = 60  # seconds for the whole body
    drained: float = 1  # seconds that a refused body is read on, so that its sender reads the answer


BODIES = BodySettings()


def length_of(headers: HTTPMessage, largest: int) -> int:
    """The length of a request's body. Raises NotAnswered if it is not said, or too large."""
    lengths = headers.get_all("Content-Length", [])
    if headers.get("Transfer-Encoding") or len(lengths) != 1:
        raise NotAnswered(
            411, "expected one Content-Length header and no Transfer-Encoding, got something else"
        )
    if not (lengths[0].isascii() and lengths[0].isdecimal()):
        raise NotAnswered(400, "expected a number of bytes as the length, got something else")
    if len(lengths[0]) > 15 or int(lengths[0]) > largest:
        raise NotAnswered(413, f"too large: expected at most {megabytes(largest)}; shrink it")
    return int(lengths[0])


def megabytes(count: int) -> str:
    """A number of bytes for people."""
    return f"{count / 1e6:g} MB"


def receive(connection: socket.socket, stream, length: int, settings: BodySettings = BODIES) -> bytes:
    """A body of this length. Raises NotAnswered if it is cut off or takes too long."""
    deadline = time.monotonic() + settings.whole
    connection.settimeout(settings.silence)
    body = bytearray()
    try:
        while len(body) < length:
            piece = stream.read1(min(settings.piece, length - len(body)))
            if not piece:
                raise NotAnswered(400, f"expected {length:,} bytes, got {len(body):,}")
            body += piece
            if time.monotonic() > deadline:
                raise NotAnswered(
                    408, f"expected the picture within {settings.whole:g} seconds, got a part of it"
                )
    except TimeoutError:
        raise NotAnswered(408, f"expected {length:,} bytes, got {len(body):,} and then silence") from None
    return bytes(body)


def drain(connection: socket.socket, stream, settings: BodySettings = BODIES) -> None:
    """Reads on for a moment. If a connection is closed on bytes that nobody has read, the answer may be lost."""
    deadline = time.monotonic() + settings.drained
    with contextlib.suppress(OSError, ValueError):
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            if not stream.read1(settings.piece):
                return


@contextlib.contextmanager
def one_of(places: threading.Semaphore, settings: BodySettings = BODIES) -> Iterator[None]:
    """One of the places in memory for bodies. Raises NotAnswered if none gets free."""
    if not places.acquire(timeout=settings.silence):
        raise NotAnswered(503, "too many pictures are sent at once; try again in a moment")
    try:
        yield
    finally:
        places.release()
