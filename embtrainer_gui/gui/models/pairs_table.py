"""The pairs of the review queue as a table of any length."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.review_queue import QueueRow
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.paged_table import PagedTable
from embtrainer_gui.gui.pair_words import STATE_ICONS, kind_words, reason_words, state_words


class Column(IntEnum):
    NUMBER = 0
    QUESTION = 1
    ANSWER = 2
    REASONS = 3
    KIND = 4
    PAPER = 5
    PAGE = 6


_TOKENS = {PairState.PENDING: "text-3", PairState.ACCEPTED: "good", PairState.REJECTED: "bad"}
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class PairsTable(PagedTable[QueueRow]):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__((), parent)
        self._headers = (
            self.tr("No."),
            self.tr("Question"),
            self.tr("Answer"),
            self.tr("Why it is here"),
            self.tr("Kind"),
            self.tr("Paper"),
            self.tr("Page"),
        )

    def cell(self, row: QueueRow, number: int, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.file_name if column == Column.PAPER else _text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (Column.NUMBER, Column.PAGE):
            return _RIGHT
        if role == Qt.ItemDataRole.DecorationRole and column == Column.NUMBER:
            return theme.icon(STATE_ICONS[row.pair.state], _TOKENS[row.pair.state], 14)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.NUMBER:
            return f"{row.pair.id}, {state_words(row.pair.state)}"
        return None


def _text(row: QueueRow, column: int) -> str:
    pair = row.pair
    if column == Column.NUMBER:
        return str(pair.id)
    if column == Column.QUESTION:
        return pair.question
    if column == Column.ANSWER:
        return pair.answer
    if column == Column.REASONS:
        return ", ".join(map(reason_words, pair.reasons))
    if column == Column.KIND:
        return kind_words(pair.kind)
    return row.title if column == Column.PAPER else str(row.page)
