import argparse
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from handwriting import console, installation, safe_files
from handwriting.shipped import PROJECT
from handwriting.training import run_files


def test_versions_are_compared_as_numbers():
    assert installation.version_numbers("3.9") < installation.version_numbers("3.15.1")
    assert installation.version_numbers("none") < installation.version_numbers("0.1")
    assert installation.version_numbers("2.21.0rc1") == (2, 21)


@pytest.mark.parametrize(
    ("package", "installed", "said"),
    [
        ("tensorflow", "2.10.1", "expected tensorflow 2.19 or newer, came 2.10.1"),
        ("keras", "3.8.0", "expected keras 3.15 or newer, came 3.8.0"),
        ("pillow", "none", "expected pillow 11.0 or newer, came none"),
    ],
)
def test_old_packages_are_one_line(monkeypatch, capsys, package, installed, said):
    real = installation.installed_version
    monkeypatch.setattr(
        installation, "installed_version", lambda name: installed if name == package else real(name)
    )
    with pytest.raises(SystemExit) as stopped:
        installation.check_installation()
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "pip install -r requirements.txt" in error
    assert error.count("\n") == 1


def test_a_missing_backend_is_one_line(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "nowhere")
    with pytest.raises(SystemExit):
        installation.check_installation()
    assert capsys.readouterr().err == (
        "KERAS_BACKEND names nowhere, which is not installed; run: python -m pip install nowhere\n"
    )


def test_an_empty_backend_is_none(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert installation.backend() == "tensorflow"
    installation.check_installation()


def test_leaves_need_no_keras():
    script = (
        "import sys, handwriting.pictures.many, handwriting.writing.scenes, handwriting.reading.sheet; "
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)


def test_old_python_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr(installation.sys, "version_info", (3, 9, 0))
    with pytest.raises(SystemExit):
        installation.check_installation()
    assert "expected Python 3.11 or newer" in capsys.readouterr().err


def test_claim_keeps_a_second_run_out(tmp_path):
    """The second run is another process, as it would be."""
    program = (
        "import pathlib; from handwriting import console; from handwriting.training import run_files\n"
        "try:\n"
        f"    with run_files.claim(pathlib.Path({str(tmp_path)!r}), 'mlp', False): print('claimed')\n"
        "except console.InputError as error: print(error)\n"
    )
    with run_files.claim(tmp_path, "mlp", resume=False):
        second = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
        assert "another run is training mlp" in second.stdout
        assert (tmp_path / "running" / "mlp" / "lock").exists()
    third = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
    assert third.stdout == "claimed\n"


def test_run_without_a_whole_epoch_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), run_files.claim(tmp_path, "mlp", resume=False) as files:
        files.log.write_text("begun")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_unfinished_run_must_be_resumed_or_deleted(tmp_path):
    state = run_files.state_file(tmp_path, "mlp")
    state.parent.mkdir(parents=True)
    state.write_bytes(b"")
    with pytest.raises(console.InputError, match="--resume"), run_files.claim(tmp_path, "mlp", resume=False):
        pass
    with run_files.claim(tmp_path, "mlp", resume=True):
        pass
    assert state.exists()


def test_one_previous_generation_is_kept(tmp_path):
    for generation in ("first", "second", "third"):
        with run_files.claim(tmp_path, "mlp", resume=False) as files:
            for path in files.paths():
                path.write_text(generation)
            final = run_files.publish(tmp_path, "mlp")
        assert all(path.read_text() == generation for path in final.paths())
    assert all(path.read_text() == "second" for path in run_files.previous_files(tmp_path, "mlp").paths())
    assert not (tmp_path / "running").exists()


def test_what_the_last_run_had_not_is_not_left_from_the_one_before(tmp_path):
    for generation in ("first", "second", "third"):
        with run_files.claim(tmp_path, "mlp", resume=False) as files:
            for path in files.paths():
                if (generation, path) != ("second", files.misread):
                    path.write_text(generation)
            run_files.publish(tmp_path, "mlp")
        if generation == "second":
            run_files.final_files(tmp_path, "mlp").misread.unlink()  # as in a fresh clone
    previous = run_files.previous_files(tmp_path, "mlp")
    assert not previous.misread.exists()
    assert previous.model.read_text() == "second"


def test_publishing_that_was_killed_keeps_the_earlier_generation(tmp_path, monkeypatch):
    with run_files.claim(tmp_path, "mlp", resume=False) as files:
        for path in files.paths():
            path.write_text("first")
        run_files.publish(tmp_path, "mlp")
    for killed_after in range(6):
        for path in run_files.final_files(tmp_path, "mlp").paths():
            path.write_text("first")
        with run_files.claim(tmp_path, "mlp", resume=False) as files:
            run_files.state_file(tmp_path, "mlp").touch()
            for path in files.paths():
                path.write_text("second")
            move, moves = Path.replace, itertools.count()

            def dies(self, target, move=move, moves=moves, last=killed_after):
                if self.parent.name == "mlp" and next(moves) == last:
                    raise KeyboardInterrupt
                return move(self, target)

            with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
                patched.setattr(Path, "replace", dies)
                run_files.publish(tmp_path, "mlp")
            assert all(path.exists() for path in run_files.final_files(tmp_path, "mlp").paths())
        with run_files.claim(tmp_path, "mlp", resume=True) as files:
            for path in files.paths():
                path.write_text("second")
            run_files.publish(tmp_path, "mlp")
        assert all(path.read_text() == "second" for path in run_files.final_files(tmp_path, "mlp").paths())
        assert all(path.read_text() == "first" for path in run_files.previous_files(tmp_path, "mlp").paths())
        assert not (tmp_path / "running").exists()


def test_too_little_space_is_told_before_writing(tmp_path):
    safe_files.check_space(tmp_path, 1000)
    with pytest.raises(OSError, match="expected .* MB free, came"):
        safe_files.check_space(tmp_path, 10**15)


def test_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "settings.json"
    safe_files.write_settings(path, {"seed": 0})
    with pytest.raises(ZeroDivisionError), safe_files.replacing(path) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert json.loads(path.read_text()) == {"seed": 0}
    assert list(tmp_path.iterdir()) == [path]


def test_two_that_write_the_same_file_do_not_share_their_parts(tmp_path, monkeypatch):
    path = tmp_path / "settings.json"
    with safe_files.replacing(path) as ours:
        ours.write_text("ours")
        monkeypatch.setattr(os, "getpid", lambda: -1)
        safe_files.write_text(path, "theirs")
        assert path.read_text() == "theirs"
    assert path.read_text() == "ours"


def test_parts_of_killed_writers_are_removed(tmp_path):
    old, new, other = (tmp_path / name for name in (".log.1.part.csv", ".log.2.part.csv", ".log.1.part.png"))
    for part in (old, new, other):
        part.touch()
    for part in (old, other):
        os.utime(part, (0, 0))
    safe_files.write_text(tmp_path / "log.csv", "")
    assert {path.name for path in tmp_path.iterdir()} == {new.name, other.name, "log.csv"}


@pytest.mark.parametrize("text", ["0", "-5", "1.5", "many", ""])
def test_counts_must_be_positive(text):
    with pytest.raises(argparse.ArgumentTypeError, match="at least 1"):
        console.positive_integer(text)


def test_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(console.InputError, match="choose another with --out"):
        safe_files.make_folder(tmp_path / "file" / "logs")


@pytest.mark.skipif(sys.platform == "win32", reason="a worker there doesn't share its parent's output")
def test_workers_end_with_a_killed_parent(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import os, sys, time\nsys.path.insert(0, {str(PROJECT)!r})\nfrom handwriting import processes\n"
        "if __name__ == '__main__':\n"
        "    with processes.worker_processes(1) as pool:\n"
        "        print(pool.submit(os.getpid).result(), flush=True)\n"
        "        time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert int(parent.stdout.readline()) != parent.pid
        parent.kill()
        # Its end comes when nobody has it open any more: the worker had.
        parent.communicate(timeout=20)


def fails_with(error: BaseException):
    def main() -> int:
        raise error

    return main


def test_what_a_benchmark_ends_with(capsys):
    assert console.exit_code(lambda: 0) == 0
    assert console.exit_code(fails_with(console.InputError("expected a tree,\ncame a stone"))) == 2
    assert "expected a tree" in capsys.readouterr().err
    assert console.exit_code(fails_with(subprocess.CalledProcessError(3, "train"))) == 3
    assert capsys.readouterr().err == ""  # the command has said why
    assert console.exit_code(fails_with(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "\nstopped\n"
