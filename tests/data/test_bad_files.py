"""Data files that are missing, damaged or of another kind: each is refused with a line that says what is wrong."""

import io
import zipfile

import numpy as np
import pytest

from handwriting import console
from handwriting.data import idx
from handwriting.data.load import load
from handwriting.data.npz import read_npz
from tests.data.test_load import save_idx


@pytest.mark.parametrize(
    ("arrays", "message"),
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
        (
            {"x_train": np.eye(28)[None].repeat(5, 0), "y_train": np.zeros(5, int)},
            "at least 150 training images",
        ),
        (
            {"x_train": 15 * np.eye(28)[None].repeat(500, 0), "y_train": np.arange(500) % 10},
            "from 0.0 to 15.0",
        ),
        ({"x_train": np.zeros((500, 28, 28)), "y_train": np.arange(500) % 10}, "got 500 of 500 without ink"),
        ({"x_train": np.eye(28)[None].repeat(500, 0), "y_train": np.full(500, 7)}, "got 7s alone"),
        (
            {
                "x_train": np.eye(28)[None].repeat(500, 0),
                "y_train": np.arange(500) % 10,
                "x_test": np.eye(28)[None],
            },
            "got x_test alone",
        ),
        ({"images": np.zeros((50, 28, 28))}, "arrays x_train and y_train, got images"),
    ],
)
def test_wrong_arrays_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "wrong.npz", **arrays)
    with pytest.raises(console.InputError) as error:
        load(str(tmp_path / "wrong.npz"))
    assert message in str(error.value)


def test_a_limit_is_blamed_only_where_one_was_given(tmp_path):
    for limit in (None, 40):
        np.savez(tmp_path / "few.npz", x_train=np.eye(28)[None].repeat(100, 0), y_train=np.arange(100) % 10)
        with pytest.raises(console.InputError) as error:
            load(str(tmp_path / "few.npz"), limit)
        assert ("raise --limit" in str(error.value)) == bool(limit)


def csv_rows(names: list[str], first_label: str = "0") -> str:
    rows = [",".join([str(number % 10), *["0"] * 400, "255", *["0"] * 383]) for number in range(300)]
    rows[0] = first_label + rows[0][1:]
    return "\n".join([",".join(["label", *names]), *rows]) + "\n"


def test_columns_in_another_order_and_rows_that_look_like_comments_are_refused(tmp_path):
    names = [f"pixel{number}" for number in range(784)]
    file = tmp_path / "train.csv"
    file.write_text(csv_rows(names))
    assert len(load(str(file)).training) == 243
    file.write_text(csv_rows([f"{row}x{column}" for row in range(28) for column in range(28)]))
    assert len(load(str(file)).training) == 243
    for text, message in (
        (csv_rows(names[::-1]), "in this order"),
        (csv_rows(sorted(names)), "in this order"),
        (csv_rows(names, first_label="#0"), "expected rows of whole numbers"),
    ):
        file.write_text(text)
        with pytest.raises(console.InputError) as error:
            load(str(file))
        assert message in str(error.value)


def test_missing_damaged_and_other_files_are_refused(tmp_path, digits_file):
    whole = digits_file.read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "test.csv").write_text("label,pixel0\n3,0\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "hollow").mkdir()
    (tmp_path / "hollow" / "train.csv").touch()
    (tmp_path / "header").mkdir()
    (tmp_path / "header" / "train-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3, 0, 0]))
    (tmp_path / "rowless.csv").write_text(",".join(["label", *(f"pixel{n}" for n in range(784))]) + "\n")
    (tmp_path / "quoted.csv").write_text('"label","pixel0"\n3,0\n')
    with zipfile.ZipFile(tmp_path / "texts.npz", "w") as archive:
        archive.writestr("x_train", "no array")
    for name, message in [
        ("header", "damaged"),
        ("rowless.csv", "over 0 rows"),
        ("hollow", "expected rows of 785 columns"),
        ("quoted.csv", "expected rows of 785 columns"),
        ("texts.npz", "arrays x_train and y_train"),
        ("x" * 300, "can't be read"),
        ("missing.npz", "does not exist"),
        ("cut.npz", "damaged"),
        ("notes.txt", "none of the files"),
        ("test.csv", "expected rows of 785 columns"),
        ("empty", "expected pictures in it or in its folders 0 to 9, labelled"),
    ]:
        with pytest.raises(console.InputError) as error:
            load(str(tmp_path / name))
        assert message in str(error.value)


def test_pickled_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "code.npz", x_train=np.array([{"a": 1}], object), y_train=np.zeros(1, int))
    with pytest.raises(
        console.InputError, match="expected an .npz of plain arrays .* got a damaged or another file"
    ):
        load(str(tmp_path / "code.npz"))


def test_archives_of_absurd_sizes_are_refused(tmp_path, sets):
    header = io.BytesIO()
    shape = {"descr": "|u1", "fortran_order": False, "shape": (10**9, 10**6)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(tmp_path / "claims.npz", "w") as archive:
        archive.writestr("x_train.npy", header.getvalue())
    with pytest.raises(console.InputError, match="damaged"):
        load(str(tmp_path / "claims.npz"))
    np.savez_compressed(tmp_path / "holds.npz", x_train=sets[0], y_train=sets[1])
    with pytest.raises(console.InputError, match="expected at most 100,000 bytes .* claims to hold 4"):
        read_npz(tmp_path / "holds.npz", cap=100_000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:-100], "expected 470,400 bytes .* got 470,300; get a fresh copy"),
        (lambda content: content + b"more", "expected 470,400 bytes .* got more; get a fresh copy"),
        (lambda content: content[:4] + b"\xff" * 12 + content[16:], "expected at most 2,000,000,000"),
        (lambda content: content[:7], "damaged"),
    ],
)
def test_idx_files_of_the_wrong_size_are_refused(tmp_path, sets, change, message):
    save_idx(tmp_path / "train-images-idx3-ubyte", sets[0])
    save_idx(tmp_path / "train-labels-idx1-ubyte", sets[1])
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(console.InputError, match=message):
        load(str(tmp_path))


def test_an_idx_file_too_large_for_the_memory_is_refused(tmp_path, sets, monkeypatch):
    save_idx(tmp_path / "train-images-idx3-ubyte", sets[0])
    save_idx(tmp_path / "train-labels-idx1-ubyte", sets[1])

    def out_of_memory(path, size):
        raise MemoryError

    # Reading the array, which comes right after this check, raises the same error.
    monkeypatch.setattr(idx, "check_unpacked_size", out_of_memory)
    with pytest.raises(console.InputError, match="needs more memory than there is; get a fresh copy"):
        load(str(tmp_path))
