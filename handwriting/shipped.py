"""The networks that come with the project: their names, their files, and which of them read together."""

from __future__ import annotations  # lets an old Python reach the check of its version

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

# The name that --model takes -> the stem of the files that its run leaves.
STEMS = {
    "cnn_v2": "cnn_digit02",
    "cnn_v3": "cnn_digit03",
    "cnn_v1": "cnn_digit01",
    "mlp": "mlp",
    "cnn_drawn": "cnn_drawn",
    "cnn_small": "cnn_small",
}

# The networks whose mean is the ensemble. Of all groups, it has the smallest loss on MNIST's validation images
# (0.0123, from benchmarks/ensemble.py).
ENSEMBLE = ("cnn_v1", "cnn_v2", "cnn_v3")

# The network that learns a hand on the page of draw.py: the quickest to train.
LEARNS = "cnn_v3"

# How the file of a network ends that has learned a person's hand. Such networks read with the ensemble.
LEARNED = "_mine"

# A checkout has the networks in checkpoints/. `pip install` puts them into the package, see pyproject.toml.
INSTALLED = Path(__file__).resolve().parent / "networks"
CHECKPOINTS = INSTALLED if INSTALLED.is_dir() else PROJECT / "checkpoints"
RESULTS = Path() if INSTALLED.is_dir() else PROJECT  # where the package's commands leave what they make
FINDER = CHECKPOINTS / "reader" / "finder.keras"  # trained by python -m handwriting.finder
JUDGE = CHECKPOINTS / "reader" / "judge.keras"  # trained by python -m handwriting.judge


def shipped_network(name: str) -> Path:
    """The file of a network that comes with the project."""
    return CHECKPOINTS / f"{STEMS[name]}.keras"


def name_of(stem: str) -> str:
    """The name that a network is shown by: cnn_v2 for cnn_digit02, cnn_v2_own for cnn_digit02_own."""
    for name, of_name in STEMS.items():
        if stem == of_name or stem.startswith(f"{of_name}_"):
            return name + stem.removeprefix(of_name)
    return stem


def stem_of(name: str) -> str:
    """The stem of a network's files: cnn_digit02 for cnn_v2, cnn_digit02_own for cnn_v2_own."""
    for of_stem, stem in STEMS.items():
        if name == of_stem or name.startswith(f"{of_stem}_"):
            return stem + name.removeprefix(of_stem)
    return name
