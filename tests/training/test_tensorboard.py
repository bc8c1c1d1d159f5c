"""What TensorBoard shows of a training. The package need not be installed, so its callback has a stand-in."""

import importlib.util
from pathlib import Path

import keras
import pytest

from handwriting.training import tensorboard
from handwriting.training.run_files import Run
from tests.helpers import stop_after, train


class StandIn(keras.callbacks.Callback):
    """Writes a line for each epoch into a file of its own, as the callback of Keras does with its events."""

    def __init__(self, events: Path):
        super().__init__()
        self.file = events / f"events.out.tfevents.{len(list(events.iterdir()))}"

    def on_epoch_end(self, epoch, logs=None):
        assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(logs)
        with self.file.open("a") as file:
            file.write(f"{epoch} ")


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(tensorboard, "writer_of", StandIn)


def test_a_missing_package_is_said_before_any_work(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorboard" else object())
    assert train(tmp_path / "no-data.npz", tmp_path / "out", "--tensorboard", str(tmp_path / "events")) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "cnn_model_v2.py: --tensorboard: expected the package tensorboard, got none; "
        "run: python -m pip install tensorboard\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_resumed_run_goes_on_in_its_folder(digits_file, tmp_path, monkeypatch, capsys, stand_in):
    arguments = ["--tensorboard", str(tmp_path / "events")]
    events = tmp_path / "events" / "mlp_own"
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        assert train(digits_file, tmp_path / "out", *arguments, epochs=3) == 130
    assert train(digits_file, tmp_path / "out", *arguments, "--resume", epochs=3) == 0
    assert [path.read_text() for path in sorted(events.iterdir())] == ["0 ", "1 2 "]

    # Another run there would be drawn into the same curves.
    capsys.readouterr()
    assert train(digits_file, tmp_path / "out", *arguments, epochs=3) == 2
    err = capsys.readouterr().err
    assert f"expected a folder without an earlier run of mlp_own, got one in {events}" in err
    assert len(list(events.iterdir())) == 2
    assert not (tmp_path / "out" / "running").exists()


def test_a_folder_that_cannot_be_written_in(digits_file, tmp_path, capsys, stand_in):
    (tmp_path / "file").write_text("")
    assert train(digits_file, tmp_path / "out", "--tensorboard", str(tmp_path / "file")) == 2
    assert "--tensorboard: expected a folder that can be written in" in capsys.readouterr().err


def test_the_events_of_tensorboard_itself(digits_file, tmp_path):
    pytest.importorskip("tensorboard", reason="the package tensorboard is not installed")
    assert train(digits_file, tmp_path, "--tensorboard", str(tmp_path / "events")) == 0
    found = {path.parent.name for path in (tmp_path / "events" / "mlp_own").rglob(tensorboard.EVENTS)}
    assert found == {"train", "validation"}
    assert Run(tmp_path, "mlp_own").final.model.exists()
