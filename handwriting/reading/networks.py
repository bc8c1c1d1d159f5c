"""The networks that read: one that finds digits, and some that tell the ten digits apart."""

import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from handwriting import console
from handwriting.digit_image import unit_range
from handwriting.finder.files import Finder, load_finder
from handwriting.model_answers import probabilities_of
from handwriting.model_files import RefusedModel, load_model
from handwriting.quiet_keras import keras
from handwriting.reading.readings import ENSEMBLE_NAME
from handwriting.shipped import ENSEMBLE, LEARNED, name_of
from handwriting.writing.digits import write_digits


@dataclass(frozen=True)
class Check:
    """How networks are compared before they form an ensemble."""

    digits: int = 100  # written; they take a fraction of a second, and tell 60 % from 90 %
    least: float = 0.8  # of the share that the best network reads; a network that reads less is no member
    best: float = 0.5  # the best reads at least so many, or none of them can be a measure for the others


CHECK = Check()


@dataclass(frozen=True)
class Networks:
    """Networks that read.

    Args:
        finder: finds the digits on a picture.
        each: the networks by the names that they are shown by. Each gives ten probabilities for a digit.
        left_out: why networks are not in the ensemble although they are there.
    """

    finder: Finder
    each: dict[str, keras.Model]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def ensemble(self) -> list[str]:
        """The networks that form the ensemble: those of ENSEMBLE, or all if fewer than two of them are there.

        What has learned a person's hand reads with them. What reads far worse than the others is left out.
        """
        good = [name for name in self.each if name not in self.left_out] or list(self.each)
        chosen = [name for name in good if name in ENSEMBLE]
        return [*chosen, *filter(has_learned, good)] if len(chosen) > 1 else good

    def without(self, name: str) -> "Networks":
        """All networks but one."""
        return replace(self, each={other: self.each[other] for other in self.each if other != name})


def has_learned(name: str) -> bool:
    """Whether the network of this name has learned a person's hand."""
    return name.endswith(LEARNED)


def by_what_they_learned(members: list[str]) -> tuple[list[str], list[str]]:
    """The networks that are averaged with the finder, and those that have learned a hand and count for more.

    If all have learned a hand, all are in both lists.
    """
    learned = list(filter(has_learned, members))
    others = [name for name in members if name not in learned]
    return others or learned, learned


def load_networks(paths: list[Path]) -> tuple[Networks, list[str]]:
    """The finder and the networks in these files, and why some of them are refused.

    Raises ProjectError if the finder can't be used.
    """
    finder = load_finder()
    each: dict[str, keras.Model] = {}
    refused = []
    for path in paths:
        name = shown_name(path, taken={*each, ENSEMBLE_NAME})
        try:
            each[name] = load_model(path)
        except RefusedModel as reason:
            refused.append(str(reason))
    return Networks(finder, each, far_worse(each)), refused


def far_worse(each: dict[str, keras.Model]) -> dict[str, str]:
    """The networks that read written digits far worse than the best of them does, and how much worse.

    A network that was stopped early, or learned from too few images, would spoil the mean.
    """
    if len(each) < 2:
        return {}
    pixels, labels = write_digits(CHECK.digits)
    images = unit_range(pixels)
    right = {}
    for name, network in each.items():
        with contextlib.suppress(
            RefusedModel
        ):  # it fails again where its readings are needed, and is reported there
            right[name] = float((probabilities_of(network, images).argmax(axis=1) == labels).mean())
    best = max(right.values(), default=0)
    return {
        name: f"it reads {share:.0%} of some written digits, the best network {best:.0%}"
        for name, share in right.items()
        if best > CHECK.best and share < CHECK.least * best
    }


def shown_name(path: Path, taken: set[str]) -> str:
    """The name that --model takes, if the file is one of the project's networks. Else its stem. Else its path."""
    name = name_of(path.stem)
    return console.printable(path.as_posix() if name in taken else name)
