"""One person's writing: all digits of a page by the same hand, with its forms, slant and pen."""

from dataclasses import dataclass, replace

import numpy as np

from handwriting.writing.glyphs import FORMS, LETTERS, STRAIGHT_FORMS, Stroke
from handwriting.writing.hand import HABITS, Habits, path_matrix, written_paths
from handwriting.writing.signs import SIGNS

LETTER = "a"  # stands for any letter
DIGITLIKE = "o"  # stands for a letter that looks like a digit: O, l, S, z, b, g
LOOKALIKES = (0, 0, 1, 1, 5, 2, 6, 9)  # the digits that such letters look like
POINTS_ON_PAGE = 48  # on the path of a character; few, because a page has many characters


@dataclass(frozen=True)
class PersonSettings:
    """How people differ, and how much one person's characters do. Two numbers: the least and the most."""

    steadiness: tuple[float, float] = (0.25, 0.8)  # times what characters of different people differ
    other_form: float = 0.12  # of the digits are not written in the person's usual form
    aspect: float = 0.18  # the standard deviation of the logarithm of width over height between people
    straight: float = 0.08  # of the people write digits of straight strokes
    pen: tuple[float, float] = (0.006, 0.14)  # digit heights; the pen's radius
    heights: float = 0.07  # the standard deviation of a character's height
    baseline: float = 0.04  # digit heights; the standard deviation of its place on the line
    gaps: tuple[float, float] = (-0.1, 0.4)  # digit heights; the usual gap between two characters
    joins: float = 0.15  # of the people join zeros, and now and then other digits
    gap_spread: float = 0.06  # digit heights; how gaps differ


PEOPLE = PersonSettings()


@dataclass(frozen=True)
class Character:
    """A written character. It is about 1 high: y = 0 is its top, y = 1 the line that it stands on.

    Args:
        text: a digit, a sign, LETTER or DIGITLIKE.
        strokes: paths (n, 2), with x = 0 at its left.
        width: of its paths.
    """

    text: str
    strokes: list[np.ndarray]
    width: float


def habits_of_one(steadiness: float, random: np.random.Generator) -> Habits:
    """The habits of one person. Their characters differ `steadiness` times as much as those of different people."""
    steady = ("point", "slant", "turn", "aspect", "proportion", "bend", "overshoot")
    return replace(
        HABITS,
        **{name: steadiness * getattr(HABITS, name) for name in steady},
        mean_slant=float(random.normal(HABITS.mean_slant, HABITS.slant)),
    )


class Person:
    """A hand. It writes characters one after the other, all in one manner."""

    def __init__(self, random: np.random.Generator):
        self.random = random
        habits = habits_of_one(random.uniform(*PEOPLE.steadiness), random)
        self.habits = replace(habits, hurry=float(random.uniform(0, HABITS.hurry)))
        self.aspect = float(np.exp(random.normal(0, PEOPLE.aspect)))
        self.pen = float(np.exp(random.uniform(*np.log(PEOPLE.pen))))
        self.gap = float(random.uniform(*PEOPLE.gaps))
        self.joins = random.random() < PEOPLE.joins
        self.straight = random.random() < PEOPLE.straight
        self.forms = {digit: self.chosen_form(digit) for digit in FORMS}

    def chosen_form(self, digit: int) -> list[Stroke]:
        """One of the forms of a digit. Rare forms are chosen more often than people write them, so all are learned."""
        if self.straight:
            forms = STRAIGHT_FORMS[digit]
            return forms[self.random.integers(len(forms))]
        chances = np.sqrt([share for share, _ in FORMS[digit]])
        return FORMS[digit][self.random.choice(len(chances), p=chances / chances.sum())][1]

    def write(self, text: str) -> list[Character]:
        """The characters of a text, in its order. Spaces are left out."""
        wanted = [letter for letter in text if letter != " "]
        strokes_of = [self.strokes_of(letter) for letter in wanted]
        written: list[Character | None] = [None] * len(wanted)
        groups: dict[int, list[int]] = {}
        for number, strokes in enumerate(strokes_of):
            groups.setdefault(id(strokes), []).append(number)
        for numbers in groups.values():
            strokes = strokes_of[numbers[0]]
            paths = written_paths(strokes, len(numbers), self.random, self.habits, POINTS_ON_PAGE)
            stroke_numbers = path_matrix(strokes, POINTS_ON_PAGE)[1]
            for number, path in zip(numbers, paths, strict=True):
                written[number] = self.character(wanted[number], path, stroke_numbers)
        return written

    def strokes_of(self, letter: str) -> list[Stroke]:
        """The strokes of a digit, a sign or any letter."""
        if letter.isdecimal():
            usual = self.random.random() >= PEOPLE.other_form
            return self.forms[int(letter)] if usual else self.chosen_form(int(letter))
        if letter == LETTER:
            return LETTERS[self.random.integers(len(LETTERS))][1]
        if letter == DIGITLIKE:
            return self.forms[self.random.choice(LOOKALIKES)]
        return SIGNS[letter]

    def character(self, text: str, path: np.ndarray, stroke_numbers: np.ndarray) -> Character:
        """The character of a path and the stroke of each point.

        Digits and letters stand on the line; signs keep their height.
        """
        path = path + [0, 0.5]
        if text.isdecimal() or text in (LETTER, DIGITLIKE):
            top, bottom = path[:, 1].min(), path[:, 1].max()
            path[:, 1] = (path[:, 1] - top) / (bottom - top)
        path[:, 0] = (path[:, 0] - path[:, 0].min()) * self.aspect
        parts = [path[stroke_numbers == number] for number in range(stroke_numbers[-1] + 1)]
        return Character(text, parts, float(path[:, 0].max()))
