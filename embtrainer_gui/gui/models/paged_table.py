"""A table model for any number of rows: rows are read in blocks when they are looked at, and forgotten again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

BLOCK = 200
BLOCKS_KEPT = 12

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()


class PagedTable(QAbstractTableModel, Generic[Row]):
    """Rows come from ``fetch(start, count)``; memory does not grow with their number.

    Sub-classes say what a cell shows (``cell``). ``set_source`` shows other rows, ``grow_to`` says that more rows have
    become known at the end, ``refresh`` that the content of a row changed.
    """

    def __init__(self, headers: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headers = tuple(headers)
        self._fetch: Callable[[int, int], Sequence[Row]] = lambda start, count: ()
        self._count = 0
        self._blocks: OrderedDict[int, Sequence[Row]] = OrderedDict()

    def set_source(self, fetch: Callable[[int, int], Sequence[Row]], count: int) -> None:
        self.beginResetModel()
        self._fetch, self._count = fetch, count
        self._blocks.clear()
        self.endResetModel()

    def grow_to(self, count: int) -> None:
        if count <= self._count:
            return
        self.beginInsertRows(NO_PARENT, self._count, count - 1)
        self._blocks.pop(self._count // BLOCK, None)  # the last block was short
        self._count = count
        self.endInsertRows()

    def refresh(self, row: int | None = None) -> None:
        """Read one row again, or all of them."""
        if row is None:
            self._blocks.clear()
        elif row // BLOCK in self._blocks and 0 <= row < self._count:
            rows = list(self._blocks[row // BLOCK])
            rows[row % BLOCK : row % BLOCK + 1] = self._fetch(row, 1)
            self._blocks[row // BLOCK] = rows
        first, last = (0, self._count - 1) if row is None else (row, row)
        if 0 <= first <= last < self._count:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._headers) - 1))

    def row(self, number: int) -> Row | None:
        """The row, read with its block where that is not at hand; None where there is none (any more)."""
        if not 0 <= number < self._count:
            return None
        block, place = divmod(number, BLOCK)
        if block not in self._blocks:
            self._blocks[block] = self._fetch(block * BLOCK, min(BLOCK, self._count - block * BLOCK))
            while len(self._blocks) > BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(block)
        rows = self._blocks[block]
        return rows[place] if place < len(rows) else None

    def cell(self, row: Row, number: int, column: int, role: int) -> Any:
        """What ``data`` gives for a row that is there."""
        raise NotImplementedError

    def rowCount(self, parent: Index = NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._headers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.row(index.row())
        return None if row is None else self.cell(row, index.row(), index.column(), role)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self._headers[section] if 0 <= section < len(self._headers) else None
        return section + 1
