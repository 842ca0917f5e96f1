"""The key of one server: typed unseen, kept in the system's keyring or until the window closes, and forgotten."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from embtrainer_gui.core.environment import KEY_VARIABLE
from embtrainer_gui.core.keys import KeyPlace, forget_key, is_key, keep_key, key_for, place_of_key
from embtrainer_gui.core.server_address import host_of, takes_key
from embtrainer_gui.gui.background import Background
from embtrainer_gui.gui.widgets.basics import button, column, label, row


class ServerKey(QWidget):
    """The keyring is asked on another thread: one that is locked can take seconds. No key is ever shown.

    ``key`` is the one that goes with the server, "" while the keyring is asked; parts are called ``name`` and so on;
    ``settle_ms`` are waited before the keyring is asked about an address, where one types it.

    Signal: ``changed`` when the keyring has answered.
    """

    changed = Signal()

    def __init__(self, name: str = "settings.server-key", settle_ms: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self._address = ""
        self._background = Background(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(settle_ms)
        self._key = QLineEdit()
        self._key.setEchoMode(QLineEdit.EchoMode.Password)
        self._key.setObjectName(name)
        self._key.setAccessibleName(self.tr("Key of the server"))
        self._key.setToolTip(self.tr("It goes to this server only, and into no file, project or log."))
        self._keep = button(self.tr("Keep"), "", "", f"{name}-keep")
        self._forget = button(self.tr("Forget"), "", "", f"{name}-forget")
        self._state = label("", "hint", wrap=True)
        self._state.setObjectName(f"{name}-state")
        self.setLayout(column(row(self._key, self._keep, self._forget), self._state, spacing=4))
        self._settle.timeout.connect(lambda: self._ask(partial(_found, self._address)))
        self._key.textChanged.connect(self._show_buttons)
        self._key.returnPressed.connect(self._on_keep_clicked)
        self._keep.clicked.connect(self._on_keep_clicked)
        self._forget.clicked.connect(self._on_forget_clicked)

    @property
    def editor(self) -> QLineEdit:
        """For the caption beside it."""
        return self._key

    def show_server(self, address: str) -> None:
        """Tell where the key of the server at ``address`` is."""
        self._address = address
        self.key, self._place = "", KeyPlace.NOWHERE
        self._key.clear()
        self._show_waiting(self.tr("Looking into the keyring..."))
        self._settle.start()

    @property
    def is_asking(self) -> bool:
        """Whether the keyring has not answered yet."""
        return self._settle.isActive() or self._background.is_busy

    def _show_waiting(self, text: str) -> None:
        self._state.setText(text)
        self._show_buttons()

    def _ask(self, work: partial[tuple[KeyPlace, str]]) -> None:
        self._settle.stop()
        self._background.run("key", work, self._on_found)

    def _on_found(self, found: tuple[KeyPlace, str]) -> None:
        self._place, self.key = found
        self._state.setText(self._words(self._place))
        self._show_buttons()
        self.changed.emit()

    def _words(self, place: KeyPlace) -> str:
        host = host_of(self._address)
        if not takes_key(self._address):
            return self.tr("No key is sent to {host}: without https:// it could be read on the way.").format(host=host)
        words = {
            KeyPlace.ENVIRONMENT: self.tr("The key of the environment variable {name} is used for every server."),
            KeyPlace.KEYRING: self.tr("A key for {host} is in the keyring of this system."),
            KeyPlace.SESSION: self.tr(
                "A key for {host} is kept until this window closes: the keyring of this system is missing or locked."
            ),
            KeyPlace.NOWHERE: self.tr("No key is kept for {host}. Servers on your own computer need none."),
        }
        return words[place].format(name=KEY_VARIABLE, host=host)

    @Slot()
    def _show_buttons(self) -> None:
        can_send = takes_key(self._address) and self._place is not KeyPlace.ENVIRONMENT
        self._key.setEnabled(can_send)
        self._keep.setEnabled(can_send and bool(self._key.text()))
        self._forget.setEnabled(self._place in (KeyPlace.KEYRING, KeyPlace.SESSION))
        is_kept = self._place is not KeyPlace.NOWHERE
        self._key.setPlaceholderText(self.tr("A new key in place of it") if is_kept else self.tr("None"))

    @Slot()
    def _on_keep_clicked(self) -> None:
        key = self._key.text().strip()
        if not key:
            return
        if not is_key(key):
            self._state.setText(self.tr("A key has only letters, digits and signs, and no spaces."))
            return
        self._key.clear()
        self._show_waiting(self.tr("Keeping it..."))
        self._ask(partial(_kept, self._address, key))

    @Slot()
    def _on_forget_clicked(self) -> None:
        self._show_waiting(self.tr("Forgetting it..."))
        self._ask(partial(_forgotten, self._address))


def _found(address: str) -> tuple[KeyPlace, str]:
    return place_of_key(address), key_for(address)


def _kept(address: str, key: str) -> tuple[KeyPlace, str]:
    keep_key(address, key)
    return _found(address)


def _forgotten(address: str) -> tuple[KeyPlace, str]:
    forget_key(address)
    return _found(address)
