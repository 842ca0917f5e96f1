"""Questions by a real server on loopback through a real child: made, failed, listed, and tried again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import qasync
from fake_chat import Asked, FakeChat, fake_chat
from gui.server_page import GENERATOR, MODEL, choose_server, part
from gui.window_loop import run_until
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from quoting_model import answer, passage_of

from embtrainer_gui.core import keys
from embtrainer_gui.gui.feedback import Feedback, Message, Tone
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.questions_page import QuestionsPage
from embtrainer_gui.gui.session import Session

SECONDS = 120
HARD = "bee decline"  # the topic of the paper that the model fails on
A_PAPER = 8  # passages


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat(models=(MODEL,)) as server:
        server.answer = lambda asked: "Sorry, no." if is_hard(asked) else answer(asked)
        yield server


@pytest.fixture
def page(
    session: Session, feedback: Feedback, qtbot: QtBot, loop: qasync.QEventLoop, monkeypatch: pytest.MonkeyPatch
) -> Iterator[QuestionsPage]:
    monkeypatch.setattr(keys._keyring, "works", False)
    jobs = JobManager(session, feedback)
    made = QuestionsPage(session, jobs, feedback)
    qtbot.addWidget(made)
    made.resize(1032, 600)
    made.show()
    made.enter()
    yield made
    jobs.shut_down()


def is_hard(asked: Asked) -> bool:
    return "Write " in asked.user and HARD in passage_of(asked)


def ended(page: QuestionsPage, loop: qasync.QEventLoop) -> Job:
    """Wait for the end of the job that runs now."""
    job = page.jobs.current
    assert job is not None
    run_until(loop, lambda: job.state == "ended", SECONDS)
    return job


def test_that_what_fails_is_listed_and_made_by_retry_and_the_rest_is_left_alone(
    page: QuestionsPage, session: Session, server: FakeChat, loop: qasync.QEventLoop, messages: list[Message]
) -> None:
    choose_server(page, loop, "ollama", server.address)
    part(page, "preview").click()
    ended(page, loop)
    assert "a passage" in part(page, "estimate", QLabel).text()
    before = len(session.project.pairs.all())
    assert before == 72  # the preview stores nothing

    part(page, "start").click()
    job = ended(page, loop)
    assert job.summary is not None
    made, failed = job.summary["made"], job.summary["failed"]
    assert (made > 0, failed) == (True, A_PAPER)
    assert len(session.project.pairs.all()) == before + made
    assert messages[-1].tone == Tone.WARN
    assert f"{failed} passages failed" in messages[-1].text
    assert part(page, "retry").isVisible()
    assert page._progress.sent.text() != "–"

    asked = len(server.chats)
    server.answer = answer
    part(page, "retry").click()
    run_until(loop, lambda: not session.project.server_runs.failures(GENERATOR), SECONDS)
    part(page, "pause").click()  # the checks of it all were seen above
    ended(page, loop)
    retried = server.chats[asked:]
    assert {HARD in passage_of(each) for each in retried} == {True}
    pairs = session.project.pairs.all()
    assert len(pairs) > before + made
    assert len({(pair.passage_id, pair.question) for pair in pairs}) == len(pairs)
    assert not part(page, "retry").isVisible()
