"""Runs in an order. Runs on the same images stand in one ranking; several seeds of one setting are one row of it."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from handwriting.compare.logs import in_short
from handwriting.compare.runs import Images, LoggedRun
from handwriting.console import shown

# What a setting is called beside the name of a network whose rows differ in it.
IN_WORDS = {
    "recipe": "{}",
    "epochs": "epochs {}",
    "batch_size": "batch {}",
    "precision": "{}",
    "limit": "limit {}",
    "smoothing": "smoothing {}",
    "backend": "{}",
    "start": "from {}",
}
IN_COLUMNS = ("recipe", "epochs")  # the table has columns for these
MOST_SEEDS = 4  # so many are listed


@dataclass(frozen=True)
class Row:
    """The runs of one setting, which differ in their seeds at most."""

    runs: tuple[LoggedRun, ...]

    @property
    def first(self) -> LoggedRun:
        return self.runs[0]

    @property
    def settings(self) -> dict[str, str]:
        """The settings of all its runs. Without a record none is known."""
        return self.first.record.settings if self.first.record else {}

    def mean(self, number: Callable[[LoggedRun], float]) -> float:
        """The mean of a number over the runs."""
        return statistics.mean(number(run) for run in self.runs)

    @property
    def rank(self) -> tuple:
        """What rows are sorted by: the test accuracy. The validation loss only breaks ties. Unranked: the name."""
        if not self.first.record:
            return (self.first.network,)
        return (-self.mean(lambda run: run.record.test.accuracy), self.mean(lambda run: run.validation.loss))

    def seeds(self) -> str:
        """The seeds in a few characters: '0–2' for three or more in a row, else '0 3', '…' after the first four."""
        if not self.first.record:
            return "–"
        seeds = sorted(run.record.seed for run in self.runs)
        if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1)):
            return f"{seeds[0]}–{seeds[-1]}"
        more = ["…"] if len(seeds) > MOST_SEEDS else []
        return " ".join([*map(str, seeds[:MOST_SEEDS]), *more])


@dataclass(frozen=True)
class Ranking:
    """The rows of runs on the same images, the best first.

    Args:
        images: those that all its runs learned from and were tested on. None if it is not known, and nothing is ranked.
        rows: the settings.
    """

    images: Images | None
    rows: tuple[Row, ...]

    def title(self) -> str:
        """What is compared, and on which images."""
        images = self.images
        if images is None:
            return "unknown images (no usable .json beside the .csv), by name"
        test = f"{images.test:,} {images.tested_on}"
        marks = [images.checksum, *([images.test_checksum] if images.test_checksum else [])]
        return f"{images.kind} ({', '.join(marks)}): {images.training:,} to learn from, {test}"

    def name(self, row: Row, told: Sequence[str] = ()) -> str:
        """The network, and the settings in which its rows differ, apart from those that are told elsewhere."""
        others = [other for other in self.rows if other.first.network == row.first.network]
        words = [row.first.network]
        if not row.first.record and len(others) > 1:
            words.append(f"in {in_short(shown(row.first.place.parent))}")
        for setting, word in IN_WORDS.items():
            value = row.settings.get(setting)
            differs = any(other.settings.get(setting) != value for other in others)
            if value and differs and setting not in told:
                words.append(word.format(value))
        return " ".join(words)


def rankings_of(runs: Sequence[LoggedRun]) -> list[Ranking]:
    """The runs in rankings, the one with the most rows first, and in rows."""
    by_images: dict[Images | None, dict[object, list[LoggedRun]]] = {}
    for run in runs:
        images = run.record.images if run.record else None
        setting = tuple(run.record.settings.items()) if run.record else run.place
        by_images.setdefault(images, {}).setdefault(setting, []).append(run)
    rankings = [
        Ranking(images, tuple(sorted((Row(tuple(same)) for same in rows.values()), key=lambda row: row.rank)))
        for images, rows in by_images.items()
    ]
    return sorted(rankings, key=lambda ranking: (ranking.images is None, -len(ranking.rows)))
