"""The key of a server: typed once, kept by the system's keyring, never shown; it says where it is."""

from __future__ import annotations

import asyncio
import os

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.keys import KeyPlace, forget_key, keep_key, key_for
from embtrainer_gui.core.servers import host_of
from embtrainer_gui.core.settings import KEY_VARIABLE
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import button, column, label, row


class KeyField(QWidget):
    """``key`` is the one that goes with the address shown last. Keyrings can take long: they are asked on a thread.

    Signal: ``changed`` when another key holds.
    """

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self._address = ""
        self._place: KeyPlace | None = None
        self._asking: asyncio.Task[None] | None = None
        self._field = QLineEdit()
        self._field.setObjectName(f"{name}-key")
        self._field.setEchoMode(QLineEdit.EchoMode.Password)
        self._field.setAccessibleName(self.tr("Key of the server"))
        self._keep = button(self.tr("Keep"), "", "", f"{name}-keep-key")
        self._forget = button(self.tr("Forget"), "danger", "", f"{name}-forget-key")
        self._state = label("", "hint", wrap=True)
        self._state.setObjectName(f"{name}-key-state")
        line = row(self._field, self._keep, self._forget)
        line.setStretch(0, 1)
        self.setLayout(column(label(self.tr("Key"), "hint"), line, self._state, spacing=4))
        self._field.textChanged.connect(self._show_state)
        self._field.returnPressed.connect(self._on_keep_clicked)
        self._keep.clicked.connect(self._on_keep_clicked)
        self._forget.clicked.connect(self._on_forget_clicked)
        self._show_state()
