"""What a run says besides its figures: when they will mean nothing, and what to do next."""

from dataclasses import dataclass

import numpy as np

from handwriting import console
from handwriting.data.sets import Dataset
from handwriting.digit_image import CLASSES
from handwriting.report.score import Score
from handwriting.shipped import CHECKPOINTS, name_of
from handwriting.training.plan import Extent
from handwriting.training.run_files import SUFFIX_OF_DATA, Run


@dataclass(frozen=True)
class AdviceSettings:
    """From when on a run's figures mean something."""

    steps: int = 100  # with 2,000 images, cnn_v2 reads 40 % after 30 steps, 87 % after 90 and 97 % after 225
    test_images: int = 100  # one of them is a point of accuracy then
    accuracy: float = 0.5  # a network that reads less has learned next to nothing


ADVICE = AdviceSettings()


def before(data: Dataset, extent: Extent) -> list[str]:
    """Why the run's figures will say little, and what to do instead. Usually nothing."""
    lines = []
    if extent.steps < ADVICE.steps:
        epochs = -(-ADVICE.steps * extent.epochs // extent.steps)
        lines.append(
            f"{counted(extent.steps, 'step')} may be too few to learn from: most networks need at least "
            f"{ADVICE.steps}; add --epochs {epochs}, or use more images"
        )
    if len(data.test) < ADVICE.test_images:
        lines.append(
            f"the accuracy on {counted(len(data.test), 'test image')} will say little: one image is "
            f"{100 / len(data.test):.2g} points; add images, or score it on others with test_load.py"
        )
    missing = sorted(set(range(CLASSES)) - set(np.unique(data.training.labels).tolist()))
    if missing:
        lines.append(
            f"no training image shows {', '.join(map(str, missing))}: the network will not read these digits; "
            "add pictures of them"
        )
    return lines


def after(run: Run, score: Score) -> list[str]:
    """What to know about a finished run, and what to run next."""
    lines = []
    if score.accuracy < ADVICE.accuracy:
        lines.append(
            f"an accuracy of {score.accuracy:.0%} is close to guessing (10%): the network has learned next to "
            "nothing; train it longer (--epochs) or with more images"
        )
    if SUFFIX_OF_DATA["offline"] in run.stem:
        lines.append("docs/offline.md says how well networks that learned from written digits read real ones")
    replaced = run.replaced()
    if replaced:
        lines.append(replaced)
    final = run.final.model
    network = name_of(run.stem) if final.parent == CHECKPOINTS else console.shown(final)
    lines.append(f"next, read pictures with it: python test_load.py --models {network}")
    return lines


def counted(count: int, what: str) -> str:
    """'1 step', '2 steps'."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
