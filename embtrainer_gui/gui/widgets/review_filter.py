"""Which pairs are shown, and in which order: state, reason, kind, maker, paper, words; and cards or table."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QLineEdit, QWidget

from embtrainer_gui.core.pair_maker import Maker
from embtrainer_gui.core.records import PairState, QuestionKind, Reason
from embtrainer_gui.core.store.review_order import Order
from embtrainer_gui.core.store.review_queue import PairFilter
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.pair_words import kind_words, maker_words, order_words, reason_words, state_words
from embtrainer_gui.gui.review_keys import Command
from embtrainer_gui.gui.widgets.basics import button, column, icon_button, row
from embtrainer_gui.gui.widgets.key_label import KeyLabel
from embtrainer_gui.gui.widgets.reflow_row import ReflowRow
from embtrainer_gui.gui.widgets.saved_filter_menu import SavedFilterMenu

TYPING_MS = 250
LONGEST_TITLE = 60
NARROWEST = 96
BOX = 116  # px: what stands in a box that filters nothing is not cut
CLEAN = "clean"  # among the reasons: none of them


class ReviewFilter(QWidget):
    """Signals: ``changed(PairFilter)`` by the user, ``table_wanted(bool)``, ``doubts_wanted()``, ``left()`` by Esc or
    Enter."""

    changed = Signal(object)
    table_wanted = Signal(bool)
    doubts_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=TYPING_MS, singleShot=True)
        self._build()
        self._connect()

    def value(self) -> PairFilter:
        chosen = (self._state, self._reason, self._kind, self._maker)
        state, reason, kind, maker = (box.currentData() for box in chosen)
        return PairFilter(  # Qt gives back the plain strings of our enumerations
            (PairState(state),) if state else (),
            Reason(reason) if reason and reason != CLEAN else None,
            QuestionKind(kind) if kind else None,
            self._paper.currentData(),
            self._text.text().strip(),
            reason == CLEAN,
            Order(self._order.currentData()),
            Maker(maker) if maker else None,
        )

    def show_filter(self, shown: PairFilter) -> None:
        """Show a filter without telling that it changed."""
        state = shown.states[0] if len(shown.states) == 1 else None
        for box, value in (
            (self._state, state),
            (self._reason, CLEAN if shown.clean else shown.reason),
            (self._kind, shown.kind),
            (self._maker, shown.maker),
            (self._paper, shown.document),
            (self._order, shown.order),
        ):
            box.blockSignals(True)
            box.setCurrentIndex(max(0, next((n for n in range(box.count()) if box.itemData(n) == value), 0)))
            box.blockSignals(False)
        if shown.maker:
            self._maker.setVisible(True)
        self._text.blockSignals(True)
        self._text.setText(shown.text)
        self._text.blockSignals(False)

    def set_papers(self, papers: Iterable[tuple[int, str]]) -> None:
        chosen = self._paper.currentData()
        self._paper.blockSignals(True)
        self._paper.clear()
        self._paper.addItem(self.tr("All papers"), None)
        for number, title in papers:
            short = title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE].rstrip()}…"
            self._paper.addItem(short, number)
            self._paper.setItemData(self._paper.count() - 1, title, Qt.ItemDataRole.ToolTipRole)
        self._paper.setCurrentIndex(max(0, self._paper.findData(chosen)) if chosen is not None else 0)
        self._paper.blockSignals(False)

    def show_makers(self, wanted: bool) -> None:
        """Whether pairs can be told apart by who made them: in most projects all are made alike."""
        self._maker.setVisible(wanted or self._maker.currentData() is not None)

    def show_table(self, wanted: bool) -> None:
        (self._table if wanted else self._cards).setChecked(True)

    def show_doubts(self, number: int) -> None:
        """So many doubtful passages wait for an answer."""
        words = self.tr("Doubtful passages")
        self._doubts.setText(f"{words} ({figures.count(number)})" if number else words)

    def start_search(self) -> None:
        self._text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._text.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._text and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = event.key()
            if key == Qt.Key.Key_Escape or key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._finish_typing()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        self._state = self._box("state", self.tr("State"))
        for state in PairState:
            self._state.addItem(state_words(state), state)
        self._state.addItem(self.tr("All states"), None)
        self._reason = self._box("reason", self.tr("Reason"))
        self._reason.addItem(self.tr("Any reason"), None)
        for reason in Reason:
            self._reason.addItem(reason_words(reason), reason)
        self._reason.addItem(self.tr("Without a reason"), CLEAN)
        self._kind = self._box("kind", self.tr("Kind"))
        self._kind.addItem(self.tr("All kinds"), None)
        for kind in QuestionKind:
            self._kind.addItem(kind_words(kind), kind)
        self._maker = self._box("maker", self.tr("Made by"))
        self._maker.addItem(self.tr("All makers"), None)
        for maker in Maker:
            self._maker.addItem(maker_words(maker), maker)
        self._maker.setVisible(False)
        self._paper = self._box("paper", self.tr("Paper"))
        self._paper.addItem(self.tr("All papers"), None)
        self._order = self._box("order", self.tr("Order"))
        for order in Order:
            self._order.addItem(order_words(order), order)
        self._text = QLineEdit()
        self._text.setObjectName("review.search")
        self._text.setMinimumWidth(NARROWEST)
        self._text.setClearButtonEnabled(True)
        search = self.tr("Search ({key})")
        KeyLabel(self._text, Command.SEARCH, lambda key: self._text.setPlaceholderText(search.format(key=key)))
        self._text.setAccessibleName(self.tr("Search in questions and answers"))
        self.saved = SavedFilterMenu(self.value)
        self._cards = icon_button("cards", self.tr("One pair at a time"), "review.cards")
        self._table = icon_button("table", self.tr("All pairs in a table"), "review.table")
        self._group = QButtonGroup(self)
        for choice in (self._cards, self._table):
            choice.setCheckable(True)
            choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(choice)
        self._cards.setChecked(True)
        self._doubts = button("", "", "", "review.doubts")
        self._doubts.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tip = self.tr("Passages that may answer a question as well as its own one ({key})")
        KeyLabel(self._doubts, Command.DOUBTS, lambda key: self._doubts.setToolTip(tip.format(key=key)))
        self.show_doubts(0)
        boxes, others = QWidget(), QWidget()
        left, right = row(spacing=8), row(spacing=8)
        for box in self._boxes():
            left.addWidget(box, 12 if box is self._reason else 10)  # its words are the longest
        for part in (self.saved, self._text, self._doubts, self._cards, self._table):
            right.addWidget(part, 1 if part is self._text else 0)
        boxes.setLayout(left)
        others.setLayout(right)
        self.setLayout(column(ReflowRow(boxes, others, (2, 1), spacing=8)))

    def _boxes(self) -> tuple[QComboBox, ...]:
        return (self._state, self._reason, self._kind, self._maker, self._paper, self._order)

    def _box(self, name: str, title: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"review.{name}")
        box.setAccessibleName(title)
        box.setToolTip(title)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(6)
        box.setMinimumWidth(BOX)  # below it, what else is here goes into a second line
        box.setMaxVisibleItems(20)
        return box

    def _connect(self) -> None:
        for box in self._boxes():
            box.currentIndexChanged.connect(self._tell)
            box.activated.connect(lambda number: self.left.emit())
        self._text.textEdited.connect(lambda text: self._timer.start())
        self._text.textChanged.connect(lambda text: None if text else self._timer.start())  # the clear button
        self._timer.timeout.connect(self._tell)
        self._text.installEventFilter(self)
        self._table.toggled.connect(self.table_wanted)
        self._doubts.clicked.connect(self.doubts_wanted)

    def _finish_typing(self) -> None:
        if self._timer.isActive():
            self._tell()

    def _tell(self) -> None:
        self._timer.stop()
        self.changed.emit(self.value())
