"""The welcome page: the sample, new, open and recent projects."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.settings import ProjectNote, load_settings
from embtrainer_gui.core.store.backups import make_backup
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.pages.welcome_page import WelcomePage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.stages import care


@pytest.fixture
def fresh(qapp: object) -> Iterator[Session]:
    session = Session()
    yield session
    session.close()


@pytest.fixture
def fresh_jobs(fresh: Session, feedback: Feedback) -> Iterator[FakeJobs]:
    jobs = FakeJobs(fresh, feedback)
    yield jobs
    jobs.shut_down()


@pytest.fixture
def page(fresh: Session, fresh_jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> WelcomePage:
    page = WelcomePage(fresh, fresh_jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1000, 600)
    page.enter()
    page.show()
    return page


def click(qtbot: QtBot, page: WelcomePage, name: str) -> None:
    button = page.findChild(QPushButton, name)
    assert button is not None, name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def texts(page: WelcomePage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def test_that_a_first_start_says_what_will_be_listed(page: WelcomePage) -> None:
    assert "Projects that you open will be listed here." in texts(page)


def test_that_the_sample_gets_a_project_of_its_own_and_starts(
    page: WelcomePage, fresh: Session, fresh_jobs: FakeJobs, qtbot: QtBot, tmp_path: Path
) -> None:
    fresh.change_settings(projects_folder=str(tmp_path / "mine"))
    click(qtbot, page, "welcome.sample")
    assert fresh.project.folder.parent == tmp_path / "mine"
    assert fresh.project.folder.name.startswith("Sample ")
    assert [spec.stage for spec in fresh_jobs.specs] == ["sample"]
    first = fresh.project.folder
    fresh_jobs.finish()
    click(qtbot, page, "welcome.sample")
    assert fresh.project.folder != first  # a second try starts afresh
    fresh_jobs.finish()


def test_that_the_sample_asks_for_a_folder_where_the_usual_one_may_not_be_written(
    page: WelcomePage, fresh: Session, fresh_jobs: FakeJobs, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    usual, mine = tmp_path / "locked", tmp_path / "mine"
    usual.mkdir()
    fresh.change_settings(projects_folder=str(usual))
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != usual and may(path, mode))  # root may write all
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda _, title, *__: asked.append(title) or "")
    click(qtbot, page, "welcome.sample")
    assert not fresh.is_open
    assert str(usual) in asked[0]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(mine))
    click(qtbot, page, "welcome.sample")
    assert fresh.project.folder.parent == mine
    assert load_settings().projects_folder == str(mine)  # it does not ask again
    fresh_jobs.finish()


def test_that_a_new_project_is_made_where_it_was_named(
    page: WelcomePage, fresh: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / "bees"), ""))
    click(qtbot, page, "welcome.new")
    assert fresh.project.folder == tmp_path / "bees"


def test_that_a_cancelled_dialog_changes_nothing(
    page: WelcomePage, fresh: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")
    click(qtbot, page, "welcome.new")
    click(qtbot, page, "welcome.open")
    assert not fresh.is_open


@pytest.mark.parametrize("content", ["full", "empty"])
def test_that_a_folder_without_a_project_is_refused_in_plain_words(
    page: WelcomePage, fresh: Session, feedback: Feedback, qtbot: QtBot, tmp_path: Path, content: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = tmp_path / "no project"
    folder.mkdir()
    if content == "full":
        (folder / "a.txt").write_text("x", encoding="utf-8")
    shown: list[Message] = []
    feedback.banner.connect(shown.append)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(folder))
    click(qtbot, page, "welcome.open")
    assert not fresh.is_open
    assert "no project" in shown[0].text
    assert shown[0].hint


def test_that_recent_projects_show_what_they_hold_and_open(
    page: WelcomePage, fresh: Session, qtbot: QtBot, tmp_path: Path, small_project: Path
) -> None:
    folder = tmp_path / "bees"
    shutil.copytree(small_project, folder)
    note = ProjectNote(papers=36, pairs=1640, best=0.7183, at="2026-11-24T21:40:00Z")
    fresh.change_settings(recent=(str(folder), "/gone/away"), notes={str(folder): note})
    page.enter()
    qtbot.waitUntil(lambda: "bees" in texts(page))
    assert "36 papers · 1\u202f640 pairs · nDCG@10 0.718" in texts(page)
    click(qtbot, page, "welcome.recent-1")
    assert fresh.project.folder == folder


def test_that_a_recent_project_that_is_gone_is_told_and_can_be_taken_off(
    page: WelcomePage, fresh: Session, feedback: Feedback, qtbot: QtBot
) -> None:
    shown: list[Message] = []
    feedback.banner.connect(shown.append)
    fresh.change_settings(recent=("/gone/away",))
    page.enter()
    click(qtbot, page, "welcome.recent-1")
    assert "/gone/away" in shown[0].text
    click(qtbot, page, "welcome.forget-1")
    assert fresh.settings.recent == ()
    assert load_settings().recent == ()
    assert "Projects that you open will be listed here." in texts(page)


def test_that_a_damaged_project_is_opened_with_its_newest_backup_in_place(
    page: WelcomePage, fresh: Session, fresh_jobs: FakeJobs, messages: list[Message], qtbot: QtBot, folder: Path
) -> None:
    make_backup(folder, "asked")
    file = folder / "project.db"
    file.write_bytes(file.read_bytes()[:100] + b"x" * 90_000)
    fresh_jobs.auto_finish = lambda spec: care.STAGES[spec.stage](Silent(), Path(spec.project), spec.options)
    fresh.change_settings(recent=(str(folder),))
    page.enter()
    click(qtbot, page, "welcome.recent-1")
    assert messages[-1].action is not None
    messages[-1].action.run()
    assert fresh_jobs.specs[-1].options == {"folder": str(folder)}
    assert fresh.project.pairs.counts()["pending"] > 0
    assert "The backup is in place." in messages[-1].text


def test_that_everything_can_be_reached_by_keyboard(page: WelcomePage, qtbot: QtBot, fresh: Session) -> None:
    fresh.change_settings(recent=("/some/where",))
    page.enter()
    for button in page.findChildren(QPushButton):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.accessibleName()
