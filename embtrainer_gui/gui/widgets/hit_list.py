"""The hits of several rankings side by side; the same hit is joined by a line when the mouse is on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import label
from embtrainer_gui.gui.widgets.hit_card import HitCard

if TYPE_CHECKING:
    from embtrainer_gui.core.messages import HitRow

GAP = 16
CARD_GAP = 8
HEAD_MARGIN = 6  # as high as the title of the page beside it


class HitColumn(QWidget):
    """One ranking under its title; ``note`` says what it waits for, or why it is empty."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"search.column-{name}")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.cards: list[HitCard] = []
        self.time = label("", "secondary")
        self.note = label("", "secondary", wrap=True)
        head = QHBoxLayout()
        head.setContentsMargins(0, HEAD_MARGIN, 0, HEAD_MARGIN)
        head.addWidget(label(title, "section"))
        head.addStretch(1)
        head.addWidget(self.time)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(CARD_GAP)
        self._layout.addLayout(head)
        self._layout.addWidget(self.note)
        self._layout.addStretch(1)

    def say(self, text: str) -> None:
        self._clear()
        self.time.clear()
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def show_cards(self, cards: Sequence[HitCard], time: str) -> None:
        self.say("")
        self.time.setText(time)
        for card in cards:
            self._layout.insertWidget(self._layout.count() - 1, card)
        self.cards = list(cards)

    def _clear(self) -> None:
        for card in self.cards:
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []


class HitColumns(QWidget):
    """Signals: ``opened`` with the HitRow that was chosen; ``marked`` with a HitCard and 1 (right), 0 (wrong) or None
    (taken back); ``why_asked`` with the name of a ranking and the card of its hit."""

    opened = Signal(object)  # HitRow
    marked = Signal(object, object)  # HitCard, int | None
    why_asked = Signal(str, object)  # HitCard

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: dict[str, HitColumn] = {}
        self._hits: dict[str, tuple[list[HitRow], str]] = {}
        self._question = ""
        self._marks: dict[int, int] = {}
        self._can_mark = False
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 8, 0)
        self._layout.setSpacing(GAP)
        self._lines = _Lines(self)

    def set_columns(self, titles: Mapping[str, str]) -> None:
        """Begin anew with these rankings, in this order; the first is what the others are held against."""
        for old in self.columns.values():
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._hits.clear()
        self._lines.join([])
        self.columns = {name: HitColumn(name, title) for name, title in titles.items()}
        for column in self.columns.values():
            self._layout.addWidget(column, 1)
        self._lines.raise_()

    def begin(self, question: str) -> None:
        """Another question: what stands there is no longer compared with what comes."""
        self._question, self._marks = question, {}
        self._hits.clear()
        self._lines.join([])

    def show_hits(self, name: str, hits: Sequence[HitRow], time: str, nothing: str) -> None:
        """``nothing`` is said where there is no hit. A late first column gives the others their arrows."""
        if name not in self.columns:
            return
        self._hits[name] = (list(hits), time)
        shown = list(self._hits) if name == next(iter(self.columns)) else [name]
        for column in shown:
            self._fill(column, nothing)

    def _fill(self, name: str, nothing: str) -> None:
        hits, time = self._hits[name]
        first = next(iter(self.columns))
        known = {hit.passage: hit.rank for hit in self._hits[first][0]} if first in self._hits else None
        compared = 0 if name == first or known is None else 1
        cards = []
        for hit in hits:
            before = known.get(hit.passage) if known else None
            made = HitCard(hit, before - hit.rank if before else None, compared)
            made.question = self._question
            made.opened.connect(lambda hit=hit: self._open(hit))
            made.pointed.connect(lambda on, passage=hit.passage: self._point(passage if on else None))
            made.marked.connect(lambda relevance, made=made: self.marked.emit(made, relevance))
            made.why_asked.connect(lambda made=made: self.why_asked.emit(name, made))
            made.show_mark(self._marks.get(hit.passage), possible=self._can_mark)
            cards.append(made)
        column = self.columns[name]
        column.show_cards(cards, time)
        if not cards:
            column.say(nothing)

    def show_marks(self, question: str, marks: Mapping[int, int], *, possible: bool) -> None:
        """``{passage: relevance}`` of a question; ``possible``: whether marks can be kept."""
        self._can_mark = possible
        if question == self._question:
            self._marks = dict(marks)
        for card in (card for column in self.columns.values() for card in column.cards):
            if card.question == question:
                card.show_mark(marks.get(card.hit.passage), possible=possible)

    def hits(self) -> dict[str, list[HitRow]]:
        """What is shown of each ranking."""
        return {name: list(hits) for name, (hits, _) in self._hits.items()}

    def cards_of(self, passage: int) -> list[HitCard]:
        return [card for column in self.columns.values() for card in column.cards if card.hit.passage == passage]

    def choose(self, passage: int | None) -> None:
        """Frame a hit in every column."""
        for column in self.columns.values():
            for card in column.cards:
                card.set_chosen(card.hit.passage == passage)

    def _open(self, hit: HitRow) -> None:
        self.choose(hit.passage)
        self.opened.emit(hit)

    def _point(self, passage: int | None) -> None:
        self._lines.join(self.cards_of(passage) if passage is not None else [])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._lines.setGeometry(self.rect())
        self._lines.raise_()


class _Lines(QWidget):
    """Lies over the columns and lets every click through."""

    def __init__(self, columns: QWidget) -> None:
        super().__init__(columns)
        self._columns = columns
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._cards: list[HitCard] = []

    def join(self, cards: Sequence[HitCard]) -> None:
        self._cards = list(cards) if len(cards) > 1 else []
        self.update()

    def joined(self) -> int:
        return len(self._cards)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not self._cards:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent"), 2))
        for left, right in zip(self._cards, self._cards[1:], strict=False):
            start = left.mapTo(self._columns, QPoint(left.width(), left.height() // 2))
            end = right.mapTo(self._columns, QPoint(0, right.height() // 2))
            path, bend = QPainterPath(start.toPointF()), (end.x() - start.x()) / 2
            path.cubicTo(start.x() + bend, start.y(), end.x() - bend, end.y(), end.x(), end.y())
            painter.drawPath(path)
        painter.setPen(QPen(theme.color("accent"), 1.5))
        for card in self._cards:
            place = card.mapTo(self._columns, QPoint(0, 0))
            painter.drawRoundedRect(place.x() + 1, place.y() + 1, card.width() - 2, card.height() - 2, 6, 6)
