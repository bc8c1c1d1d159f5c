"""Kills trainings, fills disks, and sends damaged and hostile files: what is lost, what gets through, what care costs.

    python -m benchmarks.faults             all of it, a quarter of an hour
    python -m benchmarks.faults --quick     a few of each

Everything is done for real, in processes of their own, with written digits and the project's own pictures and networks
as material. Where a line of the table says "bad", something was lost, a program crashed, or took too much.
It needs Linux or macOS.
"""

import contextlib
import csv
import io
import itertools
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np

try:
    import resource
except ImportError:  # on Windows, which knows no limits of processes
    resource = None

from handwriting import console, installation, model_files, processes, safe_files
from handwriting.pictures.decoding import BYTES_CAP
from handwriting.pictures.files import SUFFIXES
from handwriting.pictures.many import read_or_reason
from handwriting.reading.results import no_formula
from handwriting.shipped import PROJECT, STEMS
from handwriting.text_table import text_table
from handwriting.training import run_files
from handwriting.training.resume import Resume
from handwriting.writing.digits import write_digits

MODEL, EPOCHS, DIGITS = "cnn_small", 5, 3_000
KILLS, PICTURES, MODELS = 24, 2_000, 300
FILE_SIZES = (0, 500, 5_000, 20_000, 40_000, 60_000, 120_000)  # bytes at which the disk is full
READ = 10_000  # pictures, to see what care costs
SLOW = 10  # seconds
LARGE = 2_000_000_000  # bytes a process may take
DEAR = 0.03  # of the time without care
MNIST_TRAINING = 54_000  # images, a tenth held out


@dataclass(frozen=True)
class Outcome:
    """What came of one kind of fault: how many were tried, what went wrong, and a remark."""

    fault: str
    tried: int
    bad: list[str]
    remark: str


def main() -> int:
    parser = console.Parser(description="Kill, fill and damage, and see what is lost.")
    parser.add_argument("--quick", action="store_true", help="a few of each")
    arguments = parser.parse_args()
    if resource is None:
        raise console.InputError(
            "expected Linux or macOS, got Windows, which knows no limits of processes; run it there"
        )
    part = 10 if arguments.quick else 1
    print(installation.machine(), flush=True)
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        digits = digits_file(folder / "digits.npz")
        for fault in (
            lambda: kills(digits, folder / "kills", KILLS // part),
            lambda: full_disks(digits, folder / "disks", FILE_SIZES[::part]),
            lambda: damaged_pictures(folder / "pictures", PICTURES // part),
            lambda: damaged_models(folder / "models", MODELS // part),
            lambda: cost_of_saving(digits, folder / "saving"),
            lambda: cost_of_reading(folder / "reading", READ // part),
        ):
            outcome = fault()
            outcomes.append(outcome)
            print(f"{outcome.fault}: {len(outcome.bad)} bad of {outcome.tried}", flush=True)
            print("".join(f"    {line}\n" for line in outcome.bad[:10]), end="", flush=True)
    print("\n" + table(outcomes))
    return 1 if any(outcome.bad for outcome in outcomes) else 0


def table(outcomes: list[Outcome]) -> str:
    rows = [[one.fault, str(one.tried), str(len(one.bad)), one.remark] for one in outcomes]
    return text_table(["fault", "tried", "bad", ""], rows, right_aligned={1, 2})


# ---------------------------------------------------------------- killed trainings


def kills(digits: Path, folder: Path, count: int) -> Outcome:
    """Trainings killed at any moment, a third of them in the middle of a save, and resumed."""
    chance, bad, moments = random.Random(0), [], Counter()
    began = time.monotonic()
    code, *_ = run(training(digits, folder / "whole"))
    seconds = time.monotonic() - began
    assert code == 0, "the undisturbed training failed"
    expected = left_behind(folder / "whole")
    for number in range(count):
        out = folder / f"killed{number}"
        into_a_save = number % 3 == 0
        process = start(training(digits, out))
        if into_a_save:
            wait_for_a_save(out, process, chance.randrange(2 * EPOCHS))
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.2, 1) * seconds)
        process.kill()
        process.communicate()
        begun = run_files.running_folder(out, STEMS[MODEL]).exists()
        moments["in the middle of a save" if into_a_save else "at any time"] += 1
        code, said, _ = run(training(digits, out, *(["--resume"] if begun else [])))
        if code or "Traceback" in said:
            bad.append(f"killed run {number}: exit code {code}: {last_line(said)}")
        elif left_behind(out) != expected:
            bad.append(f"killed run {number}: other weights or another CSV than the run that was not killed")
    return Outcome(
        "kill -9, then --resume", count, bad, ", ".join(f"{n} {when}" for when, n in moments.items())
    )


def wait_for_a_save(out: Path, process: subprocess.Popen, number: int) -> None:
    """Waits until a file is being written in the run's folder for the given time, or the process ends."""
    folder, seen, there = run_files.running_folder(out, STEMS[MODEL]), 0, False
    while process.poll() is None:
        with contextlib.suppress(OSError):
            now = any(".part." in path.name for path in folder.iterdir())
            seen += now and not there
            there = now
            if seen > number:
                return


def left_behind(out: Path) -> tuple:
    """The network's weights and the CSV of a run, byte by byte."""
    files = run_files.final_files(out, STEMS[MODEL])
    if not files.model.exists():
        return ("nothing",)
    with zipfile.ZipFile(files.model) as archive:
        return weights_in(archive.read("model.weights.h5")), files.log.read_bytes()


def weights_in(content: bytes) -> list[bytes]:
    import h5py

    found = []
    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(
            lambda name, member: (
                found.append(member[...].tobytes()) if isinstance(member, h5py.Dataset) else None
            )
        )
    return found


# ---------------------------------------------------------------- full disks


def full_disks(digits: Path, folder: Path, sizes: tuple[int, ...]) -> Outcome:
    """Training and reading where no file may grow beyond a size; what lay there before must stay whole."""
    bad, codes = [], Counter()
    code, said, _ = run(training(digits, folder, "--epochs", "1"))
    assert code == 0, said
    final = run_files.final_files(folder, STEMS[MODEL])
    code, said, _ = run(reading([PROJECT / "data" / "3-chalk.jpg"], [final.model], folder))
    assert code == 0, said
    results = [folder / "logs" / "predictions.csv", folder / "logs" / "predictions.png"]
    before = {path: path.read_bytes() for path in (*final.paths(), *results)}
    for size in sizes:
        for what, command in (
            ("training", training(digits, folder, "--epochs", "2")),
            ("reading", reading([PROJECT / "data" / "7-corner.png"], [final.model], folder)),
        ):
            code, said, _ = run(command, file_size=size)
            codes[f"{what} exit {code}"] += 1
            if code not in (0, 1, 2) or "Traceback" in said or (code and not said.strip()):
                bad.append(f"{what}, files up to {size} bytes: exit code {code}: {last_line(said)}")
            changed = [path for path in before if path.read_bytes() != before[path]]
            # The table may be new although there was no space for the sheet, but must be whole.
            if what == "reading":
                changed = [path for path in changed if not is_whole(path)]
            if code and changed:
                names = ", ".join(path.name for path in changed)
                bad.append(f"{what}, files up to {size} bytes: {names} changed")
            shutil.rmtree(folder / "running", ignore_errors=True)
            for path, content in before.items():
                path.write_bytes(content)
    remark = ", ".join(f"{count} × {code}" for code, count in sorted(codes.items()))
    return Outcome("full disk", 2 * len(sizes), bad, remark)


def is_whole(path: Path) -> bool:
    """Whether a table has all its columns in each row, or a picture can be decoded."""
    from PIL import Image

    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        return len(rows) > 1 and len({len(row) for row in rows}) == 1
    with Image.open(path) as picture:
        picture.load()
    return True


# ---------------------------------------------------------------- damaged pictures


def damaged_pictures(folder: Path, count: int) -> Outcome:
    """Pictures with turned bits, cut ends, wrong headers, absurd sizes, read by test_load.py."""
    folder.mkdir()
    originals = sorted(path for path in (PROJECT / "data").iterdir() if path.suffix in SUFFIXES)
    chance = random.Random(1)
    for number in range(count):
        original = chance.choice(originals)
        content = damaged(bytearray(original.read_bytes()), chance)
        (folder / f"{number % 10}-{number:05d}{original.suffix}").write_bytes(content)
    for name, content in bombs().items():
        (folder / name).write_bytes(content)
    out = folder.with_name("pictures_out")
    return judged("damaged pictures", sorted(folder.iterdir()), [shipped("cnn_small")], out, "image")


def damaged(content: bytearray, chance: random.Random) -> bytes:
    """A file to which something happened on the way."""
    what = chance.choice(("bits", "bits in the header", "cut", "filled", "other header"))
    if what == "cut":
        return bytes(content[: chance.randrange(len(content))])
    if what == "other header":
        header = chance.choice(
            (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\0", b"RIFF\0\0\0\0WEBP")
        )
        return header + bytes(content[len(header) :])
    end = min(len(content), 200) if what == "bits in the header" else len(content)
    for _ in range(chance.choice((1, 5, 50))):
        place = chance.randrange(end)
        if what == "filled":
            content[place : place + 20] = bytes([chance.randrange(256)]) * len(content[place : place + 20])
        else:
            content[place] ^= 1 << chance.randrange(8)
    return bytes(content)


def bombs() -> dict[str, bytes]:
    """Small files that ask for much."""
    from PIL import Image

    def saved(image, format, **options) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, format, **options)
        return buffer.getvalue()

    wide = saved(Image.new("L", (30, 30)), "PNG")
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3000), np.uint8)
    specks = np.where(np.random.default_rng(1).random((3000, 3000)) < 0.02, 0, 255).astype(np.uint8)
    return {
        "bomb-plain.png": saved(Image.new("1", (20_000, 20_000)), "PNG"),
        "bomb-claims.png": wide[:16] + (60_000).to_bytes(4) * 2 + wide[24:],
        "bomb-noise.png": saved(Image.fromarray(noise), "PNG"),
        "bomb-specks.png": saved(Image.fromarray(specks), "PNG"),
        "bomb-thin.png": saved(Image.new("L", (1, 50_000), 255), "PNG"),
        "bomb-one.png": saved(Image.new("L", (1, 1)), "PNG"),
        "bomb.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "bomb.heic": b"\0\0\0\x18ftypheic" + bytes(100),
        "bomb-empty.png": b"",
    }


# ---------------------------------------------------------------- damaged and hostile models


def damaged_models(folder: Path, count: int) -> Outcome:
    """.keras files with turned bits, damaged weights and configs, and what strangers might send."""
    folder.mkdir()
    chance = random.Random(2)
    with zipfile.ZipFile(shipped("cnn_small")) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    attacks = hostile(members)
    for name, content in attacks.items():
        write_archive(folder / f"{name}.keras", content)
    for number in range(max(0, count - len(attacks))):
        path = folder / f"damaged{number:03d}.keras"
        if number % 3 == 0:
            path.write_bytes(damaged(bytearray(shipped("cnn_small").read_bytes()), chance))
        else:
            name = "config.json" if number % 3 == 1 else "model.weights.h5"
            changed = damaged_config if number % 3 == 1 and chance.random() < 0.7 else damaged
            write_archive(path, {**members, name: changed(bytearray(members[name]), chance)})
    picture, out = PROJECT / "data" / "3-chalk.jpg", folder.with_name("models_out")
    models = [*sorted(folder.iterdir()), shipped("mlp")]
    return judged("damaged and hostile models", [picture], models, out, "model")


def write_archive(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def damaged_config(content: bytearray, chance: random.Random) -> bytes:
    """A config that is JSON still, with a value of it replaced."""
    config = json.loads(bytes(content))
    value = config
    while isinstance(value, dict | list) and value:
        parent, key = value, chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value = parent[key]
    parent[key] = chance.choice(
        (None, -1, 0, 10**6, 10**18, 1.5, "", "relu", [], {}, [1] * 50, True, "\0" * 9)
    )
    return json.dumps(config).encode()


def hostile(members: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Each class of attack: what a stranger could put into a .keras file."""
    import h5py

    config = json.loads(members["config.json"])

    def asking(changes: dict, settings: dict | None = None) -> dict[str, bytes]:
        """The model with another second layer."""
        changed = json.loads(json.dumps(config))
        layer = changed["config"]["layers"][1]
        layer.update(changes)
        layer["config"].update(settings or {})
        return {**members, "config.json": json.dumps(changed).encode()}

    def holding(fill) -> dict[str, bytes]:
        buffer = io.BytesIO()
        with h5py.File(buffer, "w") as file:
            fill(file)
        return {**members, "model.weights.h5": buffer.getvalue()}

    def ring(file):
        file.create_group("layers")["layers"] = file["/"]

    def many_layers(count: int) -> dict[str, bytes]:
        changed = json.loads(json.dumps(config))
        layers = changed["config"]["layers"]
        activation = {"activation": "relu", "dtype": "float32"}
        layers[1:1] = [
            {**keras_layers, "class_name": "Activation", "config": {"name": f"a{number}", **activation}}
            for number in range(count)
        ]
        return {**members, "config.json": json.dumps(changed).encode()}

    keras_layers = {"module": "keras.layers", "registered_name": None}
    return {
        "lambda": asking({**keras_layers, "class_name": "Lambda"}, {"function": "print('ran')"}),
        "saved_model": asking({**keras_layers, "class_name": "TFSMLayer"}, {"filepath": "/etc"}),
        "lookup": asking({**keras_layers, "class_name": "StringLookup"}, {"vocabulary": "/etc/passwd"}),
        "function": asking(
            {}, {"activation": {"class_name": "function", "module": "os", "config": "system"}}
        ),
        "module": asking({"module": "os", "class_name": "system"}),
        "many_filters": asking({}, {"filters": 10**8}),
        "huge_kernel": asking({}, {"kernel_size": [28, 28], "filters": 100_000}),
        "upsampling": asking(
            {**keras_layers, "class_name": "UpSampling2D", "config": {"name": "up", "size": [10_000, 10_000]}}
        ),
        "padding": asking(
            {**keras_layers, "class_name": "ZeroPadding2D", "config": {"name": "pad", "padding": 10**6}}
        ),
        "many_layers": many_layers(90),
        "too_many_layers": many_layers(1_000),
        "often_called": {**members, "config.json": often_called(300, "calls")},
        "often_called_model": {**members, "config.json": often_called(300, "calls of a model")},
        "often_called_as_before": {
            **members,
            "config.json": often_called(50_000, "calls in Keras 2's words"),
        },
        "deep": {**members, "config.json": b'{"class_name":"Sequential","config":' + b"[" * 10**6},
        "link": holding(lambda file: file.__setitem__("layers", h5py.ExternalLink("/etc/passwd", "/"))),
        "soft_link": holding(lambda file: file.__setitem__("layers", h5py.SoftLink("/layers"))),
        "ring": holding(ring),
        "weights_bomb": holding(
            lambda file: file.create_dataset(
                "w", (10**6, 10**6), "f4", chunks=(1000, 1000), compression="gzip"
            )
        ),
        "zip_bomb": {**members, "model.weights.h5": bytes(200_000_000)},
        "config_bomb": {**members, "config.json": b" " * 100_000_000},
        "path": {**members, "../../escaped.txt": b"escaped"},
        "assets": {**members, "assets/escaped.txt": b"escaped"},
        "nothing": {},
    }


def often_called(times: int, how: str) -> bytes:
    """A config of one layer, or of one model, that is called again and again on its own answer."""
    policy = {"trainable": True, "dtype": "float32"}

    def layer(name: str, kind: str, config: dict, calls: list) -> dict:
        return {
            "module": "keras.src.models.functional" if kind == "Functional" else "keras.layers",
            "class_name": kind,
            "config": {**config, "name": name},
            "registered_name": None,
            "name": name,
            "inbound_nodes": calls,
        }

    def call(after: str, number: int) -> dict | list:
        if how == "calls in Keras 2's words":
            return [[after, number, 0, {}]]
        history = {"shape": [None, 28, 28, 1], "dtype": "float32", "keras_history": [after, number, 0]}
        return {"args": [{"class_name": "__keras_tensor__", "config": history}], "kwargs": {}}

    start = layer("start", "InputLayer", {"batch_shape": [None, 28, 28, 1], **policy}, [])
    inside = [start] + [
        layer(
            f"inside{number}",
            "Activation",
            {"activation": "relu", **policy},
            [call(f"inside{number - 1}" if number else "start", 0)],
        )
        for number in range(50)
    ]
    ends = {"input_layers": [["start", 0, 0]], "output_layers": [["inside49", 0, 0]]}
    calls = [call("again" if number else "start", max(0, number - 1)) for number in range(times)]
    again = (
        layer("again", "Functional", {"layers": inside, "trainable": True, **ends}, calls)
        if how == "calls of a model"
        else layer("again", "Activation", {"activation": "relu", **policy}, calls)
    )
    ends["output_layers"] = [["again", times - 1, 0]]
    return json.dumps(layer("all", "Functional", {"layers": [start, again], **ends}, [])).encode()


# ---------------------------------------------------------------- what care costs


def cost_of_saving(digits: Path, folder: Path) -> Outcome:
    """What a `cnn_v2` epoch on MNIST takes longer because its state is saved."""
    import cnn_model_v2

    save, saving = Resume.on_epoch_end, []

    def timed(*arguments, **named):
        began = time.monotonic()
        save(*arguments, **named)
        saving.append((began, time.monotonic()))

    limit = 1_000
    options = ["--data", digits, "--limit", limit, "--epochs", 4, "--precision", "auto", "--out", folder]
    with mock.patch.object(Resume, "on_epoch_end", timed), contextlib.redirect_stdout(io.StringIO()):
        code = cnn_model_v2.main(list(map(str, options)))
    assert code == 0
    between = [begins - ended for (_, ended), (begins, _) in itertools.pairwise(saving)]
    epoch = statistics.median(between) * MNIST_TRAINING / (0.9 * limit)
    return dear("saving a state of cnn_v2", len(saving), statistics.median(e - b for b, e in saving), epoch)


def cost_of_reading(folder: Path, count: int) -> Outcome:
    """What reading digits takes longer because files are checked, and the table is made harmless."""
    import keras
    from PIL import Image

    folder.mkdir()
    pixels, labels = write_digits(count)
    paths = [folder / f"{label}-{number:05d}.png" for number, label in enumerate(labels)]
    for path, picture in zip(paths, pixels, strict=True):
        Image.fromarray(picture).save(path)
    model = shipped("cnn_v2")
    whole = seconds_of(lambda: run(reading([folder], [model], folder.with_name("reading_out"))))
    model_files.load_model(model)  # whatever the first load sets up
    care = seconds_of(lambda: model_files.load_model(model)) - seconds_of(
        lambda: keras.models.load_model(model)
    )
    care += seconds_of(lambda: [safe_files.unusable(path, BYTES_CAP) for path in paths])
    care += seconds_of(lambda: [console.printable(path.name) for path in paths])
    cells = 12 * count  # six in each row, for the network and for the ensemble
    care += seconds_of(lambda: [no_formula("0.9998") for _ in range(cells)])
    return dear(f"checking {count:,} pictures and a network", count, care, whole - care)


def dear(what: str, tried: int, care: float, without: float) -> Outcome:
    share = care / without
    bad = [f"{share:.1%} of the time without"] if share > DEAR else []
    return Outcome(what, tried, bad, f"{1000 * care:,.0f} ms beside {without:,.1f} s: {share:.1%}")


def seconds_of(task) -> float:
    began = time.monotonic()
    task()
    return time.monotonic() - began


# ---------------------------------------------------------------- running and judging


def judged(fault: str, pictures: list[Path], models: list[Path], out: Path, column: str) -> Outcome:
    """Reads pictures with models; each name must be in a column of the table or in a line that says why not.

    Args:
        fault: what the outcome is called.
        pictures: given to test_load.py.
        models: likewise.
        out: a folder for the results.
        column: "image" or "model": which of them are damaged.
    """
    began = time.monotonic()
    code, said, largest = run(reading(pictures, models, out))
    seconds = time.monotonic() - began
    files = pictures if column == "image" else models
    if code not in (0, 1) or "Traceback" in said:
        return Outcome(fault, len(files), [f"exit code {code}: {last_line(said)}"], "")
    with (out / "logs" / "predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    not_used = [line for line in said.splitlines() if line.startswith("not used")]
    named = {row[column] for row in rows}
    names = [path.name if column == "image" else path.stem for path in files]
    bad = [
        f"{name} is in no row and no line"
        for name in names
        if name not in named and not any(name in line for line in not_used)
    ]
    if largest > LARGE:
        bad.append(f"a process took {largest / 1e9:.1f} GB")
    installation.start_keras()  # not timed
    slowest = max(map(seconds_alone, files))
    if slowest > SLOW:
        bad.append(f"one took {slowest:.0f} s")
    unreadable = {row["image"] for row in rows if row["status"].startswith("unreadable")}
    remark = f"{len(unreadable) + len(not_used)} refused; {seconds:.0f} s, one at most {slowest:.1f} s, "
    return Outcome(fault, len(files), bad, f"{remark}{largest / 1e9:.1f} GB")


def seconds_alone(path: Path) -> float:
    """How long a picture or model takes by itself."""

    began = time.monotonic()
    if path.suffix == ".keras":
        with contextlib.suppress(model_files.RefusedModel):
            model_files.load_model(path)
    else:
        read_or_reason(path)
    return time.monotonic() - began


def digits_file(path: Path) -> Path:

    pixels, labels = write_digits(DIGITS)
    np.savez(path, x_train=pixels, y_train=labels)
    return path


def shipped(name: str) -> Path:
    return run_files.final_files(PROJECT, STEMS[name]).model


def training(digits: Path, out: Path, *more: str) -> list[str]:
    options = ["--model", MODEL, "--data", digits, "--epochs", EPOCHS, "--precision", "float32", "--out", out]
    return [sys.executable, *map(str, [PROJECT / "cnn_model_v2.py", *options, *more])]


def reading(pictures: list[Path], models: list[Path], out: Path) -> list[str]:
    return [
        sys.executable,
        *map(str, [PROJECT / "test_load.py", *pictures, "--models", *models, "--out", out]),
    ]


def start(command: list[str], file_size: int | None = None) -> subprocess.Popen:
    """A process in which no file may grow beyond a size, if one is given."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        preexec_fn=None if file_size is None else limited,
    )


def run(command: list[str], file_size: int | None = None) -> tuple[int, str, int]:
    """The exit code, what was said on the error output, and the bytes that the largest of its processes took.

    These are never fewer than this process has when it starts the other: for a moment that one is a copy of it.
    """
    with start(command, file_size) as process:
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_maxrss * processes.MEMORY_UNIT


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["(nothing said)"])[-1][:200]


if __name__ == "__main__":
    raise SystemExit(console.exit_code(main))
