"""How well a network learns a person's hand from few digits, and what it forgets.

    python -m benchmarks.learning --mnist mnist.npz                         ten written hands: ten minutes on two cores
    python -m benchmarks.learning --mnist mnist.npz --pictures my_digits/   also a person's labelled pictures

Each training is one `python cnn_model_v2.py --start checkpoints/cnn_digit03.keras --data DIR`. Its network is not kept.

- A written hand has a form of its own for each digit, one of the rarer half, and a slant and a pen of its own. The
  network learns ten digits of each class. Before and after, it reads fifty others of the same hand.
- Of a folder of pictures, half of the digits of each class are learned, at most ten. The others are read.
- Ten corrections of one confusion: a hand writes its 1s with a flag. Ten that were read as 7s are learned. Other 1s of
  the hand are read. A line below gives the misses on as many of its 7s. None of these was learned.

The last table has the medians: misses after ÷ before, points lost on MNIST's validation images, seconds.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting import console, installation
from handwriting.data.picture_folder import picture_folder
from handwriting.data.sets import Labelled, fixed_order
from handwriting.digit_image import CLASSES, unit_range
from handwriting.model_files import load_model
from handwriting.quiet_keras import keras
from handwriting.reading.api import shipped_networks
from handwriting.reading.reader import READING, answer, mean
from handwriting.shipped import PROJECT, shipped_network
from handwriting.text_table import text_table
from handwriting.training.run_files import learned_run
from handwriting.web.digit_pixels import pixels_of
from handwriting.writing.glyphs import FORMS, STRAIGHT_FORMS
from handwriting.writing.hand import HABITS, POINTS, written_paths
from handwriting.writing.pen import in_ink
from handwriting.writing.person import habits_of_one

START = shipped_network("cnn_v3")
LEARNED = 10  # digits of each class
READ = 50  # others of each class
FLAGGED = FORMS[1][1:]  # the forms of a 1 with a flag
CANDIDATES = 1_000  # flagged 1s, of which some are read as 7s
STEADINESS = 0.5  # digits of one person differ this many times as much as those of different people


@dataclass(frozen=True)
class Learned:
    """What learning a hand has led to.

    Args:
        name: of the hand.
        before: how many of the digits of the hand that were not learned the network misread.
        after: the same of the learned network. Before, if it was not kept.
        before_all: the same of all networks together that read on the page.
        after_all: with the learned network among them.
        count: of these digits.
        points: of MNIST's validation images that were lost, in points of a hundred.
        seconds: from the start to the end.
    """

    name: str
    before: int
    after: int
    before_all: int
    after_all: int
    count: int
    points: float
    seconds: float

    @property
    def ratio(self) -> float:
        """Misses after ÷ before. If there was none before, 1 plus the misses after."""
        return self.after / self.before if self.before else 1.0 + self.after

    @property
    def row(self) -> list[str]:
        return [
            self.name,
            f"{self.before}",
            f"{self.after}",
            f"{self.ratio:.2f}",
            f"{self.before_all}",
            f"{self.after_all}",
            f"{self.count}",
            f"{self.points:+.3f}",
            f"{self.seconds:.0f}",
        ]


class WrittenHand:
    """A hand of its own: for each digit one of the rarer forms, one slant, one pen."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng([seed, 24])
        self.habits = habits_of_one(STEADINESS, self.random)
        self.pen = float(np.exp(self.random.normal(0, HABITS.pen_spread)))
        self.forms = {digit: self.odd_form(digit) for digit in range(CLASSES)}

    def odd_form(self, digit: int) -> list:
        """One of the rarer half of a digit's forms."""
        by_share = [strokes for _, strokes in sorted(FORMS[digit], key=lambda form: form[0])]
        odd = by_share[: max(1, len(by_share) // 2)] + STRAIGHT_FORMS[digit]
        return odd[self.random.integers(len(odd))]

    def write(self, digit: int, count: int) -> np.ndarray:
        """So many digit images of a digit."""
        paths = written_paths(self.forms[digit], count, self.random, self.habits, POINTS)
        return unit_range(in_ink(paths, self.random, self.pen))

    def write_each(self, count: int) -> Labelled:
        """So many digits of each class."""
        images = np.concatenate([self.write(digit, count) for digit in range(CLASSES)])
        return Labelled(images, np.repeat(np.arange(CLASSES), count))


def main() -> int:
    parser = console.Parser(description="Measure how well a network learns a hand.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    parser.add_argument(
        "--hands", type=console.positive_integer, default=10, help="written ones (default: %(default)s)"
    )
    parser.add_argument(
        "--pictures", type=Path, nargs="+", default=[], help="folders with a person's labelled pictures"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cache = Path(scratch, "keras", "datasets", "mnist.npz")
        cache.parent.mkdir(parents=True)
        shutil.copyfile(arguments.mnist, cache)
        os.environ["KERAS_HOME"] = str(cache.parent.parent)  # where the training finds MNIST
        print(
            f"{installation.machine()}; all networks: with a share of {READING.learned} for the learned one"
        )
        hands = []
        for seed in range(arguments.hands):
            hand = WrittenHand(seed)
            hands.append(learn(f"hand {seed}", hand.write_each(LEARNED), hand.write_each(READ)))
        folders = [learn_folder(folder) for folder in arguments.pictures]
        confusions = [confusion for seed in range(arguments.hands) if (confusion := learn_confusion(seed))]
    print_tables(hands, folders, confusions)
    return 0


def learn(name: str, own: Labelled, others: Labelled, beside: Labelled | None = None) -> Learned:
    """Learns some digits of a hand, and reads others of it before and after. Prints the same of digits beside them."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, out = Path(scratch, "mine"), Path(scratch, "out")
        folder.mkdir()
        for number, (image, label) in enumerate(zip(own.images, own.labels, strict=True)):
            Image.fromarray(pixels_of(image)).save(folder / f"{label}-{number:04}.png")
        command = [sys.executable, str(PROJECT / "cnn_model_v2.py"), "--start", str(START)]
        began = time.monotonic()
        ended = subprocess.run(
            [*command, "--data", str(folder), "--out", str(out)], capture_output=True, text=True
        )
        seconds = time.monotonic() - began
        files = learned_run(out, START).final
        start = load_model(START)
        learned = load_model(files.model) if files.model.exists() else None
        points = 0.0
        if learned is None:
            print(f"{name}: {ended.stderr.strip().splitlines()[-1]}")
        else:
            record = json.loads(files.record.read_text(encoding="utf-8"))
            before, after = (record[when]["others"] for when in ("before", "after"))
            points = 100 * (after["misses"] - before["misses"]) / before["count"]
        result = Learned(
            name,
            misses(answer(start, others.images), others),
            misses(answer(learned or start, others.images), others),
            misses(together(others.images, None), others),
            misses(together(others.images, learned), others),
            len(others),
            points,
            seconds,
        )
        print("  ".join(result.row), flush=True)
        if beside:
            old, new = (misses(answer(model, beside.images), beside) for model in (start, learned or start))
            print(
                f"  of its {len(beside)} {beside.labels[0]}s, {old} were misread before and {new} are after"
            )
        return result


def misses(probabilities: np.ndarray, labelled: Labelled) -> int:
    return int((probabilities.argmax(axis=1) != labelled.labels).sum())


def together(images: np.ndarray, learned: keras.Model | None) -> np.ndarray:
    """What the networks of the page say of digits that no finder has seen."""
    networks = shipped_networks()
    answers = {name: answer(networks.each[name], images) for name in networks.ensemble}
    usual = mean(answers, networks.ensemble)
    return usual if learned is None else usual + READING.learned * (answer(learned, images) - usual)


def learn_folder(folder: Path) -> Learned:
    """Learns half of a person's digits, and reads the others."""
    digits = picture_folder(folder).training
    order = fixed_order(len(digits))
    own, others = [], []
    for digit in range(CLASSES):
        of_digit = order[digits.labels[order] == digit]
        half = min(LEARNED, len(of_digit) // 2)
        own += of_digit[:half].tolist()
        others += of_digit[half:].tolist()
    return learn(folder.name, digits.take(np.array(own)), digits.take(np.array(others)))


def learn_confusion(seed: int) -> Learned | None:
    """Learns ten flagged 1s that were read as 7s, and reads other 1s of the hand. None if it has too few of them."""
    hand = WrittenHand(1_000 + seed)
    hand.forms[1] = FLAGGED[seed % len(FLAGGED)][1]
    ones = hand.write(1, CANDIDATES)
    confused = np.flatnonzero(answer(load_model(START), ones).argmax(axis=1) == 7)
    if len(confused) < 2 * LEARNED:
        print(f"hand {seed}: only {len(confused)} of {CANDIDATES:,} flagged 1s are read as 7s")
        return None
    own = ones[confused[:LEARNED]]
    others = np.delete(ones, confused[:LEARNED], axis=0)
    sevens = hand.write(7, len(others))
    return learn(
        f"flagged 1s {seed}",
        Labelled(own, np.ones(len(own), int)),
        Labelled(others, np.ones(len(others), int)),
        Labelled(sevens, np.full(len(sevens), 7)),
    )


def print_tables(hands: list[Learned], folders: list[Learned], confusions: list[Learned]) -> None:
    """Prints a row for each training, then the medians."""
    header = "hand", "before", "after", "ratio", "all before", "all after", "digits", "points lost", "seconds"
    print()
    print(text_table(list(header), [one.row for one in [*hands, *folders, *confusions]], set(range(1, 9))))
    rows = []
    for name, group in (("written hands", hands), ("pictures", folders), ("one confusion", confusions)):
        if group:
            rows.append(
                [
                    f"{name} (n {len(group)})",
                    f"{statistics.median(one.ratio for one in group):.2f}",
                    f"{statistics.median(one.points for one in group):+.3f}",
                    f"{statistics.median(one.seconds for one in group):.0f}",
                ]
            )
    print()
    print(text_table(["medians", "after ÷ before", "points lost", "seconds"], rows, {1, 2, 3}))


if __name__ == "__main__":
    sys.exit(console.guard(main, "benchmarks.learning"))
