"""Servers by name and address: a table, a line to add one, and a test of the chosen one. Only the test contacts it."""

from __future__ import annotations

import asyncio
import os

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableWidget, QTableWidgetItem, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.servers import ServerAnswer, ask_server, host_of
from embtrainer_gui.core.settings import KEY_VARIABLE, Server
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import button, column, label, row

ROW_HEIGHT = 32
MOST_NAMES = 8  # of the models of a server; then only how many more there are


class ServerList(QWidget):
    """Signal ``edited`` when a server was added or removed."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.servers: tuple[Server, ...] = ()
        self._asking: asyncio.Task[None] | None = None
        self._table = self._build_table()
        self._name, self._address = QLineEdit(), QLineEdit()
        self._name.setPlaceholderText(self.tr("Name"))
        self._name.setAccessibleName(self.tr("Name of the server"))
        self._name.setObjectName("settings.server-name")
        self._name.setFixedWidth(180)
        self._address.setPlaceholderText("http://localhost:11434")
        self._address.setAccessibleName(self.tr("Address of the server"))
        self._address.setObjectName("settings.server-address")
        self._add = button(self.tr("Add"), "", "add", "settings.server-add")
        self._remove = button(self.tr("Remove"), "danger", "remove", "settings.server-remove")
        self._test = button(self.tr("Test"), "", "", "settings.server-test")
        self._test.setToolTip(self.tr("Asks the chosen server for its models. No text of yours is sent."))
        self._error = label("", "error", wrap=True)
        self._answer = label("", "secondary", wrap=True, selectable=True)
        self._answer.setObjectName("settings.server-answer")
        line = row(self._name, self._address, self._add, self._test, self._remove)
        self.setLayout(column(self._table, line, self._error, self._answer))
        self._test.clicked.connect(self._on_test_clicked)
        self._add.clicked.connect(self._on_add_clicked)
        self._address.returnPressed.connect(self._on_add_clicked)
        self._remove.clicked.connect(self._on_remove_clicked)
        self._table.itemSelectionChanged.connect(self._on_selection_changed)
        self._say("")
        self.show_servers(())

    def _build_table(self) -> QTableWidget:
        table = QTableWidget(0, 2)
        table.setObjectName("settings.servers")
        table.setAccessibleName(self.tr("Servers"))
        table.setHorizontalHeaderLabels([self.tr("Name"), self.tr("Address")])
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        table.horizontalHeader().setHighlightSections(False)
        table.setColumnWidth(0, 180)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def show_servers(self, servers: tuple[Server, ...]) -> None:
        self.servers = servers
        self._table.setRowCount(len(servers))
        for number, server in enumerate(servers):
            self._table.setItem(number, 0, QTableWidgetItem(server.name))
            self._table.setItem(number, 1, QTableWidgetItem(server.address))
        self._table.setVisible(bool(servers))
        self._table.setFixedHeight(ROW_HEIGHT * (min(len(servers), 5) + 1) + 4)
        self._show_state()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self._stop_asking()
        super().hideEvent(event)

    @Slot()
    def _on_selection_changed(self) -> None:
        self._stop_asking()
        self._say("")
        self._show_state()

    def _show_state(self) -> None:
        has_one = bool(self._table.selectedItems())
        self._remove.setEnabled(has_one)
        self._test.setEnabled(has_one)
        self._test.setText(self.tr("Stop") if self._asking else self.tr("Test"))
        self._answer.setVisible(bool(self._answer.text()))

    @Slot()
    def _on_test_clicked(self) -> None:
        if self._asking:
            self._stop_asking()
            return
        server = self.servers[self._table.currentRow()]
        self._say("")
        self._answer.setText(self.tr("Asking {host} for its models...").format(host=host_of(server.address)))
        key = os.environ.get(KEY_VARIABLE, "")
        self._asking = requests.start(ask_server(server.address, key), self._on_answered, self._on_problem)
        self._show_state()

    def _stop_asking(self) -> None:
        if self._asking:
            self._asking.cancel()
            self._asking = None
        self._answer.clear()
        self._show_state()

    def _on_answered(self, answer: ServerAnswer) -> None:
        self._asking = None
        name = "Ollama" if answer.protocol == "ollama" else self.tr("a server that speaks like OpenAI")
        words = self.tr("It answers after {ms:.0f} ms: {name}, {count} models").format(
            ms=answer.milliseconds, name=name, count=len(answer.models)
        )
        shown = ", ".join(answer.models[:MOST_NAMES])
        more = len(answer.models) - MOST_NAMES
        shown += self.tr(" and {count} more").format(count=more) if more > 0 else ""
        self._answer.setText(f"{words}: {shown}." if shown else f"{words}.")
        self._show_state()

    def _on_problem(self, problem: AppError) -> None:
        self._stop_asking()
        told = (QCoreApplication.translate("core", part) for part in (problem.template, problem.hint_template))
        self._say(" ".join(part.format(**problem.values) for part in told))

    @Slot()
    def _on_add_clicked(self) -> None:
        name, address = self._name.text().strip(), self._address.text().strip().rstrip("/")
        if any(server.name == name for server in self.servers):
            self._say(self.tr("There is a server of this name."))
            return
        try:
            server = Server(name=name, address=address)
        except ValidationError as problem:
            self._say(self._what_is_wrong(str(problem.errors()[0]["loc"][0])))
            return
        self._say("")
        self._name.clear()
        self._address.clear()
        self.show_servers((*self.servers, server))
        self.edited.emit()

    def _say(self, error: str) -> None:
        self._error.setText(error)
        self._error.setVisible(bool(error))

    def _what_is_wrong(self, field: str) -> str:
        if field == "name":
            return self.tr("Give the server a name.")
        return self.tr("The address starts with http:// or https:// and holds no user name or password.")

    @Slot()
    def _on_remove_clicked(self) -> None:
        row_number = self._table.currentRow()
        if 0 <= row_number < len(self.servers):
            self.show_servers(self.servers[:row_number] + self.servers[row_number + 1 :])
            self.edited.emit()
