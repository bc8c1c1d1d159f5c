"""Whether MNIST's own images are read as well from picture files as from arrays."""

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting.data.load import load
from handwriting.digit_image import SIDE
from handwriting.pictures.many import open_pictures
from handwriting.pictures.picture import digits_on_all
from handwriting.reading import reader
from handwriting.reading.networks import Networks
from handwriting.text_table import text_table


def through_files(networks: Networks, mnist: Path) -> str:
    """How MNIST's validation images are read from picture files, as they are and on larger paper: a table."""
    part = load(str(mnist)).validation
    rows = []
    for name, margin in (("28 × 28", 0), ("on 60 × 60", 16)):
        with tempfile.TemporaryDirectory() as scratch:
            paths = []
            for number, image in enumerate(part.images[..., 0]):
                paths.append(Path(scratch) / f"{number:05}.png")
                page = np.pad(255 - np.round(image * 255).astype(np.uint8), margin, constant_values=255)
                Image.fromarray(page).save(paths[-1])
            with open_pictures(paths) as reading:
                pictures = list(digits_on_all(reading, networks.finder))
        likely = [[digit for digit in picture.digits if digit.is_likely] for picture in pictures]
        one = np.array([len(digits) == 1 for digits in likely])
        arrays = np.stack([digits[0].image if digits else part.images[0] for digits in likely])
        before = reader.ensemble_answer(networks, part.images).argmax(axis=1) == part.labels
        after = (reader.ensemble_answer(networks, arrays).argmax(axis=1) == part.labels) & one
        moved = np.abs(centres(part.images) - centres(arrays)).max(axis=1)[one]
        rows.append(
            [
                name,
                f"{one.sum():,} of {len(one):,}",
                f"{moved.max():.2f}",
                f"{before.mean():.2%}",
                f"{after.mean():.2%}",
            ]
        )
    titles = [
        "MNIST's validation images",
        "one digit found",
        "moved at most, px",
        "right before",
        "right after",
    ]
    return text_table(titles, rows, right_aligned={1, 2, 3, 4})


def centres(images: np.ndarray) -> np.ndarray:
    """The centre of mass of the ink of each image: (n, 2)."""
    ink = images[..., 0]
    places = np.arange(SIDE)
    return np.stack(
        [(ink.sum(axis=3 - axis) * places).sum(axis=1) / ink.sum(axis=(1, 2)) for axis in (1, 2)], axis=1
    )
