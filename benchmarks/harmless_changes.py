"""How often a harmless change of a picture leaves its reading the same.

    python -m benchmarks.harmless_changes DIR ...

Each picture is read as it is, and after each change. "Among others" is the same picture, read in one list with all the
others. A reading is the same if all its digits, spaces and line breaks are. After the table come the readings that
differ.
"""

import io
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from handwriting import console
from handwriting.filters import colour_of_edge
from handwriting.pictures.decoding import UnreadablePicture, open_picture
from handwriting.pictures.files import find_pictures
from handwriting.pictures.picture import as_jpeg
from handwriting.reading.api import read_pictures
from handwriting.text_table import text_table

LARGEST = 4000  # px; a picture whose longer side is longer is shrunk to this before it is changed
ANGLE = 3  # degrees
JPEG_QUALITY = 85


def main() -> int:
    parser = console.Parser(
        description="Measure how often a harmless change of a picture leaves its reading the same."
    )
    parser.add_argument("folders", nargs="+", type=console.path_given, metavar="DIR")
    paths = find_pictures(parser.parse_args().folders)
    images = {path: image for path in paths if (image := whole_image(path))}
    before = readings(images.values(), "as they are", len(images))
    after = {
        name: readings(map(change, images.values()), name, len(images)) for name, change in CHANGES.items()
    }
    after["among others"] = [result.reading for result in read_pictures(list(images.values()))]
    rows = [[name, f"{np.mean(np.equal(before, texts)):.1%}"] for name, texts in after.items()]
    print(text_table(["change", f"same of {len(images)}"], rows, {1}))
    for name, texts in after.items():
        for path, one, other in zip(images, before, texts, strict=True):
            if one != other:
                print(f"{name}  {path.parent.name}/{path.name}  {one!r} -> {other!r}")
    return 0


def readings(images: Iterable[Image.Image], doing: str, count: int) -> list[str]:
    """What is read on each image alone."""
    return [read_pictures(image).reading for image in console.progress(images, count, doing)]


def whole_image(path: Path) -> Image.Image | None:
    """A picture, upright and RGB. None if it can't be read."""
    try:
        return open_picture(path, LARGEST).image
    except UnreadablePicture:
        return None


def resized(image: Image.Image, times: float) -> Image.Image:
    size = [max(1, round(side * times)) for side in image.size]
    return image.resize(size, Image.Resampling.BICUBIC if times > 1 else Image.Resampling.BOX)


def rotated(image: Image.Image) -> Image.Image:
    """The image, rotated. The corners have the colour of its edge."""
    corners = tuple(int(level) for level in colour_of_edge(np.asarray(image)))
    return image.rotate(ANGLE, Image.Resampling.BICUBIC, expand=True, fillcolor=corners)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "doubled": lambda image: resized(image, 2),
    "halved": lambda image: resized(image, 0.5),
    "inverted": ImageOps.invert,
    f"rotated by {ANGLE}°": rotated,
    f"JPEG {JPEG_QUALITY}": lambda image: Image.open(io.BytesIO(as_jpeg(image, JPEG_QUALITY))),
}


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
