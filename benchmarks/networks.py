"""Train every network with several seeds, and print the mean and the deviation of the test accuracy.

    python -m benchmarks.networks --data mnist.npz --out DIR [--recipe published]

Each training is one `python cnn_model_v2.py --model … --seed …`. It has a folder of its own: DIR/ours/seed0,
DIR/ours/seed1, and so on. A training that is already there is not repeated. Plan nine hours for all networks with
three seeds on two CPU cores without fast bfloat16. That is three times the sum of README's seconds.

With `--cluster tcp://desk:8786`, each worker of that Dask scheduler does one training at a time; with `--cluster
local`, each core of this machine. --data and --out must be where all machines see them (docs/several-machines.md).
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from handwriting import console
from handwriting.shipped import PROJECT, STEMS
from handwriting.training.run_files import OWN_DATA, Run, run_of

ENDED = "it ended its worker twice"


def main() -> int:
    parser = console.Parser(
        description="Train every network with several seeds, and print how well it reads the test images."
    )
    parser.add_argument("--data", default="mnist", help="as cnn_model_v2.py takes it (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the trainings")
    parser.add_argument(
        "--seeds", type=console.positive_integer, default=3, help="how many (default: %(default)s)"
    )
    parser.add_argument("--models", nargs="+", choices=STEMS, default=list(STEMS))
    parser.add_argument(
        "--recipe", choices=("ours", "published"), default="ours", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--cluster", type=console.address_given, metavar="ADDRESS", help="of a Dask scheduler, or local"
    )
    arguments = parser.parse_args()
    out = arguments.out.absolute() / arguments.recipe
    trainings = [
        (model, seed, arguments.data, out / f"seed{seed}", "--recipe", arguments.recipe)
        for model in arguments.models
        for seed in range(arguments.seeds)
    ]
    if arguments.cluster:
        train_on_cluster(arguments.cluster, trainings)
    else:
        for training in trainings:
            train(*training)
    print(table(out, arguments.models, arguments.seeds))
    return 0


def run_in(out: Path, model: str) -> Run | None:
    """The run of a network in this folder, if there is one. Its stem depends on what its data are."""
    runs = [run_of(out, model, kind) for kind in ("mnist", "offline", OWN_DATA)]
    return next((run for run in runs if run.is_unfinished or run.final.record.exists()), None)


def train(model: str, seed: int, data: str, out: Path, *more: str) -> None:
    """One training in a process of its own, as a user starts it. A finished one is kept, a killed one is resumed."""
    run = run_in(out, model)
    if run and not run.is_unfinished:
        return
    resuming = ["--resume"] if run else []
    print(f"\n=== {model}, seed {seed}", flush=True)
    command = [sys.executable, str(PROJECT / "cnn_model_v2.py"), "--model", model, "--seed", str(seed)]
    subprocess.run([*command, "--data", data, "--out", str(out), *more, *resuming], check=True)


def train_on_cluster(address: str, trainings: list[tuple]) -> None:
    """Each training on a worker. Raises InputError if one fails on a worker that stays, or twice with its worker."""
    from handwriting.cluster.connecting import connected
    from handwriting.cluster.stream import in_order

    batches = [[training] for training in trainings]
    with connected(address) as client:
        reasons = in_order(client, "benchmarks.networks:train_all", None, batches, lambda training: ENDED)
        for (training,), (reason,) in zip(batches, reasons, strict=True):
            if reason:
                raise console.InputError(f"{training[0]}, seed {training[1]}: {reason}")
            print(f"{training[0]}, seed {training[1]}: done", flush=True)


def train_all(trainings: list[tuple]) -> list[str]:
    """Trainings on a worker: an empty text for each, or why it failed."""
    reasons = []
    for training in trainings:
        try:
            train(*training)
            reasons.append("")
        except subprocess.CalledProcessError as error:
            reasons.append(f"expected the exit code 0, got {error.returncode}; its worker's log says why")
    return reasons


def table(out: Path, names: list[str], seeds: int) -> str:
    """The Markdown table: the figures of seed 0, then the mean and the deviation over the seeds."""
    lines = [
        "| network | parameters | seed 0 | misses | mean ± deviation | n | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in names:
        paths = [run_in(out / f"seed{seed}", name).final.record for seed in range(seeds)]
        records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        accuracies = [100 * record["test"]["accuracy"] for record in records]
        first = records[0]
        lines.append(
            f"| `{first['model']}` | {first['parameters']:,} | {accuracies[0]:.2f} % | "
            f"{first['test']['misses']}/{first['test']['count']} | "
            f"{mean_and_deviation(accuracies)} | {len(accuracies)} | "
            f"{statistics.median(record['seconds'] for record in records):.0f} |"
        )
    lines.append(
        f"\n{first['machine']}; {first['data']}; {out.name} recipe; "
        + ", ".join(f"{k} {v}" for k, v in first["versions"].items())
    )
    return "\n".join(lines)


def mean_and_deviation(percentages: list[float]) -> str:
    """'99.29 ± 0.05 %'. A single value has no deviation."""
    deviation = f" ± {statistics.stdev(percentages):.2f}" if len(percentages) > 1 else ""
    return f"{statistics.mean(percentages):.2f}{deviation} %"


if __name__ == "__main__":
    raise SystemExit(console.guard(main))
