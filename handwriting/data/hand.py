"""The images for learning a hand: a person's own digits, and enough of other people's to prevent forgetting."""

from dataclasses import dataclass

import numpy as np

from handwriting import console
from handwriting.data.sets import Labelled, Source, fixed_order
from handwriting.digit_image import CLASSES


@dataclass(frozen=True)
class HandSettings:
    """How many images a hand is learned from."""

    fewest: int = 5  # of the person's digits; fewer say little of a hand
    held_back_one_in: int = 5  # pictures of each digit; of fewer pictures, none is held back
    others: int = 4_000  # digits of other people; the network knows them, and must not forget them
    validation: int = 2_000  # written digits of other people, if MNIST is not there. MNIST has 6,000
    # Written digits in the forms of the person's. More would count for more than the person's own.
    alike: int = 600
    seed: int = 1  # of what is written; the networks that come with the project have seen the seed 0


HAND = HandSettings()


@dataclass(frozen=True)
class Hand:
    """The images that a hand is learned from.

    Args:
        source: where the person's digits are from.
        learned: the person's digits that are learned.
        held_back: the person's digits that are not learned, to judge by. It may be empty.
        alike: written digits, in forms like the person's where they are known. They are learned, too.
        others: digits of other people that are learned.
        validation: digits of other people that are not learned, to judge by.
        kind: of the digits of other people: mnist, or offline for written digits.
    """

    source: Source
    learned: Labelled
    held_back: Labelled
    alike: Labelled
    others: Labelled
    validation: Labelled
    kind: str

    @property
    def judged(self) -> Labelled:
        """The person's digits that the network is judged by. If none is held back, these are those that it learns."""
        return self.held_back if len(self.held_back) else self.learned

    @property
    def judged_by(self) -> str:
        """What these digits are, in words."""
        return "digits held back" if len(self.held_back) else "digits it learned"

    def summary(self, settings: HandSettings = HAND) -> list[str]:
        """Where the digits are from, and how many of them are used for what."""
        people = "MNIST's" if self.kind == "mnist" else "written digits, because MNIST is not at hand"
        lines = [
            f"{self.source.description}: {len(self.learned):,} to learn, {len(self.held_back):,} held back",
            f"beside them {len(self.others):,} digits of other people ({people}), so that nothing is forgotten; "
            f"{len(self.validation):,} more to judge by",
        ]
        shown = np.unique(self.learned.labels)
        if len(shown) == 1:
            lines.append(f"all of your digits are {shown[0]}s: the network learns how you write these alone")
        if not len(self.held_back):
            lines.append(
                f"no digit has {settings.held_back_one_in} pictures, so none is held back: "
                "the network is judged by the digits that it learns"
            )
        return lines


def own_digits(source: Source, settings: HandSettings) -> tuple[Labelled, Labelled]:
    """The person's digits to learn, and those that are held back. Raises InputError if there are too few of them.

    An image that is there twice counts once, so that none is learned and held back at the same time.
    """
    images = source.training.images
    own = source.training.take(np.unique(images.reshape(len(images), -1), axis=0, return_index=True)[1])
    if len(own) < settings.fewest:
        raise console.InputError(too_few(len(own), source.description, settings))
    own = own.take(fixed_order(len(own)))
    held_back = np.zeros(len(own), bool)
    for digit in range(CLASSES):
        of_digit = np.flatnonzero(own.labels == digit)
        held_back[of_digit[: len(of_digit) // settings.held_back_one_in]] = True
    return own.take(np.flatnonzero(~held_back)), own.take(np.flatnonzero(held_back))


def too_few(count: int, place: str, settings: HandSettings = HAND) -> str:
    """Why so few digits can't be learned."""
    return (
        f"expected at least {settings.fewest} of your digits to learn your hand from, got {count} ({place}); "
        "correct or confirm more of them on the page of draw.py, or add pictures"
    )
