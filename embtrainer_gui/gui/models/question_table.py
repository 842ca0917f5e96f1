"""Questions with the scores of two models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from embtrainer_gui.core.comparison import Question
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import change, metric

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
QUESTION, BEFORE, AFTER, CHANGE = range(4)
LEAST = 0.0005  # a change that would be shown as zero is none


class QuestionTable(QAbstractTableModel):
    """Rows in the order they are given in. The change is green or red, and has a sign."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: list[Question] = []
        self._pair, self._names = ("base", "tuned"), ("", "")

    def show(self, questions: Sequence[Question], pair: tuple[str, str], names: tuple[str, str]) -> None:
        """``pair``: the two models whose scores are shown, ``names`` what they are called."""
        self.beginResetModel()
        self._rows, self._pair, self._names = list(questions), pair, names
        self.endResetModel()

    def question(self, row: int) -> Question:
        return self._rows[row]

    def change(self, row: int) -> float:
        return self._rows[row].change(*self._pair)

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else CHANGE + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Question"), *self._names, self.tr("Change"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole and section != QUESTION:
            name = f"{self._names[section - BEFORE]}: " if section in (BEFORE, AFTER) else ""
            return name + self.tr("1 is as good as it can be for this question, 0 is nothing found")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        question, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(question, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole and column == QUESTION:
            return question.text
        if role == Qt.ItemDataRole.ForegroundRole and column == CHANGE:
            changed = question.change(*self._pair)
            return theme.color("text-2" if abs(changed) < LEAST else "good" if changed > 0 else "bad")
        return None

    def _text(self, question: Question, column: int) -> str:
        if column == QUESTION:
            return question.text
        if column == CHANGE:
            return change(question.change(*self._pair))
        return metric(question.scores[self._pair[column - BEFORE]])


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignLeft if column == QUESTION else Qt.AlignmentFlag.AlignRight
    return (side | Qt.AlignmentFlag.AlignVCenter).value
