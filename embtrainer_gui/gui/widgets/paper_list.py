"""The table of papers with what can be done with them: try failed ones again, take some out."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeySequence, QPainter, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.document_list import DocumentRow
from embtrainer_gui.gui import format as words
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.documents_table import (
    PAGES,
    PASSAGES,
    READER,
    REASON_ROLE,
    STATE,
    TITLE,
    YEAR,
    DocumentsTable,
)
from embtrainer_gui.gui.widgets.basics import button, label, row
from embtrainer_gui.gui.widgets.paper_words import can_be_read_again, has_failed, is_locked
from embtrainer_gui.gui.widgets.plain_table import plain_table
from embtrainer_gui.gui.widgets.read_again import ReadAgainMenu

ROW, TALL_ROW = 32, 52  # a failed file has its reason on a second line
WIDTHS = {YEAR: 58, PAGES: 56, PASSAGES: 78, READER: 104, STATE: 108}
NARROW, VERY_NARROW = 620, 460  # below them the title needs the room of pages; of year and reader
TYPING_MS = 200
PADDING = 11  # as the style sheet and Qt set the text of other cells


class PaperList(QWidget):
    """Signals: ``shown`` with the row to look at (None for none), ``retried`` and ``removed`` with lists of rows,
    ``reread`` with rows and the extractor to read them again with.
    """

    shown = Signal(object)
    retried = Signal(object)
    reread = Signal(object, str)
    removed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = DocumentsTable(self)
        self.table = _table(self)
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(TITLE, _TitleDelegate(self.table))
        for column, width in WIDTHS.items():
            self.table.setColumnWidth(column, width)
        self.table.horizontalHeader().setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        self._project: Project | None = None
        self._find = QLineEdit()
        self._find.setObjectName("papers.find")
        self._find.setPlaceholderText(self.tr("Find by title, author, year, DOI or file name"))
        self._find.setAccessibleName(self.tr("Find papers"))
        self._find.setMaxLength(200)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._nothing = label(self.tr("No paper matches."), "secondary")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._retry = button(self.tr("Retry"), "", "retry", "papers.retry")
        self._retry_all = button("", "", "retry", "papers.retry-all")
        self._again_menu = ReadAgainMenu(self.tr("Read again with"), self)
        self._again = button(self.tr("Read again with"), name="papers.read-again")
        self._again.setToolTip(self.tr("Read the marked papers anew; their questions and decisions stay"))
        self._again.setMenu(self._again_menu)
        self._remove = button(self.tr("Remove"), "danger", "remove", "papers.remove")
        self._remove.setToolTip(self.tr("Take the marked files out of the project; this can be undone"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._find)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._nothing, 1)
        layout.addLayout(row(self._retry_all, self._retry, self._again, None, self._remove))
        self._find.textChanged.connect(lambda: self._typing.start())
        self._typing.timeout.connect(self._on_typing_timeout)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.table.activated.connect(self._on_table_activated)
        self._retry.clicked.connect(lambda: self._retry_rows(self.selected()))
        self._retry_all.clicked.connect(lambda: self._retry_rows(self.model.failed()))
        self._remove.clicked.connect(self._on_remove_clicked)
        self._again_menu.chosen.connect(self._on_again_chosen)
        self.table.customContextMenuRequested.connect(self._on_table_menu_wanted)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._on_remove_clicked)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.table.setColumnHidden(PAGES, self.width() < NARROW)
        for column in (YEAR, READER):  # a paper is known by its title
            self.table.setColumnHidden(column, self.width() < VERY_NARROW)

    def show_project(self, project: Project) -> None:
        """Read the papers again; what was selected stays selected."""
        if project is not self._project:
            self._project = project
            self._find.clear()
        before, scrolled = self.current(), self.table.verticalScrollBar().value()
        self.model.show_project(project, self._find.text())
        self.table.setVisible(bool(self.model.rowCount()))
        self._nothing.setVisible(not self.model.rowCount())
        failed = self.model.failed()
        self.table.clearSpans()
        for number in range(len(failed)):
            self.table.setRowHeight(number, TALL_ROW)
            self.table.setSpan(number, TITLE, 1, STATE - TITLE)  # the reason needs the room
        self._retry_all.setVisible(len(failed) > 1)
        self._retry_all.setText(self.tr("Retry {count} failed").format(count=words.count(len(failed))))
        number = self.model.number_of(before.source, before.document) if before else -1
        first = min(len(failed), self.model.rowCount() - 1)  # there is more to see of one that was read
        self.select(number if number >= 0 else first)
        if number >= 0:
            self.table.verticalScrollBar().setValue(scrolled)

    def _on_typing_timeout(self) -> None:
        if self._project is not None:
            self.show_project(self._project)

    def select(self, number: int) -> None:
        index = self.model.index(number, TITLE)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(index, flags)
        self._on_selection_changed()

    def current(self) -> DocumentRow | None:
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def selected(self) -> list[DocumentRow]:
        rows = (self.model.row(index.row()) for index in self.table.selectionModel().selectedRows())
        return [found for found in rows if found is not None]

    def _on_selection_changed(self, *_: object) -> None:
        rows = self.selected()
        failed = [found for found in rows if has_failed(found)]
        self._retry.setVisible(bool(failed))
        locked = bool(failed) and all(is_locked(found) for found in failed)
        self._retry.setIcon(theme.icon("lock" if locked else "retry"))
        self._retry.setText(self.tr("Enter password...") if locked else self.tr("Retry"))
        self._retry.setAccessibleName(self._retry.text())
        self._remove.setEnabled(bool(rows))
        self._again.setEnabled(any(can_be_read_again(found) for found in rows))
        self.shown.emit(self.current())

    def _on_table_activated(self, index: QModelIndex) -> None:
        found = self.model.row(index.row())
        if found is not None and has_failed(found):
            self.retried.emit([found])

    def _retry_rows(self, rows: list[DocumentRow]) -> None:
        failed = [found for found in rows if has_failed(found)]
        if failed:
            self.retried.emit(failed)

    def _on_again_chosen(self, extractor: str) -> None:
        rows = [found for found in self.selected() if can_be_read_again(found)]
        if rows:
            self.reread.emit(rows, extractor)

    def _on_table_menu_wanted(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        retry = menu.addAction(self._retry.text(), lambda: self._retry_rows(self.selected()))
        retry.setEnabled(any(has_failed(found) for found in self.selected()))
        menu.addMenu(self._again_menu).setEnabled(self._again.isEnabled())
        menu.addSeparator()
        menu.addAction(self._remove.text(), self._on_remove_clicked).setEnabled(self._remove.isEnabled())
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _on_remove_clicked(self) -> None:
        rows = self.selected()
        if rows:
            self.removed.emit(rows)


def _table(parent: QWidget) -> QTableView:
    table = plain_table(QTableView(parent), "papers.table", parent.tr("Papers of the project"), row=ROW)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return table


class _TitleDelegate(QStyledItemDelegate):
    """A title is cut in the middle; a failed file has its reason in a second line."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.initStyleOption(option, index)
        title, option.text = option.text, ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        reason = index.data(REASON_ROLE)
        area: QRect = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.save()
        painter.setFont(option.font)
        if reason:
            area.adjust(0, 6, 0, -6)
            painter.setPen(theme.color("bad"))
            text = option.fontMetrics.elidedText(reason, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), text)
        painter.setPen(theme.color("text"))
        text = option.fontMetrics.elidedText(title, Qt.TextElideMode.ElideMiddle, area.width())
        place = Qt.AlignmentFlag.AlignTop if reason else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, int(place | Qt.AlignmentFlag.AlignLeft), text)
        painter.restore()
