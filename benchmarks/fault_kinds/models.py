"""Damaged model files, and model files that attack whoever opens them."""

import json
import random
import zipfile
from pathlib import Path

from benchmarks.fault_kinds.damage import damaged
from benchmarks.fault_kinds.hostile_models import hostile_models
from benchmarks.fault_kinds.outcome import Outcome, judge
from benchmarks.fault_kinds.running import Reading
from handwriting.shipped import PROJECT, shipped_network

SEED = 2  # of the damage
STILL_JSON = (
    0.7  # of the damaged configs can still be read as JSON, or hardly any fault would get past the parser
)
ODD_VALUES = (None, -1, 0, 10**6, 10**18, 1.5, "", "relu", [], {}, [1] * 50, True, "\0" * 9)


def damaged_models(folder: Path, count: int) -> Outcome:
    """Reads a picture with all the hostile models, and with damaged ones up to this count."""
    folder.mkdir()
    rng = random.Random(SEED)
    members = members_of(shipped_network("cnn_small"))
    attacks = hostile_models(members)
    for name, attack in attacks.items():
        write_archive(folder / f"{name}.keras", attack)
    for number in range(max(0, count - len(attacks))):
        write_damaged(
            folder / f"damaged{number:03d}.keras", members, ("file", "config", "weights")[number % 3], rng
        )
    reading = Reading(
        pictures=[PROJECT / "data" / "3-chalk.jpg"],
        models=[*sorted(folder.iterdir()), shipped_network("mlp")],
        out=folder.with_name("models_out"),
    )
    return judge("damaged and hostile models", reading, "model")


def write_damaged(path: Path, members: dict[str, bytes], part: str, rng: random.Random) -> None:
    """Writes a model file of which the whole file, the config or the weights are damaged."""
    if part == "file":
        path.write_bytes(damaged(shipped_network("cnn_small").read_bytes(), rng))
        return
    name = "config.json" if part == "config" else "model.weights.h5"
    damage = odd_config if part == "config" and rng.random() < STILL_JSON else damaged
    write_archive(path, {**members, name: damage(members[name], rng)})


def odd_config(content: bytes, rng: random.Random) -> bytes:
    """A config that is still JSON, with an odd value in one place."""
    config = json.loads(content)
    value = config
    while isinstance(value, dict | list) and value:
        parent, key = value, rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value = parent[key]
    parent[key] = rng.choice(ODD_VALUES)
    return json.dumps(config).encode()


def members_of(path: Path) -> dict[str, bytes]:
    """The files in a .keras archive, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_archive(path: Path, members: dict[str, bytes]) -> None:
    """Writes a .keras archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
