"""A Ray cluster in the settings: typed once, asked about once a project, and then jobs run there."""

from __future__ import annotations

from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from gui.papers_help import drop, shown
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.consent import is_allowed
from embtrainer_gui.core.settings import load_settings
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.papers_page import PapersPage
from embtrainer_gui.gui.pages.questions_page import QuestionsPage
from embtrainer_gui.gui.pages.settings_page import SettingsPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.where_to_run import cluster_options
from embtrainer_gui.gui.widgets.question import Question

FAR = "ray://cluster.example:10001"


def answer(window: QWidget, key: str, seen: list[str]) -> None:
    """Click a button of the question that comes."""

    def click() -> None:
        question = window.findChild(Question) or window.window().findChild(Question)
        seen.append(" ".join(each.text() for each in question.findChildren(QLabel)))
        question.findChild(QPushButton, f"question.{key}").click()

    QTimer.singleShot(0, click)


def test_that_only_an_address_of_a_cluster_is_stored(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    page = SettingsPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.enter()
    page.show()
    field = page.findChild(QLineEdit, "settings.cluster")
    field.setText("http://cluster.example")
    field.editingFinished.emit()
    assert any("no address of a Ray cluster" in each.text() and each.isVisible() for each in page.findChildren(QLabel))
    assert load_settings().cluster == ""
    field.setText(f" {FAR} ")
    field.editingFinished.emit()
    assert load_settings().cluster == FAR


@pytest.mark.parametrize(("cluster", "options"), [("", {}), ("ray", {"on": "ray"})])
def test_that_this_computer_is_not_asked_about(session: Session, cluster: str, options: dict[str, str]) -> None:
    session.change_settings(cluster=cluster)
    assert cluster_options(session, "The papers", None) == options


def test_that_the_user_is_asked_once_before_papers_and_texts_go_to_a_cluster(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback, tmp_path: Path
) -> None:
    session.change_settings(cluster=FAR)
    page = shown(qtbot, PapersPage(session, jobs, feedback))
    seen: list[str] = []
    answer(page, "cancel", seen)
    drop(page, tmp_path / "a.pdf")
    assert jobs.specs == []
    answer(page, "send", seen)
    drop(page, tmp_path / "a.pdf")
    assert jobs.specs[-1].options["on"] == FAR
    assert f"The papers will be sent to the machines of the Ray cluster at {FAR}" in seen[0]
    assert is_allowed(session.project, FAR)
    jobs.finish({"files": [], "documents": 0, "passages": 0, "seconds": 0.1})
    questions = QuestionsPage(session, jobs, feedback)
    qtbot.addWidget(questions)
    questions.enter()
    questions.show()
    questions.findChild(QPushButton, "questions.start").click()
    assert jobs.specs[-1].stage == "generate"
    assert jobs.specs[-1].options["on"] == FAR
    assert len(seen) == 2
