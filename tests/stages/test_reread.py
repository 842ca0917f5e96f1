"""Papers of a project are read again with another extractor: wholly or not at all, and nothing is lost."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from made_pdfs import SENTENCES, add_scan_page, add_text_page, save

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.messages import Event
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.store import Project, create_project
from embtrainer_gui.stages import import_papers
from embtrainer_gui.stages.context import Context

OTHERS = tuple(f"Wheat number {n} grows slowly on dry and stony fields." for n in range(9))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "project")


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return save(tmp_path / "a.pdf", lambda d: add_text_page(d, SENTENCES * 2), lambda d: add_text_page(d, OTHERS))


def run(project: Project, *sources: Path, again: Any = "changed", **fields: Any) -> list[dict[str, Any]]:
    events: list[Event] = []
    context = Context(project, events.append, threading.Event())
    config = ImportConfig.model_validate({"workers": 1, **fields})
    found: list[dict[str, Any]] = import_papers.run(context, config, sources, again=again)["files"]
    return found


def how(project: Project) -> tuple[str, str, str]:
    (source,) = project.documents.sources()
    return source.extractor, source.how.wanted, source.how.page_range


def test_that_why_and_score_of_an_import_are_stored(project: Project, paper: Path) -> None:
    run(project, paper)
    (source,) = project.documents.sources()
    assert how(project) == ("text", "auto", "")
    assert "text layer" in source.how.why
    assert source.how.score == 1.0


def test_that_a_known_file_is_read_again_only_when_it_is_to_be_read_otherwise(project: Project, paper: Path) -> None:
    run(project, paper)
    assert [row["state"] for row in run(project, paper)] == ["duplicate"]
    assert [row["state"] for row in run(project, paper, extractor="layout")] == ["done"]
    assert how(project) == ("layout", "layout", "")
    assert [row["state"] for row in run(project, paper, extractor="layout")] == ["duplicate"]
    assert [row["state"] for row in run(project, paper)] == ["duplicate"]
    assert [row["state"] for row in run(project, paper, extractor="auto", again="never")] == ["duplicate"]
    assert [row["state"] for row in run(project, paper, pages="2")] == ["done"]
    assert how(project) == ("layout", "layout", "2")
    assert {passage.page for passage in project.passages.in_use()} == {2}
    assert [row["state"] for row in run(project, paper, extractor="text", pages="")] == ["done"]
    assert how(project) == ("text", "text", "")
    assert len(project.documents.all()) == 1


def test_that_a_copy_in_the_project_can_be_read_again_when_the_file_is_gone(project: Project, paper: Path) -> None:
    run(project, paper)
    copy = project.papers / project.documents.sources()[0].stored
    paper.unlink()
    (row,) = run(project, copy, again="always")
    assert (row["file"], row["state"]) == ("a.pdf", "done")
    assert row["reason"].startswith("Read again: ")


def test_that_a_paper_that_cannot_be_read_in_the_new_way_stays_as_it_was(project: Project, paper: Path) -> None:
    run(project, paper)
    before = project.documents.sources(), list(project.passages.in_use())
    (row,) = run(project, paper, pages="70-80")
    assert row["state"] == FileState.FAILED
    assert "stays as it was read before" in row["reason"]
    assert (project.documents.sources(), list(project.passages.in_use())) == before


def test_that_cancelling_leaves_the_earlier_reading(project: Project, paper: Path) -> None:
    run(project, paper)
    before = project.documents.sources(), list(project.passages.in_use())
    cancelled = threading.Event()
    cancelled.set()
    context = Context(project, lambda event: None, cancelled)
    with pytest.raises(Cancelled):
        import_papers.run(context, ImportConfig(extractor="layout", workers=1), [paper], again="changed")
    assert (project.documents.sources(), list(project.passages.in_use())) == before


def test_that_a_kill_leaves_the_earlier_reading_or_the_new_one(project: Project, paper: Path, kills: int) -> None:
    def state() -> tuple[list[str], int]:
        texts = [passage.text for passage in project.passages.in_use()]
        return texts, project.database.one("SELECT count(*) FROM passages")

    run(project, paper)
    good = [state()]
    run(project, paper, pages="2")
    good.append(state())
    for kill in range(kills):
        pages = ("--pages=", "--pages=2")[kill % 2]
        command = [sys.executable, "-m", "embtrainer_gui", "import", str(project.folder), str(paper), pages]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(0.4 + 0.9 * kill / kills)
        child.kill()
        child.wait()
        assert state() in good
    run(project, paper, pages="")
    assert state() == good[0]


def test_that_recognised_pages_are_kept_and_used_again(project: Project, tmp_path: Path) -> None:
    scan = save(tmp_path / "scan.pdf", lambda d: add_text_page(d, OTHERS), add_scan_page)
    run(project, scan)
    (source,) = project.documents.sources()
    assert source.extractor == "text+ocr"
    assert project.database.one("SELECT count(*) FROM read_pages WHERE hash = ?", (source.hash,)) == 1
    at = project.database.one("SELECT at FROM read_pages")
    (row,) = run(project, scan, again="always")
    assert row["state"] == "done"
    assert project.database.one("SELECT at FROM read_pages") == at


def test_that_an_extractor_that_is_not_installed_is_refused_at_once(project: Project, paper: Path) -> None:
    with pytest.raises(UserError) as problem:
        run(project, paper, extractor="docling")
    assert "docling" in str(problem.value)
    assert not project.documents.sources()


def test_that_text_files_are_not_read_again(project: Project, tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text(" ".join(SENTENCES))
    run(project, text)
    assert [row["state"] for row in run(project, text, extractor="ocr")] == ["duplicate"]
