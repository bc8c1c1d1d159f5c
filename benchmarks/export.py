"""Whether exported networks read as Keras does, how quickly, and how large they are.

    python -m benchmarks.export --mnist mnist.npz     ten to twenty minutes on two cores

It needs requirements-export.txt and requirements-browser.txt. Each shipped network is exported in each format, as
`python -m handwriting.export` does, and reads MNIST's 10,000 test images in its own runtime: LiteRT, ONNX Runtime,
TensorFlow, Chromium. The first table compares the probabilities with those of Keras. The second one has
the images per second that each runtime reads with cnn_v3 on one core; the runtimes take turns. The third one is about
the html page: written digits are drawn on it and read by it. The same network also reads handwriting's digit image of
the same ink, and what `handwriting.read` finds on the picture of the page.
"""

import argparse
import base64
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

import handwriting
from handwriting import console
from handwriting.data.load import load
from handwriting.digit_image import CLASSES, cropped_to_ink, make_digit_image
from handwriting.export import check
from handwriting.export.formats import FORMATS
from handwriting.model_answers import probabilities_of
from handwriting.model_files import load_model
from handwriting.shipped import PROJECT, STEMS, shipped_network
from handwriting.text_table import text_table
from handwriting.writing.glyphs import FORMS
from handwriting.writing.hand import paths_in_forms
from tests.web.browser import chromium

TIMED = "cnn_v3"
TIMED_IMAGES = 2_000
ROUNDS = 5  # in turn; the median counts
DRAWN = 500  # digits
DRAWN_HEIGHT = 360  # px of the sheet of 560 px
AT_ONCE = 500  # images that the page is given together
READERS = {"litert": check.litert, "onnx": check.onnx, "saved_model": check.saved_model}

# What the page is asked. Its scripts have no modules, so their functions are there.
READ_IMAGES = """(text) => {
    const images = bytesOf(text);
    return Array.from({ length: images.length / 784 }, (_, number) => Array.from(probabilitiesOf(
        NETWORK, Float32Array.from(images.subarray(784 * number, 784 * (number + 1)), (value) => value / 255))));
}"""
DRAW_AND_READ = """(points) => {
    clear();
    Object.assign(pen, { lineWidth: PEN, lineCap: "round", strokeStyle: "black" });
    points.forEach((point) => line(point, point));
    const began = performance.now();
    readSheet();
    const took = performance.now() - began;
    return [byId("reading").textContent, took, sheet.toDataURL()];
}"""


def main() -> int:
    arguments = parse_arguments()
    if arguments.time:
        print(images_a_second(arguments.time, arguments.mnist))
        return 0
    images = load(arguments.mnist).test.images
    with tempfile.TemporaryDirectory() as scratch, browser_page() as page:
        folder = Path(scratch)
        rows = [
            row
            for name in console.progress(STEMS, len(STEMS), "comparing")
            for row in compared(name, images, folder, page)
        ]
        print(text_table(["network", "format", "largest difference", "other readings", "size"], rows))
        print()
        print(text_table([f"{TIMED} on one core", "images/s", "÷ Keras"], timed(arguments.mnist)))
        print()
        print(text_table(["html page, " + TIMED, "figure"], drawn_on(page, folder / TIMED / "html")))
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = console.Parser(description="Compare exported networks with Keras.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    parser.add_argument("--time", choices=("keras", "litert", "onnx"), help=argparse.SUPPRESS)
    return parser.parse_args()


@contextmanager
def browser_page() -> Iterator:
    """A page of Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1000, "height": 700})
        browser.close()


def compared(name: str, images: np.ndarray, folder: Path, page) -> list[list[str]]:
    """A row for each format of a network."""
    expected = probabilities_of(load_model(shipped_network(name)), images)
    rows = []
    for form in FORMATS:
        of_form = exported(name, form, folder)
        path = of_form / FORMATS[form].file.format(STEMS[name])
        got = in_browser(page, path, images) if form == "html" else READERS[form](path)(images)
        other = int((got.argmax(axis=1) != expected.argmax(axis=1)).sum())
        rows.append(
            [name, form, f"{abs(got - expected).max():.0e}", str(other), f"{size_of(path) / 1e6:.3f} MB"]
        )
    return rows


def exported(name: str, form: str, folder: Path) -> Path:
    """The folder of an export, made by the command that a user types."""
    out = folder / name / form
    command = [sys.executable, "-m", "handwriting.export", name, "--format", form, "--out", str(out)]
    subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    return out


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    return sum(
        each.stat().st_size for each in ([path] if path.is_file() else path.rglob("*")) if each.is_file()
    )


def in_browser(page, path: Path, images: np.ndarray) -> np.ndarray:
    """What the html page gives for digit images."""
    page.goto(path.as_uri())
    pixels = np.round(images * 255).astype(np.uint8)
    return np.concatenate(
        [
            page.evaluate(READ_IMAGES, base64.b64encode(pixels[start : start + AT_ONCE]).decode())
            for start in range(0, len(pixels), AT_ONCE)
        ]
    )


def timed(mnist: Path) -> list[list[str]]:
    """A row for each runtime, timed in turn, each time in a process of its own on one core."""
    speeds: dict[str, list[float]] = {"keras": [], "litert": [], "onnx": []}
    for _ in range(ROUNDS):
        for runtime, of_runtime in speeds.items():
            of_runtime.append(float(run_on_one_core(runtime, mnist)))
    medians = {runtime: statistics.median(of_runtime) for runtime, of_runtime in speeds.items()}
    return [
        [runtime, f"{speed:,.0f}", f"{speed / medians['keras']:.2f}"] for runtime, speed in medians.items()
    ]


def run_on_one_core(runtime: str, mnist: Path) -> str:
    """What this benchmark says with --time, in a process that has one core."""
    command = [sys.executable, "-m", "benchmarks.export", "--mnist", str(mnist.absolute()), "--time", runtime]
    quiet = {**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    done = subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True, env=quiet)
    return done.stdout.split()[-1]


def images_a_second(runtime: str, mnist: Path) -> float:
    """The images that a runtime reads in a second, on one core, after it has read them once."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    images = load(mnist).test.images[:TIMED_IMAGES]
    with tempfile.TemporaryDirectory() as scratch:
        read = reader_of(runtime, Path(scratch), images)
        read()
        began = time.perf_counter()
        read()
        return len(images) / (time.perf_counter() - began)


def reader_of(runtime: str, folder: Path, images: np.ndarray) -> Callable[[], object]:
    """A function that reads all images. What is done once is done before."""
    model = load_model(shipped_network(TIMED))
    if runtime == "keras":
        return lambda: model.predict(images, batch_size=250, verbose=0)
    path = exported(TIMED, runtime, folder) / FORMATS[runtime].file.format(STEMS[TIMED])
    read = READERS[runtime](path)
    return lambda: read(images)


def drawn_on(page, folder: Path) -> list[list[str]]:
    """The rows about digits that are drawn on the page."""
    (path,) = folder.glob("*.html")
    page.goto(path.as_uri())
    networks = handwriting.load_networks([shipped_network(TIMED)])
    paths, labels = written_paths_on_sheet()
    network = load_model(shipped_network(TIMED))
    by_page, of_ink, by_us, times = [], [], [], []
    for points in console.progress(paths, len(paths), "drawing"):
        reading, took, picture = page.evaluate(DRAW_AND_READ, points.tolist())
        by_page.append(reading)
        times.append(took)
        png = base64.b64decode(picture.split(",")[1])
        of_ink.append(str(probabilities_of(network, digit_image_of(png)[np.newaxis]).argmax()))
        result = handwriting.read(png, networks)
        by_us.append("".join(str(digit.networks[TIMED].argmax()) for digit in result.digits))
    expected = [str(label) for label in labels]

    def same_and_right(readings: list[str]) -> str:
        return f"{share_alike(by_page, readings):.1%}; {share_alike(expected, readings):.1%}"

    return [
        ["size", f"{path.stat().st_size / 1e6:.3f} MB"],
        ["a reading, from the drawing to the bars", f"median {statistics.median(times):.1f} ms"],
        [f"of {DRAWN} drawn digits, read right by the page", f"{share_alike(expected, by_page):.1%}"],
        [
            "by the network from handwriting's digit image of the ink: the same; right",
            same_and_right(of_ink),
        ],
        ["by the network from what handwriting finds on the page: the same; right", same_and_right(by_us)],
    ]


def digit_image_of(png: bytes) -> np.ndarray:
    """The digit image of all ink on a picture of the page's sheet, which is black on nothing."""
    opacity = np.asarray(Image.open(io.BytesIO(png)).getchannel("A"), np.float32)
    return make_digit_image(cropped_to_ink(opacity / 255))


def share_alike(readings: list[str], others: list[str]) -> float:
    return sum(one == other for one, other in zip(readings, others, strict=True)) / len(readings)


def written_paths_on_sheet() -> tuple[np.ndarray, np.ndarray]:
    """Written digits as points on the page's sheet: (DRAWN, points, 2), and their labels."""
    random = np.random.default_rng(25)
    labels = np.arange(DRAWN) % CLASSES
    paths = np.concatenate([paths_in_forms(FORMS[label], 1, random) for label in labels])
    paths -= paths.min(axis=1, keepdims=True)
    paths *= DRAWN_HEIGHT / paths.max(axis=(1, 2), keepdims=True)
    return paths + 100, labels


if __name__ == "__main__":
    sys.exit(console.guard(main, "benchmarks.export"))
