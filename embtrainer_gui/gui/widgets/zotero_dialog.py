"""Which collections of the Zotero on this computer are imported: asked for, counted, chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QDialog, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.zotero import ADDRESS, ZoteroClient, ZoteroCollection
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.basics import EmptyState, button, column, label, row
from embtrainer_gui.gui.widgets.collection_tree import CollectionTree

SIZE = (560, 560)
Library = tuple[Sequence[ZoteroCollection], int]


class ZoteroDialog(QDialog):
    """Asks Zotero as soon as it is shown.

    Signals: ``chosen`` with the address and the keys of the collections (None: all); ``file_wanted`` where the user
    has an exported file instead.
    """

    chosen = Signal(str, object)
    file_wanted = Signal()

    def __init__(self, address: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("zotero")
        self.setWindowTitle(self.tr("Import from Zotero"))
        self.resize(*SIZE)
        self._asking: asyncio.Task[None] | None = None
        self._address = QLineEdit(address or ADDRESS)
        self._address.setObjectName("zotero.address")
        self._address.setAccessibleName(self.tr("Address of Zotero"))
        self._again = button(self.tr("Try again"), "", "retry", "zotero.again")
        self._wait = EmptyState("clock", self.tr("Asking Zotero..."), self.tr("It answers at once when it is running."))
        self._problem = EmptyState("warning", "", "")
        self._problem.text.setObjectName("zotero.problem")
        self._problem.title.setWordWrap(True)
        self._problem.title.setFixedWidth(460)
        self.tree = CollectionTree()
        self._pages = QStackedWidget()
        for page in (self._wait, self._problem_page(), self.tree):
            self._pages.addWidget(page)
        self._figure = label("", "secondary")
        self._figure.setObjectName("zotero.figure")
        self._file = button(self.tr("From an exported file..."), "link", "folder", "zotero.file")
        self._file.setToolTip(self.tr("A Zotero RDF (.rdf) or BibTeX (.bib) file with its PDFs beside it"))
        self._cancel = button(self.tr("Cancel"), name="zotero.cancel")
        self._import = button(self.tr("Import"), "primary", name="zotero.import")
        self._import.setDefault(True)
        self._lay_out()
        self._connect()
        self._ask()

    def done(self, result: int) -> None:
        self._stop_asking()
        super().done(result)

    def _problem_page(self) -> QWidget:
        page = QWidget()
        field = row(label(self.tr("Address")), self._address, self._again)
        page.setLayout(column(self._problem, field))
        return page

    def _lay_out(self) -> None:
        about = self.tr(
            "The PDFs of your Zotero library, with their titles, authors, years and DOIs. Papers that are here already"
            " only learn these; nothing is changed in Zotero."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label(about, "secondary", wrap=True))
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._figure)
        layout.addLayout(row(self._file, None, self._cancel, self._import))

    def _connect(self) -> None:
        self.tree.changed.connect(self._show_figure)
        self._again.clicked.connect(self._ask)
        self._address.returnPressed.connect(self._ask)
        self._file.clicked.connect(self._on_file_clicked)
        self._cancel.clicked.connect(self.reject)
        self._import.clicked.connect(self._on_import_clicked)

    @Slot()
    def _ask(self) -> None:
        self._stop_asking()
        self._pages.setCurrentIndex(0)
        self._show_figure()
        self._asking = requests.start(_library(self._address.text()), self._on_library, self._on_problem)

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._asking = None

    def _on_library(self, library: Library) -> None:
        self._asking = None
        collections, items = library
        if not items:
            self._show_problem(self.tr("This Zotero holds no papers yet"), self.tr("Add some there, then try again."))
            return
        self.tree.show_library(collections, items)
        self._pages.setCurrentWidget(self.tree)
        self.tree.setFocus()
        self._show_figure()

    def _on_problem(self, problem: AppError) -> None:
        self._asking = None
        told = (QCoreApplication.translate("core", part) for part in (problem.template, problem.hint_template))
        title, hint = (part.format(**problem.values) for part in told)
        self._show_problem(title.rstrip("."), hint)

    def _show_problem(self, title: str, hint: str) -> None:
        self._problem.title.setText(title)
        self._problem.text.setText(hint)
        self._pages.setCurrentIndex(1)
        self._again.setFocus()
        self._show_figure()

    @Slot()
    def _show_figure(self) -> None:
        ready = self._pages.currentWidget() is self.tree
        items = self.tree.items() if ready else 0
        self._import.setEnabled(ready and bool(items))
        one = items == 1
        text = self.tr("1 item is chosen") if one else self.tr("{number} items are chosen")
        self._figure.setText(text.format(number=count(items)) if ready else "")

    @Slot()
    def _on_import_clicked(self) -> None:
        keys = self.tree.keys()
        self.accept()
        self.chosen.emit(self._address.text().strip(), keys)

    @Slot()
    def _on_file_clicked(self) -> None:
        self.reject()
        self.file_wanted.emit()


async def _library(address: str) -> Library:
    async with ZoteroClient(address) as client:
        return await client.collections(), await client.count()
