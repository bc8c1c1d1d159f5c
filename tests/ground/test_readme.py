"""README says what is true."""

import json
import re
import zipfile

import cnn_model_v2
import draw
import test_load
from handwriting.export import __main__ as export
from handwriting.shipped import FINDER, PROJECT, STEMS
from handwriting.submit import __main__ as submit
from handwriting.training.run_files import Run

README = (PROJECT / "README.md").read_text(encoding="utf-8")
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").glob("*.md"))]


def test_the_two_commands_stand_alone_on_a_line():
    lines = README.splitlines()
    assert "python -m pip install -r requirements.txt && python cnn_model_v2.py" in lines
    assert "python -m pip install -r requirements-dev.txt && python -m pytest" in lines


def test_linked_files_exist():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{target} in {page.name}"


def test_flags_that_the_pages_for_users_name_exist(capsys):
    helps = []
    for main in (cnn_model_v2.main, test_load.main, draw.main, export.main, submit.main):
        try:
            main(["--help"])
        except SystemExit:
            helps.append(capsys.readouterr().out)
    known = (
        "".join(helps) + "--seeds --mnist --models --count --start --logdir --nworkers --nthreads"
    )  # of benchmarks, handwriting.writing, handwriting.finder, tensorboard and dask
    for page in PAGES:
        if page.name != "lab-book.md":  # it also names flags of every benchmark
            for flag in set(re.findall(r"--[a-z][a-z-]+", page.read_text(encoding="utf-8"))):
                assert flag in known, f"{flag} in {page.name}"


def test_every_shipped_network_is_in_the_table_with_its_figures():
    for name, stem in STEMS.items():
        record = json.loads(Run(PROJECT, stem).final.record.read_text(encoding="utf-8"))
        row = next(
            line for line in README.splitlines() if line.startswith(f"| `{name}` | {record['parameters']:,}")
        )
        assert f"{100 * record['test']['accuracy']:.2f} %" in row
        assert f"{record['test']['misses']}/10000" in row
        assert record["seed"] == 0
        assert record["data"] == "mnist"


def test_shipped_networks_hold_no_optimizer():
    paths = [Run(PROJECT, stem).final.model for stem in STEMS.values()]
    for path in [*paths, FINDER]:
        with zipfile.ZipFile(path) as archive:
            assert b"optimizer" not in archive.read("model.weights.h5")
            assert not json.loads(archive.read("config.json"))["compile_config"]
