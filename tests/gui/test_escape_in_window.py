"""Escape, in the real window."""

from __future__ import annotations

from pathlib import Path

from gui.driven import Open
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.wizard import Place


def test_that_escape_closes_nothing_that_holds_work(open_window: Open, folder: Path) -> None:
    driven = open_window(folder)
    escape = Qt.Key.Key_Escape

    driven.go(Step.TRAIN)
    field = driven.find("form.epochs", QLineEdit)
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "7")
    QTest.keyClick(field, escape)
    assert (field.text(), field.isVisible()) == ("7", True)

    driven.go(Step.SEARCH)
    box = driven.find("search.box", QLineEdit)
    QTest.keyClicks(box, "half a question")
    QTest.keyClick(box, escape)
    assert box.text() == "half a question"

    page = driven.go(Step.REVIEW)
    QTest.keyClick(page, Qt.Key.Key_E)
    question = driven.find("review.edit-question", QPlainTextEdit)
    QTest.keyClick(question, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(question, "Half an edit")
    QTest.keyClick(question, escape)  # leaves the editor; what was typed is kept and marked
    QTest.keyClick(page, escape)
    QTest.keyClick(page, Qt.Key.Key_E)
    assert driven.find("review.edit-question", QPlainTextEdit).toPlainText() == "Half an edit"

    driven.go(Place.SETTINGS)
    server = driven.find("settings.server-name", QLineEdit)
    QTest.keyClicks(server, "lab")
    QTest.keyClick(server, escape)
    assert server.text() == "lab"

    driven.go(Step.TRAIN)
    assert driven.find("form.epochs", QLineEdit).text() == "7"
    assert driven.window.isVisible()
