"""A short form of benchmarks/faults.py: kills, full disks, damaged and hostile files, for real."""

import sys

import pytest

pytest.importorskip("resource")  # limits for processes, which Windows doesn't have

from benchmarks.fault_kinds import running
from benchmarks.fault_kinds.models import damaged_models
from benchmarks.fault_kinds.pictures import damaged_pictures
from benchmarks.fault_kinds.trainings import full_disks, kills

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return running.digits_file(tmp_path_factory.mktemp("digits") / "digits.npz")


def test_killed_trainings_end_as_if_never_killed(digits, tmp_path):
    outcome = kills(digits, tmp_path, 1)
    assert outcome.remark == "1 in the middle of a save"
    assert outcome.bad == []


def test_full_disks_harm_nothing_that_was_there(digits, tmp_path):
    outcome = full_disks(digits, tmp_path, (5_000,))
    assert outcome.bad == []
    assert "training exit 1" in outcome.remark


def test_damaged_pictures_are_all_accounted_for(tmp_path):
    outcome = damaged_pictures(tmp_path / "pictures", 60)
    assert outcome.tried > 60
    assert outcome.bad == []
    assert int(outcome.remark.split()[0]) > 20


def test_damaged_and_hostile_models_are_all_accounted_for(tmp_path):
    outcome = damaged_models(tmp_path / "models", 40)
    assert outcome.bad == []
    assert int(outcome.remark.split()[0]) > 25


def test_the_memory_is_that_of_the_process_that_was_run():
    """It is more than these tests take themselves, and it is not carried over to the next process."""
    large = running.run([sys.executable, "-c", "print(len(b'x' * 2_000_000_000))"])
    assert (large.code, large.errors) == (0, "")
    assert large.memory > 2e9
    failed = running.run([sys.executable, "-c", "raise SystemExit('no')"])
    assert (failed.code, failed.errors) == (1, "no\n")
    assert running.run([sys.executable, "-c", "pass"]).memory < 2e9
