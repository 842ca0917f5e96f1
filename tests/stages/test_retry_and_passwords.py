"""Files that could not be read are tried again, encrypted ones with their password, removed ones are put back."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.messages import Event, ItemsChanged
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.stages import generate_pairs, import_papers, pair_files
from embtrainer_gui.stages.context import Context

PASSWORD = "open-sesame-4711"
CONFIG = ImportConfig(workers=1)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "project")


@pytest.fixture
def locked(tmp_path: Path, three_papers: list[Path]) -> Path:
    path = tmp_path / "locked.pdf"
    with pymupdf.open(three_papers[0]) as document:
        document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=PASSWORD, owner_pw="owner")
    return path


def context(project: Project, events: list[Event] | None = None) -> Context:
    return Context(project, (events if events is not None else []).append, threading.Event())


def read(project: Project, *sources: Path, **more: Any) -> list[tuple[str, str]]:
    summary = import_papers.run(context(project), CONFIG, sources, **more)
    return [(row["file"], row["state"]) for row in summary["files"]]


def test_that_a_password_opens_an_encrypted_file_from_the_projects_copy(project: Project, locked: Path) -> None:
    assert read(project, locked) == [("locked.pdf", "encrypted")]
    locked.unlink()
    copy = project.papers / project.documents.sources()[0].stored
    assert read(project, copy, retry=True, passwords={str(copy): "wrong"}) == [("locked.pdf", "encrypted")]
    assert "password is wrong" in project.documents.sources()[0].reason
    assert read(project, copy, retry=True, passwords={str(copy): PASSWORD}) == [("locked.pdf", "done")]
    assert [source.file_name for source in project.documents.sources()] == ["locked.pdf"]
    assert project.passages.count_in_use() > 5


def test_that_a_password_is_stored_nowhere(project: Project, locked: Path) -> None:
    events: list[Event] = []
    import_papers.run(context(project, events), CONFIG, [locked], passwords={str(locked): PASSWORD})
    assert project.documents.count() == 1
    assert PASSWORD not in repr(events)
    project.close()
    for path in project.folder.rglob("*"):
        assert path.is_dir() or PASSWORD.encode() not in path.read_bytes(), path


def test_that_retry_alone_reads_every_failed_file_that_was_kept(project: Project, locked: Path, tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing.pdf", tmp_path / "empty.pdf"
    empty.write_bytes(b"")
    read(project, locked, missing, empty)
    stored = project.papers / project.documents.sources()[0].stored
    assert read(project, retry=True, passwords={str(stored): PASSWORD}) == [("locked.pdf", "done")]


def test_that_a_file_that_can_be_opened_at_last_leaves_no_failed_row(
    project: Project, tmp_path: Path, three_papers: list[Path]
) -> None:
    paper = tmp_path / "paper.pdf"
    assert read(project, paper) == [("paper.pdf", "failed")]
    shutil.copy(three_papers[0], paper)
    assert read(project, paper) == [("paper.pdf", "done")]
    assert [source.state for source in project.documents.sources()] == ["done"]


def test_that_importing_a_removed_file_puts_it_back_with_its_pairs(
    project: Project, tmp_path: Path, pair_file: Path
) -> None:
    pair_files.import_pairs(context(project), pair_file)
    before = (project.documents.all(), project.pairs.all(), project.passages.fingerprint())
    project.documents.remove([project.documents.sources()[0].id], utc_now())
    assert project.pairs.all() == []
    summary = pair_files.import_pairs(context(project), pair_file)
    assert (summary["added"], summary["known"]) == (0, 60)
    assert (project.documents.all(), project.pairs.all(), project.passages.fingerprint()) == before


def test_that_a_removed_paper_is_put_back_without_being_read_again(project: Project, three_papers: list[Path]) -> None:
    read(project, three_papers[0])
    document = project.documents.all()[0]
    project.documents.remove([project.documents.sources()[0].id], utc_now())
    summary = import_papers.run(context(project), CONFIG, [three_papers[0]])
    assert summary["files"][0]["state"] == "done"
    assert summary["files"][0]["passages"] == project.passages.count_in_use() > 0
    assert project.documents.all()[0] == document


def test_that_a_grown_corpus_takes_the_ids_of_a_removed_one(project: Project, tmp_path: Path) -> None:
    text = "Rice blast is a disease of rice that a fungus causes. It spreads in warm and wet weather over fields. "
    corpus = tmp_path / "corpus.jsonl"
    for rows in (2, 3):
        lines = [json.dumps({"_id": f"{n}", "title": f"T{n}", "text": text * (n + 1)}) + "\n" for n in range(rows)]
        corpus.write_text("".join(lines), encoding="utf-8")
        read(project, corpus)
        if rows == 2:
            project.documents.remove([project.documents.sources()[0].id], utc_now())
    assert {passage.key for passage in project.passages.in_use()} == {"0", "1", "2"}


def test_that_questions_are_announced_as_they_are_stored(project: Project, three_papers: list[Path]) -> None:
    read(project, three_papers[0])
    events: list[Event] = []
    summary = generate_pairs.run(context(project, events), generate_pairs.GenerateConfig())
    told = [event.count for event in events if isinstance(event, ItemsChanged) and event.table == "pairs"]
    assert sum(told) == summary["made"] > 0
