"""cnn_model_v2.py --start with so few images that a hand is learned within seconds. Tests of the page start it."""

from dataclasses import replace

import cnn_model_v2
from handwriting import console, stopping


def main(argv: list[str] | None = None, **changes) -> int:
    """Learns as the command line says, with some settings changed. Returns the exit code."""
    from handwriting.training.learning import LEARNING, learn  # here, because it imports Keras

    arguments = cnn_model_v2.parse_arguments(argv)
    few = replace(LEARNING.images, others=500, validation=200, alike=100)
    settings = replace(LEARNING, **{"images": few, "epochs": 2, "most_forgotten": 0.05, **changes})
    return console.guard(
        lambda: learn(arguments, cnn_model_v2.RECIPE, cnn_model_v2.fit, settings),
        "cnn_model_v2.py",
        lambda: cnn_model_v2.early_end(arguments),
    )


if __name__ == "__main__":
    stopping.leave(main())
