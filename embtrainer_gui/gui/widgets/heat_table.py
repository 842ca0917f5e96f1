"""A matrix of similarities as a table: figures on a ground that is the stronger the more alike two texts are."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from embtrainer_gui.core.interchange.csv_rows import neutralised
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import metric

COSINE_ROLE = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()
STRONGEST = 0.75  # opacity of the ground at 1.0: the figure stays readable
COLUMN_WIDTH, HEAD_WIDTH = 58, 200
LONGEST_HEAD = 24  # characters


class HeatTable(QTableView):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search.matrix")
        self._model = _Matrix(self)
        self.setModel(self._model)
        self.setItemDelegate(_Ground(self))
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.verticalHeader().setFixedWidth(HEAD_WIDTH)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setDefaultSectionSize(COLUMN_WIDTH)
        theme.changes().changed.connect(self.viewport().update)

    def show_matrix(self, texts: Sequence[str], cosines: Sequence[Sequence[float]]) -> None:
        self._model.set_matrix(texts, cosines)

    def table_text(self, *, tabs: bool) -> str:
        """With a head of texts: tabs for the clipboard, else CSV whose cells no spreadsheet runs."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter="\t" if tabs else ",", lineterminator="\n" if tabs else "\r\n")
        texts, cosines = self._model.texts, self._model.cosines
        writer.writerow(["", *map(neutralised, texts)])
        for text, row in zip(texts, cosines, strict=True):
            writer.writerow([neutralised(text), *(f"{value:.4f}" for value in row)])
        return out.getvalue()


class _Ground(QStyledItemDelegate):
    """The style sheet leaves no room for a model's own grounds."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        ground = QColor(theme.color("accent"))
        ground.setAlphaF(STRONGEST * min(1.0, max(0.0, float(index.data(COSINE_ROLE)))) ** 2)
        painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)


class _Matrix(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.texts: Sequence[str] = ()
        self.cosines: Sequence[Sequence[float]] = ()

    def set_matrix(self, texts: Sequence[str], cosines: Sequence[Sequence[float]]) -> None:
        self.beginResetModel()
        self.texts, self.cosines = texts, cosines
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.cosines)

    def columnCount(self, parent: Index = NO_PARENT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.cosines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        value = self.cosines[index.row()][index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return metric(value)
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(Qt.AlignmentFlag.AlignCenter)
            case _ if role == COSINE_ROLE:
                return value
            case Qt.ItemDataRole.ToolTipRole:
                return f"{metric(value)}\n1. {self.texts[index.row()]}\n2. {self.texts[index.column()]}"
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.texts[section]
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return str(section + 1)
        text = self.texts[section]
        return f"{section + 1}  {text if len(text) <= LONGEST_HEAD else text[: LONGEST_HEAD - 1] + '…'}"
