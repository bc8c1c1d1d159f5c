"""Digits for training."""

from collections.abc import Callable, Iterator

import numpy as np

from handwriting import processes
from handwriting.writing.glyphs import FORMS, STRAIGHT_FORMS
from handwriting.writing.hand import POINTS, paths_in_forms
from handwriting.writing.pen import FIELD, in_ink

# Digits that share a random stream; part of what (seed, i) means, so changing it changes all digits.
BLOCK = 500


WORTH_PROCESSES = 8  # blocks; fewer are written in this process


def write_block(seed: int, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Digits number block · BLOCK and following: uint8 (BLOCK, 28, 28) and their labels."""
    random = np.random.default_rng([seed, block])
    labels = random.integers(0, 10, BLOCK)
    paths = np.empty((BLOCK, POINTS, 2))
    for digit, forms in FORMS.items():
        which = np.flatnonzero(labels == digit)
        paths[which] = paths_in_forms(forms, len(which), random)
    return in_ink(paths, random), labels


def write_all_forms(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Digits in which each form is as frequent as any other of its digit: uint8 (count, 28, 28) and labels (count,).

    People write forms that MNIST hardly has: 1s with a flag, crossed 7s, 8s of two squares.
    """
    random = np.random.default_rng([seed, 0, 2])  # neither the digits' stream nor the non-digits'
    labels = np.arange(count) % 10
    paths = np.empty((count, POINTS, 2))
    for digit, forms in FORMS.items():
        which = np.flatnonzero(labels == digit)
        alike = [(1, strokes) for _, strokes in forms]
        alike += [(1, strokes) for strokes in STRAIGHT_FORMS[digit]]
        paths[which] = paths_in_forms(alike, len(which), random)
    return in_ink(paths, random), labels


def write_digits(count: int, seed: int = 0, progress: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Writes digits on all cores: uint8 (count, 28, 28) and labels (count,)."""
    return in_blocks(write_block, count, seed, f"writing {count:,} digits" if progress else None)


def in_blocks(write: Callable, count: int, seed: int, told: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 (count, 28, 28) and a number for each, written block by block; many of them on all cores.

    Args:
        write: makes a block of them from the seed and the block's number.
        count: how many.
        seed: of the chance in them.
        told: what the progress bar says, which appears where it takes seconds.
    """
    blocks = range(-(-count // BLOCK))
    pixels = np.empty((len(blocks) * BLOCK, FIELD, FIELD), np.uint8)
    numbers = np.empty(len(blocks) * BLOCK, np.int64)
    written = written_blocks(write, seed, blocks)
    if told and len(blocks) >= WORTH_PROCESSES:
        from rich.progress import track

        written = track(written, told, total=len(blocks))
    for block, (block_pixels, block_numbers) in zip(blocks, written, strict=True):
        place = slice(block * BLOCK, (block + 1) * BLOCK)
        pixels[place], numbers[place] = block_pixels, block_numbers
    return pixels[:count], numbers[:count]


def written_blocks(write: Callable, seed: int, blocks: range) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The blocks in order, from as many processes as there are cores."""
    cores = processes.usable_cores()
    if cores == 1 or len(blocks) < WORTH_PROCESSES:
        yield from (write(seed, block) for block in blocks)
        return
    with processes.worker_processes(cores) as pool:
        yield from pool.map(write, [seed] * len(blocks), blocks, chunksize=2)
