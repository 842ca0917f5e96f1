"""The strip above a page: which page, and how large."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import label


class PageBar(QWidget):
    """Previous and next page, copy, zoom out, zoom in, fit to the width."""

    turned = Signal(int)  # by so many pages
    copy_wanted = Signal()
    zoomed = Signal(int)  # by so many steps; 0 fits the page to the width

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[tuple[QToolButton, str]] = []
        self._long = self._short = ""
        self._place: QLabel = label("", "secondary")
        self._place.setObjectName("page.place")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._previous = self._button("left", self.tr("Previous page"), "page.previous")
        self._next = self._button("right", self.tr("Next page"), "page.next")
        copy = self._button("copy", self.tr("Copy the words that are selected, or else the marked ones"), "page.copy")
        smaller = self._button("zoom-out", self.tr("Smaller"), "page.smaller")
        larger = self._button("zoom-in", self.tr("Larger"), "page.larger")
        fit = QToolButton(self)
        fit.setObjectName("page.fit")
        fit.setText(self.tr("Fit"))
        fit.setToolTip(self.tr("Fit the page to the width"))
        fit.setCursor(Qt.CursorShape.PointingHandCursor)
        for widget in (self._previous, self._place, self._next):
            layout.addWidget(widget)
        layout.addStretch(1)
        for widget in (copy, smaller, larger, fit):
            layout.addWidget(widget)
        self._previous.clicked.connect(lambda: self.turned.emit(-1))
        self._next.clicked.connect(lambda: self.turned.emit(1))
        copy.clicked.connect(self.copy_wanted)
        smaller.clicked.connect(lambda: self.zoomed.emit(-1))
        larger.clicked.connect(lambda: self.zoomed.emit(1))
        fit.clicked.connect(lambda: self.zoomed.emit(0))
        theme.changes().changed.connect(self._paint_icons)
        self._paint_icons()

    def show_place(self, page: int, pages: int) -> None:
        """``pages`` is 0 while it is not known."""
        text = self.tr("Page {page} of {pages}") if pages else self.tr("Page {page}")
        self._long = text.format(page=page, pages=pages)
        self._short = f"{page} / {pages}" if pages else str(page)
        self._place.setMinimumWidth(self.fontMetrics().horizontalAdvance(self._short))
        self._place.setToolTip(self._long)
        self._place.setAccessibleName(self._long)
        self._fit()
        self._previous.setEnabled(page > 1)
        self._next.setEnabled(page < pages)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The figures alone where the words have no room."""
        around = self.sizeHint().width() - self._place.sizeHint().width()
        fits = around + self.fontMetrics().horizontalAdvance(self._long) <= self.width()
        self._place.setText(self._long if fits else self._short)

    def _button(self, icon: str, text: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setAutoRaise(True)
        button.setIconSize(QSize(18, 18))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._buttons.append((button, icon))
        return button

    def _paint_icons(self) -> None:
        for button, icon in self._buttons:
            button.setIcon(theme.icon(icon))
