"""The Project page: what it tells, its backups, and the work for which the window lets go of the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.child_process import worker_command
from embtrainer_gui.core.messages import JobSpec
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.backups import all_backups, make_backup
from embtrainer_gui.gui.feedback import Feedback, Message, Tone
from embtrainer_gui.gui.integrity_watch import IntegrityWatch
from embtrainer_gui.gui.pages import project_page
from embtrainer_gui.gui.pages.project_page import ProjectPage
from embtrainer_gui.gui.pages.welcome_page import WelcomePage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.stages import care

Look = Callable[[], ProjectPage]


@pytest.fixture
def page(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> ProjectPage:
    """Its jobs do their work in this process, with the project closed as the real ones have it."""
    jobs.auto_finish = lambda spec: work_of(spec)
    page = ProjectPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1000, 620)
    show(page, qtbot)
    return page


def work_of(spec: JobSpec) -> dict[str, Any]:
    return care.STAGES[spec.stage](Silent(), Path(spec.project), spec.options)


def show(page: ProjectPage, qtbot: QtBot) -> None:
    page.enter()
    page.show()
    qtbot.waitUntil(lambda: not page._background.is_busy)


def click(page: ProjectPage | WelcomePage, name: str) -> None:
    button = page.findChild(QPushButton, name)
    assert button is not None, name
    assert button.isEnabled(), name
    button.click()


def texts(page: ProjectPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if not label.isHidden())


def accept(session: Session, count: int) -> None:
    pairs = session.project.pairs.all(state=PairState.PENDING)[:count]
    session.project.pairs.decide([pair.id for pair in pairs], PairState.ACCEPTED, "accept", utc_now())


def accepted(session: Session) -> int:
    return session.project.pairs.counts()["accepted"]


def test_that_it_tells_the_place_and_the_room_and_what_a_backup_holds(
    page: ProjectPage, session: Session, qtbot: QtBot
) -> None:
    assert "There is no backup yet." in texts(page)
    accept(session, 3)
    click(page, "project.backup")
    qtbot.waitUntil(lambda: "3 accepted" in texts(page))
    assert str(session.project.folder.resolve()) in texts(page)
    assert "backups" in texts(page)
    assert "you asked for it" in texts(page)


def test_that_a_backup_is_put_back_after_a_question_and_the_present_state_kept(
    page: ProjectPage, session: Session, messages: list[Message], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(session.project.folder, "asked")
    accept(session, 4)
    show(page, qtbot)
    asked: list[str] = []

    class Asked(project_page.Question):
        def ask(self) -> str:
            asked.append("\n".join(label.text() for label in self.findChildren(QLabel)))
            self.deleteLater()
            return answers.pop()

    monkeypatch.setattr(project_page, "Question", Asked)
    answers = ["restore", ""]
    click(page, "project.restore-1")
    assert accepted(session) == 4
    click(page, "project.restore-1")
    assert accepted(session) == 0
    assert "0 accepted" in asked[0]
    assert "4 accepted" in asked[0]
    kept = all_backups(session.project.folder)[0]
    assert kept.reason == "restore"
    assert kept.path.name in messages[-1].text


def test_that_a_project_gets_another_name_and_stays_open(
    page: ProjectPage, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    accept(session, 2)
    old = session.project.folder
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(tmp_path / "renamed"), ""))
    click(page, "project.rename")
    assert session.project.folder == tmp_path / "renamed"
    assert accepted(session) == 2
    assert not old.exists()
    assert session.settings.recent == (str(tmp_path / "renamed"),)


def test_that_a_move_that_fails_leaves_the_project_open_where_it_was(
    page: ProjectPage, session: Session, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    jobs.auto_finish = None
    old = session.project.folder
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: str(tmp_path / "elsewhere"))
    click(page, "project.move")
    assert not session.is_open
    jobs.fail("The disk is full.", kind="environment")
    assert session.project.folder == old


def test_that_an_archive_is_packed_and_taken_in_on_the_welcome_page(
    page: ProjectPage, session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    accept(session, 5)
    archive = tmp_path / "sent.embtrainer.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(archive), ""))
    click(page, "project.archive")
    assert archive.is_file()
    session.close()
    session.change_settings(projects_folder=str(tmp_path / "mine"))
    welcome = WelcomePage(session, jobs, feedback)
    qtbot.addWidget(welcome)
    welcome.enter()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(archive), ""))
    click(welcome, "welcome.unarchive")
    assert session.project.folder == tmp_path / "mine" / "sent"
    assert accepted(session) == 5


def test_that_without_a_project_nothing_can_be_clicked(page: ProjectPage, session: Session) -> None:
    session.close()
    page.enter()
    assert "No project is open" in texts(page)
    assert not [button for button in page.findChildren(QPushButton) if button.isEnabled()]


def test_that_a_check_beside_the_window_names_the_damage_and_a_whole_project_gets_its_backup(
    session: Session, feedback: Feedback, messages: list[Message], qtbot: QtBot
) -> None:
    shown: list[str] = []
    watch = IntegrityWatch(session, feedback, worker_command("job"), lambda: shown.append("backups"))
    folder = session.project.folder
    watch.look()
    qtbot.waitUntil(lambda: watch._thread is None, timeout=60_000)
    assert messages == []
    assert [backup.reason for backup in all_backups(folder)] == ["daily"]
    session.close()
    database = folder / "project.db"
    content = database.read_bytes()
    damaged = content.replace(b"How often was field 7 measured?", b"How often was field 8 measured?")
    assert damaged != content
    database.write_bytes(damaged)
    session.open(folder)
    watch.look()
    qtbot.waitUntil(lambda: bool(messages), timeout=60_000)
    assert messages[0].tone == Tone.BAD
    assert 'the question "How often was field 8 measured?"' in messages[0].text
    assert messages[0].action is not None
    messages[0].action.run()
    assert shown == ["backups"]
    watch.stop()
