"""The look that all lists of rows share: no grid, no row numbers, whole rows chosen, one line each."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from embtrainer_gui.gui import theme

Table = TypeVar("Table", bound=QTableView)


def plain_table(table: Table, name: str, spoken: str = "", *, row: int = 0) -> Table:
    """Give ``table`` that look, its object name and the name that a screen reader says; rows are ``row`` pixels high,
    as the theme says where that is 0. Tab leaves it, and nothing in it can be edited."""
    table.setObjectName(name)
    if spoken:
        table.setAccessibleName(spoken)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    rows, header = table.verticalHeader(), table.horizontalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(row or theme.size("row"))
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table
