"""Rank all groups of networks by how they read MNIST's validation images, and score reader.py's ENSEMBLE and UNSURE.

    python -m benchmarks.ensemble --data mnist.npz

The choice is made on the validation images, the tenth of the training images that no network learned from. The
test images are read by the chosen group alone. What is unsure is chosen on the validation images, too, and on written
digits and ink that is no digit (synth.py); doubter.py's network has its say, as when pictures are read.
"""

import itertools
from pathlib import Path

import test_load
from handwriting import console, installation, model_files
from handwriting.data.load import load
from handwriting.digit_image import unit_range
from handwriting.reading import reader
from handwriting.report.score import score
from handwriting.shipped import PROJECT
from handwriting.text_table import text_table
from handwriting.writing.digits import write_all_forms
from handwriting.writing.other_ink import KINDS, write_non_digits

SHOWN = 12
THRESHOLDS = (0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9)
DRAWN = 3_000


def main() -> int:
    parser = console.Parser(description="Rank all groups of networks on MNIST's validation images.")
    parser.add_argument("--data", default="mnist", help="as cnn_model_v2.py takes it (default: %(default)s)")
    parser.add_argument("--models", type=Path, default=PROJECT / "checkpoints", help="(default: %(default)s)")
    arguments = parser.parse_args()
    installation.start_keras()

    data = load(arguments.data)
    models = {path.stem: model_files.load_model(path) for path in test_load.find_models([arguments.models])}
    missing = set(reader.ENSEMBLE) - set(models)
    if missing:
        parser.error(f"expected {', '.join(sorted(missing))}.keras in {arguments.models}, got none; train it")

    members = {name: models[name] for name in reader.ENSEMBLE}
    doubter = reader.load_doubter()

    def ensemble(of_networks: dict, images):
        mean = reader.mean(of_networks, reader.ENSEMBLE)
        return reader.with_doubt(mean, reader.answer_of(doubter, images))

    validation, probabilities = data.validation, reader.answers_of(models, data.validation.images)
    scores = []
    for size in range(1, len(probabilities) + 1):
        for group in itertools.combinations(probabilities, size):
            scores.append((score(validation.labels, reader.mean(probabilities, group)), group))
    scores.sort(key=lambda entry: entry[0].loss)
    rows = [
        [f"{of_group.loss:.4f}", str(of_group.misses), ", ".join(group)] for of_group, group in scores[:SHOWN]
    ]
    print(text_table(["loss", f"misses of {len(validation):,}", "networks"], rows, right_aligned={0, 1}))
    written, _ = write_all_forms(DRAWN, seed=1)
    others, kinds = write_non_digits(DRAWN, seed=1)
    of_digits = ensemble(probabilities, validation.images).max(axis=1)
    of_written, of_others = (
        ensemble(reader.answers_of(members, images), images).max(axis=1)
        for images in (unit_range(written), unit_range(others))
    )
    rows = [
        [
            f"{threshold:.2f}{' (UNSURE)' if threshold == reader.UNSURE else ''}",
            f"{(of_digits < threshold).mean():.2%}",
            f"{(of_written < threshold).mean():.1%}",
            *(f"{(of_others[kinds == kind] < threshold).mean():.0%}" for kind in range(len(KINDS))),
        ]
        for threshold in THRESHOLDS
    ]
    print("\nbelow the threshold: validation images, written digits, and drawn non-digits by their kind")
    titles = ["threshold", "images", "written", *KINDS]
    print(text_table(titles, rows, right_aligned=set(range(1, len(titles)))))
    test = score(data.test.labels, ensemble(reader.answers_of(members, data.test.images), data.test.images))
    print(f"\nthe ensemble, {', '.join(reader.ENSEMBLE)}, on the test images: {test}")
    return 0


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
