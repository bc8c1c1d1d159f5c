"""Train every network with several seeds, and print the mean and the deviation of the test accuracy.

    python -m benchmarks.networks --data mnist.npz --out DIR [--recipe published]

Each training is one `python cnn_model_v2.py --model … --seed …`. It has a folder of its own: DIR/ours/seed0,
DIR/ours/seed1, and so on. A training that is already there is not repeated. Plan seven hours for all networks with
three seeds on two CPU cores without fast bfloat16. That is the sum of README's seconds.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from handwriting import console
from handwriting.shipped import PROJECT, STEMS
from handwriting.training.run_files import Run, possible_runs


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
    arguments = parser.parse_args()
    out = arguments.out / arguments.recipe
    for model in arguments.models:
        for seed in range(arguments.seeds):
            train(model, seed, arguments.data, out / f"seed{seed}", "--recipe", arguments.recipe)
    print(table(out, arguments.models, arguments.seeds))
    return 0


def run_in(out: Path, model: str) -> Run | None:
    """The run of a network in this folder, if there is one. Its stem depends on what its data are."""
    runs = possible_runs(out, model)
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
