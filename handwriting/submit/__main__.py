"""Make a submission to Kaggle's digit recognizer: train on train.csv alone, and read test.csv.

    python -m handwriting.submit --train train.csv --test test.csv             under five minutes on two CPU cores
    python -m handwriting.submit --train train.csv --test test.csv --resume    goes on after an interruption

Kaggle's test images are images of MNIST. The networks that come with this project have learned most of MNIST. So none
of these networks is used, and nothing is downloaded. A network, `cnn_v3`, starts from random weights and learns
train.csv. A fixed tenth of train.csv is not learned: it is the test of the training. Of the rest, a tenth is for
validation.

As in every training, the network also learns digits and other ink that this project draws. No digit of a person is
among them. What did come from MNIST are numbers: the settings of the recipe, and in part the shares of the drawn forms.

It leaves submission.csv in the current folder, or the file --out. The trained network and the records of its training
are beside it, in submission_training/. The submission is read back and checked. The last two lines look like this:

    validation  loss 0.0170  accuracy 99.55%  misses 17/3780
    wrote submission.csv: 28,000 rows, read back and checked
"""

# Keras is imported after the training, inside functions: on a GPU it would take the memory that the training needs.
from __future__ import annotations  # lets an old Python reach the check of its version

import argparse
import json
import subprocess
import sys
from pathlib import Path

from handwriting import console, installation, stopping
from handwriting.shipped import PROJECT
from handwriting.training.run_files import Run, how_to_go_on, run_of

PROGRAM = "python -m handwriting.submit"
SCRIPT = PROJECT / "cnn_model_v2.py"
MODEL = "cnn_v3"  # the quickest to train, and the best for its time
EPOCHS = 9  # of Kaggle's 42,000 images, on slow cores, these take four minutes
DATA_KIND = "csv"
SIGNALLED = 128  # the exit code of a program that a signal has stopped, less the number of the signal


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = console.Parser(prog=PROGRAM, description="Make a submission to Kaggle's digit recognizer.")
    add = parser.add_argument
    for option in ("train", "test"):
        add(
            f"--{option}",
            action=console.Once,
            type=console.path_given,
            required=True,
            metavar="CSV",
            help=f"Kaggle's {option}.csv",
        )
    add(
        "--out",
        type=console.path_given,
        default=Path("submission.csv"),
        metavar="CSV",
        help="the file to hand in (default: %(default)s)",
    )
    add("--epochs", type=console.positive_integer, default=EPOCHS, help="at most (default: %(default)s)")
    add("--resume", action="store_true", help="continue an interrupted run; give its other arguments, too")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Makes a submission as the command line says. Returns the exit code."""
    arguments = parse_arguments(argv)
    return console.guard(lambda: submit(arguments), PROGRAM, lambda: early_end(training_run(arguments.out)))


def early_end(run: Run) -> console.EarlyEnd:
    """What to do after an early end."""
    go_on = how_to_go_on([run])
    if run.final.record.exists() and not run.state.exists():
        go_on = "the same command with --resume reuses the network that was trained on this train.csv"
    free = "free the file or some space, or choose another place with --out"
    return console.EarlyEnd(go_on, f"send it to a file; {go_on}", f"{free}; {go_on}", write_failed_code=1)


def submit(arguments: argparse.Namespace) -> int:
    """From the two files to the third. Returns the exit code."""
    installation.check_installation()  # before the imports that need it
    from handwriting.data.kaggle_csv import kaggle_csv, kaggle_test_csv
    from handwriting.data.sets import split
    from handwriting.submit.inputs import check_inputs, check_output
    from handwriting.submit.submission import check_submission, write_submission

    check_script()
    check_inputs(arguments.train, arguments.test)
    check_output(arguments.out, arguments.train, arguments.test)
    images = kaggle_test_csv(arguments.test)
    data = split(kaggle_csv(arguments.train), None)
    run = training_run(arguments.out)
    if arguments.resume and not run.is_unfinished:
        if not has_learned(run, data, arguments.epochs):
            print(run.nothing_to_resume())
            return 0
    else:
        train(training_command(arguments, run))

    score, digits = answers_of(run, data.validation, images)
    write_submission(arguments.out, digits)
    check_submission(arguments.out, len(images))
    print(f"\nvalidation  {score}")
    print(f"wrote {console.shown(arguments.out)}: {len(images):,} rows, read back and checked")
    return 0


def check_script() -> None:
    """Raises InputError where only the package is, without the script that trains."""
    if not SCRIPT.is_file():
        raise console.InputError(
            f"expected {SCRIPT.name} beside the package, got a package that was installed without it; "
            "run this command in the project's folder"
        )


def training_run(out: Path) -> Run:
    """The training for a submission. Its files lie in a folder beside the submission."""
    return run_of(out.parent / f"{out.stem}_training", MODEL, DATA_KIND)


def has_learned(run: Run, data, epochs: int) -> bool:
    """Whether a finished training was on this data, and of this length."""
    from handwriting.training.resume import checksum

    try:
        record = json.loads(run.final.record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    learned = checksum(data.training.images, data.training.labels)
    return (record.get("data_checksum"), record.get("epochs")) == (learned, epochs)


def training_command(arguments: argparse.Namespace, run: Run) -> list[str]:
    """The command that trains. The whole path of train.csv can't be taken for a word such as mnist."""
    command = [sys.executable, str(SCRIPT), "--model", MODEL, f"--data={arguments.train.resolve()}"]
    command += ["--epochs", str(arguments.epochs), f"--out={run.out}"]
    return [*command, "--resume"] if arguments.resume else command


def train(command: list[str]) -> None:
    """Runs the training, which prints its progress. Raises CalledProcessError if it fails: it has said why."""
    with subprocess.Popen(command) as process, stopping.signals_handed_on(process) as received:
        code = process.wait()
    if received and code not in [SIGNALLED + number for number in received]:
        raise KeyboardInterrupt(received[0])  # the training had ended, or had not yet begun: it said nothing
    if code:
        raise subprocess.CalledProcessError(code, command)


def answers_of(run: Run, validation, images):
    """How well the trained network reads the validation images, and the digits that it reads on others.

    Images that it doubts are looked at again, as in every reading.
    """
    print(f"reading {len(images):,} images", flush=True)  # before the imports, which take seconds
    from handwriting.model_files import load_model
    from handwriting.reading.reader import answer
    from handwriting.report.score import score

    network = load_model(run.final.model)
    digits = answer(network, images).argmax(axis=1)
    return score(validation.labels, answer(network, validation.images)), digits.tolist()


if __name__ == "__main__":
    stopping.leave(main())
