"""A titled list of test questions, of which one can be opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableView, QVBoxLayout, QWidget

from embtrainer_gui.gui.models.question_table import AFTER, BEFORE, CHANGE, QUESTION, QuestionTable
from embtrainer_gui.gui.widgets.basics import label
from embtrainer_gui.gui.widgets.plain_table import plain_table

if TYPE_CHECKING:
    from embtrainer_gui.core.comparison import Question

ROW = 32
LEAST_ROWS = 6
NUMBER_WIDTH = 92
QUESTION_WIDTH = 160  # at least: two lists go below each other where there is less


class QuestionList(QWidget):
    """Signals: ``opened`` with the row, on a click and on Enter."""

    opened = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "section")
        self.table, self.model = plain_table(QTableView(), f"compare.{name}", row=ROW), QuestionTable(self)
        self.table.setModel(self.model)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setMinimumHeight(ROW * (LEAST_ROWS + 1))
        self.table.setMinimumWidth(QUESTION_WIDTH + 3 * NUMBER_WIDTH)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QUESTION, QHeaderView.ResizeMode.Stretch)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        for column in (BEFORE, AFTER, CHANGE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, NUMBER_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.table)
        self.table.clicked.connect(self._on_table_opened)
        self.table.activated.connect(self._on_table_opened)

    def show_questions(
        self, title: str, questions: Sequence[Question], pair: tuple[str, str], names: tuple[str, str]
    ) -> None:
        """``pair``: the models whose scores are shown, and what they are called."""
        self.title.setText(title)
        self.table.setAccessibleName(title)
        self.model.show(questions, pair, names)

    def _on_table_opened(self, index: QModelIndex) -> None:
        self.opened.emit(index.row())
