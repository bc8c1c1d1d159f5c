"""Training images as contract arrays: MNIST, other files people have, the offline digits.

A digit is float32 (28, 28, 1) in [0, 1], bright ink on 0. Whatever `--data` names is recognised
by its content and checked before it is used.
"""

import contextlib
import csv
import gzip
import hashlib
import http.client
import math
import os
import re
import ssl
import threading
import time
import urllib.request
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

import images
import synth
from handwriting import console, safe_files

MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_BYTES_CAP = 20_000_000  # the file has 11.5 million
UNPACKED_CAP = 2_000_000_000  # bytes of an .npz or IDX file: 2.5 million images
CONNECT_SECONDS = 10  # a newcomer should not look at a silent screen for longer
READ_SECONDS = 20
DOWNLOAD_SECONDS = 300  # at 40 kB a second the file would just make it
# sha256 of each array's bytes: a rebuilt or recompressed file with the same images is the same MNIST.
MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}

OFFLINE_TRAINING = 60_000  # as many as MNIST has
OFFLINE_TEST = 10_000

SPLIT_SEED = 28  # one fixed order before any split, whatever --seed says
HELD_OUT = 10  # one image in ten: validation of the training images, and test where there is none

# How much `varied` changes a training image.
TURN = 0.17  # radians, either way
SCALE = (0.88, 1.14)
SLANT = 0.2  # sideways for each pixel up or down
SHIFT = 1.5  # pixels; the contract centres every digit
BEND = 1.0  # spread, in pixels, of how far each of a grid of bumps is moved
BUMPS_ACROSS = 5
OTHER_PENS = 0.15  # of the images get thicker, thinner or softer strokes
# Each of their pixels goes at most this part of the way to the most, the least or the mean of its neighbours.
PEN_CHANGE = 0.7
# What synth.py draws (`company`) takes the place of so much of each batch.
NON_DIGITS = 0.03
WRITTEN = 0.025
IMAGES_PER_COMPANION = 10  # one is drawn for so many images; each serves often, turned and bent anew
COMPANY_SEED = 0  # benchmarks read non-digits of other seeds
AT_ONCE = 32  # pictures; the arrays for more are so large that the system hands out, and clears, new memory for each

BROKEN_ZIP = (zipfile.BadZipFile, zlib.error)
FEWEST_IMAGES = 20  # below that a tenth for validation means nothing


@dataclass(frozen=True)
class Labelled:
    """Images (n, 28, 28, 1) and their labels (n,)."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices) -> "Labelled":
        return Labelled(self.images[indices], self.labels[indices])


@dataclass(frozen=True)
class Source:
    """What a source holds: training images, test images where it has its own, and one line about it."""

    kind: str
    description: str
    training: Labelled
    test: Labelled | None


@dataclass(frozen=True)
class Dataset:
    """The three sets of a run."""

    kind: str
    description: str
    training: Labelled
    validation: Labelled
    test: Labelled


def load(wanted: str | None, limit: int | None = None) -> Dataset:
    """Loads and splits the training images.

    Args:
        wanted: "mnist", "offline", a path, or None for MNIST where it can be had, else offline.
        limit: use the first so many training images, validation included.
    """
    try:
        return split(source_of(wanted, limit), limit)
    except MemoryError as error:
        raise console.InputError(
            f"--data: {wanted or 'mnist'} is damaged, or needs more memory than there is; "
            "get a fresh copy of it, or give fewer images"
        ) from error


def source_of(wanted: str | None, limit: int | None) -> Source:
    """What `load` is asked for, not yet split."""
    if wanted is None:
        return mnist_or_offline(limit)
    if wanted == "mnist":
        return mnist()
    if wanted == "offline":
        return offline(limit)
    try:
        return from_path(Path(wanted))
    except OSError as error:
        raise console.InputError(
            f"--data: {wanted} can't be read ({error.strerror}); check the path"
        ) from error


def split(source: Source, limit: int | None) -> Dataset:
    """Cuts a source into training, validation and test images, always the same ones.

    Folders come sorted by class, so one fixed permutation goes before any cut.
    """
    training = source.training.take(fixed_order(len(source.training)))
    test = source.test
    if test is None:
        test_size = len(training) // HELD_OUT
        test, training = training.take(slice(test_size)), training.take(slice(test_size, None))
    training = training.take(slice(limit))
    if len(training) < FEWEST_IMAGES:
        raise console.InputError(
            f"expected at least {FEWEST_IMAGES} training images, came {len(training)} ({source.description}); "
            "add images or raise --limit"
        )
    validation_size = len(training) // HELD_OUT
    return Dataset(
        kind=source.kind,
        description=source.description,
        training=training.take(slice(validation_size, None)),
        validation=training.take(slice(validation_size)),
        test=test,
    )


def fixed_order(count: int) -> np.ndarray:
    return np.random.default_rng(SPLIT_SEED).permutation(count)


class Batches(keras.utils.PyDataset):
    """Training batches whose order and variation are a pure function of (seed, epoch).

    Keras tells a PyDataset nothing of the epoch: give `fit` the callback `follow_epochs()` and
    `shuffle=False`.

    Args:
        images: (n, 28, 28, 1).
        targets: a row or number for each image.
        batch_size: images a step; the last step of an epoch may have fewer.
        seed: of the order and the variation.
        vary: whether the images are varied, anew in every epoch.
        company: pictures and their targets, some of which take the place of images in every batch.
    """

    def __init__(
        self,
        images: np.ndarray,
        targets: np.ndarray,
        batch_size: int,
        seed: int,
        vary: bool = False,
        company: tuple[np.ndarray, np.ndarray] | None = None,
    ):
        # With a single worker Keras lets tf.data tune itself, and the next epoch waits until its tuning thread, which
        # sleeps for longer and longer, wakes up.
        super().__init__(workers=2)
        self.images = images
        self.targets = targets
        self.batch_size = batch_size
        self.seed = seed
        self.vary = vary
        self.company = company
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.images))

    def __len__(self) -> int:
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        pictures, targets = self.images[chosen], self.targets[chosen]
        random = np.random.default_rng([self.seed, self.epoch, 1 + index])
        if self.company:
            others, their_targets = self.company
            # On average that many: of small batches, too.
            replaced = int((NON_DIGITS + WRITTEN) * len(pictures) + random.random())
            drawn = random.integers(0, len(others), replaced)
            pictures[:replaced], targets[:replaced] = others[drawn], their_targets[drawn]
        if self.vary:
            pictures = varied(pictures, random)
        return pictures, targets

    def follow_epochs(self) -> keras.callbacks.Callback:
        """The callback that tells these batches which epoch it is."""
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: self.start_epoch(epoch))


def company(beside: int) -> tuple[np.ndarray, np.ndarray]:
    """What a network learns beside so many images, so that it reads more than they hold, and takes less for a digit.

    Digits in forms that people write and MNIST hardly has; and ink that is no digit, whose target is the same for each
    digit: what a network should answer where it can't tell.

    Returns:
        Pictures (n, 28, 28, 1) and targets (n, 10).
    """
    count = -(-beside // IMAGES_PER_COMPANION)
    without = round(count * NON_DIGITS / (NON_DIGITS + WRITTEN))
    others, _ = synth.write_non_digits(without, COMPANY_SEED)
    digits, labels = synth.write_all_forms(count - without, COMPANY_SEED)
    targets = np.concatenate([np.full((without, 10), 0.1), np.eye(10)[labels]])
    return unit_range(np.concatenate([others, digits])), targets


# ---------------------------------------------------------------- variation


def smooth_bumps(across: int) -> np.ndarray:
    """A grid of across × across soft bumps whose sum is 1 everywhere: (across², 784)."""
    middles = np.linspace(0, images.SIDE - 1, across)
    distance = (np.arange(images.SIDE) - middles[:, np.newaxis]) / (middles[1] - middles[0])
    bump = np.exp(-(distance**2))
    bump /= bump.sum(axis=0)
    return np.einsum("ay,bx->abyx", bump, bump).reshape(across**2, -1).astype(np.float32)


BUMPS = smooth_bumps(BUMPS_ACROSS)
# Each pixel as (y, x, 1), y and x counted from the middle: (3, 784).
FROM_MIDDLE = np.stack(
    [
        *(np.indices((images.SIDE, images.SIDE)).reshape(2, -1) - (images.SIDE - 1) / 2),
        np.ones(images.SIDE**2),
    ]
).astype(np.float32)


def varied(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each picture (n, 28, 28, 1) a little turned, scaled, slanted, shifted and bent, as other hands would write it."""
    count = len(pictures)
    turn = random.uniform(-TURN, TURN, count)
    scale = 1 / random.uniform(*SCALE, count)
    slant = random.uniform(-SLANT, SLANT, count)
    # For each pixel of the result, the place in the picture that it shows: rows of (y, x, 1) -> y and x.
    take_from = np.empty((count, 2, 3), np.float32)
    take_from[:, 0, 0] = scale * np.cos(turn)
    take_from[:, 0, 1] = scale * np.sin(turn)
    take_from[:, 1, 0] = slant * take_from[:, 0, 0] - scale * np.sin(turn)
    take_from[:, 1, 1] = slant * take_from[:, 0, 1] + scale * np.cos(turn)
    take_from[:, :, 2] = random.uniform(-SHIFT, SHIFT, (count, 2)) + (images.SIDE - 1) / 2
    bends = random.standard_normal((count, 2, len(BUMPS)), np.float32) * np.float32(BEND)
    places = take_from @ FROM_MIDDLE + bends @ BUMPS
    groups = [slice(start, start + AT_ONCE) for start in range(0, count, AT_ONCE)]
    moved = np.concatenate([sampled(pictures[group], places[group]) for group in groups])
    others = slice(count - round(OTHER_PENS * count), count)
    moved[others] = with_other_pens(moved[others], random)
    return moved


def with_other_pens(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each picture's strokes made a little thicker, thinner or softer."""
    count = len(pictures)
    framed = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)))
    inside, before, behind = slice(1, -1), slice(None, -2), slice(2, None)
    neighbours = [pictures]
    neighbours += [framed[:, rows, inside] for rows in (before, behind)]
    neighbours += [framed[:, inside, columns] for columns in (before, behind)]
    pens = [np.max(neighbours, axis=0), np.min(neighbours, axis=0), np.mean(neighbours, axis=0)]
    which = random.integers(0, len(pens), count)
    far = random.uniform(0, PEN_CHANGE, (count, 1, 1, 1)).astype(np.float32)
    return pictures + far * (np.stack(pens)[which, np.arange(count)] - pictures)


def sampled(pictures: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pictures (n, 28, 28, 1) at places (n, 2, 784) between their pixels, y and x; outside there is no ink."""
    count, side = len(pictures), images.SIDE + 3
    framed = np.zeros((count, side, side), np.float32)
    framed[:, 1:-2, 1:-2] = pictures[..., 0]
    pixels = framed.ravel()
    places = np.clip(places + 1, 0, side - 2)
    corner = places.astype(np.int32)
    (down, right) = np.moveaxis(places - corner.astype(np.float32), 1, 0)
    first = corner[:, 0] * side + corner[:, 1] + np.arange(count, dtype=np.int32)[:, np.newaxis] * side**2

    def between_columns(index: np.ndarray) -> np.ndarray:
        left = pixels.take(index)
        return left + right * (pixels.take(index + 1) - left)

    above = between_columns(first)
    return (above + down * (between_columns(first + side) - above)).reshape(pictures.shape)


# ---------------------------------------------------------------- MNIST


def mnist_or_offline(limit: int | None) -> Source:
    """MNIST where it can be had, else written digits and a line that says so and why."""
    try:
        return mnist()
    except console.InputError as error:
        print(f"MNIST can't be had: {error}")
        print("Training on digits that this project writes itself instead (--data offline).", flush=True)
        return offline(limit)


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


def is_mnist(arrays: dict[str, np.ndarray]) -> bool:
    """Whether these are MNIST's own arrays, by checksum."""
    return all(
        name in arrays and hashlib.sha256(arrays[name].tobytes()).hexdigest() == checksum
        for name, checksum in MNIST_SHA256.items()
    )


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
                raise OSError(f"more than {MNIST_BYTES_CAP:,} bytes came")
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


# ---------------------------------------------------------------- written digits


def offline(limit: int | None) -> Source:
    """Digits that the project writes itself; no more of them than a run with `--limit` uses."""
    training_size = min(limit or OFFLINE_TRAINING, OFFLINE_TRAINING)
    total = training_size + OFFLINE_TEST
    pixels, labels = synth.write_digits(total, progress=True)
    written = Labelled(unit_range(pixels), labels)
    # The test digits come first, so they stay the same whatever the limit.
    test, training = written.take(slice(OFFLINE_TEST)), written.take(slice(OFFLINE_TEST, None))
    return Source("offline", "digits written by synth.py", training, test)


# ---------------------------------------------------------------- other files


def from_path(path: Path) -> Source:
    """Loads whatever people have, recognised by its content."""
    if path.is_dir():
        idx_files = [file for file in sorted(path.iterdir()) if file.is_file() and idx_magic(file)]
        return idx_folder(path, idx_files) if idx_files else picture_folder(path)
    if not path.is_file():
        raise console.InputError(
            f"--data: {path} does not exist; expected mnist, offline, or the path of an mnist.npz, "
            "a folder of IDX files, a Kaggle train.csv or a folder of labelled pictures"
        )
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(b"PK"):
        return npz_file(path)
    if start.lstrip(b'\xef\xbb\xbf"').startswith((b"label,", b'label"')):
        return kaggle_csv(path)
    raise console.InputError(
        f"--data: {path} is none of the files that can be read; expected an .npz with x_train and y_train, "
        "or a CSV whose first line begins with label,pixel0"
    )


def npz_file(path: Path) -> Source:
    """An .npz with x_train and y_train, and x_test and y_test where it has them."""
    arrays = read_npz(path)
    if is_mnist(arrays):
        return Source("mnist", f"MNIST from {path}", *labelled_sets(arrays, str(path)))
    return Source("npz", f"images from {path}", *labelled_sets(arrays, str(path)))


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz file; nothing in it can run code, or unpack to more than the cap."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            check_size(path, sum(member.file_size for member in archive.zip.infolist()))
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, TypeError, AttributeError, RuntimeError, *BROKEN_ZIP) as error:
        raise console.InputError(
            f"{path} is damaged or no .npz of plain arrays; expected x_train and y_train; get a fresh copy of it"
        ) from error
    return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}


def check_size(path: Path, size: int) -> None:
    """Raises InputError where a file unpacks to more than the cap."""
    if size > UNPACKED_CAP:
        raise console.InputError(
            f"{path} claims to hold {size:,} bytes, expected at most {UNPACKED_CAP:,}; "
            "get a fresh copy of it, or save fewer images in it"
        )


def labelled_sets(arrays: dict[str, np.ndarray], origin: str) -> tuple[Labelled, Labelled | None]:
    """Training and, where there, test images out of named arrays."""
    for name in ("x_train", "y_train"):
        if name not in arrays:
            raise console.InputError(
                f"{origin}: expected the arrays x_train and y_train, came {', '.join(sorted(arrays)) or 'none'}; "
                "save it with numpy.savez(path, x_train=…, y_train=…)"
            )
    training = checked(arrays["x_train"], arrays["y_train"], f"{origin}, training")
    if "x_test" not in arrays or "y_test" not in arrays:
        return training, None
    return training, checked(arrays["x_test"], arrays["y_test"], f"{origin}, test")


def idx_magic(path: Path) -> int | None:
    """2051 for a file of IDX images, 2049 for one of IDX labels, else None; plain or gzipped."""
    try:
        with open_plain_or_gzip(path) as file:
            magic = int.from_bytes(file.read(4), "big")
    except (OSError, EOFError, zlib.error):
        return None
    return magic if magic in (2051, 2049) else None


def open_plain_or_gzip(path: Path):
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if gzipped else path.open("rb")


def idx_folder(folder: Path, files: list[Path]) -> Source:
    """The four IDX files that MNIST was published as; a plain file wins over its gzipped twin.

    EMNIST's files have the columns of each image where others have its rows. Their names tell them.
    """
    arrays, names = {}, {}
    for file in sorted(files, key=lambda path: path.suffix == ".gz", reverse=True):
        which_set = "test" if re.search("t10k|test", file.name.lower()) else "train"
        kind = "x" if idx_magic(file) == 2051 else "y"
        array_name, name = f"{kind}_{which_set}", file.name.removesuffix(".gz").replace(".", "-")
        if names.setdefault(array_name, name) != name:
            raise console.InputError(
                f"{folder}: expected one file for {array_name}, came {names[array_name]} and {name}; "
                "put the four IDX files of one set into a folder of their own"
            )
        arrays[array_name] = read_idx(file)
    emnist = all("emnist" in name.lower() for name in names.values())
    if emnist:
        arrays |= {name: arrays[name].transpose(0, 2, 1) for name in ("x_train", "x_test") if name in arrays}
    for name, usual in (("x_train", "train-images-idx3-ubyte"), ("y_train", "train-labels-idx1-ubyte")):
        if name not in arrays:
            raise console.InputError(
                f"{folder}: expected {usual} (plain or .gz), came {', '.join(file.name for file in files)}; "
                "put the four IDX files into one folder"
            )
    kind = "mnist" if is_mnist(arrays) else "idx"
    name = "MNIST" if kind == "mnist" else "images"
    turned = ", rows and columns exchanged, as EMNIST's need" if emnist else ""
    return Source(kind, f"{name} from the IDX files in {folder}{turned}", *labelled_sets(arrays, str(folder)))


def read_idx(path: Path) -> np.ndarray:
    """One IDX file of bytes."""
    try:
        with open_plain_or_gzip(path) as file:
            dimensions = file.read(4)[3]
            shape = tuple(np.frombuffer(file.read(4 * dimensions), ">u4", count=dimensions).tolist())
            size = math.prod(shape)
            check_size(path, size)
            pixels = np.frombuffer(file.read(size + 1), np.uint8)  # one more, to notice that there is more
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise console.InputError(
            f"{path} is damaged ({console.first_line(error)}); get a fresh copy of it"
        ) from error
    if pixels.size != size:
        came = "more" if pixels.size > size else f"{pixels.size:,}"
        raise console.InputError(
            f"{path}: expected {size:,} bytes for shape {shape}, came {came}; get a fresh copy of it"
        )
    return pixels.reshape(shape)


def kaggle_csv(path: Path) -> Source:
    """Kaggle's train.csv: a header, then label and 784 pixels in every row."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a file without rows; it is told below
            columns = len(next(csv.reader(file)))
            rows = np.loadtxt(file, delimiter=",", dtype=np.int64, ndmin=2)
    except (ValueError, csv.Error) as error:
        raise console.InputError(
            f"{path}: expected rows of whole numbers, label and 784 pixels ({console.first_line(error)}); "
            "get a fresh copy of it"
        ) from error
    if columns != 785 or rows.shape[1] != 785:
        raise console.InputError(
            f"{path}: expected rows of 785 columns (label and 784 pixels), came {columns} names over "
            f"{len(rows)} rows of {rows.shape[1]}; Kaggle's train.csv is the right file, its test.csv has no labels"
        )
    return Source("csv", f"images from {path}", checked(rows[:, 1:], rows[:, 0], str(path)), None)


def picture_folder(folder: Path) -> Source:
    """A folder of pictures with one digit each, labelled by file name or parent folder."""
    paths = images.find_pictures([folder])
    pairs = [(path, images.label_of(path)) for path in paths]
    single = [(path, int(label)) for path, label in pairs if label is not None and len(label) == 1]
    if not single:
        raise console.InputError(
            f"{folder}: expected pictures labelled by name (3-01.jpg) or by folder (3/scan.png), or IDX files; "
            f"came {len(paths)} pictures, none of them labelled with one digit; rename them or choose another folder"
        )
    arrays, labels = [], []
    with images.read_pictures([path for path, _ in single]) as pictures:
        for (_, label), picture in zip(single, pictures, strict=True):
            if isinstance(picture, images.Picture) and len(picture.digits) == 1:
                arrays.append(picture.digits[0].array)
                labels.append(label)
    left_out = len(paths) - len(arrays)
    if left_out:
        print(
            f"left out {left_out} of {len(paths)} pictures: not labelled with one digit, or not one digit found on them"
        )
    if not arrays:
        raise console.InputError(
            f"{folder}: no digit was found on its {len(paths)} pictures; look at them with test_load.py"
        )
    return Source("pictures", f"pictures in {folder}", Labelled(np.stack(arrays), np.array(labels)), None)


# ---------------------------------------------------------------- checks


def checked(pixels: np.ndarray, labels: np.ndarray, origin: str) -> Labelled:
    """Raw pixels and labels as contract arrays, or an error that says what is wrong with them."""
    if pixels.ndim == 2 and pixels.shape[1] == 784:
        pixels = pixels.reshape(-1, 28, 28)
    if pixels.ndim == 4 and pixels.shape[3] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 3 or pixels.shape[1:] != (28, 28):
        raise console.InputError(
            f"{origin}: expected images of shape (n, 28, 28), came {pixels.shape}; "
            "give larger pictures as a folder of picture files"
        )
    if labels.shape != (len(pixels),) or len(labels) == 0:
        raise console.InputError(
            f"{origin}: expected one label for each of the {len(pixels)} images, came shape {labels.shape}; "
            "give labels as numbers, not one-hot"
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > 9:
        raise console.InputError(
            f"{origin}: expected whole-number labels from 0 to 9, came {contents(labels)}; correct the file"
        )
    if (
        pixels.dtype.kind not in "biuf"
        or not np.isfinite(pixels).all()
        or pixels.min() < 0
        or pixels.max() > 255
        or 1 < pixels.max() < 2  # a little over 1: all would be taken for nearly black
    ):
        raise console.InputError(
            f"{origin}: expected pixels from 0 to 255 or 0 to 1, came {contents(pixels)}; correct the file"
        )
    image_array = unit_range(pixels)
    if image_array.mean() > 0.5:
        raise console.InputError(
            f"{origin}: expected bright ink on black, came mostly bright images; invert them (255 - pixels)"
        )
    return Labelled(image_array, labels.astype(np.int64))


def contents(array: np.ndarray) -> str:
    """What an array holds, in a few words: 'float64 from 0.0 to 9.0'."""
    if array.dtype.kind not in "biuf":
        return str(array.dtype)
    return f"{array.dtype} from {array.min()} to {array.max()}"


def unit_range(pixels: np.ndarray) -> np.ndarray:
    """Pixels in 0..255, or already in 0..1, as contract arrays."""
    arrays = pixels.astype(np.float32)[..., np.newaxis]
    if pixels.max() > 1:
        arrays /= np.float32(255)  # in place: these may be gigabytes
    return arrays
