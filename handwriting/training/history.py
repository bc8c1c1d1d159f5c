"""How a training went, epoch by epoch. Needs no Keras."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class History:
    """How a training went.

    Args:
        columns: the CSV log's columns, a number for each epoch.
        seconds: what the training took.
        judged_by: the column that says which epoch is the best.
    """

    columns: dict[str, list[float]]
    seconds: float
    judged_by: str = "val_loss"

    @property
    def epochs(self) -> int:
        return len(self.columns["loss"])

    @property
    def good_epochs(self) -> list[int]:
        """The epochs, from 0, whose validation loss is a number."""
        return [epoch for epoch, loss in enumerate(self.columns["val_loss"]) if math.isfinite(loss)]

    @property
    def best_epoch(self) -> int:
        """The epoch, from 0, with the smallest loss, or the largest accuracy."""
        best_of = min if self.judged_by == "val_loss" else max
        return best_of(self.good_epochs, key=self.columns[self.judged_by].__getitem__)

    @property
    def failed(self) -> bool:
        """Whether the loss stopped being a number."""
        return not math.isfinite(self.columns["loss"][-1]) or not self.good_epochs

    def failure(self) -> str:
        """What happened in a training that failed, and what helps."""
        return f"the loss became NaN or infinite in epoch {self.epochs}; try another --seed"

    def what_is_kept(self) -> str:
        """What is saved of a training that failed."""
        count = len(self.good_epochs)
        if count > 1:
            return f"the best of the {count} epochs before is kept"
        return "the epoch before is kept" if count else "nothing new was saved"


def read_log(path: Path) -> dict[str, list[float]]:
    """The columns of a CSV log as numbers."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}
