"""Other readers of pictures, to compare ours with: Tesseract, RapidOCR, and the usual script's invert and resize."""

import concurrent.futures
import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from handwriting import console, processes
from handwriting.digit_image import SIDE
from handwriting.pictures.decoding import UnreadablePicture, open_picture
from handwriting.reading import reader
from handwriting.reading.networks import Networks

LARGE = 4096  # px; larger pictures are shrunk before RapidOCR gets them


def invert_and_resize(networks: Networks, paths: list[Path]) -> list[str]:
    """What the usual script reads: one digit, or nothing if Pillow can't open the picture."""
    views = {path: view for path in paths if (view := usual_view(path)) is not None}
    digits = np.array(list(views.values()), np.float32).reshape(-1, SIDE, SIDE, 1)
    best = dict(zip(views, reader.ensemble_answer(networks, digits).argmax(axis=1), strict=True))
    return [str(best.get(path, "")) for path in paths]


def usual_view(path: Path) -> np.ndarray | None:
    """A picture in grey, 28 × 28, inverted if it is bright. None if Pillow can't open it."""
    try:
        with Image.open(path) as picture:
            grey = ImageOps.exif_transpose(picture).convert("L").resize((SIDE, SIDE))
    except Exception:  # Pillow's decoders raise many kinds of errors for a damaged file
        return None
    pixels = np.asarray(grey, np.float32) / 255
    return 1 - pixels if pixels.mean() > 0.5 else pixels


def tesseract(paths: list[Path], labels: list[str | None]) -> list[str]:
    """Tesseract's readings. It knows that there are only digits, and whether it is one or a block of them."""
    if not shutil.which("tesseract"):
        raise console.InputError(
            "expected the command `tesseract`, got none; install it (Debian: tesseract-ocr)"
        )

    def read(path: Path, label: str | None) -> str:
        layout = "6" if len(label or "") > 1 else "10"
        command = ["tesseract", str(path), "-", "--psm", layout, "-c", "tessedit_char_whitelist=0123456789"]
        return digits_of(subprocess.run(command, capture_output=True, text=True, check=False).stdout)

    with concurrent.futures.ThreadPoolExecutor(processes.usable_cores()) as threads:
        return list(threads.map(read, paths, labels))


def rapidocr(paths: list[Path], as_lines: bool) -> list[str]:
    """RapidOCR's readings, of which only the digits are kept.

    Args:
        as_lines: it takes each picture for one line of text. Else it looks for lines itself.
    """
    if importlib.util.find_spec("rapidocr") is None:
        raise console.InputError(
            "expected the package rapidocr, got none; python -m pip install rapidocr onnxruntime"
        )
    from rapidocr import RapidOCR  # here, because it is no requirement of this project

    engine = RapidOCR()  # one for each way of reading: it remembers use_det
    return [rapidocr_reading(engine, path, as_lines) for path in paths]


def rapidocr_reading(engine, path: Path, as_lines: bool) -> str:
    """What RapidOCR reads on one picture. Nothing if the picture can't be opened."""
    try:
        pixels = np.asarray(open_picture(path, LARGE).image)
    except UnreadablePicture:
        return ""
    result = engine(np.ascontiguousarray(pixels[..., ::-1]), use_det=not as_lines)  # it takes BGR
    return digits_of("".join(result.txts or ()))


def digits_of(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")
