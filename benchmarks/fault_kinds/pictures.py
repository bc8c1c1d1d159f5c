"""Damaged pictures, and small pictures that ask for much memory or time."""

import io
import random
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.fault_kinds.damage import damaged
from benchmarks.fault_kinds.outcome import Outcome, judge
from benchmarks.fault_kinds.running import Reading
from handwriting.pictures.files import SUFFIXES
from handwriting.shipped import PROJECT, shipped_network

SEED = 1  # of the damage


def damaged_pictures(folder: Path, count: int) -> Outcome:
    """Reads damaged copies of the project's own pictures, and all the bombs."""
    folder.mkdir()
    originals = sorted(path for path in (PROJECT / "data").glob("*.*") if path.suffix in SUFFIXES)
    rng = random.Random(SEED)
    for number in range(count):
        original = rng.choice(originals)
        content = damaged(original.read_bytes(), rng)
        (folder / f"{number % 10}-{number:05d}{original.suffix}").write_bytes(content)
    for name, content in bombs().items():
        (folder / name).write_bytes(content)
    reading = Reading(
        sorted(folder.iterdir()), [shipped_network("cnn_small")], folder.with_name("pictures_out")
    )
    return judge("damaged pictures", reading, "image")


def bombs() -> dict[str, bytes]:
    """Files, by name, that are small but ask for much: absurd sizes, millions of specks, and other formats."""
    small = png(Image.new("L", (30, 30)))
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3000), np.uint8)
    specks = np.where(np.random.default_rng(1).random((3000, 3000)) < 0.02, 0, 255).astype(np.uint8)
    return {
        "bomb-plain.png": png(Image.new("1", (20_000, 20_000))),
        "bomb-claims.png": small[:16]
        + (60_000).to_bytes(4) * 2
        + small[24:],  # width and height in the header
        "bomb-noise.png": png(Image.fromarray(noise)),
        "bomb-specks.png": png(Image.fromarray(specks)),
        "bomb-thin.png": png(Image.new("L", (1, 50_000), 255)),
        "bomb-one.png": png(Image.new("L", (1, 1))),
        "bomb.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "bomb.heic": b"\0\0\0\x18ftypheic" + bytes(100),
        "bomb-empty.png": b"",
    }


def png(image: Image.Image) -> bytes:
    """An image as the bytes of a PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
