"""The page of questions: a look at a few, the batch with its figures, pause and resume, and what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from gui.fakes import FakeJobs
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.messages import ItemsChanged, Status, Warned
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.questions_page import QuestionsPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets import generate_progress

QUESTION = {"question": "What causes rice blast?", "answer": "a fungus", "kind": "cause", "reasons": ["copied"]}


@pytest.fixture
def said(feedback: Feedback) -> list[Message]:
    messages: list[Message] = []
    feedback.banner.connect(messages.append)
    feedback.toast.connect(messages.append)
    return messages


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> QuestionsPage:
    made = QuestionsPage(session, jobs, feedback)
    qtbot.addWidget(made)
    made.resize(1032, 600)
    made.show()
    made.enter()
    return made


def part(page: QuestionsPage, name: str) -> Any:
    found = page.findChild(object, f"questions.{name}")
    assert found is not None, name
    return found


def texts(widget: Any) -> str:
    labels = [*widget.findChildren(QLabel), *widget.findChildren(QAbstractButton)]
    return "\n".join(label.text() for label in labels)


def go_through(session: Session, passages: int | None = None) -> None:
    """Note that the generator has been through some passages."""
    ids = [passage.id for passage in session.project.passages.in_use()][:passages]
    session.project.pairs.add_generated("builtin", [(number, ()) for number in ids])
    session.table_changed.emit("pairs")


def preview_of(passages: list[int], **more: Any) -> dict[str, Any]:
    """A summary of the stage "preview": a question of the second passage, none of the others."""
    rows = [
        {"passage": number, "questions": [QUESTION] if place == 1 else [], "problem": "", "seconds": 2.0}
        for place, number in enumerate(passages)
    ]
    took = {"seconds": 10.0, "prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}
    return {"passages": rows, **took, "waiting": 24, "waiting_seconds": 48.0, "waiting_cost": 0.0, **more}


def total(session: Session) -> int:
    return sum(session.project.pairs.counts().values())


def new_pair(session: Session, number: int) -> None:
    passage = next(iter(session.project.passages.in_use()))
    question = f"Question number {number}?"
    kind = QuestionKind.DEFINITION
    session.project.pairs.add([NewPair(f"new-{number}", passage.id, question, "A", kind, "b", utc_now(), "r", {})])


def test_that_the_page_says_what_leaves_the_computer_and_what_the_button_would_do(page: QuestionsPage) -> None:
    assert "Nothing leaves this computer" in texts(page)
    assert "24 passages, at most 6 questions of each" in part(page, "todo").text()
    page._setup.form.set_values({"per_passage": 3})
    assert "at most 3 questions" in part(page, "todo").text()


def test_that_start_runs_the_settings_of_the_form_and_keeps_them(
    session: Session, page: QuestionsPage, jobs: FakeJobs
) -> None:
    page._setup.form.set_values({"per_passage": 3})
    part(page, "start").click()
    assert jobs.specs[-1].stage == "generate"
    assert jobs.specs[-1].config == GenerateConfig(per_passage=3).model_dump(mode="json")
    assert session.kept("questions")["config"]["per_passage"] == 3
    page._setup.form.set_values({"per_passage": 5})
    page.leave()
    page._setup.form.set_values({"per_passage": 6})
    page.enter()
    assert page._setup.form.values()["per_passage"] == 5


def test_that_a_setting_out_of_bounds_cannot_be_started(page: QuestionsPage, jobs: FakeJobs) -> None:
    page._setup.form._lines["per_passage"].editor.set_value(99)
    page._setup.form.changed.emit()
    assert page._setup.form.errors()
    assert not part(page, "start").isEnabled()


def test_that_the_figures_follow_the_job(
    qtbot: QtBot, session: Session, page: QuestionsPage, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(generate_progress.time, "monotonic", lambda: clock[0])
    part(page, "start").click()
    progress = page._progress
    assert progress.isVisible()
    assert not part(page, "start").isVisible()
    jobs.say(Status(text="Loading the question generator (basic)..."))
    assert "Loading" in texts(progress)
    jobs.progress(1, 24, "paper0.pdf")
    clock[0] += 10
    jobs.say(ItemsChanged(table="pairs", count=60))
    jobs.progress(11, 24, "paper1.pdf")
    assert (progress.made.text(), progress.rate.text(), progress.left.text()) == ("60", "360", "13 s")
    assert "11 of 24 passages" in texts(progress)
    assert "paper1.pdf" in texts(progress)
    for number in range(4):
        new_pair(session, number)
    jobs.say(ItemsChanged(table="pairs", count=4))
    qtbot.waitUntil(lambda: "Question number 3?" in texts(progress))
    assert "Question number 1?" in texts(progress)
    assert "Question number 0?" not in texts(progress)


def test_that_the_figures_stay_when_the_page_is_visited_again(page: QuestionsPage, jobs: FakeJobs) -> None:
    part(page, "start").click()
    jobs.progress(1, 24, "paper0.pdf")
    jobs.say(ItemsChanged(table="pairs", count=60))
    page.leave()
    page.enter()
    assert page._progress.made.text() == "60"


def test_that_the_checks_are_told_apart_from_the_making(page: QuestionsPage, jobs: FakeJobs) -> None:
    part(page, "start").click()
    jobs.progress(24, 24, "paper2.pdf")
    jobs.say(ItemsChanged(table="pairs", count=50))
    jobs.say(Status(text="Checking the questions..."))
    jobs.progress(10, 50)
    jobs.say(ItemsChanged(table="pairs", count=7))
    assert "Checking the questions..." in texts(page._progress)
    assert page._progress.made.text() == "50"


def test_that_pause_keeps_what_was_made_and_resume_goes_on(
    session: Session, page: QuestionsPage, jobs: FakeJobs, said: list[Message]
) -> None:
    part(page, "start").click()
    jobs.progress(10, 24, "paper0.pdf")
    part(page, "pause").click()
    assert jobs.stopped
    assert "Pausing" in texts(page._progress)
    assert not part(page, "pause").isEnabled()
    go_through(session, 10)
    jobs.end_cancelled()
    assert f"{total(session)} questions are kept" in said[-1].text
    assert "10 of 24 passages are done" in part(page, "todo").text()
    assert part(page, "start").text() == "Resume"
    part(page, "start").click()
    assert jobs.specs[-1].stage == "generate"


def test_that_the_end_shows_kinds_and_reasons_and_leads_to_review(
    qtbot: QtBot, session: Session, page: QuestionsPage, jobs: FakeJobs, said: list[Message]
) -> None:
    part(page, "start").click()
    go_through(session)
    new_pair(session, 1)
    session.project.pairs.set_reasons({pair.id: pair.reasons for pair in session.project.pairs.all()})
    jobs.say(Warned(text="2 passages gave no question."))
    jobs.finish({"made": 1, "failed": 0, "calls": 0})
    outcome = part(page, "outcome")
    assert outcome.isVisible()
    flagged = sum(bool(pair.reasons) for pair in session.project.pairs.all())
    assert f"{total(session)} questions, {flagged} of them flagged" in texts(outcome)
    assert f"Fact {total(session) - 1}" in texts(outcome)
    assert "Definition 1" in texts(outcome)
    assert f"Copied wording {flagged}" in texts(outcome)
    assert any("2 passages gave no question" in message.text for message in said)
    with qtbot.waitSignal(page.go_to) as wanted:
        part(page, "review").click()
    assert wanted.args == [Step.REVIEW]


def test_that_questions_of_removed_papers_are_not_counted(session: Session, page: QuestionsPage) -> None:
    before = total(session)
    session.project.documents.remove([session.project.documents.sources()[0].id], utc_now())
    session.table_changed.emit("documents")
    assert 0 < total(session) < before
    assert f"{total(session)} questions" in texts(part(page, "outcome"))


def test_that_groups_of_similar_questions_are_counted(session: Session, page: QuestionsPage) -> None:
    similar = part(page, "similar")
    assert not similar.isVisible()
    with session.project.database.transaction() as connection:
        connection.execute("UPDATE pairs SET alike = 1 WHERE id IN (1, 2, 3)")
        connection.execute("UPDATE pairs SET alike = 70 WHERE id IN (70, 71)")  # of another paper
    session.table_changed.emit("pairs")
    assert similar.text() == "5 questions resemble another one, in 2 groups"
    session.project.documents.remove([session.project.documents.sources()[0].id], utc_now())
    session.table_changed.emit("documents")
    assert similar.text() == "2 questions resemble each other"


def test_that_unchecked_questions_are_checked_by_resume(session: Session, page: QuestionsPage) -> None:
    go_through(session)
    assert not part(page, "start").isVisible()
    new_pair(session, 1)
    session.table_changed.emit("pairs")
    assert part(page, "start").isVisible()
    assert part(page, "start").isEnabled()
    assert "not all questions are checked" in part(page, "todo").text()
    assert "1 of them not checked yet" in texts(part(page, "outcome"))


def test_that_the_preview_shows_five_passages_one_at_a_time(page: QuestionsPage, jobs: FakeJobs) -> None:
    part(page, "preview").click()
    first = jobs.specs[-1].options["passages"]
    assert (jobs.specs[-1].stage, len(first)) == ("preview", 5)
    jobs.say(Status(text="Loading the question generator (basic)..."))
    assert "Loading" in texts(page._preview)
    jobs.finish(preview_of(first))
    assert part(page, "preview-place").text() == "1 of 5"
    assert "makes no question" in texts(page._preview._scroll)
    part(page, "preview-next").click()
    shown = texts(page._preview._scroll)
    assert part(page, "preview-place").text() == "2 of 5"
    assert all(text in shown for text in ("What causes rice blast?", "a fungus", "Cause", "Copied wording"))
    part(page, "next-sample").click()
    assert jobs.specs[-1].options["passages"] != first


def test_that_a_preview_that_failed_shows_the_last_one_again(page: QuestionsPage, jobs: FakeJobs) -> None:
    part(page, "preview").click()
    jobs.fail("It broke.")
    assert part(page, "preview").isVisible()


def test_that_the_real_generator_previews_and_stores_nothing(
    qtbot: QtBot, session: Session, feedback: Feedback
) -> None:
    jobs = JobManager(session, feedback)
    page = QuestionsPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.show()
    page.enter()
    pairs = len(session.project.pairs.all())
    with qtbot.waitSignal(jobs.job_ended, timeout=60_000):
        part(page, "preview").click()
    assert part(page, "preview-place").text() == "1 of 5"
    assert len(session.project.pairs.all()) == pairs
    jobs.shut_down()
