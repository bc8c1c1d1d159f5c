"""The networks that read: some that tell the ten digits apart, and one that tells digits from other ink."""

from dataclasses import dataclass, replace
from pathlib import Path

from handwriting import console
from handwriting.model_files import RefusedModel, load_model
from handwriting.quiet_keras import keras
from handwriting.reading.readings import ENSEMBLE_NAME
from handwriting.shipped import DIGIT_OR_NOT, ENSEMBLE, NAMES

OTHER_OR_DIGIT = 2  # the classes of the digit-or-not network


@dataclass(frozen=True)
class Networks:
    """Networks that read.

    Args:
        each: the networks by the names that they are shown by. Each gives ten probabilities for a digit.
        digit_or_not: gives the probabilities of other ink and of a digit. Without it, all ink is taken for digits.
    """

    each: dict[str, keras.Model]
    digit_or_not: keras.Model | None

    @property
    def ensemble(self) -> list[str]:
        """The networks whose mean is the ensemble: those of ENSEMBLE, or all if fewer than two of them are there."""
        chosen = [name for name in self.each if name in ENSEMBLE]
        return chosen if len(chosen) > 1 else list(self.each)

    def without(self, name: str) -> "Networks":
        """All networks but one."""
        return replace(self, each={other: self.each[other] for other in self.each if other != name})


def load_networks(paths: list[Path]) -> tuple[Networks, list[str]]:
    """The networks in these files, and why some of them are refused."""
    each: dict[str, keras.Model] = {}
    refused = []
    for path in paths:
        name = shown_name(path, taken={*each, ENSEMBLE_NAME})
        try:
            each[name] = load_model(path)
        except RefusedModel as reason:
            refused.append(str(reason))
    if not each:
        return Networks({}, None), refused
    try:
        return Networks(each, load_digit_or_not()), refused
    except RefusedModel as reason:
        return Networks(each, None), [*refused, str(reason)]


def load_digit_or_not() -> keras.Model:
    """The network that tells digits from other ink. Raises RefusedModel."""
    return load_model(DIGIT_OR_NOT, classes=OTHER_OR_DIGIT)


def shown_name(path: Path, taken: set[str]) -> str:
    """The name that --model takes, if the file is one of the project's networks. Else its stem. Else its path."""
    name = NAMES.get(path.stem, path.stem)
    return console.printable(path.as_posix() if name in taken else name)
