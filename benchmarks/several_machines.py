"""Trains cnn_small for some steps in one process, and in two that share each batch, and compares the weights.

    KERAS_BACKEND=jax python -m benchmarks.several_machines     a minute on two cores; needs: python -m pip install jax

The two processes are what two machines would be: `keras.distribution` joins them. Each gets its half of each batch.
"""

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from handwriting import console, installation

STEPS = 36
BATCH = 128  # of both processes together
PROCESSES = 2
TOLERANCE = 1e-5


def main() -> int:
    parser = console.Parser(description="Compare a training in two processes with one in one process.")
    parser.add_argument("--rank", type=int, nargs=4, help="for its own use: rank, processes, port, steps")
    parser.add_argument("--save", type=Path, help="for its own use: the network's file")
    arguments = parser.parse_args()
    if installation.backend() != "jax":
        raise console.InputError(
            f"expected KERAS_BACKEND=jax, got {installation.backend()}; Keras trains in several processes on JAX alone"
        )
    if arguments.rank:
        train(*arguments.rank, arguments.save)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        one, two = Path(scratch, "one"), Path(scratch, "two")
        run(1, one)
        run(PROCESSES, two)
        difference = largest_difference(one / "0.keras", two / "0.keras")
    print(f"{STEPS} steps of {BATCH} images: the weights differ by at most {difference:.1e}")
    return 0 if difference <= TOLERANCE else 1


def run(processes: int, folder: Path) -> None:
    """Trains in so many processes. Each saves, because saving waits for all; the file of rank 0 is kept."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.several_machines", "--save"]
    ranks = [
        subprocess.Popen(
            [*command, folder / f"{rank}.keras", "--rank", *map(str, (rank, processes, port, STEPS))]
        )
        for rank in range(processes)
    ]
    for rank in ranks:
        if rank.wait():
            raise console.InputError(
                f"expected the exit code 0 of each process, got {rank.returncode}; see above"
            )


def train(rank: int, processes: int, port: int, steps: int, path: Path) -> None:
    """One process: joins the others, trains with its part of each batch, saves."""
    import keras

    if processes > 1:
        keras.distribution.initialize(f"127.0.0.1:{port}", processes, rank)
    keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
    from handwriting.writing.digits import write_digits
    from models import cnn_small

    keras.utils.set_random_seed(0)
    model = cnn_small()
    model.compile("adam", "sparse_categorical_crossentropy")
    pixels, labels = write_digits(steps * BATCH)
    mine = part(len(labels), rank, processes)
    model.fit(
        pixels[mine, ..., np.newaxis].astype("float32") / 255,
        labels[mine],
        batch_size=BATCH // processes,
        shuffle=False,
        verbose=0,
    )
    model.save(path)


def part(count: int, rank: int, processes: int) -> np.ndarray:
    """The images of one process: its part of each batch."""
    places = np.arange(count).reshape(-1, processes, BATCH // processes)
    return places[:, rank].ravel()


def largest_difference(one: Path, two: Path) -> float:
    """The largest difference of two networks' weights."""
    import keras

    weights = [keras.saving.load_model(path, compile=False).get_weights() for path in (one, two)]
    return max(float(np.abs(a - b).max()) for a, b in zip(*weights, strict=True))


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
