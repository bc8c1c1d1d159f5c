"""Data files that are missing, damaged or something else."""

import io
import zipfile

import numpy as np
import pytest

from handwriting import console
from handwriting.data import formats
from handwriting.data.load import load
from tests.data.test_load import save_idx


def damaged(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (
            {"x_train": np.zeros((50, 32, 32)), "y_train": np.zeros(50, int)},
            "expected images of shape (n, 28, 28)",
        ),
        ({"x_train": np.zeros((50, 28, 28)), "y_train": np.zeros(49, int)}, "one label for each"),
        ({"x_train": np.zeros((50, 28, 28)), "y_train": np.full(50, 10)}, "labels from 0 to 9"),
        ({"x_train": np.full((50, 28, 28), -1.0), "y_train": np.zeros(50, int)}, "pixels from 0 to 255"),
        ({"x_train": np.full((50, 28, 28), np.nan), "y_train": np.zeros(50, int)}, "pixels from 0 to 255"),
        (
            {"x_train": np.linspace(0, 1.001, 39200).reshape(50, 28, 28), "y_train": np.zeros(50, int)},
            "0 to 1, got float64 from 0.0 to 1.001",
        ),
        ({"x_train": np.zeros((50, 28, 28), "M8[s]"), "y_train": np.zeros(50, int)}, "got datetime64[s]"),
        ({"x_train": np.zeros((50, 28, 28)), "y_train": np.ones(50)}, "got float64 from 1.0 to 1.0"),
        ({"x_train": np.full((50, 28, 28), 200), "y_train": np.zeros(50, int)}, "invert them"),
        ({"x_train": np.zeros((5, 28, 28)), "y_train": np.zeros(5, int)}, "at least 20 training images"),
        ({"images": np.zeros((50, 28, 28))}, "arrays x_train and y_train, got images"),
    ],
)
def test_wrong_arrays_are_told(tmp_path, arrays, said):
    with pytest.raises(console.InputError) as error:
        load(str(damaged(tmp_path / "wrong.npz", **arrays)))
    assert said in str(error.value)


def test_missing_damaged_and_foreign_files_are_told(tmp_path, digits_file):
    whole = digits_file.read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "test.csv").write_text("label,pixel0\n3,0\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "header").mkdir()
    (tmp_path / "header" / "train-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3, 0, 0]))
    (tmp_path / "rowless.csv").write_text(",".join(["label", *(f"pixel{n}" for n in range(784))]) + "\n")
    (tmp_path / "quoted.csv").write_text('"label","pixel0"\n3,0\n')
    with zipfile.ZipFile(tmp_path / "texts.npz", "w") as archive:
        archive.writestr("x_train", "no array")
    for name, said in [
        ("header", "is damaged"),
        ("rowless.csv", "over 0 rows"),
        ("quoted.csv", "expected rows of 785 columns"),
        ("texts.npz", "arrays x_train and y_train"),
        ("x" * 300, "can't be read"),
        ("missing.npz", "does not exist"),
        ("cut.npz", "damaged"),
        ("notes.txt", "none of the files"),
        ("test.csv", "expected rows of 785 columns"),
        ("empty", "expected pictures labelled"),
    ]:
        with pytest.raises(console.InputError) as error:
            load(str(tmp_path / name))
        assert said in str(error.value)


def test_pickled_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "code.npz", x_train=np.array([{"a": 1}], object), y_train=np.zeros(1, int))
    with pytest.raises(console.InputError, match="damaged or no .npz"):
        load(str(tmp_path / "code.npz"))


def test_archives_of_absurd_sizes_are_refused(tmp_path, sets, monkeypatch):
    header = io.BytesIO()
    shape = {"descr": "|u1", "fortran_order": False, "shape": (10**9, 10**6)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(tmp_path / "claims.npz", "w") as archive:
        archive.writestr("x_train.npy", header.getvalue())
    with pytest.raises(console.InputError, match="damaged"):
        load(str(tmp_path / "claims.npz"))
    np.savez_compressed(tmp_path / "holds.npz", x_train=sets[0], y_train=sets[1])
    monkeypatch.setattr(formats, "UNPACKED_CAP", 100_000)
    with pytest.raises(console.InputError, match="claims to hold 4.*, expected at most 100,000"):
        load(str(tmp_path / "holds.npz"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda content: content[:-100], "expected 470,400 bytes .* got 470,300; get a fresh copy"),
        (lambda content: content + b"more", "expected 470,400 bytes .* got more; get a fresh copy"),
        (lambda content: content[:4] + b"\xff" * 12 + content[16:], "expected at most 2,000,000,000"),
        (lambda content: content[:7], "damaged"),
    ],
)
def test_idx_files_of_another_size_are_told(tmp_path, sets, change, told):
    save_idx(tmp_path / "train-images-idx3-ubyte", sets[0])
    save_idx(tmp_path / "train-labels-idx1-ubyte", sets[1])
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(console.InputError, match=told):
        load(str(tmp_path))


def test_an_idx_file_for_which_memory_is_wanting_is_told(tmp_path, sets, monkeypatch):
    save_idx(tmp_path / "train-images-idx3-ubyte", sets[0])
    save_idx(tmp_path / "train-labels-idx1-ubyte", sets[1])

    def without_memory(path, size):
        raise MemoryError

    monkeypatch.setattr(formats, "check_size", without_memory)  # as reading does right after it
    with pytest.raises(console.InputError, match="needs more memory than there is; get a fresh copy"):
        load(str(tmp_path))
