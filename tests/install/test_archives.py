"""The wheel and the source archive hold all that they should."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

SOURCES = ("embtrainer_gui", "resources", "packaging", "tests")
IGNORED = {"__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache"}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory, top: Path) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=top, check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(archives: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(archives.glob("*.whl")))


def files(folder: Path) -> set[str]:
    """Relative names of what belongs into an archive."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not IGNORED.intersection(path.parts)
    }


def metadata(wheel: zipfile.ZipFile) -> str:
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return wheel.read(name).decode()


def test_that_the_wheel_holds_every_module_and_resource(wheel: zipfile.ZipFile, top: Path) -> None:
    inside = set(wheel.namelist())
    assert {f"embtrainer_gui/{name}" for name in files(top / "embtrainer_gui")} <= inside
    assert {f"embtrainer_gui/resources/{name}" for name in files(top / "resources")} <= inside
    assert not [name for name in inside if not name.startswith("embtrainer")]


def test_that_the_wheel_names_its_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    fields = Parser().parsestr(metadata(wheel))
    assert fields["License-Expression"] == "AGPL-3.0-or-later"
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    entry = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "embtrainer = embtrainer_gui.__main__:main" in wheel.read(entry).decode()


def test_that_papers_of_others_come_with_their_licences(wheel: zipfile.ZipFile) -> None:
    sample = [name for name in wheel.namelist() if "/resources/sample/" in name]
    assert any(name.endswith(".pdf") for name in sample)
    assert any("LICEN" in name.upper() for name in sample)
    assert "embtrainer_gui/resources/general/LICENSE.md" in wheel.namelist()


def test_that_the_source_archive_holds_all_that_is_needed_to_build_and_test(archives: Path, top: Path) -> None:
    with tarfile.open(next(archives.glob("*.tar.gz"))) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    for folder in SOURCES:
        assert {f"{folder}/{name}" for name in files(top / folder)} <= inside
    assert {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO"} <= inside
    assert not [name for name in inside if "__pycache__" in name or name.startswith(("build/", "dist/"))]
