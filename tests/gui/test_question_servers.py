"""Questions by a server, as the page tells it: consent, estimate, figures, outages, and passages that failed."""

from __future__ import annotations

import pytest
import qasync
from gui.fakes import FakeJobs
from gui.server_page import FAR, GENERATOR, LOCAL, MODEL, choose_server, part
from gui.test_questions_page import preview_of
from gui.window_loop import run_until
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core import consent, keys
from embtrainer_gui.core.messages import Asked, ItemsChanged, Status, Waiting
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.reader import ProjectReader
from embtrainer_gui.core.store.server_runs import AskState
from embtrainer_gui.core.workflow import Step, StepState, steps
from embtrainer_gui.gui.feedback import Feedback, Message, Tone
from embtrainer_gui.gui.pages.questions_page import QuestionsPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets import generate_progress, outage_line

CUT, NO_JSON = "The reply was cut off.", "The reply held no question."
SUMMARY = {"made": 312, "failed": 0, "calls": 0}


@pytest.fixture
def page(
    session: Session,
    jobs: FakeJobs,
    feedback: Feedback,
    qtbot: QtBot,
    loop: qasync.QEventLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> QuestionsPage:
    monkeypatch.setattr(keys._keyring, "works", False)
    made = QuestionsPage(session, jobs, feedback)
    qtbot.addWidget(made)
    made.resize(1032, 600)
    made.show()
    made.enter()
    return made


def answer_question(name: str, asked: list[str]) -> None:
    """Click this button of the dialog that opens next; ``asked`` gets what it says."""

    def click() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        asked.append("\n".join(text.text() for text in dialog.findChildren(QLabel)))
        dialog.findChild(QPushButton, f"question.{name}").click()

    QTimer.singleShot(0, click)


def fail_passages(session: Session, cut: int, no_json: int) -> None:
    """Note that all passages were asked about, and some of them failed."""
    ids = [passage.id for passage in session.project.passages.in_use()]
    store = session.project.server_runs
    for place, number in enumerate(ids[: cut + no_json]):
        store.add_failure(GENERATOR, number, AskState.FAILED, CUT if place < cut else NO_JSON, utc_now())
    store.pass_over(GENERATOR, ids[cut + no_json :], "", utc_now())


def shown_text(page: QuestionsPage, name: str) -> str:
    shown = part(page, name, QLabel)
    return shown.text() if shown.isVisible() else ""


# Consent


def test_that_the_first_send_to_another_machine_asks_and_names_host_and_text(
    session: Session, page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    choose_server(page, loop, "openai", FAR)
    asked: list[str] = []
    answer_question("cancel", asked)
    part(page, "start").click()
    assert "api.example.org" in asked[0]
    assert "24 passages" in asked[0]
    assert jobs.specs == []
    assert not consent.is_allowed(session.project, "api.example.org")
    answer_question("send", asked)
    part(page, "start").click()
    assert jobs.specs[-1].stage == "generate"
    assert jobs.specs[-1].config["base_url"] == FAR
    jobs.finish(SUMMARY)
    part(page, "preview").click()  # not asked again
    assert jobs.specs[-1].stage == "preview"
    assert len(asked) == 2


def test_that_the_preview_asks_too_for_its_five_passages(
    page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    choose_server(page, loop, "openai", FAR)
    asked: list[str] = []
    answer_question("cancel", asked)
    part(page, "preview").click()
    assert "5 passages" in asked[0]
    assert jobs.specs == []


def test_that_a_server_on_this_computer_is_not_asked_about(
    page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "start").click()
    assert jobs.specs[-1].config["model"] == MODEL
    assert "retry" not in jobs.specs[-1].options


# The preview


def test_that_the_preview_tells_what_a_passage_took_and_what_the_batch_would(
    page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "preview").click()
    tokens = {"prompt_tokens": 2000, "completion_tokens": 500, "cost": 0.5, "waiting_cost": 2.4}
    jobs.finish(preview_of(jobs.specs[-1].options["passages"], **tokens))
    told = shown_text(page, "estimate")
    assert "2.0 s a passage · 500 tokens · cost 0.10" in told
    assert "24 passages: about 48 s, less with several at once · 12\u202f000 tokens · cost about 2.40" in told
    part(page, "source-builtin").click()
    run_until(loop, lambda: shown_text(page, "estimate") == "")  # it was another generator's


def test_that_a_passage_that_failed_in_the_preview_says_why(
    page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "preview").click()
    summary = preview_of(jobs.specs[-1].options["passages"])
    summary["passages"][0]["problem"] = CUT
    jobs.finish(summary)
    assert any(text.text() == CUT for text in page._preview.findChildren(QLabel))


# The run


def test_that_figures_of_the_server_are_shown_and_those_of_the_built_in_are_not(
    page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    progress = page._progress
    part(page, "start").click()
    assert not progress.sent.isVisible()
    jobs.finish(SUMMARY)
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "start").click()
    told = {"prompt_tokens": 120_345, "completion_tokens": 80_345}
    jobs.say(Asked(calls=90, failed=9, at_once=12, **told))
    assert (progress.sent.text(), progress.received.text()) == ("120\u202f345", "80\u202f345")
    assert (progress.at_once.text(), progress.failed.text()) == ("12", "9")
    assert not progress.cost.isVisible()  # nothing is paid
    jobs.say(Asked(calls=91, failed=9, at_once=12, **told, cost=0.314))
    assert progress.cost.text() == "0.31"


def test_that_an_outage_says_since_when_and_when_it_is_tried_again_and_ends_by_itself(
    page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    for module in (outage_line, generate_progress):
        monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "start").click()
    jobs.progress(1, 24, "paper0.pdf")
    jobs.say(Waiting(host="localhost:11434", reason="Connection refused.", seconds=5))
    jobs.say(Status(text="Waiting for localhost:11434: connection refused"))
    clock[0] += 42
    jobs.say(Waiting(host="localhost:11434", reason="Connection refused.", seconds=10))
    told = shown_text(page, "outage-text")
    assert "Waiting for localhost:11434 since 0:42, trying again in 10 s" in told
    assert part(page, "pause").isEnabled()
    assert "1 of 24 passages" in page._progress._text.text()
    jobs.say(Waiting(host="localhost:11434"))
    jobs.say(Status(text="localhost:11434 answers again."))
    assert shown_text(page, "outage-text") == ""
    jobs.progress(2, 24, "paper0.pdf")
    clock[0] += 10
    jobs.say(ItemsChanged(table="pairs", count=60))
    jobs.progress(12, 24, "paper1.pdf")
    assert (page._progress.rate.text(), page._progress.pace.text()) == ("360", "1.0 s")  # without the outage
    assert page._progress.made.text() == "60"


def test_that_long_words_of_a_job_do_not_make_the_page_wider(
    page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "start").click()
    narrow = page.minimumSizeHint().width()
    jobs.say(Status(text="The text of many passages goes to a model with a long name. " * 5))
    assert page.minimumSizeHint().width() == narrow


def test_that_pausing_in_an_outage_stops_the_run(page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop) -> None:
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "start").click()
    jobs.say(Waiting(host="localhost:11434", reason="Connection refused.", seconds=5))
    part(page, "pause").click()
    assert jobs.stopped
    jobs.end_cancelled()
    assert shown_text(page, "outage-text") == ""
    assert part(page, "start").isVisible()


# What failed


def test_that_failures_are_never_told_as_success_and_are_listed_by_reason(
    session: Session, page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop, messages: list[Message]
) -> None:
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "start").click()
    fail_passages(session, cut=6, no_json=3)
    took = {"calls": 330, "prompt_tokens": 120_000, "completion_tokens": 45_000, "cost": 1.25}
    jobs.finish({"made": 312, "failed": 9, **took})
    assert messages[-1].tone == Tone.WARN
    text = "312 questions made, 9 passages failed. 330 requests, 165\u202f000 tokens, cost 1.25."
    assert messages[-1].text == text
    assert all(message.tone != Tone.GOOD for message in messages)
    assert f"6 × {CUT}" in shown_text(page, "failed")
    assert f"3 × {NO_JSON}" in shown_text(page, "failed")
    assert "9 passages failed" in page._outcome.title.text()
    assert page._outcome.title.property("tone") == "warn"
    assert "9 of them failed" in shown_text(page, "todo")
    assert not part(page, "start").isVisible()
    part(page, "retry").click()
    assert jobs.specs[-1].options == {"retry": True}


def test_that_the_list_of_failed_passages_names_paper_and_page_and_retries(
    session: Session, page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    fail_passages(session, cut=6, no_json=3)
    choose_server(page, loop, "ollama", LOCAL)
    part(page, "show-failed").click()
    dialog = page.findChild(QDialog, "questions.failed-list")
    tree = dialog.findChild(QTreeWidget, "failed.tree")
    groups = [tree.topLevelItem(number) for number in range(tree.topLevelItemCount())]
    assert [group.text(0) for group in groups] == [f"{CUT} (6)", f"{NO_JSON} (3)"]
    assert (groups[0].child(0).text(0), groups[0].child(0).text(1)) == ("paper0.pdf", "1")
    assert "rice blast" in groups[0].child(0).text(2)
    dialog.findChild(QPushButton, "failed.retry").click()
    assert jobs.specs[-1].options == {"retry": True}


def test_that_the_step_is_not_done_while_passages_failed_that_nobody_else_went_through(session: Session) -> None:
    project = session.project
    project.meta.set("generated_for", project.passages.fingerprint())
    assert session.steps()[Step.QUESTIONS].state == StepState.DONE
    fail_passages(session, cut=6, no_json=0)
    report = session.steps()[Step.QUESTIONS]
    assert (report.state, report.reason) == (StepState.READY, "Some passages failed; they can be tried again.")
    with ProjectReader(project.folder) as reader:  # as the shell reads it, beside the window
        assert steps(reader)[Step.QUESTIONS] == report
    ids = [passage.id for passage in project.passages.in_use()]
    project.pairs.add_generated("builtin", [(number, ()) for number in ids])
    assert session.steps()[Step.QUESTIONS].state == StepState.DONE


def test_that_failures_of_removed_papers_and_other_models_do_not_count(
    session: Session, page: QuestionsPage, loop: qasync.QEventLoop
) -> None:
    fail_passages(session, cut=6, no_json=0)
    assert shown_text(page, "failed") == ""  # those are not the built-in generator's
    choose_server(page, loop, "ollama", LOCAL)
    assert f"6 × {CUT}" in shown_text(page, "failed")
    session.project.documents.remove([session.project.documents.sources()[0].id], utc_now())
    session.table_changed.emit("documents")
    assert shown_text(page, "failed") == ""
