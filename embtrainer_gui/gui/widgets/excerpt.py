"""A few lines of a long text, elided at the end, with the part that matters in bold and in view."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from embtrainer_gui.gui import theme

LEAD = 40  # characters shown before the bold part
ROOM_FOR_LEAD = 320  # px; in less there is only room for the bold part itself
GAP = 2
ELLIPSIS = "…"


class Excerpt(QWidget):
    """Takes the width it is given; its height is that of ``lines``, whatever the text."""

    def __init__(
        self, text: str, bold: tuple[int, int] = (0, 0), lines: int = 2, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._wide, self._narrow = _flat_from(text, bold, LEAD), _flat_from(text, bold, 0)
        self._lines = lines
        self.setToolTip(text if len(text) < 2000 else text[:2000] + ELLIPSIS)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changes().changed.connect(self.update)

    @property
    def bold_text(self) -> str:
        text, (start, end) = self._wide
        return text[start:end]

    @property
    def _flat(self) -> tuple[str, tuple[int, int]]:
        return self._wide if self.width() >= ROOM_FOR_LEAD else self._narrow

    def sizeHint(self) -> QSize:  # noqa: N802
        height = (self.fontMetrics().lineSpacing() + GAP) * self._lines
        return QSize(240, height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(theme.color("text"))
        text = self._flat[0]
        layout = self._laid_out(text)
        last = layout.lineAt(min(self._lines, layout.lineCount()) - 1) if layout.lineCount() else None
        if layout.lineCount() > self._lines and last is not None:
            layout = self._laid_out(self._cut(text, last.textStart(), last.textLength()))
        for number in range(min(self._lines, layout.lineCount())):
            layout.lineAt(number).draw(painter, QPointF(0, number * (self.fontMetrics().lineSpacing() + GAP)))
        painter.end()

    def _cut(self, text: str, start: int, length: int) -> str:
        """The text up to the line that is the last to be seen, with an ellipsis that fits into it."""
        room = QFontMetricsF(self._bold_font()).horizontalAdvance(ELLIPSIS)
        metrics, end = QFontMetricsF(self._bold_font()), start + length
        while end > start and metrics.horizontalAdvance(text[start:end]) + room > self.width():
            end -= 1
        return text[:end].rstrip() + ELLIPSIS

    def _bold_font(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def _laid_out(self, text: str) -> QTextLayout:
        layout = QTextLayout(text, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        start, end = self._flat[1]
        if end > start and start < len(text):
            bold, span = QTextCharFormat(), QTextLayout.FormatRange()
            bold.setFontWeight(QFont.Weight.DemiBold)
            span.start, span.length, span.format = start, min(end, len(text)) - start, bold
            layout.setFormats([span])
        layout.beginLayout()
        for _ in range(self._lines + 1):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(max(1, self.width()))
        layout.endLayout()
        return layout


def _flat_from(text: str, bold: tuple[int, int], lead: int) -> tuple[str, tuple[int, int]]:
    """The text in one line, begun shortly before the bold part, and where that part stands in it."""
    before, middle, after = (" ".join(part.split()) for part in (text[: bold[0]], text[slice(*bold)], text[bold[1] :]))
    if len(before) > lead and middle:
        before = ELLIPSIS + (before[-lead:].partition(" ")[2] if lead else "")
    before = f"{before} " if before else ""
    return f"{before}{middle} {after}".strip(), (len(before), len(before) + len(middle))
