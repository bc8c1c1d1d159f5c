"""Rank all groups of networks by how they read MNIST's validation images, and score test_load.ENSEMBLE.

    python benchmarks/ensemble.py --data mnist.npz

The choice is made on the validation images, the tenth of the training images that no network learned from. The
test images are read by the chosen group alone.
"""

import itertools
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import runs  # noqa: E402
import test_load  # noqa: E402

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

    data = dataset.load(arguments.data)
    models = {path.stem: keras.models.load_model(path) for path in sorted(arguments.models.glob("*.keras"))}
    missing = set(test_load.ENSEMBLE) - set(models)
    if missing:
        parser.error(
            f"expected {', '.join(sorted(missing))}.keras in {arguments.models}, came none; train it"
        )

    def answers(names, part) -> dict:
        return {name: models[name].predict(part.images, batch_size=500, verbose=0) for name in names}

    validation, probabilities = data.validation, answers(models, data.validation)
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
    chosen = answers(test_load.ENSEMBLE, data.test)
    test = report.score(data.test.labels, sum(chosen.values()) / len(chosen))
    print(f"\nthe ensemble, {', '.join(test_load.ENSEMBLE)}, on the test images: {test}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
