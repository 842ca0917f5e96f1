"""Settings that cannot be stored: projects and the window open and close all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from gui.driven import Open
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.settings import save_settings, set_broken_settings_aside, settings_path
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.settings_page import SettingsPage
from embtrainer_gui.gui.session import Session


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place where nobody can make a folder, not even root."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/proc/nowhere")


@pytest.mark.usefixtures("locked")
def test_that_a_window_opens_a_project_and_closes(open_window: Open, folder: Path) -> None:
    driven = open_window(folder)
    assert driven.window._session.is_open
    driven.close()
    assert driven.window.has_closed


@pytest.mark.usefixtures("locked")
def test_that_the_problem_names_the_file(qapp: object) -> None:
    with pytest.raises(EnvironmentProblem, match="settings.json"):
        save_settings(Session().settings)
    assert not settings_path().exists()


def test_that_the_page_says_that_a_choice_could_not_be_stored(
    session: Session, jobs: object, feedback: Feedback, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = SettingsPage(session, jobs, feedback)  # type: ignore[arg-type]
    qtbot.addWidget(page)
    page.enter()
    monkeypatch.setenv("XDG_CONFIG_HOME", "/proc/nowhere")
    theme = page.findChild(QComboBox, "settings.theme")
    assert theme is not None
    theme.setCurrentIndex(2)
    theme.activated.emit(2)
    said = [label.text() for label in page.findChildren(QLabel) if "cannot be stored" in label.text()]
    assert said
    assert "settings.json" in said[0]
    theme.activated.emit(0)


@pytest.mark.usefixtures("locked")
def test_that_a_choice_that_cannot_be_stored_holds_for_this_window(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.settings_changed), pytest.raises(EnvironmentProblem):
        session.change_settings(theme="dark")
    assert session.settings.theme == "dark"


def test_that_a_broken_file_that_cannot_be_renamed_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    path = settings_path()
    path.parent.mkdir(parents=True)
    path.write_text("{broken", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError()))
    assert set_broken_settings_aside() == path
