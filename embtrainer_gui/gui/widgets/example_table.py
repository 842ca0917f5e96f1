"""Questions with their answers that the user writes to show a server what is wanted."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from embtrainer_gui.core.generate_config import MOST_EXAMPLES, ExampleQuestion
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import button, column, label, row


class ExampleTable(QWidget):
    """``value`` holds the lines of which anything is written. Signal: ``edited``."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = self._build_table()
        self._add = button(self.tr("Add"), "", "add", "prompt.example-add")
        self._remove = button(self.tr("Remove"), "danger", "remove", "prompt.example-remove")
        about = self.tr(
            "Questions as you would ask them, with their answers: the server is shown them as models of what you want."
            " Up to {count}; they may be about other texts than yours."
        )
        self._error = label("", "error", wrap=True)
        self._error.setObjectName("prompt.example-error")
        self.setLayout(
            column(
                label(about.format(count=MOST_EXAMPLES), "secondary", wrap=True),
                self._table,
                self._error,
                row(self._add, self._remove, None),
            )
        )
        self._table.cellChanged.connect(self._on_table_changed)
        self._table.itemSelectionChanged.connect(self._show_state)
        self._add.clicked.connect(self._on_add_clicked)
        self._remove.clicked.connect(self._on_remove_clicked)
        self.set_value(())

    def value(self) -> tuple[dict[str, str], ...]:
        lines = (tuple(self._text(line, place) for place in (0, 1)) for line in range(self._table.rowCount()))
        return tuple({"question": question, "answer": answer} for question, answer in lines if question or answer)

    def fault(self) -> str:
        """What is wrong with the first line that cannot be used, as a sentence; "" where all can."""
        for number, example in enumerate(self.value(), 1):
            if not (example["question"] and example["answer"]):
                return self.tr("Example {number} needs both a question and an answer.").format(number=number)
            try:
                ExampleQuestion.model_validate(example)
            except ValidationError as problem:
                name = self.tr("question") if problem.errors()[0]["loc"] == ("question",) else self.tr("answer")
                text = self.tr("The {part} of example {number} is too short or too long.")
                return text.format(part=name, number=number)
        return ""

    def set_value(self, examples: Any) -> None:
        """``examples`` as ``GenerateConfig.examples`` or its dump has them."""
        rows = [example if isinstance(example, dict) else example.model_dump() for example in examples]
        self._table.blockSignals(True)
        self._table.setRowCount(0)
        for example in rows:
            self._append(example["question"], example["answer"])
        self._table.blockSignals(False)
        self._show_state()

    def _build_table(self) -> QTableWidget:
        table = QTableWidget(0, 2)
        table.setObjectName("prompt.examples")
        table.setAccessibleName(self.tr("Example questions"))
        table.setHorizontalHeaderLabels([self.tr("Question"), self.tr("Answer")])
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(theme.size("row"))
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place in (0, 1):
            table.horizontalHeader().setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        return table

    def _append(self, question: str = "", answer: str = "") -> None:
        line = self._table.rowCount()
        self._table.setRowCount(line + 1)
        for place, text in enumerate((question, answer)):
            self._table.setItem(line, place, QTableWidgetItem(text))

    def _text(self, line: int, place: int) -> str:
        item = self._table.item(line, place)
        return item.text().strip() if item else ""

    def _show_state(self) -> None:
        self._add.setEnabled(self._table.rowCount() < MOST_EXAMPLES)
        self._remove.setEnabled(bool(self._table.selectedItems()))
        self._error.setText(self.fault())
        self._error.setVisible(bool(self._error.text()))

    def _on_table_changed(self) -> None:
        self._show_state()
        self.edited.emit()

    def _on_add_clicked(self) -> None:
        self._append()
        self._show_state()
        line = self._table.rowCount() - 1
        self._table.setCurrentCell(line, 0)
        if first := self._table.item(line, 0):
            self._table.editItem(first)

    def _on_remove_clicked(self) -> None:
        self._table.removeRow(self._table.currentRow())
        self._show_state()
        self.edited.emit()
