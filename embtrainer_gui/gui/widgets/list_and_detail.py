"""A list beside what is chosen of it; where that is too narrow, one of the two at a time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import button, column, row


class ListAndDetail(QWidget):
    """``title`` names the list on the button that leads to it where it has no room; ``name`` is that button's name."""

    def __init__(self, left: QWidget, detail: QWidget, title: str, name: str) -> None:
        super().__init__()
        self._left, self._detail = left, detail
        self._is_used = self._is_narrow = self._shows_list = False
        self._back = button(title, "plain", "left", name)
        self._back.clicked.connect(lambda: self._show(is_list=True))
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(theme.size("gap"))
        self._line.addWidget(left)
        self._line.addLayout(column(row(self._back, None), detail), 1)
        self._place()

    def set_used(self, used: bool) -> None:
        """Whether there is anything in the list."""
        if used != self._is_used:
            self._is_used, self._shows_list = used, False
            self._fit()

    def show_detail(self) -> None:
        """Something was chosen."""
        self._show(is_list=False)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as the wider of the two: side by side they would never be given less room."""
        return QSize(max(map(_least, (self._left, self._detail))), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # what stands in them changed
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        needed = _least(self._left) + _least(self._detail) + self._line.spacing()
        self._is_narrow = needed > self.width()
        self._place()

    def _show(self, *, is_list: bool) -> None:
        self._shows_list = is_list
        self._place()

    def _place(self) -> None:
        is_alone = self._is_used and self._is_narrow
        self._left.setVisible(self._is_used and (not self._is_narrow or self._shows_list))
        self._detail.setVisible(not (is_alone and self._shows_list))
        self._back.setVisible(is_alone and not self._shows_list)


def _least(part: QWidget) -> int:
    """The least width that it was given, or asks for."""
    return max(part.minimumWidth(), part.minimumSizeHint().width())
