"""A short form of benchmarks/faults.py: kills, full disks, damaged and hostile files, for real."""

import pytest

pytest.importorskip("resource")  # limits of processes, which Windows doesn't have

from benchmarks import faults


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return faults.write_digits(tmp_path_factory.mktemp("digits") / "digits.npz")


def test_killed_trainings_end_as_if_never_killed(digits, tmp_path):
    outcome = faults.kills(digits, tmp_path, 1)
    assert outcome.remark == "1 in the middle of a save"
    assert outcome.bad == []


def test_full_disks_harm_nothing_that_was_there(digits, tmp_path):
    outcome = faults.full_disks(digits, tmp_path, (5_000,))
    assert outcome.bad == []
    assert "training exit 1" in outcome.remark


def test_damaged_pictures_are_all_accounted_for(tmp_path):
    outcome = faults.damaged_pictures(tmp_path / "pictures", 60)
    assert outcome.tried > 60
    assert outcome.bad == []
    assert int(outcome.remark.split()[0]) > 20


def test_damaged_and_hostile_models_are_all_accounted_for(tmp_path):
    outcome = faults.damaged_models(tmp_path / "models", 40)
    assert outcome.bad == []
    assert int(outcome.remark.split()[0]) > 25
