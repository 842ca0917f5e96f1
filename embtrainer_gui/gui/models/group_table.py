"""The questions of each kind or of each paper, with two models' scores and the change between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from embtrainer_gui.core.comparison import Group
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import change, count, metric

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
NAME, QUESTIONS, BEFORE, AFTER, CHANGE, INTERVAL = range(6)


class GroupTable(QAbstractTableModel):
    """Rows in the order they are given in. A change is coloured only where its interval leaves zero out."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: list[Group] = []
        self._names: list[str] = []
        self._heads = ("", "", "")

    def show(self, groups: Sequence[Group], name_of: Callable[[str], str], head: str, before: str, after: str) -> None:
        self.beginResetModel()
        self._rows, self._names = list(groups), [name_of(group.name) for group in groups]
        self._heads = (head, before, after)
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else INTERVAL + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if orientation is not Qt.Orientation.Horizontal:
            return None
        head, before, after = self._heads
        if role == Qt.ItemDataRole.DisplayRole:
            return (head, self.tr("Questions"), before, after, self.tr("Change"), self.tr("95 % interval"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole and section in (BEFORE, AFTER):
            return before if section == BEFORE else after
        if role == Qt.ItemDataRole.ToolTipRole and section == INTERVAL:
            return self.tr("Of the change; under ten questions there is none, since it would say nothing")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole and column == NAME:
            return self._names[row]
        if role == Qt.ItemDataRole.ForegroundRole and column == CHANGE:
            return theme.color(_token(self._rows[row]))
        return None

    def _text(self, row: int, column: int) -> str:
        group = self._rows[row]
        bounds = "–" if group.bounds is None else f"{change(group.bounds[0])} … {change(group.bounds[1])}"
        figures = (count(group.queries), metric(group.before), metric(group.after), change(group.delta), bounds)
        return (self._names[row], *figures)[column]


def _token(group: Group) -> str:
    if group.bounds and group.bounds[0] > 0:
        return "good"
    return "bad" if group.bounds and group.bounds[1] < 0 else "text-2"


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignLeft if column == NAME else Qt.AlignmentFlag.AlignRight
    return (side | Qt.AlignmentFlag.AlignVCenter).value
