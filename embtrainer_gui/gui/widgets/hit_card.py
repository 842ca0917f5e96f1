"""One hit of a ranking: its place and how that changed, the sentence that answers best, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import ElidedLabel, Icon, label
from embtrainer_gui.gui.widgets.excerpt import Excerpt
from embtrainer_gui.gui.widgets.hit_why import HitWhy

if TYPE_CHECKING:
    from embtrainer_gui.core.messages import HitRow

ARROW = MINI = 14
ROOM_FOR_SCORE = 200  # px; four columns beside a page are narrower


class HitCard(QFrame):
    """Signals: ``opened``; ``pointed`` with whether the mouse or the focus is on it now; ``marked`` with 1 (right), 0
    (wrong) or None (taken back); ``why_asked`` when the reasons are unfolded for the first time."""

    opened = Signal()
    pointed = Signal(bool)
    marked = Signal(object)
    why_asked = Signal()

    def __init__(self, hit: HitRow, change: int | None, others: int, parent: QWidget | None = None) -> None:
        """``change``: places gained against the first column, None for a hit that is not in it; ``others``: number of
        columns that it is compared with, 0 for the first column itself."""
        super().__init__(parent)
        self.hit = hit
        self.question = ""  # that was asked; while another is typed the card still stands there
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._head = head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(label(str(hit.rank), "section"))
        if others:
            self._add_change(head, change)
        head.addStretch(1)
        for made in self._mark_buttons():
            head.addWidget(made)
        self._score = score = label(f"{hit.score:.3f}", "secondary")
        score.setToolTip(self.tr("Score of this ranking; scores of different rankings cannot be compared"))
        head.addWidget(score)
        place = ElidedLabel(
            self.tr("{title}, page {page}").format(title=hit.title or hit.file_name, page=hit.page), "hint"
        )
        self.excerpt = Excerpt(hit.text, hit.sentence)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        if hit.question:
            asked = ElidedLabel(hit.question, "secondary")
            asked.setObjectName("search.hit-question")
            layout.addWidget(asked)
        layout.addWidget(self.excerpt)
        layout.addWidget(place)
        self._inside = layout
        self.setAccessibleName(
            self.tr("Hit {rank}: {title}, page {page}").format(rank=hit.rank, title=hit.title, page=hit.page)
        )
        self.setAccessibleDescription(self.excerpt.bold_text)

    def set_chosen(self, chosen: bool) -> None:
        self.setProperty("chosen", chosen)
        self.update()

    def show_mark(self, relevance: int | None, *, possible: bool) -> None:
        """``possible``: whether marks can be kept."""
        for value, made in self._marks.items():
            made.setChecked(relevance == value)
            made.setVisible(possible or relevance == value)
            made.setEnabled(possible)

    def _mark_buttons(self) -> list[QPushButton]:
        why = _mini("info", self.tr("Why this hit?"), "search.hit-why")
        why.setCheckable(True)
        why.toggled.connect(self._on_why_toggled)
        self.why: HitWhy | None = None
        right = _mini("check", self.tr("Right: this answers the question"), "search.hit-right")
        wrong = _mini("cross", self.tr("Wrong: this does not answer it"), "search.hit-wrong")
        self._marks = {1: right, 0: wrong}
        for value, made in self._marks.items():
            made.setCheckable(True)
            made.clicked.connect(lambda checked, value=value: self.marked.emit(value if checked else None))
        return [why, right, wrong]

    def _on_why_toggled(self, shown: bool) -> None:
        if self.why is None:
            self.why = HitWhy(self)
            self._inside.insertWidget(self._inside.count() - 1, self.why)
            self.why_asked.emit()
        self.why.setVisible(shown)

    def _add_change(self, line: QHBoxLayout, change: int | None) -> None:
        icon, token, text, meaning = self._change(change)
        if icon:
            line.addWidget(Icon(icon, token, ARROW))
        word = label(text, token if token in ("good", "bad") else "secondary")
        word.setObjectName("search.change")
        word.setToolTip(meaning)
        line.addWidget(word)

    def _change(self, change: int | None) -> tuple[str, str, str, str]:
        if change is None:
            return "", "good", self.tr("new"), self.tr("Not among the first hits of the first column")
        if change > 0:
            return "up", "good", str(change), self.tr("Places higher than in the first column")
        if change < 0:
            return "down", "bad", str(-change), self.tr("Places lower than in the first column")
        return "", "text-2", self.tr("same"), self.tr("The same place as in the first column")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        narrow = event.size().width() < ROOM_FOR_SCORE
        self._score.setVisible(not narrow)
        self._head.setSpacing(0 if narrow else 6)
        self._inside.setContentsMargins(*((4, 8, 4, 8) if narrow else (12, 8, 12, 8)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        self.pointed.emit(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self.pointed.emit(False)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.pointed.emit(True)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.pointed.emit(False)
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not (self.hasFocus() or self.property("chosen")):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)


def _mini(icon: str, tip: str, name: str) -> QPushButton:
    made = QPushButton()
    made.setProperty("kind", "mini")
    made.setObjectName(name)
    made.setIcon(theme.icon(icon, "text-2", MINI))
    made.setIconSize(QSize(MINI, MINI))
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    return made
