"""How often a reading that is called `ok` is wrong, at which threshold. On drawn pictures, of one digit or of several.

    python -m benchmarks.doubt --mnist mnist.npz

The digits are MNIST's validation images, which no network learned from, or written ones. A number has two to seven
digits. Validation images vary in size, height and gap, and some touch. On some pictures a letter stands among them.
On pictures of a letter alone, every `ok` is wrong. The thresholds `unsure`, `unsure_in_number`, `other_ink` and
`widest_mark` in handwriting/reading/wording.py are chosen by these tables. They take three minutes on two cores.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from handwriting import console
from handwriting.data.load import load
from handwriting.digit_image import SIDE, tight_box
from handwriting.pictures.many import read_or_reason
from handwriting.reading.api import shipped_networks
from handwriting.reading.reader import read_all
from handwriting.reading.readings import ReadPicture
from handwriting.reading.wording import DOUBTS, DoubtSettings, doubted
from handwriting.text_table import text_table
from handwriting.writing.other_ink import KINDS, write_non_digits
from handwriting.writing.scenes import ROWS_OF_DIGITS, STYLES, draw_picture

PICTURES = 1_000  # of each kind
UNSURE = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
OTHER_INK = (0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.5)
WIDEST_MARK = (1.0, 1.2, 1.4, 1.8, 10.0)


@dataclass(frozen=True)
class Hand:
    """How drawn numbers vary."""

    digits: tuple[int, int] = (2, 7)  # in a number
    height: float = 60  # px
    heights: tuple[float, float] = (0.8, 1.2)  # of that, from digit to digit
    up_or_down: float = 0.06  # of the height; the standard deviation
    gaps: tuple[float, float] = (-0.02, 0.35)  # of the height; digits touch if it is below nothing
    margin: int = 30  # px
    noise: float = 4  # grey levels; the standard deviation of the paper's grain


HAND = Hand()
Drawn = tuple[np.ndarray | Image.Image, str]  # a picture, and the digits on it
# The styles in which the pictures of data/ show several digits.
WIDE_STYLES = sorted({style for style in ROWS_OF_DIGITS.values()})


def main() -> int:
    parser = console.Parser(description="Show how often readings called ok are wrong, at which threshold.")
    parser.add_argument("--mnist", required=True, help="an mnist.npz")
    arguments = parser.parse_args()
    validation = load(arguments.mnist).validation
    digits = (validation.images[..., 0] * 255).round().astype(np.uint8), validation.labels
    signs, kinds = write_non_digits(4 * PICTURES, seed=31)
    letters = signs[kinds == list(KINDS).index("letter")][:PICTURES]
    alone = (("unsure", UNSURE),)
    among_others = (
        ("unsure_in_number", UNSURE),
        ("other_ink", OTHER_INK),
        ("widest_mark", WIDEST_MARK),
    )
    show("one validation image", pasted_alone(*digits), alone)
    show("one written digit", written(1, 1), alone)
    show("several validation images", pasted_numbers(*digits), among_others)
    show("several written digits", written(*HAND.digits), among_others)
    show("several validation images and a letter", pasted_numbers(*digits, letters), among_others)
    show(
        "a letter",
        ((picture([image], np.random.default_rng(n)), "") for n, image in enumerate(letters)),
        alone,
    )
    return 0


def show(what: str, drawn: Iterator[Drawn], settings: Sequence[tuple[str, tuple[float, ...]]]) -> None:
    """Reads pictures and prints a table for each setting."""
    pictures, labels = zip(*drawn, strict=True)
    pictures_read = read_all(map(read_or_reason, pictures), shipped_networks())[0]
    pairs = list(zip(pictures_read, labels, strict=True))
    right = sum(read.ensemble.digits == label for read, label in pairs)
    print(f"\n{len(pairs):,} pictures of {what}: {right / len(pairs):.1%} read right")
    for setting, values in settings:
        print(table(pairs, setting, values), flush=True)


def pasted_alone(pixels: np.ndarray, labels: np.ndarray) -> Iterator[Drawn]:
    """Pictures of one digit image."""
    for number, (image, label) in enumerate(zip(pixels[:PICTURES], labels, strict=False)):
        yield picture([image], np.random.default_rng([1, number])), str(label)


def pasted_numbers(
    pixels: np.ndarray, labels: np.ndarray, signs: np.ndarray | None = None
) -> Iterator[Drawn]:
    """Pictures of several digit images, with a sign among them if there are signs."""
    for number in range(PICTURES):
        random = np.random.default_rng([2, number])
        chosen = random.choice(len(labels), random.integers(HAND.digits[0], HAND.digits[1] + 1))
        images = [pixels[n] for n in chosen]
        if signs is not None:
            images.insert(random.integers(1, len(images)), signs[number % len(signs)])
        yield picture(images, random), "".join(str(labels[n]) for n in chosen)


def written(fewest: int, most: int) -> Iterator[Drawn]:
    """Pictures like those of data/."""
    for number in range(PICTURES):
        random = np.random.default_rng([3, number])
        text = "".join(map(str, random.integers(0, 10, random.integers(fewest, most + 1))))
        style = STYLES[random.choice(WIDE_STYLES if most > 1 else list(STYLES))]
        yield draw_picture(text, style, random), text


def picture(images: list[np.ndarray], random: np.random.Generator) -> np.ndarray:
    """Digit images side by side, dark on grainy paper: uint8 (height, width)."""
    pasted = []
    for image in images:
        left, top, right, bottom = tight_box(image / 255)
        scale = HAND.height * random.uniform(*HAND.heights) / SIDE
        size = (
            max(1, round((right - left) * scale * SIDE / 20)),
            max(1, round((bottom - top) * scale * SIDE / 20)),
        )
        pasted.append(
            np.asarray(Image.fromarray(image[top:bottom, left:right]).resize(size, Image.Resampling.BICUBIC))
        )
    gaps = (HAND.height * random.uniform(*HAND.gaps, len(pasted))).round().astype(int)
    height = 2 * HAND.margin + round(2 * HAND.height)
    width = 2 * HAND.margin + sum(ink.shape[1] for ink in pasted) + gaps.sum() + HAND.margin
    page = np.zeros((height, width))
    left = HAND.margin
    for ink, gap in zip(pasted, gaps, strict=True):
        top = round(height / 2 - ink.shape[0] / 2 + random.normal(0, HAND.up_or_down) * HAND.height)
        place = page[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.maximum(place, ink, out=place)
        left += ink.shape[1] + gap
    grain = random.normal(0, HAND.noise, page.shape)
    return np.clip(245 - 0.85 * page + grain, 0, 255).astype(np.uint8)


def table(pictures: list[tuple[ReadPicture, str]], setting: str, values: tuple[float, ...]) -> str:
    """How many readings are ok at each threshold, how many of these are wrong, and how many right ones are lost."""
    lines = []
    for value in values:
        settings = replace(DOUBTS, **{setting: value})
        ok = [(read, label) for read, label in pictures if is_ok(read, settings)]
        wrong = sum(read.ensemble.digits != label for read, label in ok)
        chosen = " *" if value == getattr(DOUBTS, setting) else ""
        lines.append(
            [
                f"{value}{chosen}",
                f"{len(ok) / len(pictures):.1%}",
                str(wrong),
                f"{wrong / max(1, len(ok)):.2%}",
            ]
        )
    return text_table([setting, "ok", "wrong", "of the ok"], lines, {1, 2, 3})


def is_ok(read: ReadPicture, settings: DoubtSettings) -> bool:
    """Whether a reading is called ok with these settings."""
    if not read.digits or read.picture.doubt:
        return False
    return not any(doubted(read.found, [digit.ensemble for digit in read.found], settings))


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
