"""Where the files of a run are, its lock, and the one earlier set that is kept."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from handwriting import console
from handwriting.shipped import PROJECT
from handwriting.training.run_files import Run, how_to_go_on, possible_runs


def test_claim_keeps_a_second_run_out(tmp_path):
    """The second run is another process, as it would be."""
    program = (
        "import pathlib; from handwriting import console; from handwriting.training.run_files import Run\n"
        "try:\n"
        f"    with Run(pathlib.Path({str(tmp_path)!r}), 'mlp').claim(resume=False): print('claimed')\n"
        "except console.InputError as error: print(error)\n"
    )
    with Run(tmp_path, "mlp").claim(resume=False):
        second = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
        assert "another run is training mlp" in second.stdout
        assert (tmp_path / "running" / "mlp" / "lock").exists()
    third = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
    assert third.stdout == "claimed\n"


def test_run_without_a_whole_epoch_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), Run(tmp_path, "mlp").claim(resume=False) as files:
        files.log.write_text("begun")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_unfinished_run_must_be_resumed_or_deleted(tmp_path):
    state = Run(tmp_path, "mlp").state
    state.parent.mkdir(parents=True)
    state.write_bytes(b"")
    with pytest.raises(console.InputError, match="--resume"), Run(tmp_path, "mlp").claim(resume=False):
        pass
    with Run(tmp_path, "mlp").claim(resume=True):
        pass
    assert state.exists()


def test_one_previous_generation_is_kept(tmp_path):
    for generation in ("first", "second", "third"):
        with Run(tmp_path, "mlp").claim(resume=False) as files:
            for path in files.paths():
                path.write_text(generation)
            final = Run(tmp_path, "mlp").publish()
        assert all(path.read_text() == generation for path in final.paths())
    assert all(path.read_text() == "second" for path in Run(tmp_path, "mlp").previous.paths())
    assert not (tmp_path / "running").exists()


def test_a_file_that_the_last_run_did_not_write_is_not_left_from_the_run_before(tmp_path):
    for generation in ("first", "second", "third"):
        with Run(tmp_path, "mlp").claim(resume=False) as files:
            for path in files.paths():
                if (generation, path) != ("second", files.misread):
                    path.write_text(generation)
            Run(tmp_path, "mlp").publish()
        if generation == "second":
            Run(tmp_path, "mlp").final.misread.unlink()  # as in a fresh clone
    previous = Run(tmp_path, "mlp").previous
    assert not previous.misread.exists()
    assert previous.model.read_text() == "second"


def test_publishing_that_was_killed_keeps_the_earlier_generation(tmp_path, monkeypatch):
    with Run(tmp_path, "mlp").claim(resume=False) as files:
        for path in files.paths():
            path.write_text("first")
        Run(tmp_path, "mlp").publish()
    for killed_after in range(6):
        for path in Run(tmp_path, "mlp").final.paths():
            path.write_text("first")
        with Run(tmp_path, "mlp").claim(resume=False) as files:
            Run(tmp_path, "mlp").state.touch()
            for path in files.paths():
                path.write_text("second")
            move, moves = Path.replace, itertools.count()

            def dies(self, target, move=move, moves=moves, last=killed_after):
                if self.parent.name == "mlp" and next(moves) == last:
                    raise KeyboardInterrupt
                return move(self, target)

            with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
                patched.setattr(Path, "replace", dies)
                Run(tmp_path, "mlp").publish()
            assert all(path.exists() for path in Run(tmp_path, "mlp").final.paths())
        with Run(tmp_path, "mlp").claim(resume=True) as files:
            for path in files.paths():
                path.write_text("second")
            Run(tmp_path, "mlp").publish()
        assert all(path.read_text() == "second" for path in Run(tmp_path, "mlp").final.paths())
        assert all(path.read_text() == "first" for path in Run(tmp_path, "mlp").previous.paths())
        assert not (tmp_path / "running").exists()


@pytest.mark.parametrize(
    ("data", "stems"),
    [
        (None, ["mlp", "mlp_offline"]),
        ("mnist", ["mlp"]),
        ("offline", ["mlp_offline"]),
        ("my_digits", ["mlp", "mlp_own"]),
    ],
)
def test_a_run_on_other_data_is_not_taken_for_the_one_that_was_stopped(tmp_path, data, stems):
    assert [run.stem for run in possible_runs(tmp_path, "mlp", data)] == stems


def test_what_to_do_after_a_stop_is_said_even_if_the_folder_cannot_be_looked_into(tmp_path):
    assert "start again" in how_to_go_on([Run(tmp_path / ("a" * 300), "mlp")])
    run = Run(tmp_path, "mlp")
    run.folder.mkdir(parents=True)
    run.state.touch()
    assert "--resume" in how_to_go_on([run])
