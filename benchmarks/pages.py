"""How well written pages are read that the finder has not seen, and how its thresholds are chosen.

    python -m benchmarks.pages              500 pages: about three minutes on two cores
    python -m benchmarks.pages --pages 100  fewer

A page is read as any picture is. A digit counts as right if it is found and read right. What is found where no digit
is counts as invented. A number is a run of digits without a space; its reading is right if it has all its digits and
no other. The tables show what the thresholds of handwriting/reading/ and the shares of the finder and the
judge are worth. The starred rows are in use.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

import numpy as np
from PIL import Image

from benchmarks.picture_scores import calibration_error
from handwriting import console
from handwriting.digit_image import CLASSES
from handwriting.finder.files import Finder, load_finder
from handwriting.finder.peaks import sigmoid, softmax
from handwriting.finder.score import is_unclear, matched
from handwriting.judge.crops import crops_around
from handwriting.judge.finds import NO_DIGIT, labels_of, seen_on
from handwriting.judge.judging import LIKELY, VERDICT, answers_of, digit_logits
from handwriting.pictures.decoding import Opened
from handwriting.reading import reader
from handwriting.reading.api import shipped_networks
from handwriting.reading.reader import READING
from handwriting.reading.readings import LEAST, ReadDigit
from handwriting.reading.wording import DOUBTS, runs
from handwriting.text_table import text_table
from handwriting.writing.pages import SIDE, write_pages
from handwriting.writing.written_page import PageDigit, WrittenPage

SEED = 2**32 - 3  # of pages that neither train the finder nor choose its weights
CHANCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)  # chances from which on something is taken for a digit
CONFIDENCES = (0, 0.2, 0.25, 0.3, 0.4)  # the same of confidences
SHARES = (0, 0.15, 0.3, 0.5, 0.7, 0.85, 1)  # of an opinion beside others
UNSURE = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # confidences below which a digit of several is doubted
UNLIKELY = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)  # chances below which what is alone on its page is doubted


@dataclass(frozen=True)
class ReadPage:
    """A page and what was read on it.

    Args:
        digits: that are on it.
        things: that were found and read. Those where a digit is cut by the page's edge don't count.
        found: for each digit, the number of what was found for it among the things, or None.
    """

    digits: list[PageDigit]
    things: list[ReadDigit]
    found: list[int | None]


def main() -> int:
    parser = console.Parser(description="Measure how well written pages are read.")
    parser.add_argument("--pages", type=console.positive_integer, default=500, help="(default: %(default)s)")
    arguments = parser.parse_args()
    count = arguments.pages
    written = list(console.progress(write_pages(SEED, range(count)), count, "writing pages"))
    pages = list(read_pages(written))
    tables = likely_table, least_table, own_table, unsure_table, alone_table
    for table in (*(table(pages) for table in tables), verdict_tables(written)):
        print(f"\n{table}")
    return 0


def read_pages(written: list[WrittenPage]) -> Iterator[ReadPage]:
    """Pages, read as pictures are."""
    count = len(written)
    opened = (Opened((SIDE, SIDE), Image.fromarray(page.pixels)) for page in written)
    read, _, _ = reader.read_all(console.progress(opened, count, "reading pages"), shipped_networks())
    for page, of_page in zip(written, read, strict=True):
        unclear = is_unclear(page, middles_of(of_page.found))
        things = [thing for thing, cut in zip(of_page.found, unclear, strict=True) if not cut]
        order = sorted(range(len(things)), key=lambda number: -things[number].digit.chance)
        numbers = matched(page.digits, middles_of(things)[order])
        yield ReadPage(page.digits, things, [None if number is None else order[number] for number in numbers])


def middles_of(things: list[ReadDigit]) -> np.ndarray:
    """(n, 2), the middles of their boxes."""
    boxes = np.array([thing.digit.box for thing in things], float).reshape(-1, 4)
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def likely_table(pages: list[ReadPage]) -> str:
    """The shares of digits found and read right, and of invented ones, at each threshold of the chance."""

    def is_taken(thing: ReadDigit, chance: float) -> bool:
        return thing.digit.chance >= chance and thing.confidence >= LEAST

    return taken_table(pages, "a digit from a chance of", CHANCES, LIKELY, is_taken)


def least_table(pages: list[ReadPage]) -> str:
    """The same at each threshold of the confidence of a likely digit."""

    def is_taken(thing: ReadDigit, confidence: float) -> bool:
        return thing.digit.is_likely and thing.confidence >= confidence

    return taken_table(pages, "and from a confidence of", CONFIDENCES, LEAST, is_taken)


def taken_table(
    pages: list[ReadPage],
    heading: str,
    limits: tuple[float, ...],
    in_use: float,
    is_taken: Callable[[ReadDigit, float], bool],
) -> str:
    """Digits found and read right, and what is invented, with other limits of what is taken for a digit."""
    rows = []
    total = sum(len(page.digits) for page in pages)
    for limit in limits:
        right = invented = 0
        for page in pages:
            taken = [is_taken(thing, limit) for thing in page.things]
            right += sum(
                number is not None and taken[number] and page.things[number].likeliest == digit.digit
                for digit, number in zip(page.digits, page.found, strict=True)
            )
            invented += sum(taken) - sum(number is not None and taken[number] for number in page.found)
        rows.append([starred(limit, in_use), f"{right / total:.2%}", f"{invented / total:.2%}"])
    return text_table([heading, f"right of {total:,}", "invented"], rows, {1, 2})


def own_table(pages: list[ReadPage]) -> str:
    """Digits read right of those that are found, if the finder's own opinion has so large a share."""
    pairs = [
        (page.things[number], digit.digit)
        for page in pages
        for digit, number in zip(page.digits, page.found, strict=True)
        if number is not None
    ]
    own = np.array([thing.digit.classes for thing, _ in pairs])
    others = (np.array([thing.probabilities for thing, _ in pairs]) - READING.own * own) / (1 - READING.own)
    labels = np.array([digit for _, digit in pairs])
    return share_table("the finder's and the judge's share", READING.own, own, others, labels)


@dataclass(frozen=True)
class Number:
    """A number as it was read: its confidence, its least sure digit's, and whether it is right."""

    confidence: float
    least: float
    right: bool


def numbers_on(page: ReadPage) -> Iterator[Number]:
    """The numbers on a page as they were read."""
    pairs = list(zip(page.digits, page.found, strict=True))
    true_digit = {place: digit.digit for digit, place in pairs if place is not None}
    missed = [digit for digit, place in pairs if place is None or not page.things[place].is_digit]
    likely = [(true_digit.get(place), thing) for place, thing in enumerate(page.things) if thing.is_digit]
    for run in runs([thing.digit for _, thing in likely]):
        number = [likely[place] for place in run]
        box = around([thing.digit.box for _, thing in number])
        right = all(digit == thing.likeliest for digit, thing in number)
        right = right and not any(inside(digit.box, box) for digit in missed)
        confidences = [thing.confidence for _, thing in number]
        yield Number(float(np.prod(confidences)), min(confidences), right)


def around(boxes: list[tuple[int, int, int, int]]) -> tuple[float, float, float, float]:
    """The box around some boxes, and half a height more to both sides."""
    left, top, right, bottom = np.array(boxes).T
    beside = (bottom - top).mean() / 2
    return left.min() - beside, top.min(), right.max() + beside, bottom.max()


def inside(box: tuple[int, int, int, int], other: tuple[float, float, float, float]) -> bool:
    """Whether the middle of a box lies in another."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] < x < other[2] and other[1] < y < other[3]


def unsure_table(pages: list[ReadPage]) -> str:
    """Of the numbers that are called sure at each threshold, how many are wrong. And the calibration error."""
    numbers = [number for page in pages for number in numbers_on(page)]
    rows = []
    for least in UNSURE:
        sure = [number for number in numbers if number.least >= least]
        wrong = sum(not number.right for number in sure) / max(1, len(sure))
        share = len(sure) / len(numbers)
        rows.append([starred(least, DOUBTS.unsure_in_number), f"{share:.1%}", f"{wrong:.2%}"])
    table = text_table(["unsure below", f"sure of {len(numbers):,} numbers", "wrong of these"], rows, {1, 2})
    confidences = np.array([number.confidence for number in numbers])
    right = np.array([number.right for number in numbers], float)
    error = calibration_error(confidences, right)
    return f"{table}\n{right.mean():.1%} of all numbers are right; calibration error {error:.3f}"


def alone_table(pages: list[ReadPage]) -> str:
    """How many digits alone on their page are doubted at each threshold: of those read right, and of the others.

    What is read as a 1 doesn't count: it is doubted by its confidence alone.
    """
    right, others = [], []
    for page in pages:
        likely = [place for place, thing in enumerate(page.things) if thing.is_digit]
        if len(likely) != 1 or page.things[likely[0]].likeliest == 1:
            continue
        thing = page.things[likely[0]]
        true_digits = [
            digit.digit for digit, place in zip(page.digits, page.found, strict=True) if place == likely[0]
        ]
        (right if true_digits == [thing.likeliest] else others).append(thing.digit.chance)
    rows = [
        [
            starred(chance, DOUBTS.unlikely_alone),
            *(str((np.array(chances) < chance).sum()) for chances in (right, others)),
        ]
        for chance in UNLIKELY
    ]
    headers = ["alone, unlikely below", f"doubted of {len(right)} right", f"of {len(others)} others"]
    return text_table(headers, rows, {1, 2})


@dataclass(frozen=True)
class Judged:
    """What the finder and the judge say of finds on pages.

    Args:
        by_finder: (n,), the logit that this is a digit at all.
        by_judge: the same.
        finders: (n, 10), the probabilities of the ten digits.
        judges: the same.
        labels: (n,), the digit, or NO_DIGIT.
    """

    by_finder: np.ndarray
    by_judge: np.ndarray
    finders: np.ndarray
    judges: np.ndarray
    labels: np.ndarray


def judge_page(page: WrittenPage, finder: Finder) -> Judged:
    """What finder and judge say of the finds on a page. Finds where a digit is cut don't count."""
    seen, digits, _ = seen_on(finder.network, page)
    finds = seen.peaks
    answers, _ = answers_of(finder.judge, crops_around(seen.picture, seen.paper, finds.boxes))
    of_judge = softmax(answers[:, :CLASSES])
    return Judged(*digit_logits(finds.chances, answers), finds.classes, of_judge, labels_of(digits))


def verdict_tables(pages: list[WrittenPage]) -> str:
    """The weights of both opinions that fit these pages best, and the judge's share in what a digit is taken for."""
    finder = load_finder()
    of_pages = [judge_page(page, finder) for page in console.progress(pages, len(pages), "judging finds")]
    found = Judged(
        *(np.concatenate([getattr(page, each.name) for page in of_pages]) for each in fields(Judged))
    )
    terms = np.stack([found.by_finder, found.by_judge, np.ones(len(found.labels))], axis=1)
    is_digit = (found.labels != NO_DIGIT).astype(float)
    fitted = ", ".join(f"{weight:.3f}" for weight in logistic_regression(terms, is_digit))
    in_use = np.array([VERDICT.finder, VERDICT.judge, VERDICT.offset])
    error = calibration_error(sigmoid(terms @ in_use), is_digit)
    weights = (
        f"the weights of finder and judge and the offset that fit best: {fitted}; "
        f"in use: {', '.join(map(str, in_use))}; calibration error of the chances {error:.3f}"
    )
    digits = is_digit > 0
    shares = share_table(
        "the judge's share",
        VERDICT.classes,
        found.judges[digits],
        found.finders[digits],
        found.labels[digits],
    )
    return f"{shares}\n{weights}"


def share_table(heading: str, in_use: float, own: np.ndarray, others: np.ndarray, labels: np.ndarray) -> str:
    """How many digits are read right if one opinion has so large a share beside the others."""
    rows = []
    for share in sorted({*SHARES, in_use}):
        both = np.maximum(share * own + (1 - share) * others, 1e-9)
        loss = -np.log(both[np.arange(len(labels)), labels]).mean()
        right = (both.argmax(axis=1) == labels).mean()
        rows.append([starred(share, in_use), f"{right:.2%}", f"{loss:.4f}"])
    return text_table([heading, f"right of {len(labels):,} found", "loss"], rows, {1, 2})


def logistic_regression(terms: np.ndarray, target: np.ndarray, rounds: int = 30) -> np.ndarray:
    """The weights of terms (n, m) that tell the target (n,) best, by Newton's method."""
    weights = np.zeros(terms.shape[1])
    for _ in range(rounds):
        chance = sigmoid(terms @ weights)
        curvature = terms.T @ (terms * (chance * (1 - chance))[:, np.newaxis])
        weights += np.linalg.solve(curvature, terms.T @ (target - chance))
    return weights


def starred(value: float, in_use: float) -> str:
    return f"{value} *" if value == in_use else str(value)


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
