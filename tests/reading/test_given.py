"""What test_load.py is given: pictures, folders and networks of all kinds, and nothing of use."""

import contextlib
import os
import re
import shutil
import zipfile

import keras
import pytest
from PIL import Image

from tests.helpers import draw_strokes
from tests.reading.command import foreign, read, table


def test_pictures_named_after_the_models_are_reported(trained, pictures, tmp_path, capsys):
    models_and_picture = [trained / "checkpoints", next(pictures.iterdir())]
    assert read(trained, tmp_path, models=models_and_picture) == 2
    assert "name pictures before --models" in capsys.readouterr().err


def test_a_folder_without_pictures_is_reported_beside_one_with_some(trained, pictures, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert read(trained, tmp_path, pictures, tmp_path / "empty") == 2
    assert f"got none in {tmp_path / 'empty'};" in capsys.readouterr().err


def test_unreadable_pictures_are_rows_and_the_rest_is_done(trained, pictures, tmp_path, capsys):
    (pictures / "text.png").write_text("no picture")
    (pictures / "empty.png").write_bytes(b"")
    draw_strokes("7").save(pictures / "cut.jpg")
    (pictures / "cut.jpg").write_bytes((pictures / "cut.jpg").read_bytes()[:700])
    Image.new("RGB", (100, 100), "white").save(pictures / "blank.png")
    assert read(trained, tmp_path, pictures) == 1
    status = {row["image"]: row["status"] for row in table(tmp_path) if row["model"] == "mlp_own"}
    assert status["text.png"].startswith("unreadable: not a picture")
    assert status["empty.png"] == "unreadable: an empty file"
    assert status["cut.jpg"].startswith("unreadable: damaged")
    assert status["blank.png"] == "no digit"
    assert status["3-a.png"] in ("ok", "unsure")
    assert len(status) == 14
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert "unreadable  text.png: not a picture (PNG, JPEG, BMP, GIF, TIFF, WebP or PPM)" in said.err
    assert re.search("^text.png +unreadable$", said.out, re.MULTILINE)


def test_third_party_model_with_two_dimensional_input(trained, pictures, tmp_path):
    theirs = foreign(tmp_path / "theirs.keras")
    assert read(trained, tmp_path, pictures, models=[theirs]) == 0
    assert {row["model"] for row in table(tmp_path)} == {"theirs", "ensemble"}


def test_bad_models_are_reported_and_the_others_used(trained, pictures, tmp_path, capsys):
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(trained / "checkpoints" / "mlp_own.keras", folder / "good.keras")
    (folder / "damaged.keras").write_bytes((folder / "good.keras").read_bytes()[:5000])
    (folder / "text.keras").write_text("hello")
    foreign(folder / "colour.keras", (32, 32, 3))
    foreign(folder / "letters.keras", outputs=26)
    foreign(folder / "logits.keras", activation="linear")
    assert read(trained, tmp_path, pictures, models=[folder]) == 1
    captured = capsys.readouterr()
    refused = captured.err.strip().splitlines()
    assert len(refused) == 5
    assert all(line.startswith("not used  ") for line in refused)
    assert "expected (28, 28, 1) images in" in captured.err
    assert "end it with a softmax" in captured.err
    assert {row["model"] for row in table(tmp_path)} == {"good", "ensemble"}


def test_models_that_answer_oddly_are_reported(trained, pictures, tmp_path, capsys):
    unbuilt = keras.Sequential([keras.layers.Dense(10)])
    with pytest.warns(UserWarning, match="not yet been built"):
        unbuilt.save(tmp_path / "unbuilt.keras")
    image = keras.layers.Input((28, 28, 1), name="image")
    digit = keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(image))
    keras.Model({"image": image}, {"digit": digit}).save(tmp_path / "named.keras")
    shutil.copy(trained / "checkpoints" / "mlp_own.keras", tmp_path / "ensemble.keras")
    assert read(trained, tmp_path, pictures, models=[tmp_path]) == 1
    assert capsys.readouterr().err.count("not used") == 2
    assert len({row["model"] for row in table(tmp_path)}) == 2


def test_odd_file_names_and_their_folder(trained, tmp_path, monkeypatch):
    folder = tmp_path / "7"
    folder.mkdir()
    names = [b"1-b\xff.png", b"two\nlines.png", b"=1+1.png"]
    draw_strokes("7").save(tmp_path / "seven.png")
    for name in names:
        with contextlib.suppress(OSError, ValueError):  # not every system takes such names
            shutil.copy(tmp_path / "seven.png", os.fsencode(folder) + b"/" + name)
    monkeypatch.chdir(folder)
    assert read(trained, tmp_path, ".") == 0
    rows = [row for row in table(tmp_path) if row["model"] == "mlp_own"]
    assert len(rows) == len(list(folder.iterdir()))
    assert {row["label"] for row in rows} == {"7"}
    assert all(row["image"].isprintable() for row in rows)
    assert "'=1+1.png" in {row["image"] for row in rows}  # or a spreadsheet would compute it


def test_files_of_the_same_name_keep_their_folder(trained, tmp_path):
    for folder in ("4", "7"):
        (tmp_path / folder).mkdir()
        draw_strokes(folder).save(tmp_path / folder / "scan.png")
    read(trained, tmp_path, tmp_path)
    rows = [row for row in table(tmp_path) if row["model"] == "mlp_own"]
    assert [row["label"] for row in rows] == ["4", "7"]
    assert len({row["image"] for row in rows}) == 2


@pytest.mark.parametrize(
    "case", ["no pictures", "no models", "missing path", "missing model", "folder of pictures last"]
)
def test_nothing_to_do_is_one_line(trained, pictures, tmp_path, capsys, case):
    empty = tmp_path / "empty"
    empty.mkdir()
    paths = {"no pictures": empty, "missing path": tmp_path / "nowhere"}.get(case, pictures)
    models = {
        "no models": [empty],
        "missing model": [tmp_path / "none.keras"],
        "folder of pictures last": [trained / "checkpoints", pictures],
    }.get(case)
    assert read(trained, tmp_path, paths, models=models) == 2
    error = capsys.readouterr().err
    assert error.startswith("test_load.py: ")
    assert error.count("\n") == 1


def test_only_bad_models(trained, pictures, tmp_path, capsys):
    (tmp_path / "text.keras").write_text("hello")
    with zipfile.ZipFile(tmp_path / "zip.keras", "w") as archive:
        archive.writestr("\x1b[2J\nhello", "")
    assert read(trained, tmp_path, pictures, models=[tmp_path]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert "text.keras: can't be loaded" in errors[0]
    assert "zip.keras: expected metadata.json" in errors[1]
    assert all(line.isprintable() for line in errors)
    assert "none of the 2 models can be used" in errors[2]


def test_what_is_given_twice_counts_once(trained, pictures, tmp_path):
    model = trained / "checkpoints" / "mlp_own.keras"
    assert read(trained, tmp_path, pictures, pictures / "3-a.png", pictures, models=[model, model]) == 0
    assert len(table(tmp_path)) == 20


def test_its_own_results_are_no_pictures(trained, pictures, tmp_path):
    for _ in range(2):
        assert read(trained, pictures, pictures) == 0
        assert len(table(pictures)) == 20


def test_an_empty_address_is_no_cluster(trained, tmp_path, capsys):
    """Such as that of a variable that is not set."""
    with pytest.raises(SystemExit):
        read(trained, tmp_path, "--cluster", "")
    assert "expected the address of a Dask scheduler or local, got an empty text" in capsys.readouterr().err


def test_an_empty_path_is_no_folder(trained, tmp_path, capsys):
    with pytest.raises(SystemExit):
        read(trained, tmp_path, "")
    assert "expected a path, got an empty text" in capsys.readouterr().err


def test_a_network_is_found_by_the_name_that_model_takes(pictures, tmp_path, capsys):
    assert read(None, tmp_path, pictures, models=["cnn_small"]) == 0
    assert {row["model"] for row in table(tmp_path)} == {"cnn_small", "ensemble"}
    assert read(None, tmp_path, pictures, models=["cnn_v9"]) == 2
    assert "or one of cnn_v2, cnn_v3" in capsys.readouterr().err


def test_each_page_of_a_tiff_has_its_row(tmp_path, capsys):
    pages = [draw_strokes(text) for text in "740"]
    pages[0].save(tmp_path / "7_scan.tif", save_all=True, append_images=pages[1:])
    assert read(None, tmp_path, tmp_path / "7_scan.tif", models=["cnn_v3"]) == 0
    rows = [row for row in table(tmp_path) if row["model"] == "ensemble"]
    assert [row["image"] for row in rows] == [f"7_scan.tif page {number}" for number in (1, 2, 3)]
    assert [row["reading"] for row in rows] == list("740")
    assert [row["label"] for row in rows] == ["", "", ""]
