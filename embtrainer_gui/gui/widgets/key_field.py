"""The key of a server: typed once, kept by the system's keyring, never shown; it says where it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.keys import KeyPlace, forget_key, is_key, keep_key, key_for, place_of_key
from embtrainer_gui.core.server_address import host_of, takes_key
from embtrainer_gui.core.settings import KEY_VARIABLE
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import button, column, label, row

SETTLE_MS = 300  # of typing an address, before the keyring is asked about it


class KeyField(QWidget):
    """``key`` is the one that goes with the address shown last. A keyring can take long: it is asked on a thread.

    Signal: ``changed`` when the keyring has answered.
    """

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self._address = ""
        self._place = KeyPlace.NOWHERE
        self._asking: asyncio.Task[None] | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(lambda: self._ask(_found))
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

    @property
    def is_asking(self) -> bool:
        return self._settle.isActive() or self._asking is not None

    def show_address(self, address: str) -> None:
        """Look for the key of another server; "" is none."""
        is_same = host_of(address) == host_of(self._address)
        self._address = address
        if not is_same:
            self.key, self._place = "", KeyPlace.NOWHERE
            self._field.clear()
            self._settle.start()
            self._show_state()

    def _ask(self, call: Callable[..., tuple[KeyPlace, str]], *more: str) -> None:
        """Let ``call`` ask the keyring about the address; a later call takes the place of one that is under way."""
        self._settle.stop()
        if self._asking:
            self._asking.cancel()
            self._asking = None
        if self._address:
            task = asyncio.to_thread(call, self._address, *more)
            self._asking = requests.start(task, self._on_found, self._on_problem)
        else:
            self.changed.emit()
        self._show_state()

    def _on_found(self, found: tuple[KeyPlace, str]) -> None:
        self._asking = None
        self._place, self.key = found
        self._show_state()
        self.changed.emit()

    def _on_keep_clicked(self) -> None:
        typed = self._field.text().strip()
        if self._keep.isEnabled():
            self._field.clear()
            self._ask(_kept, typed)

    def _on_forget_clicked(self) -> None:
        self._ask(_forgotten)

    def _on_problem(self, problem: AppError) -> None:
        self._asking = None
        self._show_state()
        self._state.setText(problem.message)

    def _show_state(self) -> None:
        from_outside = self._place == KeyPlace.ENVIRONMENT
        self._field.setEnabled(bool(self._address) and takes_key(self._address) and not from_outside)
        self._keep.setEnabled(is_key(self._field.text().strip()) and not self.is_asking)
        self._keep.setVisible(not from_outside)
        self._forget.setVisible(bool(self.key) and not from_outside)
        self._field.setPlaceholderText("••••••••" if self.key else self.tr("Only where the server wants one"))
        self._state.setText(self._words())

    def _words(self) -> str:
        if self._address and not takes_key(self._address):
            return self.tr("No key is ever sent there: the way is not encrypted. It needs an https:// address.")
        if self.is_asking:
            return self.tr("Asking the keyring of the system...")
        typed = self._field.text().strip()
        if typed and not is_key(typed):
            return self.tr("A key is one word of plain letters, digits and signs.")
        words = {
            KeyPlace.ENVIRONMENT: self.tr("Taken from the environment variable {name}."),
            KeyPlace.SESSION: self.tr("Kept until the window closes: no keyring of this computer answers."),
            KeyPlace.KEYRING: self.tr("Kept in the keyring of the system, for {host}; not in the project."),
            KeyPlace.NOWHERE: self.tr("None is kept. A key goes to the keyring of the system, never into the project."),
        }
        return words[self._place].format(name=KEY_VARIABLE, host=host_of(self._address))


def _found(address: str) -> tuple[KeyPlace, str]:
    return place_of_key(address), key_for(address)


def _kept(address: str, key: str) -> tuple[KeyPlace, str]:
    return keep_key(address, key), key


def _forgotten(address: str) -> tuple[KeyPlace, str]:
    return forget_key(address), key_for(address)
