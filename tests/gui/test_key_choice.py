"""Keys of one's own for the review: which ones are refused and why, and the form in Settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui import key_choice, review_keys
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.main_window import MainWindow
from embtrainer_gui.gui.pages.settings_page import SettingsPage
from embtrainer_gui.gui.review_keys import KEYS, Command, combined
from embtrainer_gui.gui.session import Session


@pytest.fixture(autouse=True)
def standard_keys() -> Iterator[None]:
    yield
    review_keys.use({})


@pytest.mark.parametrize(
    ("command", "key", "reason"),
    [
        (Command.ACCEPT, "F", ""),
        (Command.ACCEPT, "Ctrl+Shift+K", ""),
        (Command.ACCEPT, "X", "X is “Reject” already."),
        (Command.ACCEPT, "Ctrl+Z", "Ctrl+Z is “Undo the last decision” already."),
        (Command.ACCEPT, "Ctrl+3", "Ctrl+3 is “Go to a step” in the whole window."),
        (Command.ACCEPT, "Ctrl+,", "Ctrl+, is “Settings” in the whole window."),
        (Command.ACCEPT, "Tab", "Tab moves through the window or is held with other keys."),
        (Command.ACCEPT, "Esc", "Esc closes what lies over the page."),
        (Command.ACCEPT, "A, B", "This is no single key."),
        (Command.ACCEPT, "", "This is no single key."),
        (Command.SAVE, "F", "F writes into the text: hold Ctrl or Alt with it."),
        (Command.SAVE, "F5", ""),
        (Command.SAVE, "Ctrl+S", ""),
    ],
)
def test_that_a_key_is_refused_with_its_reason(command: Command, key: str, reason: str) -> None:
    assert key_choice.why_not(command, key, {}) == reason


def test_that_a_key_is_free_once_its_command_has_another_one() -> None:
    assert key_choice.why_not(Command.ACCEPT, "X", {Command.REJECT: "F"}) == ""


def test_that_the_standard_keys_clash_with_nothing() -> None:
    assert not [key for key in KEYS if key_choice.why_not(key.command, key.standard[0], {})]


def test_that_all_keys_of_the_window_are_known(session: Session, feedback: Feedback, qtbot: QtBot) -> None:
    jobs = JobManager(session, feedback)
    window = MainWindow(session, jobs, feedback)
    qtbot.addWidget(window)
    found = {shortcut.key().toString() for shortcut in window.findChildren(QShortcut) if shortcut.parent() is window}
    assert found == {QKeySequence(key).toString() for key, _ in key_choice.window_keys()}
    window.end_at_once()


def test_that_unusable_keys_of_the_settings_are_left_out() -> None:
    key_choice.use({"accept": "F", "reject": "F", "later": "Ctrl+Q", "strange": "Y"})
    assert review_keys.KEY_OF[Command.ACCEPT].keys == ("F", "Enter", "Return")
    assert review_keys.KEY_OF[Command.REJECT].keys == ("X",)
    assert review_keys.KEY_OF[Command.LATER].keys == ("Space",)


def test_that_keys_that_were_passed_on_or_swapped_all_hold() -> None:
    key_choice.use({"accept": "X", "reject": "Z"})
    assert review_keys.KEY_OF[Command.ACCEPT].printed == "X"
    assert review_keys.KEY_OF[Command.REJECT].printed == "Z"
    key_choice.use({"edit": "J", "next": "E"})
    assert review_keys.KEY_OF[Command.EDIT].printed == "J"
    assert review_keys.KEY_OF[Command.NEXT].printed == "E"
    key_choice.use({"accept": "X", "reject": "Ctrl+Q"})
    assert review_keys.KEY_OF[Command.ACCEPT].printed == "A"


def test_that_the_form_takes_a_pressed_key_and_says_why_not(session: Session, feedback: Feedback, qtbot: QtBot) -> None:
    jobs = JobManager(session, feedback)
    page = SettingsPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.show()
    page.enter()
    accept = page.findChild(QPushButton, "settings.key-accept")
    accept.click()
    assert accept.text() == "Press a key..."
    qtbot.keyClick(accept, Qt.Key.Key_X)
    assert page.findChild(QLabel, "settings.keys-said").text() == "X is “Reject” already."
    assert not session.settings.review_keys
    accept.click()
    qtbot.keyClick(accept, Qt.Key.Key_F)
    assert session.settings.review_keys == {"accept": "F"}
    assert accept.text() == "F"
    accept.click()
    qtbot.keyClick(accept, Qt.Key.Key_Escape)
    assert accept.text() == "F"
    page.findChild(QPushButton, "settings.keys-standard").click()
    assert (session.settings.review_keys, accept.text()) == ({}, "A")


def test_that_a_sign_needs_no_shift_whatever_the_keyboard(qtbot: QtBot) -> None:
    assert combined("?") == combined("?")
    assert combined("Ctrl+?") != combined("?")
    assert combined("A, B") == 0
