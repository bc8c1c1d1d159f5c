"""Downloads a file, with a time limit for every step and a cap on its size."""

import contextlib
import http.client
import ssl
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from handwriting import console


@dataclass(frozen=True)
class DownloadLimits:
    """How long a download may take, and how much it may bring. The values are for MNIST's 11.5 million bytes."""

    connect_seconds: float = 10  # until the server answers: nobody should look at a silent screen for longer
    read_seconds: float = 20  # of silence in the middle of the download
    total_seconds: float = 300  # a connection of 40 kB a second just makes it
    size_cap: int = 20_000_000  # bytes; more than MNIST has can't be MNIST
    block: int = 65_536  # bytes read at a time


LIMITS = DownloadLimits()


def download(url: str, target: Path, limits: DownloadLimits) -> None:
    """Writes what a URL sends to a file. Raises OSError if a limit is passed."""
    deadline = time.monotonic() + limits.total_seconds
    with connect(url, limits) as response, target.open("wb") as file:
        total = int(response.headers.get("Content-Length") or 0)
        received = 0
        blocks = iter(lambda: response.read(limits.block), b"")
        for block in console.progress(blocks, total, "downloading", size=len):
            received += len(block)
            if received > limits.size_cap:
                raise OSError(f"expected at most {limits.size_cap:,} bytes, got more")
            if time.monotonic() > deadline:
                raise TimeoutError(f"not whole after {limits.total_seconds} seconds")
            file.write(block)
        if received < total:
            raise OSError(f"the connection ended after {received:,} of {total:,} bytes")


def connect(url: str, limits: DownloadLimits) -> http.client.HTTPResponse:
    """Opens a URL. Raises TimeoutError if the server does not answer in time.

    A socket's own time-out covers neither the name look-up nor several addresses that are tried in turn.
    So all of it happens in a thread, which is left alone when the time is over.
    """
    outcome = []

    def open_url() -> None:
        try:
            outcome.append(urllib.request.urlopen(url, timeout=limits.read_seconds, context=certificates()))
        except Exception as error:  # raised again below, in the caller's thread
            outcome.append(error)

    thread = threading.Thread(target=open_url, daemon=True)
    thread.start()
    thread.join(limits.connect_seconds)
    if not outcome:
        raise TimeoutError(f"no answer within {limits.connect_seconds} seconds")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def certificates() -> ssl.SSLContext:
    """The system's certificates, and certifi's if it is installed: Python from python.org has none on a Mac."""
    context = ssl.create_default_context()
    with contextlib.suppress(ImportError):
        import certifi  # here, because it is not always installed

        context.load_verify_locations(certifi.where())
    return context
