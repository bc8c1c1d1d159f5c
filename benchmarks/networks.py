"""Train every network with several seeds, and print how well it then reads the test images: mean and deviation.

    python -m benchmarks.networks --data mnist.npz --out DIR [--recipe published]

Each training is one `python cnn_model_v2.py --model … --seed …` in a folder of its own, DIR/ours/seed0,
DIR/ours/seed1, …; those that are already there are not trained again. Plan seven hours for all networks with three
seeds on two CPU cores without fast bfloat16: README's seconds, added up.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

import cnn_model_v2
from handwriting import console
from handwriting.shipped import PROJECT, STEMS
from handwriting.training import run_files


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
    stems = [cnn_model_v2.run_stem(model, arguments.data, limit=None) for model in arguments.models]
    print(table(out, stems, arguments.seeds))
    return 0


def train(model: str, seed: int, data: str, out: Path, *more: str) -> None:
    """One training in a process of its own, as a user starts it: none if it is there, the rest if it was killed."""
    stem = cnn_model_v2.run_stem(model, data, limit=None)
    if run_files.final_files(out, stem).settings.exists():
        return
    going_on = ["--resume"] if run_files.left_unfinished(out, stem) else []
    print(f"\n=== {model}, seed {seed}", flush=True)
    command = [sys.executable, str(PROJECT / "cnn_model_v2.py"), "--model", model, "--seed", str(seed)]
    subprocess.run([*command, "--data", data, "--out", str(out), *more, *going_on], check=True)


def table(out: Path, stems: list[str], seeds: int) -> str:
    """The Markdown table: seed 0's figures, then the mean and the deviation over the seeds."""
    lines = [
        "| network | parameters | seed 0 | misses | mean ± deviation | n | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for stem in stems:
        files = [run_files.final_files(out / f"seed{seed}", stem).settings for seed in range(seeds)]
        stories = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        accuracies = [100 * story["test"]["accuracy"] for story in stories]
        first = stories[0]
        lines.append(
            f"| `{first['model']}` | {first['parameters']:,} | {accuracies[0]:.2f} % | "
            f"{first['test']['misses']}/{first['test']['count']} | "
            f"{mean_and_deviation(accuracies)} | {len(accuracies)} | "
            f"{statistics.median(story['seconds'] for story in stories):.0f} |"
        )
    lines.append(
        f"\n{first['machine']}; {first['data']}; {out.name} recipe; "
        + ", ".join(f"{k} {v}" for k, v in first["versions"].items())
    )
    return "\n".join(lines)


def mean_and_deviation(percentages: list[float]) -> str:
    """'99.29 ± 0.05 %'; one value alone has no deviation."""
    deviation = f" ± {statistics.stdev(percentages):.2f}" if len(percentages) > 1 else ""
    return f"{statistics.mean(percentages):.2f}{deviation} %"


if __name__ == "__main__":
    raise SystemExit(console.exit_code(main))
