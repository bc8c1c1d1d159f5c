"""What test_load.py reads, prints and writes."""

import csv
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import keras
import numpy as np
import pytest
from PIL import Image

from handwriting.pictures.picture import Picture
from handwriting.reading import networks, reader, sheet
from handwriting.reading.readings import Reading, ReadPicture
from handwriting.reading.results import WRONG, PictureRow
from handwriting.reading.sheet import draw_cell
from handwriting.reading.written import write_readings
from handwriting.text_table import broken, fitted_tables
from handwriting.writing.scenes import Style, draw_picture
from tests.helpers import draw_strokes, read_picture
from tests.reading.command import foreign, read, table

COLUMNS = ["image", "label", "model", "reading", "confidence", "status", "reason"]


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
        probabilities = reader.answer(model, digit.image[np.newaxis])[0]
        assert row["reading"] == str(probabilities.argmax())
        assert float(row["confidence"]) == pytest.approx(digit.chance * probabilities.max(), abs=1e-3)


def test_several_digits_multiply_their_confidence(trained, tmp_path):
    style = Style((400, 200), 0.5, 0.05, (20, 20, 60), (250, 250, 250))
    draw_picture("17", style, np.random.default_rng(0)).save(tmp_path / "17_page.png")
    assert read(trained, tmp_path, tmp_path / "17_page.png") == 0
    model = keras.models.load_model(trained / "checkpoints" / "mlp_own.keras")
    digits = read_picture(tmp_path / "17_page.png").digits
    assert len(digits) == 2
    probabilities = reader.answer(model, np.stack([digit.image for digit in digits]))
    row = table(tmp_path)[0]
    assert row["label"] == "17"
    assert row["reading"] == "".join(map(str, probabilities.argmax(axis=1)))
    chances = np.array([digit.chance for digit in digits])
    assert float(row["confidence"]) == pytest.approx((chances * probabilities.max(axis=1)).prod(), abs=1e-3)


def test_ensemble_is_the_mean_of_its_members_and_the_finders_opinion(
    trained, pictures, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(networks, "ENSEMBLE", ("one", "two"))
    models = [foreign(tmp_path / f"{name}.keras") for name in ("one", "two", "three")]
    assert read(trained, tmp_path, pictures, models=models) == 0
    assert "ensemble: the mean of one, two" in capsys.readouterr().out
    digit = read_picture(pictures / "4-a.png").digits[0]
    members = [keras.models.load_model(path) for path in models[:2]]
    mean = sum(reader.answer(model, digit.image[np.newaxis])[0] for model in members) / 2
    mean += reader.READING.own * (digit.classes - mean)
    row = next(row for row in table(tmp_path) if row["image"] == "4-a.png" and row["model"] == "ensemble")
    assert row["reading"] == str(mean.argmax())
    assert float(row["confidence"]) == pytest.approx(digit.chance * mean.max(), abs=1e-3)


def test_sheet_shows_at_most_a_hundred_the_wrong_first(trained, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sheet, "STYLE", replace(sheet.STYLE, most=3))
    for number in range(5):
        draw_strokes("7").save(tmp_path / f"pic{number}.png")
    Image.new("RGB", (50, 50)).save(tmp_path / "pic9.png")
    shown = []
    real = draw_cell
    monkeypatch.setattr(sheet, "draw_cell", lambda size, row: shown.append(row.name) or real(size, row))
    read(trained, tmp_path, tmp_path)
    assert "shows 3 of 6 pictures, the wrong, unsure and unreadable first" in capsys.readouterr().out
    assert len(shown) == 3
    assert shown[0] == "pic9.png"


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
        assert max(probabilities) >= float(row["confidence"]) - 1e-3  # times the chance that it is a digit
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
    assert "10 of 11 names look like labels, such as 0-a.png; add --no-labels if they are not" in printed
    assert read(trained, tmp_path, pictures, "--no-labels") == 0
    printed = capsys.readouterr().out
    assert "look like labels" not in printed
    assert {row["label"] for row in table(tmp_path)} == {""}


def test_why_pictures_have_no_digit_is_on_the_screen_and_in_the_csv(trained, pictures, tmp_path, capsys):
    for number in range(7):
        Image.new("L", (100, 100), 255).save(pictures / f"blank{number}.png")
    draw_strokes("7").save(pictures / "moving.gif", save_all=True, append_images=[draw_strokes("0")])
    assert read(trained, tmp_path, pictures) == 0
    printed = " ".join(capsys.readouterr().out.split())
    blank = "nothing on it looks like a digit"
    names = ", ".join(f"blank{number}.png" for number in range(5))
    assert f"no digit, {blank}: {names} and 2 more" in printed
    assert "an animation; its first frame was read: moving.gif" in printed
    assert "when a reading is wrong, look at predictions.png first" in printed
    reasons = {row["image"]: row["reason"] for row in table(tmp_path)}
    assert reasons["blank6.png"] == blank
    assert "first frame" in reasons["moving.gif"]


@pytest.mark.parametrize("width", [80, 43, 30])
def test_long_names_leave_room_for_the_other_columns(width):
    rows = [["of/a/long/folder/" * 5, "123456789012", "7 99%", "1 / 2"]]
    table = fitted_tables(["picture", "label", "mlp", "cnn"], rows, 2, width, break_at=" / ")
    assert max(map(len, table.splitlines())) <= width
    assert "7 99%" in table


def test_names_are_not_narrowed_where_all_fits():
    name = "a-name-of-thirty-four-characters.p"
    table = fitted_tables(["picture", "label", "ensemble"], [[name, "", "7 99%"]], 2, 60, break_at=" / ")
    assert name in table


def test_long_readings_are_broken_at_their_lines():
    cells = ["page.png", "", "1572 / 43890 98%"]
    assert broken(cells, [40] * len(cells), " / ") == [cells]
    assert broken(cells, [12] * len(cells), " / ") == [["page.png", "", "1572"], ["", "", "43890 98%"]]
