"""Holds a page: on a small screen, with a banner and the job panel, it scrolls instead of enlarging the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QScrollArea, QWidget

LOWEST = 240


class PageFrame(QScrollArea):
    """A page is never narrower than it needs: in a window below 1,200 px the widest ones scroll sideways too."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.page = page
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.page.minimumSizeHint().width(), LOWEST)

    def sizeHint(self) -> QSize:  # noqa: N802
        return self.page.sizeHint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self.page and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
