"""Counts and lists of a large project: read in indexes, and the same as those counted row by row."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from embtrainer_gui.core.question_passages import condition
from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store import database as database_module
from embtrainer_gui.core.store.document_list import DocumentList
from embtrainer_gui.core.store.schema import HIDDEN, MIGRATIONS

OLD_ROWS = (  # of a project of version 2
    "INSERT INTO sources (id, hash, file_name, state, added_at) VALUES (1, 'hash', 'paper.pdf', 'done', '')",
    "INSERT INTO documents (id, source_id, title, pages, sketch, group_id) VALUES (1, 1, 'T', 1, x'', 1)",
    "INSERT INTO passages VALUES (1, 'a', 1, 1, 'body', '', 1, 'body text', '[]', 3)",
    "INSERT INTO passages VALUES (2, 'b', 1, 2, 'caption', '', 1, 'caption text', '[]', 3)",
)
KINDS = (BlockKind.BODY, BlockKind.CAPTION, BlockKind.ABSTRACT)
SHOWN = (
    " FROM passages p JOIN documents d ON d.id = p.document_id JOIN sources s ON s.id = d.source_id"
    " WHERE s.state IN ('done', 'partial') AND s.removed_at IS NULL AND p.kind IN ('body', 'abstract', 'list')"
)


def add(project: Project, name: str, state: FileState | None = FileState.DONE, documents: int = 1) -> int:
    """A file with documents of three passages each; it is still being read where ``state`` is None."""
    source = project.documents.begin(f"hash-{name}", name, utc_now())
    for number in range(documents):
        drafts = [PassageDraft(f"{name} {number} {kind}", kind, "", 1, (), 3) for kind in KINDS]
        keys = [f"{name}-{number}-{kind}" for kind in KINDS]
        project.documents.add(source, f"{name} {number}", 1, drafts, keys, (1,), None)
    if state is not None:
        project.documents.finish(source, state, "", 1, "pdf", "")
    return source


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Files of every state, some with documents that must not be shown; one of them the newest."""
    made = create_project(tmp_path / "project")
    add(made, "first.pdf")
    add(made, "failed.pdf", FileState.FAILED, 0)
    add(made, "corpus.jsonl", FileState.PARTIAL, 3)
    add(made, "twin.pdf", FileState.DUPLICATE, 0)
    add(made, "half.jsonl", FileState.STOPPED, 2)
    removed = add(made, "removed.pdf", documents=2)
    add(made, "last.pdf")
    add(made, "reading.pdf", None)
    made.documents.remove([removed], utc_now())
    return made


def test_that_what_is_hidden_counts_nowhere(project: Project) -> None:
    count, newest, total = project.database.rows(f"SELECT count(*), max(p.id), sum(p.id){SHOWN}")[0]
    assert project.passages.count_in_use() == count == len(list(project.passages.in_use())) == 10
    assert project.passages.fingerprint() == f"{count}-{newest}-{total}"
    assert project.documents.count() == len(project.documents.all()) == 5
    passage = next(project.passages.in_use())
    project.pairs.add_generated("builtin", [(passage.id, [])])
    assert project.passages.count_without_questions("builtin") == 9
    assert project.passages.count_without_questions("other") == 10


def test_that_a_project_without_passages_has_its_old_fingerprint(tmp_path: Path) -> None:
    with create_project(tmp_path / "empty") as project:
        add(project, "failed.pdf", FileState.FAILED, 1)
        assert project.passages.fingerprint() == "0-None-None"


def test_that_failed_files_come_first_and_duplicates_stay_where_they_were_imported(project: Project) -> None:
    listed = DocumentList(project.database)
    rows = listed.rows(0, 99, project.passages.counts_of_documents)
    assert [(row.file_name, row.title) for row in rows] == [
        ("failed.pdf", ""), ("half.jsonl", ""),
        ("first.pdf", "first.pdf 0"), ("corpus.jsonl", "corpus.jsonl 0"), ("corpus.jsonl", "corpus.jsonl 1"),
        ("corpus.jsonl", "corpus.jsonl 2"), ("twin.pdf", ""), ("last.pdf", "last.pdf 0"),
    ]  # fmt: skip
    assert [listed.number_of(row.source, row.document) for row in rows] == list(range(len(rows))) == list(range(8))
    assert listed.number_of(99, 0) == listed.number_of(1, 99) == -1
    assert listed.files() == len(project.documents.sources()) == 6
    assert [row.passages for row in rows] == [0, 0, 2, 2, 2, 2, 0, 2]
    assert listed.rows(3, 2, project.passages.counts_of_documents) == rows[3:5]


def test_that_counts_read_indexes_alone(project: Project) -> None:
    counted = f"SELECT count(*) FROM sources s CROSS JOIN documents d ON d.source_id = s.id WHERE {HIDDEN}"
    plan = [row[3] for row in project.database.rows(f"EXPLAIN QUERY PLAN {counted}")]
    assert "sources_hidden" in plan[0]
    counted = "SELECT count(*), sum(p.id) FROM passages p WHERE p.kind IN ('body', 'list')"
    plan = [row[3] for row in project.database.rows(f"EXPLAIN QUERY PLAN {counted}")]
    assert "COVERING INDEX passages_kind" in plan[0]
    counted = f"SELECT count(*) FROM passages p WHERE p.kind IN ('body', 'list'){condition('builtin')}"
    plan = [row[3] for row in project.database.rows(f"EXPLAIN QUERY PLAN {counted}")]
    assert "COVERING INDEX passages_kind" in plan[0]


def test_that_a_project_of_the_version_before_gets_the_indexes_and_keeps_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(database_module, "MIGRATIONS", MIGRATIONS[:2])
        before.setattr(database_module, "SCHEMA_VERSION", 2)
        with create_project(tmp_path / "project") as old, old.database.transaction() as connection:
            for row in OLD_ROWS:
                connection.execute(row)
    with open_project(tmp_path / "project") as project:
        assert (project.passages.count_in_use(), project.passages.fingerprint()) == (1, "1-1-1")
        assert [(document.file_name, document.title) for document in project.documents.all()] == [("paper.pdf", "T")]
        assert [(passage.text, passage.language) for passage in project.passages.in_use()] == [("body text", "")]
        names = {row[0] for row in project.database.rows("SELECT name FROM sqlite_schema WHERE type = 'index'")}
        assert {"passages_kind", "sources_hidden"} <= names
    copy = apsw.Connection(str(tmp_path / "project" / "project.db.before-3"))
    assert copy.pragma("user_version") == 2
    copy.close()
