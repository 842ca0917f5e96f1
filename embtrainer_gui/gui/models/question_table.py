"""Test questions with their scores before and after training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import change, metric

if TYPE_CHECKING:
    from embtrainer_gui.gui.models.comparison import Question

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
QUESTION, BEFORE, AFTER, CHANGE = range(4)


class QuestionTable(QAbstractTableModel):
    """Rows in the order they are given in. The change is green or red, and has a sign."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: list[Question] = []

    def show(self, questions: Sequence[Question]) -> None:
        self.beginResetModel()
        self._rows = list(questions)
        self.endResetModel()

    def question(self, row: int) -> Question:
        return self._rows[row]

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else CHANGE + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Question"), self.tr("Untrained"), self.tr("Tuned"), self.tr("Change"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole and section != QUESTION:
            return self.tr(
                "nDCG@10 of this question: 1 when its passage is the first hit, 0 when it is not in the first ten"
            )
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
            return theme.color("good" if question.change > 0 else "bad")
        return None

    def _text(self, question: Question, column: int) -> str:
        if column == QUESTION:
            return question.text
        if column == CHANGE:
            return change(question.change)
        return metric(question.scores["base" if column == BEFORE else "tuned"])


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignLeft if column == QUESTION else Qt.AlignmentFlag.AlignRight
    return (side | Qt.AlignmentFlag.AlignVCenter).value
