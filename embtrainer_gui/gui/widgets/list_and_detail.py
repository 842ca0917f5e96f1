"""A list beside what is chosen of it; where that is too narrow, one of the two at a time."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import button, column, row
from embtrainer_gui.gui.widgets.reflow_row import Pair


class ListAndDetail(Pair):
    """``title`` names the list on the button that leads to it where it has no room; ``name`` is that button's name."""

    def __init__(self, left: QWidget, detail: QWidget, title: str, name: str) -> None:
        super().__init__((left, detail))
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

    def _fit(self) -> None:
        needed = sum(self.least()) + self._line.spacing()
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
