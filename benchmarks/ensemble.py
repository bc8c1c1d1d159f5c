"""Rank all groups of networks by how they read MNIST's validation images: the choice of test_load.ENSEMBLE.

    python benchmarks/ensemble.py --data mnist.npz

The validation images are the tenth of the training images that no network learned from; the test images take
no part.
"""

import itertools
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import runs  # noqa: E402

SHOWN = 12


def main() -> int:
    parser = runs.Parser(description="Rank all groups of networks on MNIST's validation images.")
    parser.add_argument("--data", default="mnist", help="as cnn_model_v2.py takes it (default: %(default)s)")
    parser.add_argument("--models", type=Path, default=PROJECT / "checkpoints", help="(default: %(default)s)")
    arguments = parser.parse_args()
    runs.start_keras()
    import keras

    import dataset
    import report

    validation = dataset.load(arguments.data).validation
    probabilities = {
        path.stem: keras.models.load_model(path).predict(validation.images, batch_size=500, verbose=0)
        for path in sorted(arguments.models.glob("*.keras"))
    }
    scores = []
    for size in range(1, len(probabilities) + 1):
        for members in itertools.combinations(probabilities, size):
            mean = sum(probabilities[name] for name in members) / size
            scores.append((report.score(validation.labels, mean), members))
    scores.sort(key=lambda entry: entry[0].loss)
    rows = [[f"{score.loss:.4f}", str(score.misses), ", ".join(members)] for score, members in scores[:SHOWN]]
    print(
        report.text_table(["loss", f"misses of {len(validation):,}", "networks"], rows, right_aligned={0, 1})
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
