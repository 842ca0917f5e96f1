"""Filters under names of the user's own: chosen, saved and removed from one button."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget, QWidgetAction

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.store.review_queue import PairFilter
from embtrainer_gui.core.store.saved_filters import LONGEST, SavedFilters
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import button, icon_button

NAME_WIDTH = 200


class SavedFilterMenu(QWidget):
    """``current`` gives the filter that is set now. Signals: ``wanted(PairFilter)``, ``failed(AppError)``."""

    wanted = Signal(object)
    failed = Signal(object)

    def __init__(self, current: Callable[[], PairFilter], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current = current
        self._saved: SavedFilters | None = None
        self._open = icon_button("star", self.tr("Saved filters"), "review.saved")
        self._open.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._open.clicked.connect(self._popup)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._open)

    def show_filters(self, saved: SavedFilters) -> None:
        """Those of the open project."""
        self._saved = saved

    def menu(self) -> QMenu:
        """Made anew each time, from what is saved then."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        filters = self._saved.all() if self._saved else {}
        for name, shown in filters.items():
            menu.addAction(theme.icon("star"), name, partial(self.wanted.emit, shown))
        if filters:
            menu.addSeparator()
        menu.addAction(self._name_field(menu))
        if filters:
            remove = menu.addMenu(theme.icon("remove"), self.tr("Remove"))
            for name in filters:
                remove.addAction(name, partial(self._change, "remove", name))
        return menu

    def _popup(self) -> None:
        self.menu().popup(self._open.mapToGlobal(self._open.rect().bottomLeft()))

    def _name_field(self, menu: QMenu) -> QWidgetAction:
        name = QLineEdit()
        name.setObjectName("review.filter-name")
        name.setMaxLength(LONGEST)
        name.setMinimumWidth(NAME_WIDTH)
        name.setPlaceholderText(self.tr("Name for this filter"))
        name.setAccessibleName(self.tr("Name for this filter"))
        save = button(self.tr("Save"), "", "", "review.filter-save")
        save.setEnabled(False)
        name.textChanged.connect(lambda text: save.setEnabled(bool(text.strip())))

        def keep() -> None:
            if name.text().strip():
                self._change("save", name.text(), self._current())
                menu.close()

        name.returnPressed.connect(keep)
        save.clicked.connect(keep)
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(8, 4, 8, 4)
        line.setSpacing(8)
        line.addWidget(name, 1)
        line.addWidget(save)
        action = QWidgetAction(menu)
        action.setDefaultWidget(holder)
        return action

    def _change(self, what: str, *values: object) -> None:
        try:
            if self._saved:
                getattr(self._saved, what)(*values)
        except AppError as problem:
            self.failed.emit(problem)
