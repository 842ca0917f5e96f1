"""Which line of a chart is which: a piece of each line before its name and its last figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from embtrainer_gui.gui import theme

PIECE = 16  # px of line before a name
NEAR, APART = 6, 16  # px between the two, and between entries


class KeyEntry(NamedTuple):
    """``token`` is the colour of the line."""

    token: str
    name: str
    figure: str

    @property
    def text(self) -> str:
        return f"{self.name} {self.figure}"


class CurveKey(QWidget):
    """One line, hidden while it has no entries; where the figures do not fit, the names alone (all in the tooltip)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: Sequence[KeyEntry] = ()
        small = self.font()
        small.setPixelSize(theme.size("small"))
        self.setFont(small)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changes().changed.connect(self.update)
        self.hide()

    def show_entries(self, entries: Sequence[KeyEntry]) -> None:
        self.entries = entries
        words = " · ".join(entry.text for entry in entries)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.setVisible(bool(entries))
        self.update()

    def shown(self) -> list[str]:
        """The texts of the entries as far as there is room for them."""
        texts = [entry.text for entry in self.entries]
        return texts if self._width(texts) <= self.width() else [entry.name for entry in self.entries]

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, middle = 0.0, self.height() / 2
        for entry, text in zip(self.entries, self.shown(), strict=True):
            painter.setPen(QPen(theme.color(entry.token), 2, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, middle), QPointF(x + PIECE, middle))
            painter.setPen(theme.color("text-2"))
            painter.drawText(
                int(x + PIECE + NEAR), 0, self.width(), self.height(), int(Qt.AlignmentFlag.AlignVCenter), text
            )
            x += PIECE + NEAR + self.fontMetrics().horizontalAdvance(text) + APART

    def _width(self, texts: Sequence[str]) -> int:
        return sum(PIECE + NEAR + self.fontMetrics().horizontalAdvance(text) + APART for text in texts) - APART
