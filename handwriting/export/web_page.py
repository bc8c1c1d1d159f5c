"""One page that reads digits offline, with a network inside."""

import base64
import html
import json
from importlib.resources import files

import numpy as np

from handwriting.export.layers_of_page import described_layers, largest
from handwriting.export.sample import Sample
from handwriting.quiet_keras import keras

STYLES = (
    ("handwriting.web", "layout.css"),
    ("handwriting.web", "parts.css"),
    ("handwriting.export", "page.css"),
)
SCRIPTS = ("network.js", "digit_image.js", "picture_ink.js", "page.js")
BYTES = 3  # of a weight on the page
MOST = 2 ** (8 * BYTES - 1) - 1  # the largest whole number of so many bytes


def web_page(model: keras.Model, name: str, sample: Sample) -> str:
    """The whole page. Raises InputError if the network has layers that the page can't compute.

    Args:
        model: the network.
        name: the name that it is shown by.
        sample: digit images and the network's probabilities, with which the page checks itself.
    """
    described, weights = described_layers(model)
    parts = {
        "styles": "\n".join(text_of(package, file) for package, file in STYLES),
        "scripts": "\n".join(text_of("handwriting.export", file) for file in SCRIPTS),
        "layers": json.dumps(described, separators=(",", ":")),
        "weights": base64.b64encode(b"".join(map(in_three_bytes, weights))).decode(),
        "check": json.dumps(
            {
                "images": base64.b64encode(np.round(sample.images * 255).astype(np.uint8)).decode(),
                "probabilities": sample.probabilities.astype(float).round(6).tolist(),
            },
            separators=(",", ":"),
        ),
        "name": html.escape(name),
    }
    page = text_of("handwriting.export", "page.html")
    for part, text in parts.items():
        page = page.replace("{{" + part + "}}", text)
    return page


def text_of(package: str, file: str) -> str:
    """A text file in the folder page/ of a package."""
    return (files(package) / "page" / file).read_text(encoding="utf-8")


def in_three_bytes(weights: np.ndarray) -> bytes:
    """The weights of an array as whole numbers of three bytes each: shares of the largest of them."""
    whole = np.round(weights.ravel().astype(np.float64) / largest(weights) * MOST).astype("<i4")
    return whole[:, np.newaxis].view(np.uint8)[:, :BYTES].tobytes()
