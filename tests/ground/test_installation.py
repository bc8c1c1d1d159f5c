"""Is all installed, and does the program say so in one line?"""

import ast
import subprocess
import sys

import pytest

from handwriting import installation
from handwriting.shipped import PROJECT


def test_versions_are_compared_as_numbers():
    assert installation.version_numbers("3.9") < installation.version_numbers("3.15.1")
    assert installation.version_numbers("none") < installation.version_numbers("0.1")
    assert installation.version_numbers("2.21.0rc1") == (2, 21)


@pytest.mark.parametrize(
    ("package", "installed", "said"),
    [
        ("tensorflow", "2.10.1", "expected tensorflow 2.19 or newer, got 2.10.1"),
        ("keras", "3.8.0", "expected keras 3.15 or newer, got 3.8.0"),
        ("pillow", "none", "expected pillow 11.0 or newer, got none"),
    ],
)
def test_old_packages_are_one_line(monkeypatch, capsys, package, installed, said):
    real = installation.installed_version
    monkeypatch.setattr(
        installation, "installed_version", lambda name: installed if name == package else real(name)
    )
    with pytest.raises(SystemExit) as stopped:
        installation.check_installation()
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "pip install -r requirements.txt" in error
    assert error.count("\n") == 1


def test_a_missing_backend_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr(installation, "BACKENDS", ("nowhere",))
    monkeypatch.setenv("KERAS_BACKEND", "nowhere")
    with pytest.raises(SystemExit):
        installation.check_installation()
    assert capsys.readouterr().err == (
        "KERAS_BACKEND names nowhere, which is not installed; run: python -m pip install nowhere\n"
    )


@pytest.mark.parametrize("name", ["numpy", "TENSORFLOW"])
def test_a_backend_that_cannot_train_is_one_line(monkeypatch, capsys, name):
    monkeypatch.setenv("KERAS_BACKEND", name)
    with pytest.raises(SystemExit) as stopped:
        installation.check_installation()
    assert stopped.value.code == 2
    assert capsys.readouterr().err == (
        f"KERAS_BACKEND: expected tensorflow, jax, torch, got {name}; set it to one of these, or unset it\n"
    )


def test_an_empty_backend_is_none(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert installation.backend() == "tensorflow"
    installation.check_installation()


def test_what_worker_processes_do_needs_no_keras():
    script = (
        "import sys, handwriting.pictures.many, handwriting.writing.pages, handwriting.finder.pages; "
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)


def test_old_python_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr(installation.sys, "version_info", (3, 9, 0))
    with pytest.raises(SystemExit):
        installation.check_installation()
    assert "expected Python 3.11 or newer" in capsys.readouterr().err


@pytest.mark.parametrize(
    "script", ["cnn_model_v2.py", "test_load.py", "handwriting/installation.py", "handwriting/model_files.py"]
)
def test_an_old_python_can_read_the_scripts(script):
    """Annotations like `str | None` would end Python 3.9 before its version is checked."""
    tree = ast.parse((PROJECT / script).read_text(encoding="utf-8"), feature_version=(3, 9))
    first = tree.body[1]
    assert isinstance(first, ast.ImportFrom)
    assert [name.name for name in first.names] == ["annotations"]


def test_help_needs_no_keras():
    program = (
        "import sys, cnn_model_v2, test_load; assert not {'keras', 'tensorflow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)
