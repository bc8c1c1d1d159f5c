"""Worker processes, and signals that wait for the end of a training step."""

import os
import signal
import subprocess
import sys

import pytest

from handwriting import processes
from handwriting.shipped import PROJECT


@pytest.mark.skipif(sys.platform == "win32", reason="a worker there doesn't share its parent's output")
def test_workers_end_with_a_killed_parent(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import os, time\nfrom handwriting import processes\n"
        "if __name__ == '__main__':\n"
        "    with processes.worker_processes(1) as pool:\n"
        "        print(pool.submit(os.getpid).result(), flush=True)\n"
        "        time.sleep(60)\n"
    )
    command, environment = [sys.executable, script], {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert int(parent.stdout.readline()) != parent.pid
        parent.kill()
        # The output ends when no process has it open any more, the worker included.
        parent.communicate(timeout=20)


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with processes.signals_wait():
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_waits_for_the_end_of_the_batch_and_is_never_lost(number, signals_heard):
    with pytest.raises(KeyboardInterrupt), processes.signals_wait() as stop_if_asked:
        stop_if_asked()
        signal.raise_signal(number)  # an exception here might be swallowed inside TensorFlow
        with pytest.raises(KeyboardInterrupt) as interruption:
            stop_if_asked()
        assert interruption.value.args == (number,)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)  # the second one does not wait
    assert signal.getsignal(number) is signal.default_int_handler


def test_signal_after_the_last_batch_still_stops_the_run(signals_heard):
    with pytest.raises(KeyboardInterrupt), processes.signals_wait():
        signal.raise_signal(signal.SIGTERM)
