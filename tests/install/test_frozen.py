"""The frozen program from a folder with a space and letters beyond ASCII, on a machine that has no Python."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from install.program import Program
from install.screen import virtual_screen

pytestmark = [pytest.mark.packages, pytest.mark.timeout(3000)]


@pytest.fixture
def program(bundle: Path, tmp_path: Path) -> Program:
    folder = tmp_path / "Programme für alle"
    shutil.copytree(bundle, folder, symlinks=True, copy_function=os.link)
    return Program(folder / "embtrainer", tmp_path / "zu Hause")


def test_that_it_opens_runs_the_sample_to_its_verdict_and_closes(program: Program) -> None:
    with virtual_screen() as screen:
        seen = program.sample_by_hand(screen)
    print({name: seen[name] for name in ("window", "sample")})
    assert seen["code"] == 0, seen["errors"]
    assert "Traceback" not in seen["errors"]
    assert program.json("status", seen["project"])["runs"]


def test_that_the_doctor_finds_all_parts_inside(program: Program) -> None:
    report = program.json("doctor")
    assert all(report["versions"].values()), report["versions"]
    cures = " ".join(finding["cure"] for finding in report["findings"])
    assert "Install the program again" not in cures, report["findings"]


def test_that_scans_are_read_and_a_model_is_exported(program: Program, tmp_path: Path, top: Path) -> None:
    paper = top / "resources" / "sample" / "papers" / "PMC5758638.pdf"
    read = program.json("import", tmp_path / "p", paper, "--extractor", "ocr", "--pages", "1")
    assert read["passages"] > 0
    found = program.json("search", tmp_path / "p", "essential oils", "--model", "base")
    assert found["hits"]
