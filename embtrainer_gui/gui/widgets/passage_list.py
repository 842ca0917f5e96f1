"""The passages of a paper as text, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from embtrainer_gui.core.records import Passage
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.passage_words import remarks, remarks_explained
from embtrainer_gui.gui.widgets.paper_words import kind_words

PASSAGE_ROLE = int(Qt.ItemDataRole.UserRole)
PADDING, GAP = 12, 4
GAP_BESIDE = 16  # between a passage's place and the remarks on it
JOINT = "  ·  "
BATCH = 30
Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)


class PassageList(QListView):
    """Signal: ``chosen`` with the place of a passage that the user picked."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("papers.passages")
        self.setAccessibleName(self.tr("Passages"))
        self._model = _Passages(self)
        self.setModel(self._model)
        self.setItemDelegate(_PassageDelegate(self))
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # the width decides the height
        self._quiet = False
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    def show_passages(self, passages: Sequence[Passage], in_use: frozenset[str]) -> None:
        """``in_use``: kinds that are searched; the others are said to be left out."""
        self._quiet = True
        self._model.set_passages(passages, in_use)
        self._quiet = False
        self.scrollToTop()

    def select(self, place: int) -> None:
        """Mark a passage without telling anybody, and show it."""
        self._quiet = True
        self.setCurrentIndex(self._model.index(place, 0))
        self._quiet = False
        higher = self.visualRect(self.currentIndex()).height() > self.viewport().height()
        hint = QListView.ScrollHint.PositionAtTop if higher else QListView.ScrollHint.PositionAtCenter
        self.scrollTo(self.currentIndex(), hint)

    def scroll_to_page(self, page: int) -> None:
        place = self._model.first_on_page(page)
        if place >= 0:
            self.scrollTo(self._model.index(place, 0), QListView.ScrollHint.PositionAtTop)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid() and not self._quiet:
            self.chosen.emit(current.row())


class _Passages(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._passages: Sequence[Passage] = ()
        self._in_use: frozenset[str] = frozenset()

    def set_passages(self, passages: Sequence[Passage], in_use: frozenset[str]) -> None:
        self.beginResetModel()
        self._passages, self._in_use = passages, in_use
        self.endResetModel()

    def first_on_page(self, page: int) -> int:
        return next((place for place, passage in enumerate(self._passages) if passage.page == page), -1)

    def rowCount(self, parent: Index = NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._passages)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        passage = self._passages[index.row()]
        if role == PASSAGE_ROLE:
            return passage
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{'. '.join(filter(None, [self.head(passage), self.remarks(passage)]))}. {passage.text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return remarks_explained(passage, searched=passage.kind in self._in_use) or None
        return passage.text if role == Qt.ItemDataRole.DisplayRole else None

    def remarks(self, passage: Passage) -> str:
        """What is unusual about it; "" for English text that is searched."""
        return JOINT.join(remarks(passage, searched=passage.kind in self._in_use))

    def head(self, passage: Passage) -> str:
        page = self.tr("page {number}").format(number=passage.page)
        length = self.tr("{count} tokens").format(count=passage.tokens)
        return JOINT.join(filter(None, [page, passage.section, kind_words(passage.kind), length]))


class _PassageDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        view = self.parent()
        assert isinstance(view, PassageList)
        width = view.viewport().width()
        text = option.fontMetrics.boundingRect(
            QRect(0, 0, max(50, width - 2 * PADDING), 100_000), _WRAP, str(index.data())
        )
        return QSize(width, text.height() + option.fontMetrics.height() + GAP + 2 * PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        passage = index.data(PASSAGE_ROLE)
        model = index.model()
        if not isinstance(passage, Passage) or not isinstance(model, _Passages):
            return
        painter.save()
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("accent-soft"))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), theme.color("accent"))
        inside = area.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        painter.setFont(option.font)
        remarks = model.remarks(passage)
        room = option.fontMetrics.horizontalAdvance(remarks) + (GAP_BESIDE if remarks else 0)
        painter.setPen(theme.color("text"))
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight), remarks)
        painter.setPen(theme.color("text-2"))
        head = option.fontMetrics.elidedText(model.head(passage), Qt.TextElideMode.ElideRight, inside.width() - room)
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), head)
        painter.setPen(theme.color("text"))
        painter.drawText(inside.adjusted(0, option.fontMetrics.height() + GAP, 0, 0), _WRAP, passage.text)
        painter.setPen(theme.color("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.restore()
