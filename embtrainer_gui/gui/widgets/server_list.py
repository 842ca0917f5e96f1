"""Servers by name and address: a table, a line to add one, and what belongs to the chosen one. Only its test sends."""

from __future__ import annotations

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHeaderView,
    QLayout,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from embtrainer_gui.core.settings import Server
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import button, column, label, line, row
from embtrainer_gui.gui.widgets.plain_table import plain_table
from embtrainer_gui.gui.widgets.server_key import ServerKey
from embtrainer_gui.gui.widgets.server_test import ServerTest

ROW_HEIGHT = 32
NAME_WIDTH, CAPTION_WIDTH = 180, 80


class ServerList(QWidget):
    """Signal ``edited`` when a server was added, changed or removed."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.servers: tuple[Server, ...] = ()
        self._table = self._build_table()
        self._name, self._address = QLineEdit(), QLineEdit()
        self._name.setPlaceholderText(self.tr("Name"))
        self._name.setAccessibleName(self.tr("Name of the server"))
        self._name.setObjectName("settings.server-name")
        self._name.setFixedWidth(NAME_WIDTH)
        self._address.setPlaceholderText("http://localhost:11434")
        self._address.setAccessibleName(self.tr("Address of the server"))
        self._address.setObjectName("settings.server-address")
        self._add = button(self.tr("Add"), "", "add", "settings.server-add")
        self._error = label("", "error", wrap=True)
        self._chosen = self._build_chosen()
        added = row(self._name, self._address, self._add)
        self.setLayout(column(self._table, added, self._error, self._chosen))
        self._add.clicked.connect(self._on_add_clicked)
        self._address.returnPressed.connect(self._on_add_clicked)
        self._remove.clicked.connect(self._on_remove_clicked)
        self._protocol.activated.connect(self._on_protocol_activated)
        self._table.itemSelectionChanged.connect(self._on_selection_changed)
        self._say("")
        self.show_servers(())

    def _build_table(self) -> QTableWidget:
        table = plain_table(QTableWidget(0, 3), "settings.servers", self.tr("Servers"), row=ROW_HEIGHT)
        table.setHorizontalHeaderLabels([self.tr("Name"), self.tr("Address"), self.tr("Protocol")])
        table.setColumnWidth(0, NAME_WIDTH)
        table.setColumnWidth(2, NAME_WIDTH)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def _build_chosen(self) -> QWidget:
        """What belongs to the chosen server."""
        self._protocol = QComboBox()
        self._protocol.setObjectName("settings.server-protocol")
        self._protocol.setAccessibleName(self.tr("Protocol of the server"))
        help_text = Server.model_fields["protocol"].description or ""
        self._protocol.setToolTip(QCoreApplication.translate("core", help_text))
        for value, words in self._protocols().items():
            self._protocol.addItem(words, value)
        self._remove = button(self.tr("Remove"), "danger", "remove", "settings.server-remove")
        self._key, self._test = ServerKey(), ServerTest()
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(theme.size("space"))
        grid.setColumnMinimumWidth(0, CAPTION_WIDTH)
        grid.setColumnStretch(1, 1)
        grid.addWidget(line(), 0, 0, 1, 2)
        self._put(grid, self.tr("Protocol"), self._protocol, row(self._protocol, None, self._remove))
        self._put(grid, self.tr("Key"), self._key.editor, self._key)
        self._put(grid, self.tr("Model"), self._test.editor, self._test)
        chosen = QWidget()
        chosen.setLayout(grid)
        return chosen

    def _protocols(self) -> dict[str, str]:
        return {"auto": self.tr("Found out by itself"), "ollama": "Ollama", "openai": self.tr("Like OpenAI")}

    def _put(self, grid: QGridLayout, text: str, editor: QWidget, part: QWidget | QLayout) -> None:
        """A new row: the caption stands beside ``editor``, the first line of ``part``."""
        caption = label(text)
        caption.setBuddy(editor)
        caption.setFixedHeight(theme.size("row"))
        number = grid.rowCount()
        grid.addWidget(caption, number, 0, Qt.AlignmentFlag.AlignTop)
        if isinstance(part, QLayout):
            grid.addLayout(part, number, 1)
        else:
            grid.addWidget(part, number, 1)

    def show_servers(self, servers: tuple[Server, ...]) -> None:
        """Other servers; the chosen one stays chosen where it is still there."""
        chosen = self._server()
        self.servers = servers
        protocols = self._protocols()
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(servers))
            for number, server in enumerate(servers):
                for place, text in enumerate((server.name, server.address, protocols[server.protocol])):
                    self._table.setItem(number, place, QTableWidgetItem(text))
            self._table.clearSelection()
        self._table.setVisible(bool(servers))
        self._table.setFixedHeight(ROW_HEIGHT * (min(len(servers), 5) + 1) + 4)
        addresses = [server.address for server in servers]
        if chosen is not None and chosen.address in addresses:
            self._table.selectRow(addresses.index(chosen.address))
        else:
            self._on_selection_changed()

    def _server(self) -> Server | None:
        """The chosen one."""
        chosen = self._table.selectionModel().selectedRows()
        return self.servers[chosen[0].row()] if chosen and chosen[0].row() < len(self.servers) else None

    @Slot()
    def _on_selection_changed(self) -> None:
        server = self._server()
        self._say("")
        self._chosen.setVisible(server is not None)
        self._test.show_server(server)
        if server is not None:
            self._protocol.setCurrentIndex(self._protocol.findData(server.protocol))
            self._key.show_server(server.address)

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
        self._table.selectRow(len(self.servers) - 1)
        self.edited.emit()

    def _say(self, error: str) -> None:
        self._error.setText(error)
        self._error.setVisible(bool(error))

    def _what_is_wrong(self, field: str) -> str:
        if field == "name":
            return self.tr("Give the server a name.")
        return self.tr("The address starts with http:// or https:// and holds no user name or password.")

    @Slot()
    def _on_protocol_activated(self) -> None:
        server = self._server()
        if server is not None and self._protocol.currentData() != server.protocol:
            changed = server.model_copy(update={"protocol": self._protocol.currentData()})
            self.show_servers(tuple(changed if known is server else known for known in self.servers))
            self.edited.emit()

    @Slot()
    def _on_remove_clicked(self) -> None:
        server = self._server()
        if server is not None:
            self.show_servers(tuple(known for known in self.servers if known is not server))
            self.edited.emit()
