"""Running text with one span marked: filled, and with a border that goes around each line of it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from embtrainer_gui.gui import theme

BORDER = 1.5
LOWEST = 48


class MarkedText(QTextEdit):
    """Read only, and without the keyboard: the keys of the review go past it. Text can be selected with the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setStyleSheet("QTextEdit { border: none; background: transparent; padding: 0; }")  # the card frames it
        self.document().setDocumentMargin(0)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._span: tuple[int, int] | None = None
        theme.changes().changed.connect(self._mark)

    def show_text(self, text: str, span: tuple[int, int] | None) -> None:
        """``span`` counts characters of ``text``; it is scrolled into view."""
        self.setPlainText(text)
        self._span = span and (_utf16(text, span[0]), _utf16(text, span[1]))
        self._mark()
        cursor = self.textCursor()
        if self._span:
            cursor.setPosition(self._span[1])  # both ends, where there is room
            self.setTextCursor(cursor)
            self.ensureCursorVisible()
            cursor.setPosition(self._span[0])
        else:
            cursor.setPosition(0)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As low as may be: it takes what room there is, and scrolls."""
        return QSize(super().sizeHint().width(), max(self.minimumHeight(), LOWEST))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._span:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QColor(theme.color("mark"))
        edge.setAlphaF(1.0)
        painter.setPen(QPen(edge, BORDER))
        offset = self.verticalScrollBar().value()
        for box in self._line_boxes(*self._span):
            painter.drawRoundedRect(box.translated(0, -offset), 2, 2)
        painter.end()

    def _mark(self) -> None:
        marks = []
        if self._span:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.document())
            mark.cursor.setPosition(self._span[0])
            mark.cursor.setPosition(self._span[1], QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            look.setBackground(theme.color("mark"))
            mark.format = look
            marks.append(mark)
        self.setExtraSelections(marks)
        self.viewport().update()

    def _line_boxes(self, start: int, end: int) -> Iterator[QRectF]:
        block = self.document().findBlock(start)
        while block.isValid() and block.position() < end:
            origin = self.document().documentLayout().blockBoundingRect(block).topLeft()
            for number in range(block.layout().lineCount()):
                line = block.layout().lineAt(number)
                first = max(start - block.position(), line.textStart())
                last = min(end - block.position(), line.textStart() + line.textLength())
                if first < last:
                    left, right = _x(line, first), _x(line, last)
                    yield QRectF(origin.x() + left, origin.y() + line.y(), right - left, line.height())
            block = block.next()


def _x(line: object, position: int) -> float:
    found = line.cursorToX(position)  # type: ignore[attr-defined]
    return float(found[0] if isinstance(found, tuple) else found)


def _utf16(text: str, place: int) -> int:
    """Qt counts in UTF-16 units."""
    return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2
