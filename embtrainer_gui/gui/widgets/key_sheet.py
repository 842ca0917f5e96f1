"""The sheet of keys, made from the table that the page acts by."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from embtrainer_gui.gui.review_keys import KEYS, Key, changes, native
from embtrainer_gui.gui.widgets.basics import column, label


class KeySheet(QFrame):
    """Lies over its parent, in the middle; a click or the same key puts it away."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._page = parent
        self.setProperty("role", "card")
        self.setObjectName("review.keys-sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAutoFillBackground(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 16)
        self._table = QWidget()
        outer.addWidget(self._table)
        self.hide()
        changes().changed.connect(self._fill)
        self._fill()
        parent.installEventFilter(self)

    def _fill(self) -> None:
        table = QWidget()
        layout = column(label(self.tr("Keys"), "section"), _grid([key for key in KEYS if not key.of_doubts], rows=0))
        layout.addWidget(label(self.tr("Beside doubtful passages"), "hint"))
        layout.addLayout(_grid([key for key in KEYS if key.of_doubts], rows=1))
        rest = self.tr("They rest while a text field has the focus. Settings has other keys for them.")
        layout.addWidget(label(rest, "hint"))
        table.setLayout(layout)
        outer = self.layout()
        assert outer is not None
        outer.replaceWidget(self._table, table)
        self._table.deleteLater()
        self._table = table

    def toggle(self) -> None:
        self.setVisible(not self.isVisible())
        if self.isVisible():
            self._place()
            self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QEvent) -> None:  # noqa: N802
        self.hide()

    def _place(self) -> None:
        self.adjustSize()
        self.move(self._page.rect().center() - self.rect().center())


def _grid(keys: Sequence[Key], rows: int) -> QGridLayout:
    """Keys and what they do in so many rows; 0 for as many as make two columns."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    rows = rows or (len(keys) + 1) // 2
    for number, key in enumerate(keys):
        column = 2 * (number // rows)
        pressed = QLabel("  ".join(native(one) for one in key.keys if "Return" not in one))  # the other Enter
        pressed.setProperty("role", "mono")
        grid.addWidget(pressed, number % rows, column)
        grid.addWidget(label(key.text), number % rows, column + 1)
    grid.setColumnStretch(grid.columnCount(), 1)
    return grid
