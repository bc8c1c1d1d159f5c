"""A short form of benchmarks/faults.py: kills, full disks, damaged and hostile files, for real."""

import sys

import pytest

pytest.importorskip("resource")  # limits of processes, which Windows doesn't have

from benchmarks import faults


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return faults.digits_file(tmp_path_factory.mktemp("digits") / "digits.npz")


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


def test_memory_is_that_of_the_process_that_was_run():
    """More than these tests themselves take, and not remembered for the next one."""
    code, said, large = faults.run([sys.executable, "-c", "print(len(b'x' * 2_000_000_000))"])
    assert (code, said) == (0, "")
    assert large > 2e9
    assert faults.run([sys.executable, "-c", "raise SystemExit('no')"])[:2] == (1, "no\n")
    assert faults.run([sys.executable, "-c", "pass"])[2] < 2e9
