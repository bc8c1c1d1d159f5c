"""Many pictures on all cores."""

import time
from concurrent.futures.process import BrokenProcessPool

import numpy as np

from handwriting.pictures import many
from handwriting.pictures.decoding import Opened, UnreadablePicture
from handwriting.pictures.many import FEW, one_by_one, open_or_reason, open_pictures, outlived
from handwriting.shipped import PROJECT
from tests.helpers import draw_strokes
from tests.worker_tasks import path_name_unless_bad, slow_touch


def test_a_picture_that_ends_its_process_is_the_only_one_lost(tmp_path):
    paths = [tmp_path / name for name in ("a", "bad", "bad", "c")]
    read = list(one_by_one(path_name_unless_bad, paths))
    assert [one if isinstance(one, str) else "lost" for one in read] == ["a", "lost", "lost", "c"]

    def breaks():
        yield "first"
        raise BrokenProcessPool

    pictures = sorted((PROJECT / "data").glob("*.png"))[:3]
    first, *others = outlived(breaks(), pictures)
    assert first == "first"
    assert [type(other) for other in others] == [Opened, Opened]


def test_a_process_that_dies_once_loses_no_picture(tmp_path):
    paths = [tmp_path / name for name in ("a", "once", "c")]
    assert list(one_by_one(path_name_unless_bad, paths)) == ["a", "once", "c"]


def test_many_pictures_are_opened_in_processes_and_in_order(tmp_path):
    paths = []
    for number in range(FEW + 3):
        paths.append(tmp_path / f"{number:02}.png")
        draw_strokes("147"[number % 3], size=(200 + number, 200)).save(paths[-1])
    paths[5].write_bytes(b"no picture")
    with open_pictures(paths) as reading:
        found = list(reading)
    assert isinstance(found[5], UnreadablePicture)
    alone = [open_or_reason(path) for path in paths]
    assert [getattr(picture, "size", None) for picture in found] == [getattr(p, "size", None) for p in alone]
    np.testing.assert_array_equal(found[3].image, alone[3].image)


def test_pictures_that_nobody_waits_for_are_not_read_any_more(tmp_path, monkeypatch):
    monkeypatch.setattr(many, "open_or_reason", slow_touch)
    monkeypatch.setattr(many, "MOST_AT_ONCE", 1)
    with open_pictures([tmp_path / str(number) for number in range(100)]) as reading:
        next(reading)
    counts = [-1, 0]
    while counts[-1] != counts[-2] and len(counts) < 10:  # what was begun is finished
        counts.append(len(list(tmp_path.glob("*.done"))))
        time.sleep(1)
    assert counts[-1] == counts[-2] < 40
