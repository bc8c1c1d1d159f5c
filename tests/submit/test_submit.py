"""A submission to Kaggle's digit recognizer, and what is said of files that make none."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

import cnn_model_v2
from handwriting.data.kaggle_csv import PIXEL_COLUMNS, kaggle_test_csv
from handwriting.model_files import load_model
from handwriting.reading.reader import answer
from handwriting.shipped import PROJECT
from handwriting.submit import __main__ as submit
from handwriting.submit import submission
from tests.helpers import rows, stop_after

README = (PROJECT / "README.md").read_text(encoding="utf-8")
TEST_IMAGES = 40


def save_csv(path, names, table):
    np.savetxt(path, table, "%d", ",", header=",".join(names), comments="")
    return path


@pytest.fixture(scope="module")
def kaggle(digits, tmp_path_factory):
    """A folder with a small train.csv and test.csv, whose digits this project has drawn."""
    folder = tmp_path_factory.mktemp("kaggle")
    pixels, labels = digits
    pixels = pixels.reshape(len(pixels), -1)
    learned = slice(TEST_IMAGES, None)
    table = np.column_stack([labels[learned], pixels[learned]])
    save_csv(folder / "train.csv", ["label", *PIXEL_COLUMNS], table)
    save_csv(folder / "other_train.csv", ["label", *PIXEL_COLUMNS], table[:500])
    save_csv(folder / "test.csv", PIXEL_COLUMNS, pixels[:TEST_IMAGES])
    return folder


@pytest.fixture
def quick(monkeypatch):
    """A training of the smallest network, in this process."""

    def train(command):
        code = cnn_model_v2.main([*command[2:], "--precision", "float32"])
        if code:
            raise subprocess.CalledProcessError(code, command)

    monkeypatch.setattr(submit, "train", train)
    monkeypatch.setattr(submit, "MODEL", "cnn_small")


@pytest.fixture
def untrained(monkeypatch):
    """No training may begin."""
    monkeypatch.setattr(submit, "train", lambda command: pytest.fail("a training began"))


def submitted(kaggle, out, *more, train="train.csv", test="test.csv"):
    return submit.main(
        ["--train", str(kaggle / train), "--test", str(kaggle / test), "--out", str(out), *more]
    )


def refused(capsys, train, test, out) -> str:
    """The line that two files are refused with."""
    assert submit.main(["--train", str(train), "--test", str(test), "--out", str(out)]) == 2
    line = capsys.readouterr().err
    assert line.startswith("python -m handwriting.submit: ")
    assert line.count("\n") == 1
    return line


def test_a_submission_as_readme_says(kaggle, tmp_path):
    row = next(
        line for line in README.splitlines() if line.startswith("| hand in to Kaggle's Digit Recognizer")
    )
    python, *command = shlex.split(re.search("`(.+)`", row)[1])
    for name in ("train.csv", "test.csv"):
        shutil.copy(kaggle / name, tmp_path)
    done = subprocess.run(
        [sys.executable, *command, "--epochs", "1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "616 for training, 68 for validation, 76 for the test" in done.stdout
    *_, validation, last = done.stdout.splitlines()
    assert re.fullmatch(r"validation  loss [0-9.]+  accuracy [0-9.]+%  misses [0-9]+/68", validation)
    assert last == f"wrote submission.csv: {TEST_IMAGES} rows, read back and checked"

    assert {path.name for path in tmp_path.iterdir()} == {
        "train.csv",
        "test.csv",
        "submission.csv",
        "submission_training",
    }
    network = load_model(tmp_path / "submission_training" / "checkpoints" / "cnn_digit03_own.keras")
    digits = answer(network, kaggle_test_csv(tmp_path / "test.csv")).argmax(axis=1)
    lines = [f"{number},{digit}" for number, digit in enumerate(digits, start=1)]
    assert (tmp_path / "submission.csv").read_text().splitlines() == ["ImageId,Label", *lines]


def test_the_test_images_are_taken_in_their_order(kaggle, digits):
    images = kaggle_test_csv(kaggle / "test.csv")
    np.testing.assert_array_equal(images[..., 0], np.float32(digits[0][:TEST_IMAGES]) / np.float32(255))


def test_an_interrupted_submission_goes_on(kaggle, tmp_path, capsys, quick, monkeypatch):
    out = tmp_path / "submission.csv"
    with monkeypatch.context() as patched:
        stop_after(1, patched)
        assert submitted(kaggle, out, "--epochs", "2") == 130
    assert "with --resume" in capsys.readouterr().err
    assert submitted(kaggle, out, "--epochs", "2") == 2
    assert "an unfinished run lies in" in capsys.readouterr().err
    assert not out.exists()
    assert submitted(kaggle, out, "--epochs", "2", "--resume") == 0
    assert len(rows(submit.training_run(out).final.log)) == 2
    assert "  1/2  " not in capsys.readouterr().out
    submission.check_submission(out, TEST_IMAGES)

    # Only the reading is left. A network that learned other images, or in other epochs, is not used.
    monkeypatch.setattr(submit, "train", lambda command: pytest.fail("it was trained again"))
    before = out.read_bytes()
    out.unlink()
    for other in ({"train": "other_train.csv"}, {"epochs": "3"}):
        epochs = other.pop("epochs", "2")
        assert submitted(kaggle, out, "--epochs", epochs, "--resume", **other) == 0
        assert "nothing left to resume" in capsys.readouterr().out
        assert not out.exists()
    assert submitted(kaggle, out, "--epochs", "2", "--resume") == 0
    assert out.read_bytes() == before


def test_a_training_that_fails_makes_no_submission(kaggle, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(submit, "SCRIPT", tmp_path / "fails.py")
    submit.SCRIPT.write_text("import sys\nprint('it failed', file=sys.stderr)\nsys.exit(1)\n")
    assert submitted(kaggle, tmp_path / "submission.csv") == 1
    assert capfd.readouterr().err == "it failed\n"
    assert not (tmp_path / "submission.csv").exists()


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
        (DEAF_TRAINING, lambda pid: os.killpg(pid, signal.SIGINT), 130, "\nstopped; no epoch was whole\n"),
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


def test_files_that_are_not_kaggles_are_refused_before_a_training(kaggle, tmp_path, capsys, untrained):
    train, test, out = kaggle / "train.csv", kaggle / "test.csv", tmp_path / "submission.csv"
    (tmp_path / "empty.csv").write_text("")
    np.savez(tmp_path / "digits.npz", np.zeros(9))
    missing = tmp_path / "missing.csv"
    for first, second, message in (
        (test, train, "swap the two files"),
        (train, train, "expected two files, got"),
        (train, kaggle / "other_train.csv", "--test: expected images without labels"),
        (
            kaggle / "test.csv",
            save_csv(tmp_path / "t.csv", PIXEL_COLUMNS, np.eye(784)),
            "--train: expected images",
        ),
        (missing, test, "--train: expected a CSV file, got"),
        (train, missing, "missing.csv: no such file; check the path"),
        (train, tmp_path, "a folder; check the path"),
        (train, tmp_path / "empty.csv", "an empty file; check the path"),
        (tmp_path / "digits.npz", test, "expected a CSV file, got another file"),
    ):
        assert message in refused(capsys, first, second, out)
    assert not out.exists()


def test_damaged_test_images_are_refused_before_a_training(kaggle, tmp_path, capsys, untrained):
    names, *lines = (kaggle / "test.csv").read_text().splitlines()
    file = tmp_path / "test.csv"
    cut, too_bright = lines[3].rsplit(",", 300)[0], "256" + lines[3][1:]
    swapped = names.replace("pixel1,pixel2,", "pixel2,pixel1,")
    for text, message in (
        ([names.removesuffix(",pixel783"), *(line.rsplit(",", 1)[0] for line in lines)], "got 783 columns"),
        ([swapped, *lines], "got 'pixel2' in the place of pixel1"),
        ([names.replace("pixel5,", "grey5,"), *lines], "got 'grey5' in the place of pixel5"),
        ([names.replace("pixel0", "ImageId"), *lines], "got 'ImageId' in the place of pixel0"),
        (lines, "in the place of pixel0"),
        ([names], "got the names of the columns alone"),
        (
            [names, *(line.rsplit(",", 1)[0] for line in lines)],
            "expected rows of 784 pixels, got rows of 783",
        ),
        ([names, *lines[:3], cut, *lines[4:]], "(the number of columns changed from 784 to 484 at row 4);"),
        ([names, *lines[:3], "x" + lines[3][1:]], "got another text (could not convert string 'x'"),
        ([names, *lines[:3], "0.5" + lines[3][1:]], "got another text (could not convert string '0.5'"),
        ([names, *lines[:3], lines[3][:-1]], "got another text (could not convert string ''"),
        ([names, *lines[:3], too_bright], "expected pixels from 0 to 255 or 0 to 1, got int64 from 0 to 256"),
        ([names, *lines[:3], "-" + "1" + lines[3][1:]], "got int64 from -1 to 255"),
        ([names, *([",".join(["0"] * 784)] * 9)], "expected a digit on each image, got 9 of 9 without ink"),
    ):
        file.write_text("\n".join(text) + "\n")
        assert message in refused(capsys, kaggle / "train.csv", file, tmp_path / "submission.csv")
    file.write_text(
        "\ufeff" + "\n".join([names, *lines]) + "\n", encoding="utf-8"
    )  # as some programs save it
    with pytest.raises(pytest.fail.Exception, match="a training began"):
        submitted(kaggle, tmp_path / "submission.csv", test=file)


def test_train_csv_is_checked_before_a_training(kaggle, tmp_path, capsys, untrained):
    names, *lines = (kaggle / "train.csv").read_text().splitlines()
    file = tmp_path / "train.csv"
    for text, message in (
        ([names, *lines[:100]], "expected at least 150 training images"),
        ([names, "10" + lines[0][1:], *lines[1:]], "expected whole-number labels from 0 to 9"),
        ([names, *lines[:-1], lines[-1][:400]], "expected rows of whole numbers, label and 784 pixels"),
    ):
        file.write_text("\n".join(text) + "\n")
        assert message in refused(capsys, file, kaggle / "test.csv", tmp_path / "submission.csv")


def test_a_place_that_cannot_be_written_is_refused_before_a_training(kaggle, tmp_path, capsys, untrained):
    train, test = kaggle / "train.csv", kaggle / "test.csv"
    (tmp_path / "file").write_text("")
    copy = tmp_path / "copy.csv"
    copy.write_bytes(test.read_bytes())
    for given, out, message in (
        (test, tmp_path, "--out: expected a file, got the folder"),
        (test, tmp_path / "file" / "submission.csv", "expected a folder that can be written in"),
        (copy, copy, f"which would replace {copy}"),
        (test, train, f"which would replace {train}"),
    ):
        assert message in refused(capsys, train, given, out)
    assert copy.read_bytes() == test.read_bytes()


def test_a_file_that_is_open_elsewhere_is_refused_before_a_training(
    kaggle, tmp_path, capsys, untrained, monkeypatch
):
    """As Windows does with a file that a spreadsheet shows."""
    out = tmp_path / "submission.csv"
    out.write_text("")
    opened = type(out).open

    def locked(path, mode="r", *more, **named):
        if path == out and mode == "r+b":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode, *more, **named)

    monkeypatch.setattr(type(out), "open", locked)
    told = refused(capsys, kaggle / "train.csv", kaggle / "test.csv", out)
    assert "(Permission denied); close the program that has it open" in told


def test_an_installed_package_says_where_to_run_it(kaggle, tmp_path, capsys, untrained, monkeypatch):
    monkeypatch.setattr(submit, "SCRIPT", tmp_path / "cnn_model_v2.py")
    told = refused(capsys, kaggle / "train.csv", kaggle / "test.csv", tmp_path / "submission.csv")
    assert "run this command in the project's folder" in told


def test_the_form_of_a_submission(tmp_path):
    submission.write_submission(tmp_path / "submission.csv", np.array([7, 0, 9]))
    assert (tmp_path / "submission.csv").read_bytes() == b"ImageId,Label\n1,7\n2,0\n3,9\n"
    submission.check_submission(tmp_path / "submission.csv", 3)


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "expected the columns ImageId,Label, got an empty file"),
        ("ImageId,Digit\n1,7\n2,0\n", "expected the columns ImageId,Label, got ImageId,Digit"),
        ("ImageId,Label\n1,7\n", "expected 2 rows, one for each image, got 1"),
        ("ImageId,Label\n1,7\n2,0\n3,1\n", "expected 2 rows, one for each image, got 3"),
        ("ImageId,Label\n2,0\n1,7\n", "expected the image 1 and its digit in row 1, got 2,0"),
        ("ImageId,Label\n1,7\n2\n", "expected the image 2 and its digit in row 2, got 2"),
        ("ImageId,Label\n1,7\n2,10\n", "expected a digit from 0 to 9 in row 2, got 10"),
        ("ImageId,Label\n1,7\n2,\n", "expected a digit from 0 to 9 in row 2, got "),
        ("\x80", "expected a CSV file, got another file"),
    ],
)
def test_a_damaged_submission_is_found(content, message, tmp_path):
    (tmp_path / "submission.csv").write_bytes(content.encode("latin-1"))
    with pytest.raises(submission.DamagedSubmission) as error:
        submission.check_submission(tmp_path / "submission.csv", 2)
    assert message in str(error.value)
    assert error.value.code == 1


def test_what_was_written_is_checked(kaggle, tmp_path, capsys, monkeypatch):
    """The last row is lost on the way to the disk."""
    write_text = submission.safe_files.write_text
    monkeypatch.setattr(submit, "train", lambda command: None)
    monkeypatch.setattr(submit, "answers_of", lambda run, validation, images: (None, [7] * len(images)))
    monkeypatch.setattr(
        submission.safe_files, "write_text", lambda path, text: write_text(path, text.removesuffix("40,7\n"))
    )
    assert submitted(kaggle, tmp_path / "submission.csv") == 1
    said = capsys.readouterr()
    assert "expected 40 rows, one for each image, got 39" in said.err
    assert "read back and checked" not in said.out
