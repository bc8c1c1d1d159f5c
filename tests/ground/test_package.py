"""What `pip install .` installs."""

import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest

from handwriting import installation
from handwriting.shipped import CHECKPOINTS, FINDER, PROJECT, STEMS, shipped_network

CONFIGURATION = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_shipped_networks_are_where_the_package_looks_for_them():
    assert CHECKPOINTS == PROJECT / "checkpoints"
    assert FINDER.exists()
    assert all(shipped_network(name).exists() for name in STEMS)


def test_the_wheel_has_all_modules_the_page_and_the_shipped_networks_alone(tmp_path):
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    for name in ("handwriting", "checkpoints"):
        shutil.copytree(PROJECT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, source / name)
    (source / "checkpoints" / "mine.keras").write_text("a network of the user's own")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        installed = {name for name in archive.namelist() if ".dist-info/" not in name}
    modules = {path.relative_to(PROJECT).as_posix() for path in (PROJECT / "handwriting").rglob("*.py")}
    networks = {f"handwriting/networks/{stem}.keras" for stem in STEMS.values()}
    pages = {
        f"handwriting/{wing}/page/{path.name}"
        for wing in ("web", "export")
        for path in (PROJECT / "handwriting" / wing / "page").iterdir()
    }
    assert {"handwriting/web/page/index.html", "handwriting/export/page/page.html"} < pages
    readers = {f"handwriting/networks/reader/{name}.keras" for name in ("finder", "judge")}
    assert installed == modules | pages | networks | readers


@pytest.mark.parametrize("package", installation.OLDEST_PACKAGES)
def test_the_oldest_versions_are_those_that_are_checked(package):
    assert f"{package}>={installation.OLDEST_PACKAGES[package]}" in CONFIGURATION["project"]["dependencies"]
