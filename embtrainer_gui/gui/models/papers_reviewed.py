"""The papers with what became of their pairs."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt

from embtrainer_gui.core.store.review_figures import PaperFigures
from embtrainer_gui.gui import format as figures
from embtrainer_gui.gui.models.paged_table import PagedTable


class PaperColumn(IntEnum):
    TITLE = 0
    LEFT = 1
    ACCEPTED = 2
    REJECTED = 3
    SHARE = 4


_SIDE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PapersReviewed(PagedTable[PaperFigures]):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__((), parent)
        self._headers = (
            self.tr("Paper"),
            self.tr("To review"),
            self.tr("Accepted"),
            self.tr("Rejected"),
            self.tr("Share accepted"),
        )

    def show_papers(self, papers: Sequence[PaperFigures]) -> None:
        self.set_source(lambda start, count: papers[start : start + count], len(papers))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if role == Qt.ItemDataRole.TextAlignmentRole and section != PaperColumn.TITLE:
            return int(_SIDE)
        return super().headerData(section, orientation, role)

    def cell(self, row: PaperFigures, number: int, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and column != PaperColumn.TITLE:
            return int(_SIDE)
        if role == Qt.ItemDataRole.ToolTipRole and column == PaperColumn.TITLE:
            return row.title
        return _text(row, column) if role == Qt.ItemDataRole.DisplayRole else None


def _text(row: PaperFigures, column: int) -> str:
    if column == PaperColumn.TITLE:
        return row.title
    if column == PaperColumn.SHARE:
        return "–" if row.share is None else f"{row.share:.0%}"
    numbers = {PaperColumn.LEFT: row.left, PaperColumn.ACCEPTED: row.accepted, PaperColumn.REJECTED: row.rejected}
    return figures.count(numbers[PaperColumn(column)])
