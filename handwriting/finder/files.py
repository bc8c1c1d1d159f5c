"""The trained networks that find digits, in their files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handwriting import console
from handwriting.finder.answers import CHANNELS
from handwriting.judge.crops import OUTPUTS
from handwriting.shipped import FINDER, JUDGE

if TYPE_CHECKING:  # Keras takes seconds and much memory, which whoever only names these types need not pay
    from handwriting.quiet_keras import keras

Ask = Callable[[np.ndarray], np.ndarray]  # float32 images of one size -> a network's answers


@dataclass(frozen=True)
class Finder:
    """What finds digits on a picture: two networks that can be asked.

    Args:
        network: says where digits may be.
        judge: looks at each of these places alone, and says whether it is a digit, and which.
    """

    network: Ask
    judge: Ask


def load_finder(network: Path = FINDER, judge: Path = JUDGE) -> Finder:
    """The finder in two files. Raises console.ProjectError if one is missing or damaged."""
    from handwriting.model_answers import answering

    return Finder(answering(load_finding_network(network)), answering(load_judge(judge)))


def load_finding_network(path: Path = FINDER) -> keras.Model:
    """The network that finds digits. Raises console.ProjectError if the file is missing or damaged."""
    return load_network(path, "finds digits", CHANNELS, "python -m handwriting.finder")


def load_judge(path: Path = JUDGE) -> keras.Model:
    """The network that judges what was found. Raises console.ProjectError if the file is missing or damaged."""
    return load_network(path, "judges what was found", OUTPUTS, "python -m handwriting.judge")


def load_network(path: Path, does: str, answers: int, command: str) -> keras.Model:
    """A network that gives so many answers. Raises console.ProjectError if the file is missing or damaged.

    Args:
        does: what it does, in words.
        command: trains it.
    """
    from handwriting.quiet_keras import keras

    remedy = f"`git checkout checkpoints/reader` brings it back, `{command}` trains it anew"
    if not path.is_file():
        raise console.ProjectError(
            f"expected the network that {does}, got no file {console.shown(path)}; {remedy}"
        )
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
        got = network.output_shape[-1]
    except Exception as error:  # a damaged file can provoke any
        reason = console.first_line(error)
        raise console.ProjectError(f"{console.shown(path)} is damaged ({reason}); {remedy}") from None
    if got != answers:
        raise console.ProjectError(
            f"{console.shown(path)}: expected a network that gives {answers} answers, got {got}; {remedy}"
        )
    return network
