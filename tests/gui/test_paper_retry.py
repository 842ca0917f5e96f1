"""A retry that does not end: the failed file keeps its row, its state and its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gui.papers_help import part, shown, titles
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.models.documents_table import REASON_ROLE, STATE, TITLE
from embtrainer_gui.gui.pages.papers_page import PapersPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.stages.sources import content_hash

TEXT = "Rice blast is a disease of rice that a fungus causes. It spreads in warm and wet weather over large fields. "
DOCUMENTS = 20_000  # many seconds of writing


@pytest.fixture
def stopped(empty_session: Session) -> Path:
    """A large file whose first reading was stopped; the project keeps its copy."""
    project = empty_session.project
    draft = project.papers / "draft"
    with draft.open("w", encoding="utf-8") as file:
        for number in range(DOCUMENTS):
            file.write(json.dumps({"_id": f"{number}", "title": f"Title {number}", "text": f"{TEXT}{number}"}) + "\n")
    hash_ = content_hash(draft)
    copy = draft.rename(project.papers / f"{hash_}.jsonl")
    source = project.documents.begin(hash_, "corpus.jsonl", utc_now())
    project.documents.finish(source, FileState.STOPPED, "Stopped: it took longer than 20 s.", 0, "", copy.name)
    return copy


@pytest.mark.parametrize("end", ["cancel", "kill"])
def test_that_a_retry_that_is_ended_in_the_middle_leaves_the_row_with_its_state_and_reason(
    qtbot: QtBot, empty_session: Session, real_jobs: JobManager, feedback: Feedback, stopped: Path, end: str
) -> None:
    page = shown(qtbot, PapersPage(empty_session, real_jobs, feedback))
    project = empty_session.project
    before = project.documents.sources()
    part(page, "retry").click()
    job = real_jobs.current
    assert job is not None
    qtbot.waitUntil(lambda: bool(project.database.one("SELECT count(*) FROM documents")), timeout=60_000)
    with qtbot.waitSignal(real_jobs.job_ended, timeout=60_000):
        getattr(real_jobs, end)(job)
    assert job.summary is None
    assert job.cancelled
    model = part(page, "table").model()
    assert titles(page) == ["corpus.jsonl"]
    assert model.index(0, STATE).data() == "Stopped"
    assert "took longer" in model.index(0, TITLE).data(REASON_ROLE)
    assert part(page, "retry").isVisible()
    assert project.documents.sources() == before
    assert stopped.is_file()
