"""Asks for the password of one encrypted file. What is typed goes to the caller and stays nowhere."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, column, label, row


class PasswordDialog(QDialog):
    """Signals: ``entered`` with the password, ``skipped``."""

    entered = Signal(str)
    skipped = Signal()

    def __init__(self, file_name: str, *, wrong: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("papers.password")
        self.setWindowTitle(self.tr("Password needed"))
        self.setMinimumWidth(420)
        self._field = QLineEdit()
        self._field.setObjectName("password.field")
        self._field.setEchoMode(QLineEdit.EchoMode.Password)
        self._field.setAccessibleName(self.tr("Password of {name}").format(name=file_name))
        self._open = button(self.tr("Open"), "primary", name="password.open")
        self._open.setDefault(True)
        self._open.setEnabled(False)
        skip = button(self.tr("Skip this file"), name="password.skip")
        wrong_text = label(self.tr("That password did not open it. Try another one."), "bad", wrap=True)
        wrong_text.setObjectName("password.wrong")
        wrong_text.setVisible(wrong)
        hint = label(self.tr("It is used once to read the file and is not stored."), "hint", wrap=True)
        layout = column(
            label(self.tr("This file is protected by a password:")),
            ElidedLabel(file_name, "section"),
            wrong_text,
            self._field,
            hint,
            row(None, skip, self._open),
            spacing=12,
        )
        layout.setContentsMargins(24, 24, 24, 24)
        self.setLayout(layout)
        self._field.textChanged.connect(lambda text: self._open.setEnabled(bool(text)))
        self._open.clicked.connect(self.accept)
        skip.clicked.connect(self.reject)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(440, super().sizeHint().height())

    def accept(self) -> None:
        text = self._field.text()
        if text:
            self._field.clear()
            super().accept()
            self.entered.emit(text)

    def reject(self) -> None:
        self._field.clear()
        super().reject()
        self.skipped.emit()
