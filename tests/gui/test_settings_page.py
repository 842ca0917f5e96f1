"""The settings page stores each change at once, within its bounds; the manual shows every setting from one source."""

from __future__ import annotations

import json
import threading
import time

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from embtrainer_gui.core import config, keys
from embtrainer_gui.core.keys import key_for
from embtrainer_gui.core.settings import Server, load_settings, settings_path
from embtrainer_gui.gui import manual
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.help_page import HelpPage
from embtrainer_gui.gui.pages.settings_page import SettingsPage
from embtrainer_gui.gui.report import without_secrets
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.about_dialog import AboutDialog, parts


@pytest.fixture
def page(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> SettingsPage:
    page = SettingsPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.enter()
    page.show()
    return page


def choose(page: SettingsPage, name: str, value: str) -> None:
    box = page.findChild(QComboBox, f"settings.{name}")
    assert box is not None
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def field(page: SettingsPage, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, f"settings.{name}")
    assert found is not None
    return found


def click(qtbot: QtBot, page: SettingsPage, name: str) -> None:
    button = page.findChild(QPushButton, f"settings.{name}")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def errors(page: SettingsPage) -> str:
    labels = page.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.property("role") == "error" and label.isVisible())


@pytest.mark.parametrize(("name", "value"), [("theme", "dark"), ("theme", "light"), ("device", "cpu")])
def test_that_a_choice_is_stored_at_once(
    page: SettingsPage, session: Session, qtbot: QtBot, name: str, value: str
) -> None:
    with qtbot.waitSignal(session.settings_changed):
        choose(page, name, value)
    assert getattr(load_settings(), name) == value


def test_that_threads_are_stored_and_cannot_be_more_than_there_are(page: SettingsPage) -> None:
    box = page.findChild(QSpinBox, "settings.threads")
    assert box is not None
    box.setValue(1)
    assert load_settings().threads == 1
    box.setValue(10_000)
    assert load_settings().threads == box.maximum()


def test_that_a_folder_must_be_a_whole_path(page: SettingsPage, qtbot: QtBot) -> None:
    field(page, "projects_folder").setText("somewhere")
    page.leave()
    assert "whole path" in errors(page)
    assert load_settings().projects_folder == ""
    field(page, "projects_folder").setText("/data/projects")
    page.leave()
    assert load_settings().projects_folder == "/data/projects"
    assert not errors(page)


def test_that_servers_are_added_and_removed(page: SettingsPage, qtbot: QtBot) -> None:
    field(page, "server-name").setText("Ollama here")
    field(page, "server-address").setText("http://localhost:11434/")
    click(qtbot, page, "server-add")
    assert load_settings().servers == (Server(name="Ollama here", address="http://localhost:11434"),)
    page._server_list._table.selectRow(0)
    QApplication.processEvents()  # what belongs to the chosen server has its place
    click(qtbot, page, "server-remove")
    assert load_settings().servers == ()


def test_that_the_protocol_of_a_server_is_stored_at_once(page: SettingsPage, session: Session) -> None:
    session.change_settings(servers=(Server(name="Lab", address="http://localhost:8000"),))
    page.enter()
    page._server_list._table.selectRow(0)
    choose(page, "server-protocol", "openai")
    assert load_settings().servers[0].protocol == "openai"
    assert page._server_list._table.item(0, 2).text() == "Like OpenAI"
    assert page._server_list._table.currentRow() == 0  # still the chosen one


def test_that_a_key_is_kept_unseen_told_and_forgotten(page: SettingsPage, session: Session, qtbot: QtBot) -> None:
    session.change_settings(servers=(Server(name="Cloud", address="https://models.example.org/v1"),))
    page.enter()
    page._server_list._table.selectRow(0)
    state = page.findChild(QLabel, "settings.server-key-state")
    assert state is not None
    qtbot.waitUntil(lambda: state.text().startswith("No key is kept for models.example.org"))
    assert field(page, "server-key").echoMode() == QLineEdit.EchoMode.Password
    field(page, "server-key").setText("sk-CANARY012")
    click(qtbot, page, "server-key-keep")
    assert field(page, "server-key").text() == ""
    qtbot.waitUntil(lambda: "is kept until this window closes" in state.text())  # no keyring in tests
    assert key_for("https://models.example.org/v1") == "sk-CANARY012"
    written = settings_path().read_text(encoding="utf-8")
    assert "CANARY" not in written + " ".join(label.text() for label in page.findChildren(QLabel))
    click(qtbot, page, "server-key-forget")
    qtbot.waitUntil(lambda: state.text().startswith("No key is kept"))
    assert key_for("https://models.example.org/v1") == ""


def test_that_no_key_is_taken_for_an_address_that_would_show_it(
    page: SettingsPage, session: Session, qtbot: QtBot
) -> None:
    session.change_settings(servers=(Server(name="Lab", address="http://192.168.1.4:11434"),))
    page.enter()
    page._server_list._table.selectRow(0)
    state = page.findChild(QLabel, "settings.server-key-state")
    assert state is not None
    qtbot.waitUntil(lambda: "without https://" in state.text())
    assert not field(page, "server-key").isEnabled()


def test_that_a_keyring_that_hangs_does_not_stop_the_window(
    page: SettingsPage, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = threading.Event()
    monkeypatch.setattr(keys, "SECONDS", 0.3)
    keyring = keys._Keyring()
    monkeypatch.setattr(keys, "_keyring", keyring)
    monkeypatch.setattr(keyring, "_ask", lambda *_: opened.wait(30))
    session.change_settings(servers=(Server(name="Cloud", address="https://models.example.org"),))
    page.enter()
    start = time.monotonic()
    page._server_list._table.selectRow(0)
    assert time.monotonic() - start < 0.2
    state = page.findChild(QLabel, "settings.server-key-state")
    assert state is not None
    qtbot.waitUntil(lambda: state.text().startswith("No key is kept"))
    opened.set()


@pytest.mark.parametrize(
    ("name", "address", "word"),
    [
        ("", "http://a", "name"),
        ("a", "localhost:1", "http://"),
        ("a", "http://me:secret@host", "password"),
        ("a", "", "http://"),
    ],
)
def test_that_a_bad_server_is_refused_in_words(
    page: SettingsPage, qtbot: QtBot, name: str, address: str, word: str
) -> None:
    field(page, "server-name").setText(name)
    field(page, "server-address").setText(address)
    click(qtbot, page, "server-add")
    assert word in errors(page)
    assert load_settings().servers == ()


def test_that_the_key_is_neither_shown_nor_stored(
    page: SettingsPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBTRAINER_API_KEY", "topsecretvalue")
    page.enter()
    session.change_settings(threads=1)
    everything = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "The variable is set now." in everything
    assert "topsecretvalue" not in everything + settings_path().read_text(encoding="utf-8")


def test_that_only_what_was_chosen_is_written(session: Session) -> None:
    session.change_settings(theme="dark")
    written = json.loads(settings_path().read_text(encoding="utf-8"))
    assert set(written) == {"version", "recent", "theme"}


def test_that_every_editor_has_a_name_and_a_tooltip(page: SettingsPage) -> None:
    for name in ("theme", "device", "threads", "projects_folder"):
        editor = page.findChild(QWidget, f"settings.{name}")
        assert editor is not None
        assert editor.accessibleName()
        assert editor.toolTip()


CONFIGS = [
    config.ImportConfig,
    config.SplitConfig,
    config.GenerateConfig,
    config.TrainConfig,
    config.CompareConfig,
    config.SearchConfig,
]


@pytest.mark.parametrize("kind", CONFIGS)
def test_that_the_manual_explains_every_field_with_the_text_of_its_tooltip(kind: type[config.StageConfig]) -> None:
    whole = " ".join(manual.text_of(topic) for topic in manual.TOPICS)
    for name, info in kind.model_fields.items():
        assert f"`{name}`" in whole
        assert info.description is not None
        assert info.description in whole


def test_that_every_topic_is_shown(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> None:
    page = HelpPage(session, jobs, feedback)
    qtbot.addWidget(page)
    text, topics = page.findChild(QTextBrowser, "help.text"), page.findChild(QListWidget, "help.topics")
    assert text is not None
    assert topics is not None
    for number, topic in enumerate(manual.TOPICS):
        page.show_topic(topic)
        assert topics.currentRow() == number
        assert text.toPlainText().startswith(manual.title_of(topic))
        assert len(text.toPlainText()) > 100
    page.show_topic("nonsense")
    assert topics.currentRow() == 0


def test_that_about_lists_versions_and_licences(qtbot: QtBot) -> None:
    found = {part.name: part for part in parts()}
    assert {"torch", "spacy", "pymupdf"} <= set(found)
    assert all(part.version and part.licence for part in found.values())
    assert "AFFERO" in found["pymupdf"].licence.upper()
    dialog = AboutDialog()
    qtbot.addWidget(dialog)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer ***"),
        ("api_key='abcdef123'", "api_key='***'"),
        ("http://me:word@host/x", "http://***host/x"),
        ("hf_abcdefghijk is it", "*** is it"),
        ("loss 0.25, 12 keys", "loss 0.25, 12 keys"),
        ("value-of-a-variable", "***"),
    ],
)
def test_that_a_report_holds_no_secret(text: str, clean: str) -> None:
    assert without_secrets(text, {"MY_TOKEN": "value-of-a-variable", "LANG": "loss"}) == clean
