"""Requests to the server, as a browser sends them, and as one would that means harm."""

import http.client
import io
import json
import socket

import numpy as np
from PIL import Image

from handwriting.digit_image import make_digit_image

PATIENCE = 120  # seconds; a server with many clients may answer late


def ask(server, method: str, path: str, body=None, **headers):
    """The answer of a server of these tests, see `ask_at`."""
    return ask_at(server.gate.port, method, path, body, **headers)


def ask_at(port: int, method: str, path: str, body=None, **headers):
    """The answer to a request of the page itself, as (status, content, headers). `headers` adds or changes some."""
    sent = {"Origin": f"http://127.0.0.1:{port}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        if isinstance(body, dict):
            body = json.dumps(body)
        connection.request(
            method, path, body, {name: value for name, value in sent.items() if value is not None}
        )
        response = connection.getresponse()
        content = response.read()
        if response.headers["Content-Type"] == "application/json" and content:
            content = json.loads(content)
        return response.status, content, response.headers
    finally:
        connection.close()


def raw(server, request: bytes, close: bool = False) -> bytes:
    """All that the server answers to some bytes."""
    with socket.create_connection(("127.0.0.1", server.gate.port), timeout=30) as connection:
        connection.sendall(request)
        if close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def png(image: Image.Image) -> bytes:
    """The bytes of a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def a_digit() -> np.ndarray:
    """The digit image of a 7."""
    ink = np.zeros((40, 30), np.float32)
    ink[:5] = 1
    for row in range(40):
        ink[row, max(0, 25 - row // 2) : 30 - row // 2] = 1
    return make_digit_image(ink)
