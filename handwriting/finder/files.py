"""The trained finder's file."""

from pathlib import Path

from handwriting import console
from handwriting.finder.answers import CHANNELS
from handwriting.quiet_keras import keras
from handwriting.shipped import FINDER


def load_finder(path: Path = FINDER) -> keras.Model:
    """The finder in a file. Raises console.ProjectError if it is missing or damaged."""
    remedy = "`git checkout checkpoints/reader` brings it back, `python -m handwriting.finder` trains it anew"
    if not path.is_file():
        raise console.ProjectError(
            f"expected the network that finds digits, got no file {console.shown(path)}; {remedy}"
        )
    try:
        finder = keras.saving.load_model(path, compile=False, safe_mode=True)
        channels = finder.output_shape[-1]
    except Exception as error:  # a damaged file can provoke any
        reason = console.first_line(error)
        raise console.ProjectError(f"{console.shown(path)} is damaged ({reason}); {remedy}") from None
    if channels != CHANNELS:
        raise console.ProjectError(
            f"{console.shown(path)}: expected a network that answers {CHANNELS} numbers for each cell, got {channels}; "
            f"{remedy}"
        )
    return finder
