"""test_load.py --cluster reads the same on Dask's workers, whatever becomes of these."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

import test_load
from handwriting.cluster import command, connecting, stream
from handwriting.shipped import PROJECT
from tests.reading.command import foreign, read, table

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="Dask is not installed (requirements-cluster.txt)"
)


@pytest.fixture
def client():
    with connecting.connected("local") as client:
        yield client


class Scheduler:
    """A scheduler with one worker, started as a user starts them."""

    def __init__(self, folder):
        self.file = folder / "scheduler.json"

    def __enter__(self):
        quiet = {"cwd": PROJECT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        start = [sys.executable, "-m", "dask"]
        here = ["--no-dashboard", "--host", "127.0.0.1", "--port", "0"]
        self.process = subprocess.Popen([*start, "scheduler", *here, "--scheduler-file", self.file], **quiet)
        waiting = ["--no-dashboard", "--nthreads", "1", "--scheduler-file", self.file]
        self.worker = subprocess.Popen([*start, "worker", *waiting], **quiet)
        deadline = time.monotonic() + 30
        while not self.file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        self.address = json.loads(self.file.read_text(encoding="utf-8"))["address"]
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        for process in (self.process, self.worker):
            process.kill()
            process.wait()


def refusal(path) -> str:
    return f"{path.name} is refused"


def in_order(client, batches, ready=lambda results: None):
    given = []
    for results in stream.in_order(client, "tests.worker_tasks:names_unless_bad", None, batches, refusal):
        ready(given)
        given += results
    return given


@needs_dask
def test_an_item_that_ends_its_worker_is_refused_and_the_others_are_not(client, tmp_path):
    names = [f"{number}" for number in range(12)]
    names[3], names[10] = "bad", "once"
    batches = [[tmp_path / name for name in names[start : start + 4]] for start in range(0, 12, 4)]
    expected = ["bad is refused" if name == "bad" else name for name in names]
    assert in_order(client, batches) == expected


def test_an_item_that_was_alone_on_a_worker_that_died_is_tried_once_more():
    """Another item may have ended that worker before it began this one."""
    work = stream.Work([["a", "b"]], lambda item: f"{item} is refused", begun=1)
    work.keep(stream.Task(0, ["b"], place=1), ["b"])
    work.after_death(stream.Task(0, ["a"], place=0))
    assert list(work.ready()) == []
    work.after_death(work.next_task(1))
    assert list(work.ready()) == [["a is refused", "b"]]


@needs_dask
@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_killed_workers_lose_nothing_and_repeat_nothing(client, tmp_path):
    batches = [[tmp_path / f"{start}-{number}" for number in range(10)] for start in range(12)]
    kills = iter((2, 5))
    at = [next(kills)]

    def kill(given):
        if at[0] is not None and len(given) >= 10 * at[0]:
            os.kill(client.run(os.getpid).popitem()[1], signal.SIGKILL)
            at[0] = next(kills, None)

    assert in_order(client, batches, kill) == [path.name for batch in batches for path in batch]
    assert at[0] is None


@needs_dask
def test_the_files_are_the_same_and_a_lethal_picture_is_named(
    trained, pictures, tmp_path, monkeypatch, capsys
):
    import dask

    (pictures / "5-empty.png").touch()
    assert read(trained, tmp_path / "here", pictures) == 1
    capsys.readouterr()
    shutil.copy(pictures / "0-a.png", pictures / "9-lethal.png")
    # A batch of its own: else the others of its batch would be read alone, which may change the last decimal.
    monkeypatch.setattr(command, "TOGETHER", len(list(pictures.iterdir())) - 1)
    with dask.config.set({"distributed.worker.preload": ["tests.lethal_picture"]}):
        code = read(trained, tmp_path / "there", pictures, "--cluster", "local")
    assert code == 1
    rows = table(tmp_path / "there")
    lethal = [row for row in rows if row["image"] == "9-lethal.png"]
    assert [row["status"] for row in lethal] == ["unreadable: it ends the worker that reads it"] * 2
    assert [row for row in rows if row not in lethal] == table(tmp_path / "here")
    for name in ("digits.csv", "predictions.png", "predictions.xlsx"):
        assert (tmp_path / "there" / "logs" / name).exists()
    digits = [(tmp_path / out / "logs" / "digits.csv").read_bytes() for out in ("here", "there")]
    assert digits[0] == digits[1]
    error = capsys.readouterr().err
    assert "unreadable  9-lethal.png: it ends the worker that reads it" in error
    assert len(error.splitlines()) == 2  # nothing of Dask's


@needs_dask
def test_a_network_that_fails_while_it_reads_is_left_out_as_without_a_cluster(
    trained, pictures, tmp_path, capsys
):
    name = "no: softmax" if os.name == "posix" else "no_softmax"  # a colon stands in the message, too
    models = [trained / "checkpoints", foreign(tmp_path / f"{name}.keras", activation="relu")]
    said = {}
    for out, more in (("here", []), ("there", ["--cluster", "local"])):
        assert read(trained, tmp_path / out, pictures, *more, models=models) == 1
        said[out] = capsys.readouterr().err
    assert f"{name}: expected probabilities that add up to 1" in said["here"]
    assert said["there"] == said["here"]
    assert table(tmp_path / "there") == table(tmp_path / "here")


@needs_dask
def test_a_picture_that_no_worker_sees_is_named(trained, pictures, client):
    """The client's folder may be on no other machine. Here, the picture goes before the worker looks for it."""
    missing, there = pictures / "gone.png", pictures / "0-a.png"
    networks = command.network_files(sorted((trained / "checkpoints").glob("*.keras")))[0]
    shared = command.sent(client, networks)
    known = command.described(client, shared, [])
    batches = command.Batches([missing, there], 2)
    reader = f"{command.FUNCTIONS}:read_lightly"
    ((gone, seen),) = stream.in_order(client, reader, shared, batches, command.refusal(known))
    assert "no such file, at least not on this worker's machine" in str(gone.picture)
    assert len(seen.found) == 1


@needs_dask
def test_a_scheduler_that_is_lost_on_the_way_is_one_line(tmp_path):
    batches = [[tmp_path / f"{start}-{number}" for number in range(10)] for start in range(12)]
    lost = pytest.raises(connecting.ClusterLost, match="the scheduler is gone, and the readings are not")
    with Scheduler(tmp_path) as scheduler, connecting.connected(scheduler.address) as client, lost:
        in_order(client, batches, lambda results: scheduler.kill())


@needs_dask
def test_workers_that_are_lost_before_they_answer_are_one_line(monkeypatch):
    present = iter([["worker"], ["worker"], ["another"]])
    monkeypatch.setattr(stream, "workers_of", lambda client: next(present))
    monkeypatch.setattr(stream, "done_soon", lambda asked: [])
    client = SimpleNamespace(submit=lambda *arguments, **options: None)
    with pytest.raises(connecting.ClusterLost, match="all workers are gone"):
        stream.on_every_worker(client, "tests.worker_tasks:names_unless_bad", None)


@needs_dask
def test_tables_that_are_written_are_said_if_the_cluster_is_lost_before_the_sheet(
    trained, pictures, tmp_path, monkeypatch, capsys
):
    """Of many pictures, those on the sheet are read once more."""

    def lost(*_):
        raise connecting.ClusterLost("gone")
        yield

    answers = iter([stream.in_order, lost])
    monkeypatch.setattr(command, "MOST_WHOLE", 1)
    monkeypatch.setattr(command, "in_order", lambda *arguments: next(answers)(*arguments))
    assert read(trained, tmp_path, pictures, "--cluster", "local") == 1
    printed = capsys.readouterr()
    assert "the tables are written, the picture sheet is not" in printed.err
    assert "predictions.csv" in printed.out
    assert "predictions.png" not in printed.out
    assert table(tmp_path)


@pytest.mark.parametrize(
    ("pictures", "workers", "size"), [(3, 2, 2), (150, 4, 38), (5_000, 2, command.TOGETHER), (5, 0, 5)]
)
def test_each_worker_gets_some_of_few_pictures(pictures, workers, size):
    assert command.batch_size(pictures, workers) == size


@needs_dask
def test_workers_with_other_versions_are_refused(trained, pictures, tmp_path, monkeypatch, capsys):
    here = {**connecting.facts(), "keras": "9.9"}
    monkeypatch.setattr(connecting, "facts", lambda: here)
    assert read(trained, tmp_path, pictures, "--cluster", "local") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "expected the same versions on all machines" in line
    assert "there, 9.9 here" in line
    assert not (tmp_path / "logs" / "predictions.csv").exists()


@needs_dask
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "other://place:1"])
def test_a_scheduler_that_is_not_there_is_one_line(pictures, tmp_path, address, capsys):
    started = time.monotonic()
    assert test_load.main([str(pictures), "--cluster", address, "--out", str(tmp_path)]) == 2
    assert time.monotonic() - started < 10
    (line,) = capsys.readouterr().err.splitlines()
    assert f"expected a Dask scheduler at {address}" in line


def test_without_dask_it_says_how_to_install_it(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert test_load.main([str(pictures), "--cluster", "local", "--out", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "run: python -m pip install -r requirements-cluster.txt" in line


def test_the_client_needs_no_keras():
    program = "import sys, handwriting.cluster.command; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=PROJECT).returncode == 0
