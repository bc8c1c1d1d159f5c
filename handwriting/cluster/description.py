"""What client and workers tell each other of the networks. Needs no Keras."""

from __future__ import annotations

from dataclasses import dataclass

NetworkFiles = tuple[tuple[str, bytes], ...]  # the path that each is shown by, and its content


@dataclass(frozen=True)
class Description:
    """What the networks of the workers are.

    Args:
        paths: of the networks that read, by their names, in the order of the columns.
        refused: why others are not used.
        left_out: why networks are not in the ensemble although they read.
        ensemble: in words.
    """

    paths: dict[str, str]
    refused: list[str]
    left_out: dict[str, str]
    ensemble: str


class NetworksFailed(Exception):
    """Networks gave no probabilities. The argument is why, by their names."""
