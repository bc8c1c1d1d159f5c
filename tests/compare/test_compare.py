"""Trainings are compared from their logs, whatever lies among these."""

import csv
import json
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from handwriting.compare.__main__ import main, parse_arguments
from handwriting.shipped import PROJECT, STEMS

COLUMNS = ("epoch", "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss")
SHIPPED = json.loads((PROJECT / "logs" / "mlp.json").read_text(encoding="utf-8"))


def write_run(folder, stem="mlp", misses=100, validation_loss=0.1, epochs=3, **settings):
    """The two logs of a made-up run. Its last epoch is its best. Returns the path of its JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    accuracies = [1 - 0.4 / (epoch + 1) for epoch in range(epochs)]
    rows = [
        [epoch, accuracy - 0.1, 0.001, 1.0, accuracy, validation_loss * (epochs - epoch)]
        for epoch, accuracy in enumerate(accuracies)
    ]
    with (folder / f"{stem}.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    record = {
        **SHIPPED,
        "epochs": epochs,
        "epochs_trained": epochs,
        "best_epoch": epochs,
        "validation": {"loss": validation_loss, "accuracy": accuracies[-1]},
        "test": {"loss": 0.1, "accuracy": 1 - misses / 10_000, "misses": misses, "count": 10_000},
        **settings,
    }
    (folder / f"{stem}.json").write_text(json.dumps(record))
    return folder / f"{stem}.json"


@pytest.fixture
def compare(tmp_path, capsys):
    """Compares what is named. Gives the exit code, and what was printed on both outputs."""

    def run(*logs):
        code = main([*map(str, logs), "--figure", str(tmp_path / "figures" / "comparison.png")])
        return code, *capsys.readouterr()

    return run


def first_cells(out, names=2):
    """The first words of each line that begins with the name of a network."""
    return [line.split()[:names] for line in out.splitlines() if line.startswith(("cnn", "mlp"))]


def test_the_shipped_runs_are_ranked_by_the_test_images(tmp_path, compare):
    code, out, err = compare(PROJECT / "logs")
    assert (code, err) == (0, "")
    records = [json.loads((PROJECT / "logs" / f"{stem}.json").read_text("utf-8")) for stem in STEMS.values()]
    ranked = sorted(records, key=lambda record: record["test"]["accuracy"], reverse=True)
    assert [name for (name,) in first_cells(out, 1)] == [record["model"] for record in ranked]
    row = next(line.split() for line in out.splitlines() if line.startswith("cnn_v2"))
    record = next(record for record in records if record["model"] == "cnn_v2")
    assert row[:3] == ["cnn_v2", "ours", "15/15"]
    assert row[3] == f"{record['validation']['accuracy']:.2%}".rstrip("%")
    assert row[4:7] == [
        f"{record['test']['accuracy']:.2%}".rstrip("%"),
        str(record["test"]["misses"]),
        f"{record['seconds']:,.0f}",
    ]
    machine, *seeds = row[7:]
    assert seeds == ["1", "0"]
    assert f"machine {machine}: {record['machine']}" in out
    assert "mnist (226a42524f79a89b): 54,000 to learn from, 10,000 test images" in out
    assert max(map(len, out.splitlines()[:-1])) <= 80
    with Image.open(tmp_path / "figures" / "comparison.png") as image:
        assert image.width > 1000
        assert len(image.convert("RGB").getcolors(1_000_000)) > len(STEMS)


def test_without_arguments_the_projects_logs_are_compared(tmp_path, monkeypatch, capsys):
    logs = tmp_path / "logs"
    write_run(logs)
    write_run(logs / "reader", model="finder", test={"right": 1})  # a folder means its own files
    (logs / "predictions.csv").write_text("image,label\n")  # what test_load.py leaves there
    (logs / "digits.csv").write_text("image,label\n")
    monkeypatch.setattr("handwriting.compare.__main__.LOGS", logs)
    figure = tmp_path / "comparison.png"
    assert main(["--figure", str(figure)]) == 0
    said = capsys.readouterr()
    assert first_cells(said.out) == [["mlp", "ours"]]
    assert said.err == ""
    assert said.out.splitlines()[-1] == f"wrote {figure}"
    assert figure.exists()
    assert parse_arguments([]).figure == PROJECT / "logs" / "comparison.png"


def test_seeds_of_one_setting_are_one_row_and_a_band(tmp_path, compare):
    for seed, misses in enumerate((100, 110, 120)):
        write_run(tmp_path / f"seed{seed}", misses=misses, seed=seed)
    write_run(tmp_path / "published", misses=105, recipe="published")
    folders = sorted(path for path in tmp_path.iterdir())
    code, out, _ = compare(*folders)
    assert code == 0
    assert first_cells(out) == [["mlp", "published"], ["mlp", "ours"]]
    (row,) = [line for line in out.splitlines() if line.startswith("mlp      ours")]
    assert "98.90 ± 0.10" in row
    assert row.split()[-2:] == ["3", "0–2"]
    assert " 110 " in row
    assert max(map(len, out.splitlines()[:-1])) <= 80


def test_other_seeds_have_a_band_in_the_figure(tmp_path):
    from matplotlib.figure import Figure

    from handwriting.compare.figure import draw_row
    from handwriting.compare.finding import find_runs
    from handwriting.compare.rows import rankings_of

    write_run(tmp_path / "one", seed=0, epochs=3)
    longer = write_run(tmp_path / "two", seed=1, epochs=4)
    longer.write_text(json.dumps({**json.loads(longer.read_text()), "epochs": 3}))
    ((row,),) = [ranking.rows for ranking in rankings_of(find_runs([tmp_path / "one", tmp_path / "two"])[0])]
    axes = Figure().subplots()
    draw_row(axes, row, "val_accuracy", 0)
    assert len(axes.collections) == 1
    assert axes.lines[0].get_xdata().tolist() == [1, 2, 3]  # the mean goes as far as both


def test_the_validation_loss_only_breaks_ties(tmp_path, compare):
    for stem, misses, loss in (("cnn_v1", 50, 0.3), ("cnn_v2", 50, 0.2), ("cnn_v3", 60, 0.1)):
        write_run(tmp_path, stem, misses, loss, model=stem)
    _, out, _ = compare(tmp_path)
    assert [name for (name,) in first_cells(out, 1)] == ["cnn_v2", "cnn_v1", "cnn_v3"]


@pytest.mark.parametrize(
    "other",
    [
        {"data_checksum": "another"},
        {"data": "npz", "data_checksum": SHIPPED["data_checksum"]},
        {"test": {"loss": 0.1, "accuracy": 0.99, "misses": 10, "count": 1000}},
        {"images": {"training": 100, "validation": 10, "test": 10_000}},
    ],
)
def test_runs_on_other_images_are_in_another_table(tmp_path, compare, other):
    write_run(tmp_path, "one", model="cnn_v1")
    write_run(tmp_path, "other", model="cnn_v2", **other)
    code, out, _ = compare(tmp_path)
    assert code == 0
    assert out.count("network  recipe") == 2
    assert out.count("to learn from") == 2


def test_runs_with_other_test_images_of_the_same_number_are_in_another_table(tmp_path, compare):
    for stem in ("one", "two", "other"):
        write_run(tmp_path, stem, model=stem, data="npz", test_checksum="b" if stem == "other" else "a")
    _, out, _ = compare(tmp_path)
    tables = out.split("to learn from")
    assert len(tables) == 3
    assert "\none " in tables[1] and "\ntwo " in tables[1] and "\nother " in tables[2]


def test_what_differs_between_rows_of_one_network_stands_beside_its_name(tmp_path, compare):
    write_run(tmp_path, "one", precision="float32")
    write_run(tmp_path, "two", precision="bfloat16", batch_size=64)
    _, out, _ = compare(tmp_path)
    assert "mlp batch 32 float32 " in out
    assert "mlp batch 64 bfloat16 " in out


@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_either_log_names_the_run(tmp_path, compare, ending):
    record = write_run(tmp_path)
    code, out, err = compare(record.with_suffix(ending), record)
    assert (code, err) == (0, "")
    assert first_cells(out) == [["mlp", "ours"]]


def test_a_json_alone_is_in_the_table(tmp_path, compare):
    record = write_run(tmp_path)
    record.with_suffix(".csv").unlink()
    code, out, err = compare(record)
    assert (code, err) == (0, "")
    assert first_cells(out) == [["mlp", "ours"]]
    assert "no usable .csv" in out
    assert "wrote" not in out


def test_a_csv_alone_is_not_ranked(tmp_path, compare):
    write_run(tmp_path, "cnn_digit03").unlink()
    code, out, err = compare(tmp_path / "cnn_digit03.csv")
    assert (code, err) == (0, "")
    assert "unknown images" in out
    (row,) = [line.split() for line in out.splitlines() if line.startswith("cnn_v3")]
    assert row == ["cnn_v3", "–", "3/3", "86.67", "–", "–", "–", "–", "–"]
    assert "wrote" in out


def test_a_copy_of_a_run_is_not_a_second_seed(tmp_path, compare):
    write_run(tmp_path / "logs")
    shutil.copytree(tmp_path / "logs", tmp_path / "copy")
    _, out, _ = compare(tmp_path / "logs", tmp_path / "copy")
    assert next(line for line in out.splitlines() if line.startswith("mlp")).split()[-2:] == ["1", "0"]


def test_a_network_that_has_learned_a_hand_is_judged_by_that_hand(tmp_path, compare):
    scores = {
        "hand": {"loss": 0.1, "misses": 2, "count": 40},
        "others": {"loss": 0.1, "misses": 60, "count": 6000},
    }
    learned = {"learned": 60, "held_back": 40, "alike": 10, "others": 54_000, "validation": 6000}
    record = write_run(tmp_path, "cnn_digit03_mine", model="cnn_digit03_mine", images=learned, after=scores)
    content = json.loads(record.read_text())
    for key in ("recipe", "test", "validation"):
        del content[key]
    record.write_text(json.dumps({**content, "judged_by": "digits held back", "start": "cnn_digit03.keras"}))
    write_run(tmp_path)
    code, out, err = compare(tmp_path)
    assert (code, err) == (0, "")
    assert "60 to learn from, 40 digits held back" in out
    (row,) = [line.split() for line in out.splitlines() if line.startswith("cnn_v3_mine")]
    assert row[:6] == ["cnn_v3_mine", "hand", "3/3", "99.00", "95.00", "2"]


CUT_ROW = ",".join(COLUMNS) + "\n0,0.5,0.1,1,0.5,1\n1,0.5,0.1"
NO_NUMBER = ",".join(COLUMNS) + "\n0,0.5,0.1,one,0.5,1\n"
FEWER_EPOCHS = ",".join(COLUMNS) + "\n0,0.5,0.1,1,0.5,1\n"
FAILED = ",".join(COLUMNS) + "\n0,0.5,0.1,nan,0.5,nan\n"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bad.json", b"", "an empty file"),
        ("bad.json", b'{"model": "mlp", "reci', "cut or damaged"),
        ("bad.json", b"\xff\xfe\x00", "cut or damaged"),
        ("bad.json", b"[" * 100_000, "cut or damaged"),
        ("bad.json", b"[1, 2]", "JSON of another program"),
        ("bad.json", b'{"name": "package"}', "JSON of another program"),
        ("bad.json", b'{"model": "finder", "test": {"right": 4}}', "of another program (finder)"),
        ("bad.json", b'{"model": "x", "after": [1]}', "of another program (x)"),
        ("bad.csv", b"", "an empty file"),
        ("bad.csv", b"image,label,model\na,b,c\n", "without loss, accuracy"),
        ("bad.csv", (",".join(COLUMNS) + "\n").encode(), "no epoch was finished"),
        ("bad.csv", CUT_ROW.encode(), "cut"),
        ("bad.csv", (CUT_ROW + "\n").encode(), "damaged"),
        ("bad.csv", NO_NUMBER.encode(), "damaged"),
        ("bad.csv", FAILED.encode(), "the training failed"),
        ("bad.csv", b"\xff\xfe\x00\n", "damaged"),
        ("bad.txt", b"text", "another kind of file"),
    ],
)
def test_a_log_that_cannot_be_used_is_named_and_the_rest_is_shown(tmp_path, compare, name, content, reason):
    good = write_run(tmp_path / "good")
    good.with_suffix(".csv").unlink()  # without a figure the test is quick
    bad = tmp_path / name
    bad.write_bytes(content)
    code, out, err = compare(bad, good)
    assert code == 1
    assert first_cells(out) == [["mlp", "ours"]]
    (line,) = err.splitlines()
    assert line.startswith(f"python -m handwriting.compare: left out {bad}: expected ")
    assert reason in line
    code, out, err = compare(bad)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 2
    assert "expected the logs of at least one training" in err


@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_the_whole_log_of_a_run_is_shown_when_the_other_is_cut(tmp_path, compare, ending):
    record = write_run(tmp_path)
    cut = record.with_suffix(ending)
    cut.write_bytes(cut.read_bytes()[:-40])
    code, out, err = compare(tmp_path)
    assert code == 1
    assert len(err.splitlines()) == 1
    assert f"{cut}: expected" in err
    assert [name for (name,) in first_cells(out, 1)] == ["mlp"]


def test_a_csv_with_other_epochs_than_its_json_is_left_out(tmp_path, compare):
    record = write_run(tmp_path)
    record.with_suffix(".csv").write_text(FEWER_EPOCHS)
    code, out, err = compare(record)
    assert code == 1
    assert "expected 3 epochs, as the .json says, got 1" in err
    assert first_cells(out) == [["mlp", "ours"]]


def test_the_csv_of_another_program_is_not_shown_without_its_json(compare):
    code, out, err = compare(PROJECT / "logs" / "reader")
    assert (code, out) == (2, "")
    assert "(finder)" in err and "(judge)" in err


def test_folders_without_logs(tmp_path, compare):
    write_run(tmp_path / "logs")
    code, _, err = compare(tmp_path, tmp_path / "nowhere")
    assert code == 2
    assert f"got one without; try {tmp_path / 'logs'}" in err
    assert f"{tmp_path / 'nowhere'}: expected" in err and "no such file" in err


def test_a_hostile_name_is_printed_in_short(tmp_path, compare):
    write_run(tmp_path, model="\x1b[31m$x_{" + 500 * "long", machine="two\nlines")
    code, out, _ = compare(tmp_path)
    assert code == 0
    assert "\x1b" not in out
    assert "machine A: two\\nlines" in out


def test_many_networks_and_images(tmp_path, compare, monkeypatch):
    monkeypatch.setattr("handwriting.compare.figure.MOST_RANKINGS", 2)
    for number in range(30):
        write_run(tmp_path, f"run{number}", model=f"cnn_{number}", machine=f"machine {number}")
    for number in range(3):
        write_run(tmp_path, f"other{number}", data_checksum=f"{number}")
    code, out, _ = compare(tmp_path)
    assert code == 0
    assert out.count("to learn from") == 4
    assert "the figure shows 2 of 4" in out
    with Image.open(tmp_path / "figures" / "comparison.png") as image:
        assert image.height < 1_500


def test_a_figure_must_be_a_png(tmp_path, capsys):
    with pytest.raises(SystemExit) as ending:
        main(["--figure", str(tmp_path / "comparison.pdf")])
    assert ending.value.code == 2
    assert "expected a path that ends in .png" in capsys.readouterr().err


def test_it_starts_without_keras(tmp_path):
    """Else it would take ten seconds instead of one."""
    compare = f"main(['--figure', {str(tmp_path / 'comparison.png')!r}])"
    program = f"import sys; from handwriting.compare.__main__ import main; {compare}; assert 'keras' not in sys.modules"
    finished = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
