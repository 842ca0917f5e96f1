"""What two models find for one question, side by side, with the right passage marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import ElidedLabel, Icon, button, label
from embtrainer_gui.gui.widgets.excerpt import Excerpt

TEXT_LINES = 3


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """``place`` says where it stands: paper and page. ``passage``: its id, by which its page can be opened; 0 where no
    project holds it."""

    text: str
    place: str
    right: bool
    passage: int = 0


@dataclass(frozen=True, slots=True)
class RankedColumn:
    """``rank`` of the right passage, 0 where it is not among those that were looked at."""

    title: str
    passages: Sequence[RankedPassage]
    rank: int


class Rankings(QWidget):
    """Signals: ``closed`` (back to the lists), ``step_asked`` with -1 or 1, ``opened`` with the id of a passage."""

    closed = Signal()
    opened = Signal(int)
    step_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = button(self.tr("Back to the lists"), "plain", "left", "compare.back")
        self.previous = button(self.tr("Previous"), "plain", "up", "compare.previous")
        self.next = button(self.tr("Next"), "plain", "down", "compare.next")
        self.place = label("", "secondary")
        self.question = label("", "section", wrap=True, selectable=True)
        self.question.setObjectName("compare.question")
        head = QHBoxLayout()
        for widget in (self.back, self.previous, self.next, self.place):
            head.addWidget(widget)
        head.addStretch(1)
        self._columns = QHBoxLayout()
        self._columns.setSpacing(16)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.question)
        layout.addLayout(self._columns)
        layout.addStretch(1)
        self.back.clicked.connect(self.closed)
        self.previous.clicked.connect(lambda: self.step_asked.emit(-1))
        self.next.clicked.connect(lambda: self.step_asked.emit(1))

    def show_question(self, text: str, columns: Mapping[str, RankedColumn], number: int, total: int) -> None:
        """``number`` counts from 1."""
        self.question.setText(text)
        self.place.setText(self.tr("{number} of {total}").format(number=number, total=total))
        self.previous.setEnabled(number > 1)
        self.next.setEnabled(number < total)
        while self._columns.count():
            item = self._columns.takeAt(0)
            old = item.widget() if item else None
            if old:
                old.hide()
                old.deleteLater()
        for name, column in columns.items():
            self._columns.addWidget(self._column(name, column), 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _column(self, name: str, column: RankedColumn) -> QWidget:
        widget = QWidget()
        widget.setObjectName(f"compare.ranking-{name}")
        layout = QVBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label(column.title, "section"))
        layout.addWidget(label(self._where(column.rank), "secondary", wrap=True))
        for rank, passage in enumerate(column.passages, 1):
            layout.addWidget(self._passage(rank, passage))
        layout.addStretch(1)
        return widget

    def _where(self, rank: int) -> str:
        if rank == 0:
            return self.tr("The right passage is not among the hits.")
        if rank == 1:
            return self.tr("The right passage is the first hit.")
        return self.tr("The right passage is hit number {rank}.").format(rank=rank)

    def _passage(self, rank: int, passage: RankedPassage) -> QFrame:
        frame = _PassageCard(passage.passage)
        frame.opened.connect(self.opened)
        frame.setAccessibleName(f"{rank}: {passage.place}")
        frame.setProperty("role", "banner-good" if passage.right else "card")
        frame.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(f"{rank}", "section"))
        head.addWidget(ElidedLabel(passage.place, "hint"), 1)
        if passage.right:
            head.addWidget(Icon("check", "good"))
            head.addWidget(label(self.tr("Right passage"), "good"))
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(Excerpt(passage.text, lines=TEXT_LINES))
        return frame


class _PassageCard(QFrame):
    """Signals: ``opened`` with the passage, on a click, on Enter and on Space, where a project holds it."""

    opened = Signal(int)

    def __init__(self, passage: int) -> None:
        super().__init__()
        self._passage = passage
        if passage:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(self.tr("Open its page"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        inside = self.rect().contains(event.position().toPoint())
        if self._passage and event.button() == Qt.MouseButton.LeftButton and inside:
            self.opened.emit(self._passage)
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self._passage and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self._passage)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
