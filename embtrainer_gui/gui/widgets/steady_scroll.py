"""A scroll area for text that wraps: its content is as wide with the bar as without it.

Otherwise the bar makes the text narrower and so higher, which asks for the bar, and the page jumps.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

BAR = 12  # px kept for the bar


class SteadyScroll(QScrollArea):
    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        content.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(content)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._content.setFixedWidth(max(1, self.width() - BAR))
        super().resizeEvent(event)
