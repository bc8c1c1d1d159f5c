"""Ways to spoil an image of a digit, each in five strengths. `robustness.py` measures what they do to readings.

Lengths are in units: one pixel of a digit image, or some pixels of a picture. So both are spoilt alike.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from benchmarks import spoilt_form, spoilt_ink

STRENGTHS = range(1, 6)


@dataclass(frozen=True)
class Kind:
    """A way to spoil images.

    Args:
        spoil: gives a spoilt image, from the image, the strength, a source of random numbers, and the unit in pixels.
        trained: whether training images are varied in this way, too, if less.
    """

    spoil: Callable[[Image.Image, int, np.random.Generator, int], Image.Image]
    trained: bool

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return self.spoil.__name__


TRAINED = [
    spoilt_form.turned,
    spoilt_form.slanted,
    spoilt_form.stretched,
    spoilt_form.moved,
    spoilt_form.warped,
    spoilt_form.thick,
    spoilt_form.thin,
    spoilt_form.blurred,
    spoilt_ink.noisy,
    spoilt_ink.dim,
    spoilt_ink.hidden,
    spoilt_ink.crossed,
]
NEVER_TRAINED = [
    spoilt_form.coarse,
    spoilt_form.doubled,
    spoilt_form.smeared,
    spoilt_form.waved,
    spoilt_form.frayed,
    spoilt_ink.specked,
    spoilt_ink.uneven,
    spoilt_ink.ruled,
    spoilt_ink.scratched,
    spoilt_ink.blotted,
    spoilt_ink.hollow,
    spoilt_ink.faded,
]
KINDS = [*(Kind(spoil, True) for spoil in TRAINED), *(Kind(spoil, False) for spoil in NEVER_TRAINED)]
