"""The script beside an exported index is run as a user would run it: another process, another working folder."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import faiss
import pytest

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import SearchConfig
from embtrainer_gui.core.store import Project, open_project
from embtrainer_gui.stages import export_index, search
from embtrainer_gui.stages.context import Context

QUESTION = "Which essential oils act against bacteria?"


def context(project: Project) -> Context:
    return Context(project, lambda event: None, threading.Event())


@pytest.fixture
def exported(project_folder: Path, tmp_path: Path) -> Path:
    out = tmp_path / "taken away" / "index"
    out.parent.mkdir()
    with open_project(project_folder) as project:
        export_index.export_faiss(context(project), out)
    return out


def test_that_the_script_finds_the_same_as_the_program(exported: Path, project_folder: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(exported / "search_index.py"), str(bundled_folder()), QUESTION],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = [line.split(": ")[0].split(maxsplit=1) for line in ran.stdout.splitlines()]
    with open_project(project_folder) as project:
        hits = search.run(context(project), SearchConfig(model="base"), QUESTION)["hits"]
    assert [place for _, place in found] == [f"{hit['document']}, page {hit['page']}" for hit in hits]
    assert [float(score) for score, _ in found] == pytest.approx([hit["score"] for hit in hits], abs=2e-3)


def test_that_index_and_rows_belong_together(exported: Path) -> None:
    rows = [json.loads(line) for line in (exported / "passages.jsonl").open(encoding="utf-8")]
    assert faiss.read_index(str(exported / "passages.faiss")).ntotal == len(rows)
    assert set(rows[0]) == {"_id", "title", "text", "document", "page", "section", "boxes"}


def test_that_the_script_is_short_enough_to_read(exported: Path) -> None:
    code = (exported / "search_index.py").read_text(encoding="utf-8").split('"""')[-1]
    statements = [line for line in code.splitlines() if line and not line.startswith(("import ", "from "))]
    assert len(statements) <= 10
