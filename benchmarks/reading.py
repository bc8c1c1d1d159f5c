"""What reading costs beyond the steps that can't be avoided, measured side by side in one run.

    python -m benchmarks.reading --mnist mnist.npz

It prints two ratios, each the median of several rounds:

    few pictures    the whole test_load.py on 60 pictures of data/ with five networks, to `import keras` and loading
                    the same five
    many pictures   MNIST's 10,000 test images as PNG files read with cnn_v2, to `predict` of the ready arrays;
                    import, loading and the picture sheet are left out

Before that, it prints the memory that 20,000 pictures take (not on Windows), and the seconds for a photo of 12
megapixels with all cores together. It takes about 20 minutes on two CPU cores, nearly all of them for the 20,000.
"""

import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting import console, installation, processes
from handwriting.data.load import load
from handwriting.finder.files import load_finder
from handwriting.pictures.decoding import open_picture
from handwriting.pictures.files import find_pictures
from handwriting.pictures.many import open_pictures
from handwriting.pictures.picture import digits_on, digits_on_all
from handwriting.quiet_keras import keras
from handwriting.reading.networks import Networks, load_networks
from handwriting.reading.reader import read_all
from handwriting.reading.results import picture_rows, readings_table, totals
from handwriting.reading.written import write_readings
from handwriting.shipped import PROJECT, shipped_network

FEW = 60  # pictures
GREAT_MANY = 20_000  # pictures
PHOTO_SIZE = (4000, 3000)  # px
GRAIN = 6  # of 255, a camera's noise
FIVE = ("cnn_v2", "cnn_v1", "mlp", "cnn_drawn", "cnn_small")  # networks
LOAD_ONLY = "import sys, keras\nfor path in sys.argv[1:]: keras.models.load_model(path)"
ROUNDS = 5


def main() -> int:
    parser = console.Parser(description="Measure test_load.py beside the bare steps.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    arguments = parser.parse_args()
    print(
        f"{installation.machine()}; "
        + ", ".join(f"{name} {version}" for name, version in installation.versions().items())
    )
    with tempfile.TemporaryDirectory() as scratch:
        print(memory(Path(scratch)), flush=True)  # first, because the memory of earlier processes would count
        print(large_photos(Path(scratch)), flush=True)
        print(few_pictures(Path(scratch)), flush=True)
        print(many_pictures(arguments.mnist, Path(scratch)))
    return 0


def memory(scratch: Path) -> str:
    """The memory of test_load.py's largest process on very many pictures, and of one that only loads TensorFlow."""
    if sys.platform == "win32":
        return "memory is not measured on Windows"
    folder = scratch / "great_many"
    folder.mkdir()
    own = [Path(shutil.copy(path, folder)) for path in sorted((PROJECT / "data").glob("*.*"))]
    for number in range(len(own), GREAT_MANY):
        path = own[number % len(own)]
        os.link(path, folder / f"{path.stem}_{number}{path.suffix}")
    run_seconds([sys.executable, "-c", "import tensorflow, keras"])
    bare = processes.largest_child() / 1e9
    seconds = run_seconds([sys.executable, PROJECT / "test_load.py", folder, "--out", scratch])
    return (
        f"{GREAT_MANY:,} pictures, all networks: {seconds:.0f} s, {processes.largest_child() / 1e9:.2f} GB; "
        f"TensorFlow alone: {bare:.2f} GB"
    )


def large_photos(scratch: Path) -> str:
    """The seconds to open and search photos as large as those of a phone. They are made from pictures of data/."""
    random, paths = np.random.default_rng(0), []
    for number, path in enumerate(sorted((PROJECT / "data").glob("*.jpg"))):
        large = np.asarray(Image.open(path).convert("RGB").resize(PHOTO_SIZE), np.float32)
        noise = random.normal(0, GRAIN, (*large.shape[:2], 1)).astype(np.float32)
        paths.append(scratch / f"photo{number}.jpg")
        Image.fromarray(np.clip(large + noise, 0, 255).astype(np.uint8)).save(paths[-1], quality=92)
    finder, seconds = load_finder(), []
    digits_on(open_picture(paths[0]), finder)  # the first picture compiles
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with open_pictures(paths) as pictures:
            for _ in digits_on_all(pictures, finder):
                pass
        seconds.append((time.perf_counter() - started) / len(paths))
    return (
        f"{len(paths)} photos of {math.prod(PHOTO_SIZE) / 1e6:.2g} megapixels: "
        f"{statistics.median(seconds):.2f} s each (median of {ROUNDS})"
    )


def few_pictures(scratch: Path) -> str:
    """The whole command, to the import and the loading. Each runs in a process of its own."""
    pictures = sorted((PROJECT / "data").glob("*.*"))[:FEW]
    models = [str(shipped_network(name)) for name in FIVE]
    reading = [sys.executable, PROJECT / "test_load.py", *pictures, "--models", *models, "--out", scratch]
    loading = [sys.executable, "-c", LOAD_ONLY, *models]
    whole, bare = in_turn(lambda: run_seconds(reading), lambda: run_seconds(loading))
    return sentence(
        f"{len(pictures)} pictures, {len(models)} networks, whole command", whole, "import and loading", bare
    )


def many_pictures(mnist: Path, scratch: Path) -> str:
    """Reading many small files, to a bare `predict` of the same images."""
    folder = scratch / "many"
    folder.mkdir()
    test = load(str(mnist)).test
    for number, (image, label) in enumerate(zip(test.images, test.labels, strict=True)):
        pixels = (image[..., 0] * 255).round().astype("uint8")
        Image.fromarray(pixels).save(folder / f"{label}-{number:05d}.png")
    files, path = find_pictures([folder]), shipped_network("cnn_v2")
    networks, _ = load_networks([path])

    def bare_seconds() -> float:
        model = keras.models.load_model(path)
        started = time.perf_counter()
        model.predict(test.images, batch_size=500, verbose=0)
        return time.perf_counter() - started

    whole, bare = in_turn(lambda: reading_seconds(files, networks, scratch), bare_seconds)
    return sentence(f"{len(test):,} small files, reading", whole, "a bare predict", bare)


def reading_seconds(files: list[Path], networks: Networks, out: Path) -> float:
    """The seconds of what test_load.py does between loading the networks and drawing the picture sheet."""
    started = time.perf_counter()
    with open_pictures(files) as pictures:
        read, networks, _ = read_all(pictures, networks)
    rows = picture_rows(files, read)
    readings_table(rows, list(rows[0].readings), width=80)
    totals(rows, list(rows[0].readings))
    write_readings(out, rows)
    return time.perf_counter() - started


def run_seconds(command: list) -> float:
    started = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return time.perf_counter() - started


def in_turn(first: Callable[[], float], second: Callable[[], float]) -> tuple[list[float], list[float]]:
    """The seconds of both, measured in turn so that a disturbance meets each of them. A first round does not count."""
    rounds = [(first(), second()) for _ in range(1 + ROUNDS)][1:]
    return [one for one, _ in rounds], [other for _, other in rounds]


def sentence(what: str, whole: list[float], than: str, bare: list[float]) -> str:
    ratio = statistics.median(one / other for one, other in zip(whole, bare, strict=True))
    return (
        f"{what}: {statistics.median(whole):.1f} s; {than}: {statistics.median(bare):.1f} s; "
        f"ratio {ratio:.2f} (median of {len(whole)})"
    )


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
