"""Rank all groups of networks by their loss on MNIST's validation images.

    python -m benchmarks.ensemble --data mnist.npz

ENSEMBLE in handwriting/shipped.py is the best group. The choice is made on the validation images, the tenth of the
training images that no network learned from. Only the chosen group reads the test images.
"""

import itertools
from pathlib import Path

from handwriting import console
from handwriting.data.load import load
from handwriting.data.sets import Labelled
from handwriting.reading import reader
from handwriting.reading.inputs import networks_in
from handwriting.reading.networks import Networks, load_networks
from handwriting.report.score import score
from handwriting.shipped import ENSEMBLE, PROJECT
from handwriting.text_table import text_table

SHOWN = 12  # groups


def main() -> int:
    parser = console.Parser(description="Rank all groups of networks on MNIST's validation images.")
    parser.add_argument("--data", default="mnist", help="as cnn_model_v2.py takes it (default: %(default)s)")
    parser.add_argument("--models", type=Path, default=PROJECT / "checkpoints", help="(default: %(default)s)")
    arguments = parser.parse_args()

    networks, refused = load_networks(networks_in([arguments.models]))
    missing = set(ENSEMBLE) - set(networks.each)
    if refused or missing:
        lacking = "; ".join([*refused, *(f"got no {name}" for name in sorted(missing))])
        raise console.InputError(f"expected {', '.join(ENSEMBLE)} in {arguments.models}; {lacking}; train it")
    data = load(arguments.data)
    print(groups_table(networks, data.validation))
    test = score(data.test.labels, reader.ensemble_answer(networks, data.test.images))
    print(f"\nthe ensemble, {', '.join(ENSEMBLE)}, on the test images: {test}")
    return 0


def groups_table(networks: Networks, validation: Labelled) -> str:
    """The groups of networks with the smallest loss."""
    each = {name: reader.answer(network, validation.images) for name, network in networks.each.items()}
    groups = [group for size in range(1, len(each) + 1) for group in itertools.combinations(each, size)]
    scores = [(score(validation.labels, reader.mean(each, group)), group) for group in groups]
    scores.sort(key=lambda entry: entry[0].loss)
    rows = [
        [f"{of_group.loss:.4f}", str(of_group.misses), ", ".join(group)] for of_group, group in scores[:SHOWN]
    ]
    return text_table(["loss", f"misses of {len(validation):,}", "networks"], rows, right_aligned={0, 1})


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
