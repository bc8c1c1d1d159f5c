"""A few pictures of written digits."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def pictures(digits, tmp_path):
    """Ten written digits as pictures, labelled by name."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for digit in range(10):
        pixels = digits[0][np.flatnonzero(digits[1] == digit)[0]]
        Image.fromarray(255 - pixels).resize((140, 140)).save(folder / f"{digit}-a.png")
    return folder
