"""What a request gets: a file of the page, JSON, or an error in words."""

import json
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Response:
    """A response to a request."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def json_response(content: dict, status: int = 200) -> Response:
    """An object as a response."""
    return Response(json.dumps(content).encode(), status=status)


def error_response(text: str, status: int) -> Response:
    """An error in words, for the page."""
    return json_response({"error": text}, status)


def text_response(text: str, status: int) -> Response:
    """An error in words, for a person who has typed an address."""
    return Response(text.encode(), "text/plain; charset=utf-8", status)


def page_files(folder: Path = PAGE) -> dict[str, Response]:
    """The files of the page by their paths in requests. No other file can be asked for."""
    files = {f"/{path.name}": Response(path.read_bytes(), KINDS[path.suffix]) for path in folder.iterdir()}
    return files | {"/": files["/index.html"]}


NOT_FOUND = error_response("there is no such page", 404)
