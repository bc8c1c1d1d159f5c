"""What comes with the project, and where it lies."""

from __future__ import annotations  # so that a Python that is too old gets as far as being told so

from pathlib import Path

# The name that --model takes -> the stem of the files that its run leaves.
STEMS = {
    "cnn_v2": "cnn_digit02",
    "cnn_v3": "cnn_digit03",
    "cnn_v1": "cnn_digit01",
    "mlp": "mlp",
    "cnn_drawn": "cnn_drawn",
    "cnn_small": "cnn_small",
}


PROJECT = Path(__file__).resolve().parent.parent
