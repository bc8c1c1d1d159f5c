"""Written digits, block by block on all cores."""

import functools
from collections.abc import Callable, Iterator

import numpy as np

from handwriting import console, processes
from handwriting.digit_image import SIDE
from handwriting.writing.glyphs import FORMS, STRAIGHT_FORMS
from handwriting.writing.hand import POINTS, paths_in_forms
from handwriting.writing.pen import in_ink

BLOCK = 500  # digits that share a random stream; another number would change all digits of a seed
WORTH_PROCESSES = 8  # blocks; fewer are written in this process
BLOCKS_AT_ONCE = 2  # that a process is given at a time


def write_block(seed: int, block: int) -> tuple[np.ndarray, np.ndarray]:
    """One block of digits: uint8 (BLOCK, 28, 28), and their labels."""
    random = np.random.default_rng([seed, block])
    labels = random.integers(0, 10, BLOCK)
    paths = np.empty((BLOCK, POINTS, 2))
    for digit, forms in FORMS.items():
        which = np.flatnonzero(labels == digit)
        paths[which] = paths_in_forms(forms, len(which), random)
    return in_ink(paths, random), labels


def write_all_forms(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Digits of which all forms are equally frequent: uint8 (count, 28, 28), and labels (count,).

    MNIST hardly has some forms that people write: 1s with a flag, crossed 7s, 8s of two squares.
    """
    random = np.random.default_rng([seed, 0, 2])  # another stream than those of digits and of non-digits
    labels = np.arange(count) % 10
    paths = np.empty((count, POINTS, 2))
    for digit, forms in FORMS.items():
        which = np.flatnonzero(labels == digit)
        equal = [(1, strokes) for _, strokes in forms] + [(1, strokes) for strokes in STRAIGHT_FORMS[digit]]
        paths[which] = paths_in_forms(equal, len(which), random)
    return in_ink(paths, random), labels


def write_digits(count: int, seed: int = 0, progress: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Written digits: uint8 (count, 28, 28), and labels (count,). Digit number i depends on the seed and on i alone."""
    return in_blocks(write_block, count, seed, f"writing {count:,} digits" if progress else None)


def in_blocks(write: Callable, count: int, seed: int, doing: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (count, 28, 28) and a number for each, written block by block. Many blocks are written on all cores.

    Args:
        write: makes a block from the seed and the block's number.
        count: how many images.
        seed: of the random generators.
        doing: what the progress bar says. None for no progress bar.
    """
    blocks = range(-(-count // BLOCK))
    pixels = np.empty((len(blocks) * BLOCK, SIDE, SIDE), np.uint8)
    numbers = np.empty(len(blocks) * BLOCK, np.int64)
    written = written_blocks(write, seed, blocks)
    if doing:
        written = console.progress(written, len(blocks), doing)
    for block, (block_pixels, block_numbers) in zip(blocks, written, strict=True):
        place = slice(block * BLOCK, (block + 1) * BLOCK)
        pixels[place], numbers[place] = block_pixels, block_numbers
    return pixels[:count], numbers[:count]


def written_blocks(write: Callable, seed: int, blocks: range) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The blocks in their order. Many blocks are written in as many processes as there are cores."""
    cores = processes.usable_cores()
    if cores == 1 or len(blocks) < WORTH_PROCESSES:
        yield from (write(seed, block) for block in blocks)
        return
    with processes.worker_processes(cores) as pool:
        yield from processes.in_order(pool, functools.partial(write, seed), blocks, BLOCKS_AT_ONCE)
