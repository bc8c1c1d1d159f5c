"""MNIST from Keras's cache. If it is not there, it is downloaded into the cache."""

import http.client
import os
from pathlib import Path

import numpy as np

from handwriting import console, safe_files
from handwriting.data.checks import is_mnist, labelled_sets
from handwriting.data.download import LIMITS, DownloadLimits, download
from handwriting.data.npz import read_npz
from handwriting.data.sets import Source

MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"


def mnist() -> Source:
    """MNIST's training and test images."""
    cache = cache_path()
    return source_of(cached_mnist(cache) or download_mnist(cache, MNIST_URL), cache)


def mnist_at_hand() -> Source | None:
    """MNIST's training and test images, if they need no download."""
    cache = cache_path()
    arrays = cached_mnist(cache)
    return source_of(arrays, cache) if arrays else None


def cache_path() -> Path:
    """Where Keras keeps MNIST."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets" / "mnist.npz"


def source_of(arrays: dict[str, np.ndarray], cache: Path) -> Source:
    """MNIST's arrays as training and test images."""
    training, test = labelled_sets(arrays, str(cache))
    return Source("mnist", f"MNIST from {cache}", training, test)


def cached_mnist(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of a local mnist.npz, or None if it is missing, damaged or not MNIST."""
    if not path.exists():
        return None
    try:
        arrays = read_npz(path)
    except console.InputError as error:
        console.say(str(error))
        return None
    if is_mnist(arrays):
        return arrays
    console.say(f"{path} does not hold the MNIST images, so it is not used")
    return None


def download_mnist(target: Path, url: str, limits: DownloadLimits = LIMITS) -> dict[str, np.ndarray]:
    """Downloads mnist.npz and returns its arrays. The file appears only when it is whole and really MNIST."""
    console.say(f"downloading MNIST (11 MB) from {url}")
    try:
        with safe_files.replacing(target) as temporary:
            download(url, temporary, limits)
            arrays = arrays_of_mnist(temporary, url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or console.first_line(error)
        raise console.InputError(
            f"could not download MNIST from {url} ({reason}); bring mnist.npz here and give its path with --data"
        ) from error
    return arrays


def arrays_of_mnist(path: Path, url: str) -> dict[str, np.ndarray]:
    """The arrays of a downloaded file. Raises InputError if it is not MNIST."""
    try:
        arrays = read_npz(path)
    except console.InputError:
        arrays = {}
    if not is_mnist(arrays):
        raise console.InputError(
            f"expected MNIST from {url}, got something else (perhaps the login page of a network); "
            "bring mnist.npz from elsewhere and give its path with --data"
        )
    return arrays
