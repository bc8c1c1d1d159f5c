"""Damages the bytes of a file at random, as a bad disk, a broken download or a wrong program does."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class DamageSettings:
    """How much of a file is damaged."""

    header: int = 200  # bytes at the beginning, in which most formats say what follows
    places: tuple[int, ...] = (1, 5, 50)  # how many there are in a file
    filled: int = 20  # bytes in a row that get one value


DAMAGE = DamageSettings()

KINDS = ("bits", "bits in the header", "cut", "filled", "other header")
OTHER_HEADERS = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\0", b"RIFF\0\0\0\0WEBP"),
)


def damaged(content: bytes, rng: random.Random) -> bytes:
    """A file with flipped bits, a missing end, overwritten parts, or the header of another format."""
    kind = rng.choice(KINDS)
    if kind == "cut":
        return content[: rng.randrange(len(content))]
    if kind == "other header":
        header = rng.choice(OTHER_HEADERS)
        return header + content[len(header) :]
    changed = bytearray(content)
    end = min(len(changed), DAMAGE.header) if kind == "bits in the header" else len(changed)
    for _ in range(rng.choice(DAMAGE.places)):
        place = rng.randrange(end)
        if kind == "filled":
            filled = len(changed[place : place + DAMAGE.filled])
            changed[place : place + filled] = bytes([rng.randrange(256)]) * filled
        else:
            changed[place] ^= 1 << rng.randrange(8)
    return bytes(changed)
