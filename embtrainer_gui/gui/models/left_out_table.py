"""The lines of a file that were left out, as a table that reads only the rows in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from embtrainer_gui.gui.format import count

LINE, REASON, TEXT = range(3)
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class LeftOutTable(QAbstractTableModel):
    """``rows`` have ``line``, ``reason`` and the beginning of the ``text`` that stands there."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = rows

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Line"), self.tr("Reason"), self.tr("What stands there"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == Qt.ItemDataRole.DisplayRole or (role == Qt.ItemDataRole.ToolTipRole and column != LINE):
            return self._texts(index.row())[column]
        return None

    def as_text(self) -> str:
        """One line each, with tabs between, as spreadsheets take them."""
        return "\n".join("\t".join(self._texts(number)) for number in range(len(self._rows)))

    def _texts(self, number: int) -> tuple[str, str, str]:
        found = self._rows[number]
        return count(int(found["line"])), str(found["reason"]), " ".join(str(found.get("text", "")).split())


def _side(column: int) -> Qt.AlignmentFlag:
    return RIGHT if column == LINE else LEFT
