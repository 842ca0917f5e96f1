"""A few lines of code with a Copy button."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.gui.widgets.basics import button, card, label, row

SHOWN_MS = 2000


class Snippet(QWidget):
    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = label("", "mono", selectable=True)
        self.code.setObjectName("export.snippet")
        self.code.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )  # a long path is cut, not copied so
        self.copy = button(self.tr("Copy"), "plain", "copy", "export.copy")
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(SHOWN_MS)
        self._back.timeout.connect(lambda: self.copy.setText(self.tr("Copy")))
        frame = card(row(label(title, "section"), None, self.copy), self.code)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(frame)
        self.copy.clicked.connect(self._on_copy_clicked)

    def show_code(self, code: str) -> None:
        self.code.setText(code)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())
        self.copy.setText(self.tr("Copied"))
        self._back.start()
