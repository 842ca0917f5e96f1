"""An import that is cancelled anywhere leaves each file wholly in or wholly out, and can be gone on with."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import Cancelled
from embtrainer_gui.core.messages import Event
from embtrainer_gui.core.store import Project, create_project
from embtrainer_gui.core.store.integrity import examine
from embtrainer_gui.stages import import_papers
from embtrainer_gui.stages.context import Context

FILES, WORDS = 12, 1500
CANCELS, SOAK = 3, 50
CONFIG = ImportConfig(workers=1)
Content = dict[str, list[str]]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Each of several hundred words of its own, so that it has several passages and none is a twin."""
    folder, dice = tmp_path / "texts", random.Random(1)
    folder.mkdir()
    for number in range(FILES):
        words = [f"w{dice.randrange(9999)}" for _ in range(WORDS)]
        lines = [" ".join(words[at : at + 12]).capitalize() + "." for at in range(0, WORDS, 12)]
        (folder / f"text{number:02}.txt").write_text(" ".join(lines), encoding="utf-8")
    return folder


def content(project: Project) -> Content:
    found: Content = {}
    documents = {document.id: document.file_name for document in project.documents.all()}
    for passage in project.passages.in_use():
        found.setdefault(documents[passage.document_id], []).append(passage.text)
    return found


def orphans(project: Project) -> int:
    count: int = project.database.one(
        "SELECT (SELECT count(*) FROM sources WHERE state = 'reading')"
        " + (SELECT count(*) FROM documents WHERE source_id NOT IN (SELECT id FROM sources))"
        " + (SELECT count(*) FROM passages WHERE document_id NOT IN (SELECT id FROM documents))"
    )
    return count


def test_that_cancelled_imports_leave_whole_files_only(
    texts: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with create_project(tmp_path / "whole") as project:
        import_papers.run(context(project, lambda event: None), CONFIG, [texts])
        whole = content(project)
    assert len(whole) == FILES
    dice, seen = random.Random(5), set()
    for round_ in range(SOAK if request.config.getoption("--soak") else CANCELS):
        left = [dice.randrange(1, 2 * FILES)]  # events until the cancel
        with create_project(tmp_path / f"try{round_}") as project:
            cancelled = threading.Event()

            def count(event: Event, left: list[int] = left, cancelled: threading.Event = cancelled) -> None:
                left[0] -= 1
                if left[0] <= 0:
                    cancelled.set()

            with suppress(Cancelled):
                import_papers.run(Context(project, count, cancelled), CONFIG, [texts])
            part = content(project)
            assert all(passages == whole[name] for name, passages in part.items())
            assert orphans(project) == 0
            seen.add(len(part))
            if round_ == 0:  # and the rest comes with the next import
                import_papers.run(context(project, lambda event: None), CONFIG, [texts])
                assert content(project) == whole
        assert examine(tmp_path / f"try{round_}" / "project.db") == ()
    assert seen - {FILES}  # some were stopped half way


def context(project: Project, emit: Callable[[Any], None]) -> Context:
    return Context(project, emit, threading.Event())
