"""The key of a server: typed once, kept by the system's keyring, never shown; it says where it is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.keys import KeyPlace, forget_key, keep_key, key_for
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.settings import KEY_VARIABLE
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import button, column, label, row

Result = TypeVar("Result")


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

    def show_address(self, address: str) -> None:
        """Look for the key of another address; "" is none."""
        if address == self._address:
            return
        self._address, self.key, self._place = address, "", None
        self._field.clear()
        self._ask(key_for, self._on_key_found)

    def _ask(self, call: Callable[..., Result], on_done: Callable[[Result], None], *more: str) -> None:
        if self._asking:
            self._asking.cancel()
            self._asking = None
        if self._address:
            task = asyncio.to_thread(call, self._address, *more)
            self._asking = requests.start(task, on_done, self._on_problem)
        self._show_state()

    def _on_key_found(self, key: str) -> None:
        self._asking = None
        self._hold(key, KeyPlace.KEYRING if key else None)

    def _on_keep_clicked(self) -> None:
        typed = self._field.text().strip()
        if typed and self._address:
            self._field.clear()
            self._ask(keep_key, lambda place: self._on_key_kept(typed, place), typed)

    def _on_key_kept(self, key: str, place: KeyPlace) -> None:
        self._asking = None
        self._hold(key, place)

    def _on_forget_clicked(self) -> None:
        self._ask(forget_key, lambda _: self._on_key_found(""))

    def _hold(self, key: str, place: KeyPlace | None) -> None:
        self.key, self._place = key, place
        self._show_state()
        self.changed.emit()

    def _on_problem(self, problem: AppError) -> None:
        self._asking = None
        self._show_state()
        self._state.setText(problem.message)

    def _show_state(self) -> None:
        has_key = bool(self.key)
        from_outside = bool(os.environ.get(KEY_VARIABLE))
        self._field.setEnabled(bool(self._address) and not from_outside)
        self._keep.setEnabled(bool(self._field.text().strip()) and not self._asking)
        self._keep.setVisible(not from_outside)
        self._forget.setVisible(has_key and not from_outside)
        dots = "••••••••" if has_key else self.tr("Only where the server wants one")
        self._field.setPlaceholderText(dots)
        self._state.setText(self._words())

    def _words(self) -> str:
        host = host_of(self._address)
        if os.environ.get(KEY_VARIABLE):
            return self.tr("Taken from the environment variable {name}.").format(name=KEY_VARIABLE)
        if self._asking:
            return self.tr("Asking the keyring of the system...")
        if self._place == KeyPlace.SESSION:
            return self.tr("Kept until the window closes: this computer has no keyring that answers.")
        if self.key:
            return self.tr("Kept in the keyring of the system, for {host}; not in the project.").format(host=host)
        return self.tr("None is kept. A key goes to the keyring of the system, never into the project.")
