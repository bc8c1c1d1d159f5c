"""MNIST from Keras's cache, or downloaded into it."""

import contextlib
import http.client
import os
import ssl
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np

from handwriting import console, safe_files
from handwriting.data.formats import is_mnist, labelled_sets, read_npz
from handwriting.data.sets import Source

MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"


MNIST_BYTES_CAP = 20_000_000  # the file has 11.5 million


CONNECT_SECONDS = 10  # a newcomer should not look at a silent screen for longer


READ_SECONDS = 20


DOWNLOAD_SECONDS = 300  # at 40 kB a second the file would just make it


def mnist() -> Source:
    """MNIST from Keras's own cache, else downloaded into it."""
    cached = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets" / "mnist.npz"
    arrays = cached_mnist(cached) or download_mnist(cached)
    return Source("mnist", f"MNIST from {cached}", *labelled_sets(arrays, str(cached)))


def cached_mnist(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of a local mnist.npz, or None where it is missing or not MNIST."""
    if not path.exists():
        return None
    try:
        arrays = read_npz(path)
    except console.InputError as error:
        print(error)
        return None
    if is_mnist(arrays):
        return arrays
    print(f"{path} does not hold the MNIST images; it will be replaced")
    return None


def download_mnist(target: Path, url: str | None = None) -> dict[str, np.ndarray]:
    """Downloads mnist.npz and gives its arrays; `target` appears only when it is whole and really MNIST."""
    url = url or MNIST_URL
    print(f"downloading MNIST (11 MB) from {url}", flush=True)
    try:
        with safe_files.replacing(target) as temporary:
            fetch(url, temporary)
            try:
                arrays = read_npz(temporary)
            except console.InputError:
                arrays = {}
            if not is_mnist(arrays):
                raise console.InputError(
                    f"what {url} sent is not MNIST (is it the login page of a network?); "
                    "bring mnist.npz from elsewhere and give its path with --data"
                )
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or console.first_line(error)
        raise console.InputError(f"no download from {url} ({reason})") from error
    return arrays


def fetch(url: str, target: Path) -> None:
    """Downloads a file with a time limit on every step and a cap on its size."""
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    with connect(url) as response, target.open("wb") as file:
        total = int(response.headers.get("Content-Length") or 0)
        received = 0
        while block := response.read(1 << 16):
            received += len(block)
            if received > MNIST_BYTES_CAP:
                raise OSError(f"more than {MNIST_BYTES_CAP:,} bytes got")
            if time.monotonic() > deadline:
                raise TimeoutError(f"not whole after {DOWNLOAD_SECONDS} seconds")
            file.write(block)
            if total:
                print(f"\r{received / 1e6:5.1f} of {total / 1e6:.1f} MB", end="", flush=True)
        print()
        if received < total:
            raise OSError(f"the connection ended after {received:,} of {total:,} bytes")


def connect(url: str):
    """Opens a URL within CONNECT_SECONDS.

    The time-out of a socket counts neither the name look-up nor several addresses tried in turn,
    so all of it happens in a thread that is given up when the time is over.
    """
    outcome = []

    def open_url() -> None:
        try:
            outcome.append(urllib.request.urlopen(url, timeout=READ_SECONDS, context=certificates()))
        except Exception as error:  # handed to the caller below
            outcome.append(error)

    thread = threading.Thread(target=open_url, daemon=True)
    thread.start()
    thread.join(CONNECT_SECONDS)
    if not outcome:
        raise TimeoutError(f"no answer within {CONNECT_SECONDS} seconds")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def certificates() -> ssl.SSLContext:
    """The system's certificates and certifi's: Python from python.org on a Mac comes without any."""
    context = ssl.create_default_context()
    with contextlib.suppress(ImportError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context
