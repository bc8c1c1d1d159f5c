"""test_load.py, as a user runs it."""

import contextlib
import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import keras
import numpy as np
import pytest
from PIL import Image

import test_load
from handwriting.pictures.picture import Picture, read_picture
from handwriting.reading import networks, reader, sheet
from handwriting.reading.readings import Reading, ReadPicture
from handwriting.reading.results import WRONG, PictureRow
from handwriting.reading.sheet import draw_cell
from handwriting.reading.written import write_readings
from handwriting.shipped import PROJECT
from handwriting.text_table import broken
from tests.helpers import draw_strokes

COLUMNS = ["image", "label", "model", "reading", "confidence", "status", "reason"]


def table(out):
    with (out / "logs" / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read(trained, out, *paths, models=None):
    models = map(str, models or [trained / "checkpoints"])
    return test_load.main([*map(str, paths), "--models", *models, "--out", str(out)])


def test_reads_pictures(trained, pictures, tmp_path, capsys):
    assert read(trained, tmp_path, pictures) == 0
    rows = table(tmp_path)
    assert list(rows[0]) == COLUMNS
    assert len(rows) == 20  # the model and the ensemble
    assert {row["model"] for row in rows} == {"mlp_own", "ensemble"}
    right = sum(row["reading"] == row["label"] for row in rows if row["model"] == "mlp_own")
    assert right >= 8
    printed = capsys.readouterr().out
    assert f"{right} of 10" in printed
    assert printed.count(WRONG) == 10 - right
    assert "mlp_own  " not in printed  # the ensemble's readings alone
    assert read(trained, tmp_path, pictures, "--all") == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].split() == ["picture", "label", "mlp_own", "ensemble"]
    assert printed.count(WRONG) == 2 * (10 - right)
    with Image.open(tmp_path / "logs" / "predictions.png") as sheet:
        assert sheet.width > 1000


def test_reading_agrees_with_the_model(trained, pictures, tmp_path):
    read(trained, tmp_path, pictures)
    model = keras.models.load_model(trained / "checkpoints" / "mlp_own.keras")
    for row in [row for row in table(tmp_path) if row["model"] == "mlp_own"]:
        digit = read_picture(pictures / row["image"]).digits[0]
        probabilities = answer_with_doubt(model, digit.image)
        assert row["reading"] == str(probabilities.argmax())
        assert float(row["confidence"]) == pytest.approx(probabilities.max(), abs=1e-3)


def answer_with_doubt(model, digit: np.ndarray) -> np.ndarray:
    """A network's ten probabilities for a digit, as they are reported."""
    digits = digit[np.newaxis]
    return reader.if_digit(reader.answer(model, digits), reader.answer(networks.load_digit_or_not(), digits))[
        0
    ]


def test_several_digits_multiply_their_confidence(trained, tmp_path):
    page = Image.new("RGB", (400, 200), "white")
    page.paste(draw_strokes("1"), (0, 0))
    page.paste(draw_strokes("7"), (200, 0))
    page.save(tmp_path / "17_page.png")
    assert read(trained, tmp_path, tmp_path / "17_page.png") == 0
    model = keras.models.load_model(trained / "checkpoints" / "mlp_own.keras")
    digits = read_picture(tmp_path / "17_page.png").digits
    probabilities = reader.answer(model, np.stack([digit.image for digit in digits]))
    row = table(tmp_path)[0]
    assert row["label"] == "17"
    assert row["reading"] == "".join(map(str, probabilities.argmax(axis=1)))
    assert float(row["confidence"]) == pytest.approx(probabilities.max(axis=1).prod(), abs=1e-3)


def test_pictures_named_after_the_models_are_reported(trained, pictures, tmp_path, capsys):
    models_and_picture = [trained / "checkpoints", next(pictures.iterdir())]
    assert read(trained, tmp_path, models=models_and_picture) == 2
    assert "name pictures before --models" in capsys.readouterr().err


def test_a_folder_without_pictures_is_reported_beside_one_with_some(trained, pictures, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert read(trained, tmp_path, pictures, tmp_path / "empty") == 2
    assert f"got none in {tmp_path / 'empty'};" in capsys.readouterr().err


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


def foreign(path, shape=(28, 28), outputs=10, activation="softmax"):
    model = keras.Sequential(
        [
            keras.layers.Input(shape),
            keras.layers.Flatten(),
            keras.layers.Dense(outputs, activation=activation),
        ]
    )
    model.save(path)
    return path


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


def test_ensemble_is_the_mean_of_its_members(trained, pictures, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(networks, "ENSEMBLE", ("one", "two"))
    models = [foreign(tmp_path / f"{name}.keras") for name in ("one", "two", "three")]
    assert read(trained, tmp_path, pictures, models=models) == 0
    assert "ensemble: the mean of one, two" in capsys.readouterr().out
    digit = read_picture(pictures / "4-a.png").digits[0].image
    members = [keras.models.load_model(path) for path in models[:2]]
    mean = sum(answer_with_doubt(model, digit) for model in members) / 2
    row = next(row for row in table(tmp_path) if row["image"] == "4-a.png" and row["model"] == "ensemble")
    assert row["reading"] == str(mean.argmax())
    assert float(row["confidence"]) == pytest.approx(mean.max(), abs=1e-3)


def test_files_of_the_same_name_keep_their_folder(trained, tmp_path):
    for folder in ("4", "7"):
        (tmp_path / folder).mkdir()
        draw_strokes(folder).save(tmp_path / folder / "scan.png")
    read(trained, tmp_path, tmp_path)
    rows = [row for row in table(tmp_path) if row["model"] == "mlp_own"]
    assert [row["label"] for row in rows] == ["4", "7"]
    assert len({row["image"] for row in rows}) == 2


def test_sheet_shows_at_most_a_hundred_the_wrong_first(trained, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sheet, "STYLE", replace(sheet.STYLE, most=3))
    for number in range(5):
        draw_strokes("7").save(tmp_path / f"pic{number}.png")
    Image.new("RGB", (50, 50)).save(tmp_path / "pic9.png")
    shown = []
    real = draw_cell
    monkeypatch.setattr(sheet, "draw_cell", lambda size, row: shown.append(row.name) or real(size, row))
    read(trained, tmp_path, tmp_path)
    assert "shows 3 of 6 pictures, the wrong and the rejected first" in capsys.readouterr().out
    assert len(shown) == 3
    assert shown[0] == "pic9.png"


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


def test_an_empty_path_is_no_folder(trained, tmp_path, capsys):
    with pytest.raises(SystemExit):
        read(trained, tmp_path, "")
    assert "expected a path, got an empty text" in capsys.readouterr().err


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
    for picture in (PROJECT / "data").iterdir():
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


@pytest.mark.parametrize("options", [[], ["--all"]])
def test_nothing_is_wider_than_a_terminal_of_eighty_columns(pictures, tmp_path, capsys, options):
    long = Image.new("RGB", (4000, 200), "white")
    for column in range(40):
        long.paste(draw_strokes("1"), (100 * column - 20, 0))
    long.save(pictures / "1111111111111111111111111_many.png")
    models = ["cnn_small", "mlp", "cnn_v1", "cnn_v2", "cnn_v3", "cnn_drawn"]
    assert read(None, tmp_path, pictures, *options, models=models) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.split("wrote ")[0].splitlines())) <= 80
    assert "111111111111111" in printed
    for name in models if options else ():
        assert f"{name} " in printed


def test_a_network_is_found_by_the_name_that_model_takes(pictures, tmp_path, capsys):
    assert read(None, tmp_path, pictures, models=["cnn_small"]) == 0
    assert {row["model"] for row in table(tmp_path)} == {"cnn_small", "ensemble"}
    assert read(None, tmp_path, pictures, models=["cnn_v9"]) == 2
    assert "or one of cnn_v2, cnn_v3" in capsys.readouterr().err


def test_digits_csv_holds_what_a_program_needs(pictures, tmp_path):
    page = Image.new("RGB", (400, 400), "white")
    for number, text in enumerate("1740"):
        page.paste(draw_strokes(text), (200 * (number % 2), 200 * (number // 2)))
    page.save(tmp_path / "page.png")
    assert read(None, tmp_path, tmp_path / "page.png", models=["cnn_v3"]) == 0
    with (tmp_path / "logs" / "digits.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["place"], row["digit"]) for row in rows] == [
        ("1", "1", "1"),
        ("1", "2", "7"),
        ("2", "1", "4"),
        ("2", "2", "0"),
    ]
    for row in rows:
        probabilities = [float(row[f"probability_{digit}"]) for digit in range(10)]
        assert sum(probabilities) == pytest.approx(1, abs=0.01)
        assert max(probabilities) == pytest.approx(float(row["confidence"]), abs=1e-3)
        assert int(row["left"]) < int(row["right"])
        assert row["status"] in ("ok", "unsure")
    assert table(tmp_path)[0]["reading"] == "17 / 40"


def test_the_workbook_keeps_zeros_and_long_numbers(tmp_path):
    logs = tmp_path / "logs"
    reading = Reading("007 1234567890123456789", 0.5, "ok")
    row = PictureRow(
        tmp_path / "=a<b.png", "=a<b.png", None, ReadPicture(Picture((1, 1), []), [], {}, reading)
    )
    write_readings(logs, [row])
    with zipfile.ZipFile(logs / "predictions.xlsx") as workbook:
        sheet_xml = ElementTree.fromstring(workbook.read("xl/worksheets/sheet1.xml"))
    cells = [cell for cell in sheet_xml.iter() if cell.tag.endswith("}c")]
    texts = ["".join(cell.itertext()) for cell in cells]
    assert texts[:3] == ["image", "label", "reading"]
    assert texts[6:] == ["=a<b.png", "", "007 1234567890123456789", "0.5", "ok", ""]
    kinds = [cell.get("t") for cell in cells[6:]]
    assert kinds == ["inlineStr", None, "inlineStr", None, "inlineStr", None]
    with (logs / "predictions.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.DictReader(file))["reading"] == "007 1234567890123456789"


def test_the_readings_before_are_kept(trained, pictures, tmp_path):
    logs = tmp_path / "logs"
    names = {"predictions.csv", "predictions.xlsx", "digits.csv", "predictions.png"}
    assert read(trained, tmp_path, pictures) == 0
    first = {name: (logs / name).read_bytes() for name in names}
    assert read(trained, tmp_path, pictures / "3-a.png") == 0
    assert {path.name for path in (logs / "previous").iterdir()} == names
    for name, content in first.items():
        assert (logs / "previous" / name).read_bytes() == content != (logs / name).read_bytes()


def test_names_that_are_no_labels(trained, pictures, tmp_path, capsys):
    draw_strokes("7").save(pictures / "scan.png")
    assert read(trained, tmp_path, pictures) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "10 of 11 names look like labels, such as 0-a.png; --no-labels if they are none" in printed
    assert read(trained, tmp_path, pictures, "--no-labels") == 0
    printed = capsys.readouterr().out
    assert "look like labels" not in printed
    assert {row["label"] for row in table(tmp_path)} == {""}


def test_each_page_of_a_tiff_has_its_row(tmp_path, capsys):
    pages = [draw_strokes(text) for text in "740"]
    pages[0].save(tmp_path / "7_scan.tif", save_all=True, append_images=pages[1:])
    assert read(None, tmp_path, tmp_path / "7_scan.tif", models=["cnn_v3"]) == 0
    rows = [row for row in table(tmp_path) if row["model"] == "ensemble"]
    assert [row["image"] for row in rows] == [f"7_scan.tif page {number}" for number in (1, 2, 3)]
    assert [row["reading"] for row in rows] == list("740")
    assert [row["label"] for row in rows] == ["", "", ""]


def test_why_pictures_have_no_digit_is_on_the_screen_and_in_the_csv(trained, pictures, tmp_path, capsys):
    for number in range(7):
        Image.new("L", (100, 100), 255).save(pictures / f"blank{number}.png")
    draw_strokes("7").save(pictures / "moving.gif", save_all=True, append_images=[draw_strokes("0")])
    assert read(trained, tmp_path, pictures) == 0
    printed = " ".join(capsys.readouterr().out.split())
    blank = "nothing stands out from the paper"
    names = ", ".join(f"blank{number}.png" for number in range(5))
    assert f"no digit, {blank}: {names} and 2 more" in printed
    assert "an animation; its first frame was read: moving.gif" in printed
    assert "when a reading is wrong, look at predictions.png first" in printed
    reasons = {row["image"]: row["reason"] for row in table(tmp_path)}
    assert reasons["blank6.png"] == blank
    assert "first frame" in reasons["moving.gif"]


def test_long_readings_are_broken_at_their_lines():
    cells = ["page.png", "", "1572 / 43890 98%"]
    assert broken(cells, 40, " / ") == [cells]
    assert broken(cells, 12, " / ") == [["page.png", "", "1572"], ["", "", "43890 98%"]]
