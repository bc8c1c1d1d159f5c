"""Kills and stops runs, fills disks, opens damaged and hostile files: what is lost, what gets through, what it costs.

    python -m benchmarks.faults             all of it
    python -m benchmarks.faults --quick     a few of each

Everything is done for real, in processes of their own. The material is written digits, and the project's own pictures
and networks. A fault counts as "bad" if something was lost, if a program crashed, or if it took too much time or
memory. It needs Linux or macOS. The faults themselves are in `benchmarks/fault_kinds/`.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fault_kinds.closed import closed_places
from benchmarks.fault_kinds.cost import cost_of_reading, cost_of_saving
from benchmarks.fault_kinds.models import damaged_models
from benchmarks.fault_kinds.outcome import Outcome
from benchmarks.fault_kinds.pictures import damaged_pictures
from benchmarks.fault_kinds.running import check_system, digits_file
from benchmarks.fault_kinds.stops import stops
from benchmarks.fault_kinds.trainings import full_disks, kills
from handwriting import console, installation
from handwriting.text_table import text_table


@dataclass(frozen=True)
class Amounts:
    """How many faults of each kind are tried."""

    kills: int = 24  # trainings
    stops: int = 100  # readings and trainings
    pictures: int = 2_000
    models: int = 300
    file_sizes: tuple[int, ...] = (
        0,
        500,
        5_000,
        20_000,
        40_000,
        60_000,
        120_000,
    )  # bytes at which the disk is full
    pictures_read: int = 10_000  # to see what checking them costs


ALL = Amounts()
QUICK = Amounts(kills=2, stops=6, pictures=200, models=30, file_sizes=(0,), pictures_read=1_000)

SHOWN_LINES = 10  # of what went wrong with one kind of fault


def main() -> int:
    """Tries all faults and prints a table. The exit code is 1 if anything was bad."""
    parser = console.Parser(description="Kill, fill and damage, and see what is lost.")
    parser.add_argument("--quick", action="store_true", help="a few of each")
    arguments = parser.parse_args()
    check_system()
    print(installation.machine(), flush=True)
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        for outcome in outcomes_of_all(QUICK if arguments.quick else ALL, Path(scratch)):
            outcomes.append(outcome)
            print(f"{outcome.fault}: {len(outcome.bad)} bad of {outcome.tried}", flush=True)
            print("".join(f"    {line}\n" for line in outcome.bad[:SHOWN_LINES]), end="", flush=True)
    print("\n" + table(outcomes))
    return 1 if any(outcome.bad for outcome in outcomes) else 0


def outcomes_of_all(amounts: Amounts, folder: Path) -> Iterator[Outcome]:
    """The outcome of each kind of fault, one after the other. The files are made in a folder."""
    digits = digits_file(folder / "digits.npz")
    yield kills(digits, folder / "kills", amounts.kills)
    yield stops(digits, folder / "stops", amounts.stops)
    yield closed_places(digits, folder / "closed")
    yield full_disks(digits, folder / "disks", amounts.file_sizes)
    yield damaged_pictures(folder / "pictures", amounts.pictures)
    yield damaged_models(folder / "models", amounts.models)
    yield cost_of_saving(digits, folder / "saving")
    yield cost_of_reading(folder / "reading", amounts.pictures_read)


def table(outcomes: list[Outcome]) -> str:
    """The outcomes as a table of text."""
    rows = [[one.fault, str(one.tried), str(len(one.bad)), one.remark] for one in outcomes]
    return text_table(["fault", "tried", "bad", ""], rows, right_aligned={1, 2})


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
