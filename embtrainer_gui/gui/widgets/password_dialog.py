"""Asks for the password of one encrypted file that is to be read."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from embtrainer_gui.gui.widgets.basics import button
from embtrainer_gui.gui.widgets.password_prompt import PasswordPrompt


class PasswordDialog(QDialog):
    """Signals: ``entered`` with the password, ``skipped``."""

    entered = Signal(str)
    skipped = Signal()

    def __init__(self, file_name: str, *, wrong: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("papers.password")
        self.setWindowTitle(self.tr("Password needed"))
        self.setMinimumWidth(420)
        skip = button(self.tr("Skip this file"), name="password.skip")
        self._prompt = PasswordPrompt("primary", skip)
        self._prompt.ask(file_name, wrong=wrong)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.addWidget(self._prompt)
        self._prompt.entered.connect(self._on_prompt_entered)
        skip.clicked.connect(self.reject)
        self._prompt.setFocus()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(440, super().sizeHint().height())

    def reject(self) -> None:
        self._prompt.forget()
        super().reject()
        self.skipped.emit()

    def _on_prompt_entered(self, password: str) -> None:
        self.accept()
        self.entered.emit(password)
