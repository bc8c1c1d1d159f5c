"""How test_load.py ends: stopped, with closed or cut-off streams, and where it can't write."""

import os
import signal
import subprocess
import sys

import pytest

from handwriting.shipped import PROJECT
from tests.reading.command import foreign, read, table


def test_output_that_is_cut_off_is_no_traceback(trained, pictures, tmp_path):
    command = [sys.executable, "test_load.py", str(pictures), "--out", str(tmp_path)]
    command += ["--models", str(trained / "checkpoints")]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        run.stdout.close()
        error = run.stderr.read()
    assert "test_load.py: the output was cut off" in error
    assert "Traceback" not in error
    assert run.returncode == 1


def test_results_that_cannot_be_replaced_are_one_line(trained, pictures, tmp_path, capsys):
    (tmp_path / "logs" / "predictions.csv").mkdir(parents=True)
    assert read(trained, tmp_path, pictures) == 2
    error = capsys.readouterr().err
    assert error.startswith("test_load.py: ")
    assert error.count("\n") == 1


def test_many_models_bring_no_warnings(pictures, tmp_path):
    """TensorFlow warned of retracing from the fifth model on."""
    models = [str(foreign(tmp_path / f"model{number}.keras")) for number in range(6)]
    command = [sys.executable, "test_load.py", str(pictures), "--out", str(tmp_path), "--models", *models]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_closed_streams_change_nothing(trained, pictures, tmp_path, closed):
    command = [
        sys.executable,
        "test_load.py",
        pictures,
        "--models",
        trained / "checkpoints",
        "--out",
        tmp_path,
    ]
    ended = subprocess.run(
        list(map(str, command)), cwd=PROJECT, preexec_fn=lambda: [os.close(number) for number in closed]
    )
    assert ended.returncode == 0
    assert len(table(tmp_path)) == 20
    assert (tmp_path / "logs" / "predictions.png").stat().st_size > 10_000


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_ctrl_c_ends_the_reading(trained, tmp_path, signals_heard):
    folder = tmp_path / "many"
    folder.mkdir()
    for picture in (PROJECT / "data").glob("*.*"):
        for number in range(20):
            (folder / f"{picture.stem}_{number}{picture.suffix}").symlink_to(picture)
    command = [sys.executable, "test_load.py", folder, "--models", trained / "checkpoints", "--out", tmp_path]
    terminal, its_end = os.openpty()  # the progress bar appears only on a terminal
    process = subprocess.Popen(list(map(str, command)), cwd=PROJECT, stdout=its_end, stderr=subprocess.PIPE)
    said = b""
    while b"reading pictures" not in said:
        said += os.read(terminal, 100)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.decode().strip() == "stopped"
    assert not (tmp_path / "logs" / "predictions.csv").exists()


def test_out_that_cannot_be_written(trained, pictures, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert read(trained, tmp_path / "file", pictures) == 2
    assert "choose another with --out" in capsys.readouterr().err
