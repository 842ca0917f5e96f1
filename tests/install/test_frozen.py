"""The frozen program from a folder with a space and letters beyond ASCII, on a machine that has no Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import psutil
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


def test_that_every_module_finds_the_libraries_that_it_is_linked_with(program: Program) -> None:
    inside = program.executable.parent / "_internal"
    environment = {**os.environ, "LD_LIBRARY_PATH": str(inside)}
    modules = [*inside.rglob("*.cpython-*.so"), *inside.rglob("*.abi3.so"), *inside.glob("PySide6/Qt/plugins/*/*.so")]
    assert modules
    for path in modules:
        told = subprocess.run(["ldd", path], env=environment, capture_output=True, text=True, check=False).stdout
        assert "not found" not in told, f"{path.relative_to(inside)}: {told}"


def test_that_questions_are_written_and_read_as_parquet(program: Program, tmp_path: Path, top: Path) -> None:
    paper = top / "resources" / "sample" / "papers" / "PMC5758638.pdf"
    project = tmp_path / "p"
    program.json("import", project, paper)
    program.json("generate", project)
    table = tmp_path / "questions.parquet"
    program.json("pairs", project, "export", table, "--state", "all")
    assert table.stat().st_size > 0
    program.json("pairs", project, "import", table, "--preview", "1")


def test_that_children_take_the_libraries_of_the_bundle(program: Program, tmp_path: Path, top: Path) -> None:
    papers = top / "resources" / "sample" / "papers"
    command = [str(program.executable), "import", str(tmp_path / "p"), str(papers)]
    process = subprocess.Popen(command, env=program.environment, cwd=program.home, stdout=subprocess.DEVNULL)
    taken: set[str] = set()
    environments: list[dict[str, str]] = []
    while process.poll() is None:
        try:
            for child in psutil.Process(process.pid).children(recursive=True):
                taken |= {found.path for found in child.memory_maps() if ".so" in found.path}
                environments.append(child.environ())
        except psutil.Error:  # it has ended meanwhile
            pass
        time.sleep(0.05)
    assert process.returncode == 0
    inside = {path.name for path in program.executable.parent.rglob("*.so*")}
    assert any("mupdf" in path for path in taken)
    outside = {path for path in taken if not path.startswith(str(program.executable.parent))}
    assert not {path for path in outside if Path(path).name in inside}
    assert not any("QT_PLUGIN_PATH" in environment for environment in environments)
