"""The left side of the review: the pair as a card, the same pair being typed, or all pairs as a table.

What was typed and not saved is kept as a draft for each pair, until it is saved or equals what is stored.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QStackedWidget, QTableView, QVBoxLayout, QWidget

from embtrainer_gui.core.records import Passage
from embtrainer_gui.core.store.decisions import Texts
from embtrainer_gui.core.store.review_queue import QueueRow
from embtrainer_gui.gui.models.beside import Beside
from embtrainer_gui.gui.models.pairs_table import Column, PairsTable
from embtrainer_gui.gui.review_keys import command_of
from embtrainer_gui.gui.widgets.pair_card import PairCard
from embtrainer_gui.gui.widgets.pair_editor import PairEditor
from embtrainer_gui.gui.widgets.plain_table import plain_table

NEW = "new"
KEEP_MS = 800
ROW_HEIGHT = 32
_WIDTHS = {Column.NUMBER: 76, Column.ANSWER: 150, Column.REASONS: 180, Column.KIND: 88, Column.PAPER: 120}


class PairDesk(QFrame):
    """Signals: ``command_given(Command)``, ``row_chosen(int)`` in the table, ``edited(pair id, Texts)``,
    ``made(passage id, Texts)`` by hand, ``left()`` the editor, ``drafts_changed()`` to be kept."""

    command_given = Signal(object)
    row_chosen = Signal(int)
    row_opened = Signal()
    edited = Signal(int, object)
    made = Signal(int, object)
    left = Signal()
    drafts_changed = Signal()

    def __init__(self, table: PairsTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._model = table
        self._shows_table = False
        self._subject: tuple[str, int, int] = ("", 0, 0)  # key of the draft, pair id, passage id
        self.drafts: dict[str, dict[str, Any]] = {}
        self._keeper = QTimer(self, interval=KEEP_MS, singleShot=True)
        self._keeper.timeout.connect(self.drafts_changed)
        self._build()

    @property
    def is_editing(self) -> bool:
        return self._stack.currentWidget() is self.editor

    def show_pair(self, row: QueueRow, place: int | None, passage: Passage, beside: Beside) -> None:
        if self._shows_table:
            self._select(place)
        self.card.show_pair(row, passage, beside, has_draft=str(row.pair.id) in self.drafts)

    def show_table(self, wanted: bool) -> None:
        """Table or card; the table reads nothing while it is not shown."""
        self._shows_table = wanted
        self._table.setModel(self._model if wanted else None)
        if wanted:
            self._size_columns()
            self._table.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        if not self.is_editing:
            self._show_resting()

    def edit(self, row: QueueRow, passage: Passage) -> None:
        stored = Texts(row.pair.question, row.pair.answer)
        self._start((str(row.pair.id), row.pair.id, passage.id), stored, stored, passage, by_hand=False)

    def make(self, passage: Passage, answer: str) -> None:
        """A new pair from a passage; a question typed before for a new pair is still there."""
        typed = self.drafts.get(NEW, {}).get("question", "")
        self.drafts.pop(NEW, None)
        self._start((NEW, 0, passage.id), Texts(typed, answer), Texts("", answer), passage, by_hand=True)

    def new_draft(self) -> tuple[int, Texts] | None:
        """The pair by hand that was left half typed: its passage and its texts."""
        draft = self.drafts.get(NEW)
        return (int(draft["passage"]), Texts(draft["question"], draft["answer"])) if draft else None

    def resume_new(self, passage: Passage) -> None:
        self._start((NEW, 0, passage.id), Texts("", ""), Texts("", ""), passage, by_hand=True)

    def propose(self, pair_id: int, texts: Texts, *, over_draft: bool = False) -> bool:
        """Keep a proposal as the draft of a pair; False where the pair has a draft, or is being typed, which stays."""
        key = str(pair_id)
        if not over_draft and (key in self.drafts or (self.is_editing and self._subject[0] == key)):
            return False
        self.drafts[key] = {"question": texts.question, "answer": texts.answer}
        self._keeper.start()
        return True

    def close_editor(self, *, saved: bool) -> None:
        if saved:
            self.drafts.pop(self._subject[0], None)
            self._keeper.start()
        self._show_resting()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._table and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            command = command_of(event)
            if command is not None:
                self.command_given.emit(command)
                return True
            if event.text().isprintable() and event.text():
                return True  # Qt would search a million rows for this letter
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        layout = QVBoxLayout(self)  # from the outside in, see ReviewBoard
        layout.setContentsMargins(1, 1, 1, 1)
        self._stack = QStackedWidget(self)
        layout.addWidget(self._stack)
        self.card = PairCard(self._stack)
        self.editor = PairEditor(self._stack)
        self._table = plain_table(QTableView(self._stack), "review.pairs", self.tr("Pairs"), row=ROW_HEIGHT)
        self._table.installEventFilter(self)
        for part in (self.card, self.editor, self._table):
            self._stack.addWidget(part)
        self.card.command_given.connect(self.command_given)
        self._table.doubleClicked.connect(lambda index: self.row_opened.emit())
        self.editor.typed.connect(self._on_editor_typed)
        self.editor.left.connect(self._on_editor_left)
        self.editor.saved.connect(self._on_editor_saved)

    def _size_columns(self) -> None:
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(Column.QUESTION, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            self._table.setColumnWidth(column, width)
        self._table.setColumnWidth(Column.PAGE, 60)
        self._table.setColumnHidden(Column.ANSWER, True)
        self._table.setColumnHidden(Column.PAPER, True)

    def _select(self, place: int | None) -> None:
        selection = self._table.selectionModel()
        if selection is None or self._table.currentIndex().row() == place:
            return
        selection.blockSignals(True)
        self._table.setCurrentIndex(self._model.index(place, 0) if place is not None else QModelIndex())
        if place is not None:
            self._table.selectRow(place)
        selection.blockSignals(False)
        self._table.viewport().update()

    def _start(
        self, subject: tuple[str, int, int], texts: Texts, stored: Texts, passage: Passage, *, by_hand: bool
    ) -> None:
        self._subject = subject
        draft = self.drafts.get(subject[0])
        if draft:
            texts = Texts(str(draft["question"]), str(draft["answer"]))
        self._stack.setCurrentWidget(self.editor)
        self.editor.start(texts, stored, passage.text, by_hand=by_hand)

    def _show_resting(self) -> None:
        self._stack.setCurrentWidget(self._table if self._shows_table else self.card)

    def _on_current_row_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            self.row_chosen.emit(current.row())

    def _on_editor_typed(self) -> None:
        key, _, passage_id = self._subject
        if self.editor.is_changed():
            texts = self.editor.texts()
            self.drafts[key] = {"question": texts.question, "answer": texts.answer, "passage": passage_id}
        else:
            self.drafts.pop(key, None)
        self._keeper.start()

    def _on_editor_left(self) -> None:
        self.close_editor(saved=False)
        self.left.emit()

    def _on_editor_saved(self, texts: Texts) -> None:
        key, pair_id, passage_id = self._subject
        if key == NEW:
            self.made.emit(passage_id, texts)
        else:
            self.edited.emit(pair_id, texts)
