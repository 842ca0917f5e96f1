"""The labelled test sets of a project: see them, rename them, take them out and put them back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.store.test_sets import SEARCH, TestQuestion, TestSet, TestSets
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.widgets.basics import button, label, row
from embtrainer_gui.gui.widgets.plain_table import plain_table

SIZE = (640, 420)
NAME, QUESTIONS, SOURCE = range(3)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TestSetsDialog(QDialog):
    """Signals: ``changed`` when a set was renamed, removed or put back; ``import_wanted`` and ``marks_wanted`` (train
    on the marks of Search) for whoever opened it, after which it is closed."""

    __test__ = False

    changed = Signal()
    import_wanted = Signal()
    marks_wanted = Signal()

    def __init__(self, store: TestSets, parent: QWidget | None = None, *, read_only: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("test-sets")
        self.setWindowTitle(self.tr("Test sets"))
        self.resize(*SIZE)
        self._store, self._read_only = store, read_only
        self._sets: list[TestSet] = []
        self._removed: list[tuple[TestSet, Sequence[TestQuestion]]] = []
        self._table = self._build_table()
        self._empty = label(
            self.tr(
                "No test sets yet. Import a table of questions with the passages that answer them, or mark hits in "
                "Search as right or wrong."
            ),
            "secondary",
            wrap=True,
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._error = label("", "error", wrap=True)
        self._error.setObjectName("test-sets.error")
        self._import = button(self.tr("Import..."), "", "add", "test-sets.import")
        self._rename = button(self.tr("Rename"), "", "edit", "test-sets.rename")
        self._remove = button(self.tr("Remove"), "danger", "remove", "test-sets.remove")
        self._undo = button(self.tr("Undo"), "plain", "undo", "test-sets.undo")
        self._marks = button(self.tr("Train on these marks"), "plain", "star", "test-sets.marks")
        self._close = button(self.tr("Close"), "primary", name="test-sets.close")
        self._close.setDefault(True)
        self._lay_out()
        self._connect()
        self._reload()

    def _build_table(self) -> QTableWidget:
        table = plain_table(QTableWidget(0, 3), "test-sets.table", self.tr("Test sets"))
        table.setEditTriggers(QTableWidget.EditTrigger.DoubleClicked | QTableWidget.EditTrigger.EditKeyPressed)
        table.setHorizontalHeaderLabels([self.tr("Name"), self.tr("Questions"), self.tr("From")])
        header = table.horizontalHeader()
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SOURCE, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        about = self.tr(
            "Questions whose right passages are known. Compare scores models on them; nothing is trained on them."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label(about, "secondary", wrap=True))
        layout.addWidget(self._table, 1)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self._error)
        layout.addLayout(row(self._import, self._rename, self._remove, self._marks, None, self._undo, self._close))

    def _connect(self) -> None:
        self._table.itemSelectionChanged.connect(self._show_state)
        self._table.cellChanged.connect(self._on_table_cell_changed)
        self._import.clicked.connect(self._on_import_clicked)
        self._rename.clicked.connect(self._on_rename_clicked)
        self._remove.clicked.connect(self._on_remove_clicked)
        self._undo.clicked.connect(self._on_undo_clicked)
        self._marks.clicked.connect(self._on_marks_clicked)
        self._close.clicked.connect(self.accept)

    def _reload(self) -> None:
        self._sets = self._store.all()
        self._table.blockSignals(True)
        self._table.setRowCount(len(self._sets))
        for number, one in enumerate(self._sets):
            source = self.tr("Marks in Search") if one.source == SEARCH else one.source
            for place, text in enumerate((one.name, count(one.questions), source)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if place == QUESTIONS:
                    item.setTextAlignment(RIGHT)
                if place != NAME or self._read_only:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self._table.setItem(number, place, item)
        self._table.blockSignals(False)
        if self._sets and not self._table.selectedItems():
            self._table.selectRow(0)
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        chosen = self._chosen()
        self._table.setVisible(bool(self._sets))
        self._empty.setVisible(not self._sets)
        for part in (self._rename, self._remove):
            part.setEnabled(chosen is not None and not self._read_only)
        self._import.setEnabled(not self._read_only)
        self._marks.setVisible(chosen is not None and chosen.source == SEARCH and not self._read_only)
        self._undo.setVisible(bool(self._removed))
        self._undo.setToolTip(self._removed[-1][0].name if self._removed else "")
        self._error.setVisible(bool(self._error.text()))

    def _chosen(self) -> TestSet | None:
        number = self._table.currentRow()
        return self._sets[number] if 0 <= number < len(self._sets) else None

    @Slot(int, int)
    def _on_table_cell_changed(self, number: int, place: int) -> None:
        item = self._table.item(number, NAME)
        if place != NAME or item is None:
            return
        self._error.setText("")
        try:
            self._store.rename(self._sets[number].id, item.text())
        except AppError as problem:
            self._error.setText(str(problem))
        else:
            self.changed.emit()
        self._reload()

    @Slot()
    def _on_rename_clicked(self) -> None:
        item = self._table.item(self._table.currentRow(), NAME)
        if item is not None:
            self._table.setFocus()
            self._table.editItem(item)

    @Slot()
    def _on_remove_clicked(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        self._removed.append((chosen, self._store.questions(chosen.id)))
        self._store.remove(chosen.id)
        self._reload()
        self.changed.emit()

    @Slot()
    def _on_undo_clicked(self) -> None:
        self._store.restore(*self._removed.pop())
        self._reload()
        self.changed.emit()

    @Slot()
    def _on_import_clicked(self) -> None:
        self.accept()
        self.import_wanted.emit()

    @Slot()
    def _on_marks_clicked(self) -> None:
        self.accept()
        self.marks_wanted.emit()
