"""Ctrl-C and SIGTERM while a submission's training runs in a process of its own."""

import os
import signal
import subprocess
import sys

import pytest

from handwriting.shipped import PROJECT
from handwriting.training.run_files import how_to_go_on

TRAINING = """
import signal, sys, time
def stop(number, frame):
    time.sleep(1.2)  # longer than a program's own grace: the first process waits nevertheless
    print("training stopped", file=sys.stderr, flush=True)
    sys.exit(128 + number)
signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
print("training", flush=True)
time.sleep(60)
print("training went on", flush=True)
"""
DEAF_TRAINING = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)  # as before cnn_model_v2.py listens
print("training", flush=True)
time.sleep(60)
"""
GUARDED = """
import sys
from handwriting import console, stopping
from handwriting.submit.__main__ import early_end, train, training_run
from pathlib import Path
def command():
    train([sys.executable, "-c", sys.argv[1]])
    return 0
stopping.leave(console.guard(command, "submit", lambda: early_end(training_run(Path("submission.csv")))))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    "training, send, code, told",
    [
        (TRAINING, lambda pid: os.killpg(pid, signal.SIGINT), 130, "training stopped\n"),
        (TRAINING, lambda pid: os.kill(pid, signal.SIGTERM), 143, "training stopped\n"),
        (DEAF_TRAINING, lambda pid: os.killpg(pid, signal.SIGINT), 130, f"\nstopped; {how_to_go_on([])}\n"),
    ],
)
def test_signals_end_both_processes(training, send, code, told, signals_heard, tmp_path):
    """Ctrl-C reaches both, SIGTERM only the first. One of them says so, and neither outlives the other."""
    with subprocess.Popen(
        [sys.executable, "-c", GUARDED, training],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout.readline() == "training\n"
        send(process.pid)
        out, err = process.communicate(timeout=20)  # until both have closed their output
    assert process.returncode == code
    assert (out, err) == ("", told)
