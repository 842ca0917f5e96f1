"""Asks for the password of one encrypted file, in a dialog or in the place of its page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, column, label, row


class PasswordPrompt(QWidget):
    """What is typed goes out with ``entered`` and stays nowhere here. ``other`` stands beside the button Open."""

    entered = Signal(str)

    def __init__(self, kind: str = "", other: QPushButton | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel("", "section")
        self._wrong = label(self.tr("That password did not open it. Try another one."), "error", wrap=True)
        self._wrong.setObjectName("password.wrong")
        self._field = QLineEdit()
        self._field.setObjectName("password.field")
        self._field.setEchoMode(QLineEdit.EchoMode.Password)
        self._open = button(self.tr("Open"), kind, name="password.open")
        self._open.setDefault(True)
        self._open.setEnabled(False)
        hint = self.tr("It stays in memory while this window is open, and is stored nowhere.")
        self.setLayout(
            column(
                label(self.tr("This file is protected by a password:")),
                self._name,
                self._wrong,
                self._field,
                label(hint, "hint", wrap=True),
                row(None, *([other] if other else []), self._open),
                spacing=12,
            )
        )
        self.setFocusProxy(self._field)
        self._field.textChanged.connect(lambda text: self._open.setEnabled(bool(text)))
        self._field.returnPressed.connect(self._on_open_clicked)
        self._open.clicked.connect(self._on_open_clicked)

    def ask(self, file_name: str, *, wrong: bool) -> None:
        """``wrong``: one was typed that did not open it."""
        self._name.setText(file_name)
        self._wrong.setVisible(wrong)
        self._field.setAccessibleName(self.tr("Password of {name}").format(name=file_name))

    def forget(self) -> None:
        self._field.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Keys that the field has no use for are not those of the page around it: Return would accept a question."""
        event.setAccepted(event.key() != Qt.Key.Key_Escape)

    @Slot()
    def _on_open_clicked(self) -> None:
        text = self._field.text()
        if text:
            self.forget()
            self.entered.emit(text)
