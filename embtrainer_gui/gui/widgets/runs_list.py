"""Past training runs at the left edge: look at one, tick others to lay them over it, name, note, pin, delete."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QListView, QPlainTextEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.runs_table import FIGURES, OUTCOME, PINNED, TOKEN, RunsTable
from embtrainer_gui.gui.widgets.basics import button, column, icon_button, label, row

WIDTH = 232
ROW_HEIGHT = 48
SWATCH = 10
CHECK = 34  # px left of the text
NOTE_HEIGHT = 64
PIN = 12
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RunsList(QWidget):
    """Signals: ``new_wanted``; ``chosen`` (Run) when another run is looked at; ``ticked_changed``; ``renamed``
    (Run, str), ``noted`` (Run, str), ``pinned`` (Run, bool), ``delete_wanted`` (Run)."""

    new_wanted = Signal()
    chosen = Signal(object)
    ticked_changed = Signal()
    renamed = Signal(object, str)
    noted = Signal(object, str)
    pinned = Signal(object, bool)
    delete_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = RunsTable(self)
        self._noted: Run | None = None
        self._build()
        self._connect()

    def show_runs(self, runs: Sequence[Run], live: int | None = None) -> None:
        """Keeps the run that is looked at, if it is still there, without telling anybody."""
        self.save_note()
        current = self.current
        self.table.show(runs, live)
        self.select(current.id if current else None)

    def select(self, run_id: int | None) -> None:
        """Look at a run, or at none; nobody is told."""
        selection = self._view.selectionModel()
        selection.blockSignals(True)
        index = self.table.index_of(run_id) if run_id is not None else QModelIndex()
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(False)
        self._view.viewport().update()
        self._show_current()

    @property
    def current(self) -> Run | None:
        return self.table.run(self._view.selectionModel().currentIndex())

    def save_note(self) -> None:
        """Keep what was typed."""
        run, text = self._noted, self._note.toPlainText().strip()
        if run is not None and text != run.note:
            self._noted = None
            self.noted.emit(run, text)

    def _build(self) -> None:
        self.setFixedWidth(WIDTH)
        self._new = button(self.tr("New run"), "", "add", "train.new")
        self._view = QListView()
        self._view.setObjectName("train.runs")
        self._view.setAccessibleName(self.tr("Training runs"))
        self._view.setModel(self.table)
        self._view.setItemDelegate(_RunDelegate(self._view))
        self._view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setEditTriggers(QListView.EditTrigger.EditKeyPressed | QListView.EditTrigger.DoubleClicked)
        self._rename = icon_button("edit", self.tr("Rename (F2)"), "train.rename")
        self._pin = icon_button("pin", self.tr("Pin: keep this run on top"), "train.pin")
        self._pin.setCheckable(True)
        self._delete = icon_button("remove", self.tr("Delete (Del)"), "train.delete")
        self._note = QPlainTextEdit()
        self._note.setObjectName("train.note")
        self._note.setAccessibleName(self.tr("Note on this run"))
        self._note.setPlaceholderText(self.tr("Note on this run"))
        self._note.setTabChangesFocus(True)
        self._note.setFixedHeight(NOTE_HEIGHT)
        self._hint = label(self.tr("Tick runs to compare them."), "hint", wrap=True)
        tools = row(self._rename, self._pin, self._delete, None, spacing=0)
        self.setLayout(column(row(self._new, None), self._view, self._hint, tools, self._note))

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_wanted)
        self._view.selectionModel().currentChanged.connect(self._on_view_current_changed)
        self._view.clicked.connect(self._on_view_clicked)
        self.table.ticked_changed.connect(self.ticked_changed)
        self.table.renamed.connect(self.renamed)
        self._rename.clicked.connect(lambda: self._view.edit(self._view.currentIndex()))
        self._pin.clicked.connect(self._on_pin_clicked)
        self._delete.clicked.connect(self._on_delete)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self._view)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._on_delete)
        self._note.installEventFilter(self)
        theme.changes().changed.connect(self._view.viewport().update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._note and event.type() == QEvent.Type.FocusOut:
            self.save_note()
        return False

    def _show_current(self) -> None:
        run = self.current
        self._noted = run
        self._note.setPlainText(run.note if run else "")
        for widget in (self._rename, self._pin, self._delete, self._note):
            widget.setVisible(run is not None)
        self._pin.setChecked(bool(run and run.pinned))
        self._hint.setVisible(len(self.table.runs) > 1)

    def _on_view_current_changed(self) -> None:
        self.save_note()
        self._show_current()
        if self.current is not None:
            self.chosen.emit(self.current)

    def _on_view_clicked(self) -> None:
        """Also one that is the current one already, seen from the form of a new run."""
        if self.current is not None:
            self.chosen.emit(self.current)

    def _on_pin_clicked(self, pinned: bool) -> None:
        if self.current is not None:
            self.pinned.emit(self.current, pinned)

    def _on_delete(self) -> None:
        if self.current is not None:
            self.save_note()
            self.delete_wanted.emit(self.current)


class _RunDelegate(QStyledItemDelegate):
    """Tick, colour of the curve, name over a line of figures."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(WIDTH - 32, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.initStyleOption(option, index)
        name, option.text = option.text, ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        painter.save()
        self._lines(painter, option, index, name)
        painter.restore()

    def _lines(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, name: str
    ) -> None:
        area = option.rect.adjusted(CHECK, 5, -8, -5)
        if token := index.data(TOKEN):
            spot = QRect(area.right() - SWATCH, area.top() + 6, SWATCH, SWATCH)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(theme.color(token))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(spot)
        upper = area.adjusted(0, 0, -SWATCH - 8, -area.height() // 2)
        lower = area.adjusted(0, area.height() // 2, 0, 0)
        if index.data(PINNED):
            painter.drawPixmap(lower.right() - PIN, lower.center().y() - PIN // 2, theme.icon("pin").pixmap(PIN, PIN))
            lower.setRight(lower.right() - PIN - 4)
        font = QFont(option.font)
        font.setPixelSize(theme.size("small"))
        small = QFontMetrics(font)
        outcome, figures = index.data(OUTCOME), index.data(FIGURES)
        painter.setPen(theme.color("text"))
        upper.setRight(upper.right() - small.horizontalAdvance(outcome) - 8)
        shown = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideMiddle, upper.width())
        painter.setFont(option.font)
        painter.drawText(upper, LEFT, shown)
        upper.setRight(area.right() - SWATCH - 8)
        painter.setFont(font)
        painter.setPen(theme.color("text-2"))
        painter.drawText(upper, RIGHT, outcome)
        painter.drawText(lower, LEFT, small.elidedText(figures, Qt.TextElideMode.ElideRight, lower.width()))
