"""What must be the same on all machines: otherwise they would read differently. Needs neither Keras nor Dask."""

from __future__ import annotations

import hashlib
from pathlib import Path

from handwriting import installation
from handwriting.shipped import FINDER, JUDGE

PACKAGE = Path(installation.__file__).parent
SHOWN = 8  # characters of a checksum
OWN = "this project"


def facts() -> dict[str, str]:
    """The versions of all that reading depends on. Python's last number makes no difference."""
    versions = installation.versions()
    python = ".".join(versions.pop("python").split(".")[:2])
    return {OWN: checksum(), "python": python, **versions}


def checksum() -> str:
    """The beginning of a checksum of the project's source and of the networks that find digits."""
    source = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py"), key=lambda path: path.relative_to(PACKAGE).as_posix()):
        source.update(path.relative_to(PACKAGE).as_posix().encode())
        source.update(path.read_text(encoding="utf-8").encode())  # Git may have changed the ends of lines
    for path in (FINDER, JUDGE):
        source.update(path.read_bytes() if path.is_file() else b"")
    return source.hexdigest()[:SHOWN]


def differences(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """'keras 3.15.1 there, 3.16.0 here', or an empty text if all is the same."""
    return "; ".join(
        f"{name} {theirs.get(name, 'none')} there, {version} here"
        for name, version in ours.items()
        if theirs.get(name) != version
    )
