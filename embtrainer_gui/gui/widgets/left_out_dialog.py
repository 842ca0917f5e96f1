"""The lines of a file of questions that were left out, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.interchange.left_out import write_left_out
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.models.left_out_table import LINE, REASON, TEXT, LeftOutTable
from embtrainer_gui.gui.widgets.basics import button, label, row
from embtrainer_gui.gui.widgets.plain_table import plain_table

SIZE = (760, 440)
WIDTHS = {LINE: 72, REASON: 300}


class LeftOutDialog(QDialog):
    """``rows`` are those of ``LeftOutTable``."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Lines that were left out"))
        self.resize(*SIZE)
        self._model = LeftOutTable(rows, self)
        self._copy = button(self.tr("Copy the list"), "", "copy", "left-out.copy")
        self._rows = rows
        self._save = button(self.tr("Save as CSV..."), "", "download", "left-out.save")
        self._error = label("", "error", wrap=True)
        self._error.hide()
        for part in (self._copy, self._save):
            part.setEnabled(bool(rows))
        close = button(self.tr("Close"), "primary", name="left-out.close")
        close.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(8)
        layout.addWidget(label(left_out_words(len(rows)), "section"))
        layout.addWidget(label(self._advice(len(rows)), "secondary", wrap=True))
        layout.addSpacing(8)
        layout.addWidget(self._build_table(), 1)
        layout.addWidget(self._error)
        layout.addLayout(row(None, self._copy, self._save, close))
        self._copy.clicked.connect(self._on_copy_clicked)
        self._save.clicked.connect(self._on_save_clicked)
        close.clicked.connect(self.accept)
        close.setFocus()

    def _advice(self, number: int) -> str:
        if not number:
            return self.tr("Every line of the file was taken in.")
        return self.tr("Mend them in the file and import it again: what is known is not added twice.")

    def _build_table(self) -> QTableView:
        table = plain_table(QTableView(), "left-out.table", self.windowTitle())
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setModel(self._model)
        table.horizontalHeader().setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        for column, width in WIDTHS.items():
            table.setColumnWidth(column, width)
        return table

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._model.as_text())
        self._copy.setText(self.tr("Copied"))

    @Slot()
    def _on_save_clicked(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.windowTitle(), "left-out.csv", self.tr("Tables (*.csv)"))
        if not name:
            return
        try:
            write_left_out(Path(name), self._rows)
        except AppError as problem:
            self._error.setText(str(problem))
            self._error.show()
        else:
            self._error.hide()
            self._save.setText(self.tr("Saved"))


def left_out_words(number: int) -> str:
    """How many lines were left out, as a sentence without its full stop."""
    if not number:
        return QCoreApplication.translate("LeftOutDialog", "No line was left out")
    if number == 1:
        return QCoreApplication.translate("LeftOutDialog", "One line was left out")
    return QCoreApplication.translate("LeftOutDialog", "{number} lines were left out").format(number=count(number))
