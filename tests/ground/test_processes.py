"""Worker processes, and how a program ends when it is told to."""

import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from handwriting import processes, stopping
from handwriting.shipped import PROJECT
from tests.worker_tasks import leave_file


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


def test_workers_that_are_busy_end_with_the_block():
    began = time.monotonic()
    with processes.worker_processes(2) as pool:
        pool.submit(os.getpid).result()
        waiting = [pool.submit(time.sleep, 60) for _ in range(4)]
        time.sleep(1)  # until they have begun
    assert time.monotonic() - began < 20
    while multiprocessing.active_children() and time.monotonic() - began < 20:
        time.sleep(0.1)
    assert not multiprocessing.active_children()
    assert not any(future.done() and not future.cancelled() and not future.exception() for future in waiting)


def test_results_are_in_order_and_few_are_computed_ahead(tmp_path):
    with processes.worker_processes(2) as pool:
        assert list(processes.in_order(pool, abs, range(-7, 4), at_once=3, ahead=4)) == [
            *range(7, -1, -1), 1, 2, 3,
        ]  # fmt: skip
        results = processes.in_order(pool, functools.partial(leave_file, tmp_path), range(100), 5, ahead=20)
        deadline = time.monotonic() + 30
        while not any(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        assert 1 <= len(list(tmp_path.iterdir())) <= 20  # begun before the first result is asked for
        assert list(results) == list(range(100))
        assert len(list(tmp_path.iterdir())) == 100


def ended_by(tmp_path, lines: str, *numbers: int) -> tuple[float, int, str]:
    """The seconds that a script runs on after signals, its exit code, and its errors.

    The script prints a line when it is ready.
    """
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, time\nfrom handwriting import console, processes, stopping\n\n\n"
        f"def command():\n{lines}\n\n"
        "if __name__ == '__main__':\n"
        "    stopping.leave(console.guard(command, 'script', lambda: console.EarlyEnd(stopped='try again')))\n"
    )
    command, environment = [sys.executable, script], {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        began = time.monotonic()
        for number in numbers:
            process.send_signal(number)
            time.sleep(0.1)
        errors = process.communicate(timeout=30)[1]
    return time.monotonic() - began, process.returncode, errors


SLEEP = "    print(flush=True)\n    time.sleep(60)\n"
LOST = (  # the exception of a signal, as in a callback of the garbage collector
    "    print(flush=True)\n"
    "    while True:\n"
    "        try:\n"
    "            time.sleep(60)\n"
    "        except BaseException:\n"
    "            pass\n"
)
BUSY_WORKERS = (
    "    with processes.worker_processes(2) as pool:\n"
    "        pool.submit(abs, 1).result()\n"
    "        print(flush=True)\n"
    "        list(processes.in_order(pool, time.sleep, [60] * 100))\n"
)


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
@pytest.mark.parametrize("lines", [SLEEP, LOST, BUSY_WORKERS], ids=["sleep", "lost", "busy workers"])
@pytest.mark.parametrize("numbers", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT] * 3], ids=str)
def test_any_number_of_signals_ends_a_program_soon(tmp_path, lines, numbers):
    seconds, code, errors = ended_by(tmp_path, lines, *numbers)
    assert seconds < 2
    assert code == 128 + numbers[0]
    assert errors.strip() == "stopped; try again"


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
@pytest.mark.parametrize(
    ("end", "code", "errors"),
    [("raise console.InputError('expected less')", 2, "script: expected less\n"), ("os._exit(3)", 3, "")],
    ids=["an error", "an end at once"],
)
def test_an_end_waits_for_no_worker_and_warns_of_no_semaphore(tmp_path, end, code, errors):
    lines = (
        "    import os\n"
        "    with processes.worker_processes(2) as pool:\n"
        "        results = processes.in_order(pool, time.sleep, [60] * 100)\n"
        "        print(flush=True)\n"
        "        time.sleep(1)\n"
        f"        {end}\n"
    )
    seconds, *ended = ended_by(tmp_path, lines)
    assert seconds < 3  # of which it waits one
    assert ended == [code, errors]


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_an_end_says_nothing_of_threads_whose_pipes_are_closed(tmp_path):
    # A pool's own thread may close its pipe just before Python writes into it at its end.
    lines = (
        "    import os, threading\n"
        "    threading._register_atexit(os.close, 9999)\n"
        "    print(flush=True)\n"
        "    raise console.InputError('expected less')\n"
    )
    _, *ended = ended_by(tmp_path, lines)
    assert ended == [2, "script: expected less\n"]


def test_an_end_waits_for_no_thread(tmp_path):
    lines = (
        "    import threading\n"
        "    threading.Thread(target=time.sleep, args=[20]).start()\n"
        "    print(flush=True)\n"
        "    return 0\n"
    )
    seconds, *ended = ended_by(tmp_path, lines)
    assert seconds < 2
    assert ended == [0, ""]


def test_handlers_of_signals_are_put_back(signals_heard):
    with stopping.stopped_by_signals(lambda: "stopped"):
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.set_wakeup_fd(-1) == -1


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with stopping.signals_wait():
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_waits_for_the_end_of_the_batch_and_is_never_lost(number, signals_heard):
    with pytest.raises(KeyboardInterrupt), stopping.signals_wait() as stop_if_asked:
        stop_if_asked()
        signal.raise_signal(number)  # an exception here might be swallowed inside TensorFlow
        with pytest.raises(KeyboardInterrupt) as interruption:
            stop_if_asked()
        assert interruption.value.args == (number,)
        signal.raise_signal(number)  # neither does the second one
    assert signal.getsignal(number) is signal.default_int_handler


def test_signal_after_the_last_batch_still_stops_the_run(signals_heard):
    with pytest.raises(KeyboardInterrupt), stopping.signals_wait():
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
@pytest.mark.parametrize("script", ["cnn_model_v2.py", "test_load.py", "draw.py"])
def test_ctrl_c_while_a_script_is_imported_prints_no_traceback(script, tmp_path, signals_heard):
    (tmp_path / "argparse.py").write_text("import time\nprint('here', flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen(
        [sys.executable, PROJECT / script],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=30)[1]
    assert (process.returncode, errors) == (-signal.SIGINT, "")
