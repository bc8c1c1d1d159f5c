"""What is written on pages: numbers, amounts, dates, sums, words."""

from dataclasses import dataclass

import numpy as np

from handwriting.writing.person import DIGITLIKE, LETTER
from handwriting.writing.signs import OPERATORS, SIGNS

PRINTED_WORDS = (
    "Name", "Date", "Total", "Sum", "No", "Qty", "Page", "Score", "Grade", "Amount", "Tax", "Class", "Room", "Phone",
    "Points", "Week", "Mon", "Tue", "kg", "cm", "EUR",
)  # fmt: skip
PRINTED_LETTERS = "ACEFHKLMNPRTUVWXYacdefhkmnprtuvwxy&@"
CLEAR_SIGNS = [sign for sign in SIGNS if sign not in "|/"]  # that nobody takes for a 1


@dataclass(frozen=True)
class TextSettings:
    """What texts are like. Shares are of the numbers, or of the texts."""

    same: float = 0.12  # of the numbers have the same digit everywhere
    same_ones: float = 0.3  # of these are 1s, beside the usual tenth: bars in a row are hard to tell apart
    round: float = 0.15  # of the numbers end in zeros
    raised: float = 0.12  # of the texts have a superscript


TEXTS = TextSettings()


def number(random: np.random.Generator, fewest: int = 1, most: int = 8) -> str:
    """A number, whose digits are sometimes all the same."""
    length = int(random.integers(fewest, most + 1))
    if random.random() < TEXTS.same:
        return str(1 if random.random() < TEXTS.same_ones else random.integers(10)) * length
    zeros = int(random.integers(1, length)) if length > 2 and random.random() < TEXTS.round else 0
    return "".join(map(str, random.integers(0, 10, length - zeros))) + "0" * zeros


def with_separators(random: np.random.Generator) -> str:
    """An amount, a date, a phone number or the like."""
    kind = random.integers(6)
    whole, part = number(random, 1, 3), number(random, 2, 2)
    if kind == 0:
        return f"{whole}.{number(random, 3, 3)},{part}"
    if kind == 1:
        mark = random.choice(list("./-"))
        return mark.join([number(random, 1, 2), number(random, 1, 2), number(random, 2, 4)])
    if kind == 2:
        return f"{number(random, 3, 5)}{random.choice(list('-/ '))}{number(random, 4, 7)}"
    if kind == 3:
        return f"{random.choice(list('€$'))}{whole},{part}"
    if kind == 4:
        return f"{whole}.{random.choice(['-', '=', '000'])}"
    return f"{number(random, 2, 2)}:{number(random, 2, 2)}"


def a_sum(random: np.random.Generator) -> str:
    """A sum with operators, brackets, letters, closely written or with much space."""
    parts = [number(random, 1, 4)]
    if random.random() < 0.15:
        parts.insert(0, str(random.choice(list("=-→"))))
    for _ in range(random.integers(1, 4)):
        parts += [str(random.choice(list(OPERATORS))), number(random, 1, 4)]
    text = "".join(parts)
    if random.random() < 0.2:
        text = f"({text})"
    if random.random() < 0.2:
        text += random.choice(["%", "€", "!", LETTER, "x"])
    if random.random() < 0.5:
        text += f"={number(random, 1, 4)}"
    kind = random.random()
    if kind < 0.1:
        return " ".join(text)
    if kind < 0.55:  # each number apart
        space = " " * int(random.integers(1, 4))
        return "".join(letter if letter.isdecimal() else f"{space}{letter}{space}" for letter in text).strip()
    return text


def words(random: np.random.Generator) -> str:
    """Letters as words, with a sign now and then."""
    text = " ".join(word(random) for _ in range(random.integers(1, 5)))
    return text + (str(random.choice(CLEAR_SIGNS)) if random.random() < 0.3 else "")


def word(random: np.random.Generator) -> str:
    """Letters. Some of those in a longer word look like digits."""
    length = int(random.integers(1, 8))
    if length < 4:
        return LETTER * length
    letters = [LETTER if random.random() < 0.7 else DIGITLIKE for _ in range(length)]
    return LETTER + "".join(letters[1:])


def mixed(random: np.random.Generator) -> str:
    """Numbers and words in one line."""
    parts = [number(random, 1, 4) if random.random() < 0.5 else word(random) for _ in range(4)]
    return " ".join(parts)


def any_text(random: np.random.Generator) -> str:
    """A text of any kind."""
    kinds = (number, with_separators, a_sum, mixed, words)
    return kinds[random.choice(len(kinds), p=(0.4, 0.18, 0.24, 0.1, 0.08))](random)


def some_raised(text: str, random: np.random.Generator) -> tuple[int, ...]:
    """The numbers of the characters of a text that are superscripts: sometimes a digit or two behind others."""
    letters = text.replace(" ", "")
    places = [place for place in range(1, len(letters)) if letters[place - 1 : place + 1].isdecimal()]
    if not places or random.random() > TEXTS.raised:
        return ()
    first = places[random.integers(len(places))]
    return (first, first + 1) if first + 1 in places and random.random() < 0.3 else (first,)


def printed_words(random: np.random.Generator, small: bool) -> str:
    """Words in print. Large ones, of which one letter may fill the page, have no letter that looks like a digit."""
    if small and random.random() < 0.5:
        return " ".join(random.choice(PRINTED_WORDS, 3))
    return " ".join("".join(random.choice(list(PRINTED_LETTERS), random.integers(1, 9))) for _ in range(3))


def only_signs_or_words(random: np.random.Generator) -> str:
    """Letters, or some signs that can't be taken for digits."""
    if random.random() < 0.5:
        return words(random)
    signs = [sign for sign in CLEAR_SIGNS if sign not in "·.,'"]
    return "".join(random.choice(signs, random.integers(1, 5)))
