"""The .deb: installed by dpkg, started, removed. It changes this machine, so it wants root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from install.program import Program
from install.screen import virtual_screen

pytestmark = [pytest.mark.packages, pytest.mark.timeout(1200)]


@pytest.fixture
def package(top: Path) -> Path:
    found = sorted((top / "dist").glob("embtrainer_*.deb"))
    if not found or shutil.which("dpkg") is None or os.geteuid() != 0:
        pytest.skip("this wants a .deb (python packaging/build.py deb), dpkg and root")
    if subprocess.run(["dpkg", "-s", "embtrainer"], capture_output=True, check=False).returncode == 0:
        pytest.skip("embtrainer is installed on this machine already")
    return found[-1]


def test_that_the_package_is_installed_started_and_removed(package: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg", "--install", str(package)], check=True, capture_output=True)
    try:
        program = Program(Path("/usr/bin/embtrainer"), tmp_path / "home")
        assert program.json("doctor")["versions"]["torch"]
        assert Path("/usr/share/man/man1/embtrainer.1.gz").is_file()
        with virtual_screen() as screen:
            process = program.open(screen)
            window = screen.window("Embedding Trainer", seconds=60, process=process)
            screen.picture(tmp_path / "window.png")
            screen.press(window, "ctrl+q")
            assert process.wait(30) == 0
    finally:
        subprocess.run(["dpkg", "--purge", "embtrainer"], check=True, capture_output=True)
    left = [Path("/usr/bin/embtrainer"), Path("/usr/lib/embtrainer"), Path("/usr/share/doc/embtrainer")]
    assert not [path for path in left if os.path.lexists(path)]
