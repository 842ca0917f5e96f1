"""The list of lines that were left out of a file of questions."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QTableView
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui.models.left_out_table import LeftOutTable
from embtrainer_gui.gui.widgets.left_out_dialog import LeftOutDialog


def lines(number: int) -> list[dict[str, Any]]:
    return [
        {"line": place + 2, "reason": "no answer", "text": f'{{"question":\n "{place}"}}'} for place in range(number)
    ]


def shown(qtbot: QtBot, number: int) -> LeftOutDialog:
    dialog = LeftOutDialog(lines(number))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.mark.parametrize(
    ("number", "heading"),
    [(0, "No line was left out"), (1, "One line was left out"), (5000, "5\u202f000 lines were left out")],
)
def test_that_the_heading_says_how_many_lines_were_left_out(qtbot: QtBot, number: int, heading: str) -> None:
    dialog = shown(qtbot, number)
    assert heading in [part.text() for part in dialog.findChildren(QLabel)]
    assert dialog.findChild(QTableView, "left-out.table").model().rowCount() == number
    assert dialog.findChild(QPushButton, "left-out.copy").isEnabled() == (number > 0)
    assert dialog.focusWidget() is dialog.findChild(QPushButton, "left-out.close")


def test_that_the_whole_list_is_copied_for_a_spreadsheet(qtbot: QtBot) -> None:
    dialog = shown(qtbot, 1200)
    dialog.findChild(QPushButton, "left-out.copy").click()
    copied = QGuiApplication.clipboard().text().split("\n")
    assert len(copied) == 1200
    assert copied[999].split("\t") == ["1\u202f001", "no answer", '{"question": "999"}']


def test_that_the_table_keeps_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(LeftOutTable(lines(3)), force_py=True)
