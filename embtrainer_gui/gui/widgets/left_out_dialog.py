"""The lines of a file of questions that were left out, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from embtrainer_gui.gui.widgets.basics import button, label, row

SIZE = (640, 400)


class LeftOutDialog(QDialog):
    """``rows`` have ``line``, ``reason`` and the beginning of the ``text`` that stands there."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Lines that were left out"))
        self.resize(*SIZE)
        self._text = QPlainTextEdit("\n".join(map(self._line, rows)), readOnly=True)
        self._text.setObjectName("left-out.text")
        self._text.setAccessibleName(self.windowTitle())
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._copy = button(self.tr("Copy the list"), "", "copy", "left-out.copy")
        close = button(self.tr("Close"), "primary", name="left-out.close")
        hint = label(self.tr("Mend them in the file and import it again: what is known is not added twice."), "hint")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(hint)
        layout.addWidget(self._text)
        layout.addLayout(row(None, self._copy, close))
        self._copy.clicked.connect(self._on_copy_clicked)
        close.clicked.connect(self.accept)

    def _line(self, left_out: Mapping[str, Any]) -> str:
        words = self.tr("Line {line}: {reason}").format(line=left_out["line"], reason=left_out["reason"])
        text = " ".join(str(left_out.get("text", "")).split())
        return f"{words}    {text}" if text else words

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
        self._copy.setText(self.tr("Copied"))
