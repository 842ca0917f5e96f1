"""The key of one server: typed unseen, kept in the system's keyring or until the window closes, and forgotten."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from embtrainer_gui.core.keys import KeyPlace, forget_key, is_key, keep_key, place_of_key
from embtrainer_gui.core.server_address import host_of, takes_key
from embtrainer_gui.core.settings import KEY_VARIABLE
from embtrainer_gui.gui.background import Background
from embtrainer_gui.gui.widgets.basics import button, column, label, row


class ServerKey(QWidget):
    """The keyring is asked on another thread: one that is locked can take seconds. No key is ever shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._address = ""
        self._background = Background(self)
        self._key = QLineEdit()
        self._key.setEchoMode(QLineEdit.EchoMode.Password)
        self._key.setObjectName("settings.server-key")
        self._key.setAccessibleName(self.tr("Key of the server"))
        self._key.setToolTip(self.tr("It goes to this server only, and into no file, project or log."))
        self._keep = button(self.tr("Keep"), "", "", "settings.server-key-keep")
        self._forget = button(self.tr("Forget"), "", "", "settings.server-key-forget")
        self._state = label("", "hint", wrap=True)
        self._state.setObjectName("settings.server-key-state")
        self.setLayout(column(row(self._key, self._keep, self._forget), self._state, spacing=4))
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
        self._place = KeyPlace.NOWHERE
        self._key.clear()
        self._ask(partial(place_of_key, address), self.tr("Looking into the keyring..."))

    def _ask(self, work: partial[KeyPlace], meanwhile: str) -> None:
        self._state.setText(meanwhile)
        self._show_buttons()
        self._background.run("key", work, self._on_placed)

    def _on_placed(self, place: KeyPlace) -> None:
        self._place = place
        self._state.setText(self._words(place))
        self._show_buttons()

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
        can_send = takes_key(self._address)
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
        self._ask(partial(_keep, self._address, key), self.tr("Keeping it..."))

    @Slot()
    def _on_forget_clicked(self) -> None:
        self._ask(partial(forget_key, self._address), self.tr("Forgetting it..."))


def _keep(address: str, key: str) -> KeyPlace:
    keep_key(address, key)
    return place_of_key(address)
