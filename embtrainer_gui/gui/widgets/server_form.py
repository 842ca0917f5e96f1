"""Which server and which model write the questions: address, key, model, and a test that says what it can do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QHideEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QWidget

from embtrainer_gui.core.chat_facts import Met, ServerSpeed, meet_server, speed_of
from embtrainer_gui.core.chat_types import Protocol
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.settings import Server
from embtrainer_gui.gui.place_words import is_open_way
from embtrainer_gui.gui.server_words import context_words, met_words, speed_words
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import button, column, label, row, set_property
from embtrainer_gui.gui.widgets.server_key import ServerKey

KNOWN: dict[Protocol, str] = {"ollama": "http://localhost:11434"}
"""Where such a server is unless somebody moved it."""
EXAMPLE = "https://api.example.org/v1"
SETTLE_MS = 300  # of typing an address, before the keyring is asked about it


class ServerForm(QFrame):
    """Address and model that are typed or chosen; only the button Test contacts the server.

    Signal: ``changed`` after each edit of the user.
    """

    changed = Signal()

    def __init__(self, protocol: Protocol, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setObjectName(f"questions.{protocol}")
        self._protocol: Protocol = protocol
        self._asking: asyncio.Task[None] | None = None
        self._address = self._combo("address", self.tr("Address of the server"), EXAMPLE, 500)
        self._model = self._combo("model", self.tr("Model"), self.tr("Type its name, or Test for a list"), 200)
        self._test = button(self.tr("Test"), "", "", f"questions.{protocol}-test")
        self._test.setToolTip(self.tr("Asks for its models and for one short reply. No text of yours is sent."))
        self._key = ServerKey(f"questions.{protocol}-key", SETTLE_MS)
        self._key_part = QWidget()
        self._key_host = ""  # that the keyring was asked about
        self._error = label("", "error", wrap=True)
        self._error.setObjectName(f"questions.{protocol}-error")
        self._warning = label(
            self.tr("The way to this machine is not encrypted: others on the network can read the passages."),
            "warn",
            wrap=True,
        )
        self._told = label("", "secondary", wrap=True, selectable=True)
        self._told.setObjectName(f"questions.{protocol}-told")
        self._arrange()
        self._address.setEditText(KNOWN.get(protocol, ""))
        self._test.clicked.connect(self._on_test_clicked)
        self._address.currentTextChanged.connect(self._on_address_changed)
        self._address.activated.connect(self._on_address_chosen)
        self._model.currentTextChanged.connect(self._on_model_changed)
        self._key.changed.connect(self.changed)
        self._show_state()

    def _arrange(self) -> None:
        self._key_part.setLayout(column(label(self.tr("Key"), "hint"), self._key, spacing=4))
        where = row(self._address, self._test)
        where.setStretch(0, 1)
        inside = column(
            label(self.tr("Server"), "section"),
            column(label(self.tr("Address"), "hint"), where, self._error, self._warning, spacing=4),
            column(label(self.tr("Model"), "hint"), self._model, self._told, spacing=4),
            self._key_part,
            spacing=12,
        )
        inside.setContentsMargins(16, 12, 16, 16)
        self.setLayout(inside)

    def _combo(self, part: str, title: str, example: str, longest: int) -> QComboBox:
        made = _Combo()
        made.setObjectName(f"questions.{self._protocol}-{part}")
        made.setAccessibleName(title)
        line = made.lineEdit()
        if line is not None:
            line.setPlaceholderText(example)
            line.setMaxLength(longest)
        return made

    @property
    def address(self) -> str:
        return self._address.currentText().strip().rstrip("/")

    @property
    def model(self) -> str:
        return self._model.currentText().strip()

    @property
    def key(self) -> str:
        """The key that goes with the address; "" while it is looked for, or where there is none."""
        return self._key.key if self._key_host else ""

    def fault(self) -> str:
        """What is missing or wrong, as a sentence; "" where questions could be made."""
        if not self.address:
            return self.tr("Choose a server, or type its address.")
        if not _is_address(self.address):
            return self.tr("The address starts with http:// or https:// and holds no user name or password.")
        if not self.model:
            return self.tr("Choose a model of the server.")
        return self.tr("Waiting for the keyring of the system...") if self._key.is_asking else ""

    def set_place(self, address: str, model: str) -> None:
        self._address.setEditText(address)
        self._model.setEditText(model)

    def show_servers(self, servers: Sequence[Server]) -> None:
        """Those of Settings that may speak so, to choose from."""
        typed = self._address.currentText()
        self._address.blockSignals(True)
        self._address.clear()
        for server in servers:
            if server.protocol in ("auto", self._protocol):
                self._address.addItem(f"{server.name}  ·  {server.address}", server.address)
        self._address.setEditText(typed)
        self._address.blockSignals(False)

    def look_for_key(self) -> None:
        """Ask the keyring for the key of the address; it may ask the user to unlock it."""
        self._key_host = host_of(self.address) if _is_address(self.address) else ""
        if self._key_host:
            self._key.show_server(self.address)
        self._key_part.setVisible(bool(self._key_host))

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self._stop_asking()
        super().hideEvent(event)

    def _on_address_chosen(self, number: int) -> None:
        self._address.setEditText(str(self._address.itemData(number)))

    def _on_address_changed(self) -> None:
        self._stop_asking()
        self._told.setText("")
        self._show_state()
        if not _is_address(self.address) or host_of(self.address) != self._key_host:
            self.look_for_key()
        self.changed.emit()

    def _on_model_changed(self) -> None:
        self._stop_asking()
        self._told.setText("")
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        address = self.address
        wrong = bool(address) and not _is_address(address)
        self._say(self.fault() if wrong else "")
        self._warning.setVisible(is_open_way(address) and not wrong)
        self._test.setEnabled(bool(address) and not wrong)
        self._test.setText(self.tr("Stop") if self._asking else self.tr("Test"))
        self._told.setVisible(bool(self._told.text()))

    def _say(self, error: str) -> None:
        self._error.setText(error)
        self._error.setVisible(bool(error))
        set_property(self._address, "state", "bad" if error else "")

    def _tell(self, text: str, tone: str = "secondary") -> None:
        self._told.setText(text)
        set_property(self._told, "role", tone)
        self._show_state()

    # The test: what is there, then how one short reply comes

    def _on_test_clicked(self) -> None:
        if self._asking:
            self._stop_asking()
            self._tell("")
            return
        met = meet_server(self.address, self._protocol, self.model)
        self._asking = requests.start(met, self._on_met, self._on_problem)
        self._tell(self.tr("Asking {host} what it is...").format(host=host_of(self.address)))

    def _on_met(self, met: Met) -> None:
        self._asking = None
        self._fill_models(met.facts.models, met.place.model)
        told = met_words(met)
        if not met.place.model or (met.facts.models and met.place.model not in met.facts.models):
            choose = self.tr("Choose one of its models, then test again: it is asked for a few words.")
            self._tell(f"{told}\n{choose}")
            return
        told += f"\n{context_words(met.facts)}"
        measured = speed_of(met.place)
        self._asking = requests.start(measured, lambda speed: self._on_measured(told, speed), self._on_problem)
        waiting = self.tr("Asking {model} for a few words...").format(model=met.place.model)
        self._tell(f"{told}\n{waiting}")

    def _fill_models(self, models: Sequence[str], chosen: str) -> None:
        self._model.blockSignals(True)
        self._model.clear()
        self._model.addItems(list(models))
        self._model.setEditText(chosen)
        self._model.blockSignals(False)
        self.changed.emit()

    def _on_measured(self, told: str, speed: ServerSpeed) -> None:
        self._asking = None
        self._tell(f"{told}\n{speed_words(speed)}")

    def _on_problem(self, problem: AppError) -> None:
        self._asking = None
        told = (QCoreApplication.translate("core", part) for part in (problem.template, problem.hint_template))
        self._tell(" ".join(part.format(**problem.values) for part in told), "bad")

    def _stop_asking(self) -> None:
        if self._asking:
            self._asking.cancel()
            self._asking = None


class _Combo(QComboBox):
    """Editable, for long texts; the wheel scrolls the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        event.ignore()


def _is_address(text: str) -> bool:
    try:
        Server(name="-", address=text)
    except ValidationError:
        return False
    return True
