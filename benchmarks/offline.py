"""Train on written digits alone, and score real MNIST: what a machine without the download gets.

    python benchmarks/offline.py --mnist mnist.npz --out DIR

Each training is `python cnn_model_v2.py --data offline --model … --seed …` in a folder of its own, DIR/seed0,
DIR/seed1, …; those that are already there are not trained again. MNIST's test images are only scored.
One `cnn_v2` takes five to six minutes on two CPU cores with fast bfloat16.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import runs  # noqa: E402
from benchmarks.networks import mean_and_deviation, train  # noqa: E402


def main() -> int:
    parser = runs.Parser(description="Train on written digits alone, and score real MNIST.")
    parser.add_argument("--mnist", type=Path, required=True, help="an mnist.npz")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the trainings")
    parser.add_argument(
        "--seeds", type=runs.positive_integer, default=3, help="how many (default: %(default)s)"
    )
    parser.add_argument("--models", nargs="+", choices=runs.STEMS, default=["cnn_v2", "mlp"])
    arguments = parser.parse_args()
    for model in arguments.models:
        for seed in range(arguments.seeds):
            train(model, seed, "offline", arguments.out / f"seed{seed}")
    print(table(arguments))
    return 0


def table(arguments: argparse.Namespace) -> str:
    """Accuracy on written and on real digits, and the time of the training."""
    runs.start_keras()
    import keras

    import dataset
    import report

    real = dataset.load(str(arguments.mnist)).test
    rows = []
    for model in arguments.models:
        accuracies, written, seconds = [], [], []
        for seed in range(arguments.seeds):
            files = runs.final_files(arguments.out / f"seed{seed}", f"{runs.STEMS[model]}_offline")
            probabilities = keras.models.load_model(files.model).predict(
                real.images, batch_size=500, verbose=0
            )
            accuracies.append(100 * report.score(real.labels, probabilities).accuracy)
            story = json.loads(files.settings.read_text(encoding="utf-8"))
            written.append(100 * story["test"]["accuracy"])
            seconds.append(story["seconds"])
        rows.append(
            [
                model,
                mean_and_deviation(accuracies),
                f"{statistics.mean(written):.2f} %",
            ]
            + [str(len(accuracies)), f"{statistics.median(seconds):.0f}"]
        )
    return report.text_table(
        ["network", "real MNIST test", "written test", "n", "seconds"], rows, right_aligned={3, 4}
    )


if __name__ == "__main__":
    raise SystemExit(main())
