"""The table of pairs: correct as a Qt model, read in blocks, memory that does not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.review_project import make_review_project
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.decisions import Act, DecisionStore
from embtrainer_gui.core.store.review_queue import PairFilter, ReviewQueue
from embtrainer_gui.gui.models.paged_table import BLOCK, BLOCKS_KEPT, PagedTable
from embtrainer_gui.gui.models.pairs_table import Column, PairsTable
from embtrainer_gui.gui.session import Session


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    """A session on a project of its own."""
    make_review_project(tmp_path / "project")
    session = Session()
    session.open(tmp_path / "project")
    yield session
    session.close()


class Numbers(PagedTable[int]):
    """Row n shows n; remembers what was fetched."""

    def __init__(self, count: int) -> None:
        super().__init__(("Number",))
        self.fetched: list[tuple[int, int]] = []
        self.set_source(self._numbers, count)

    def _numbers(self, start: int, count: int) -> list[int]:
        self.fetched.append((start, count))
        return list(range(start, start + count))

    def cell(self, row: int, number: int, column: int, role: int) -> object:
        return str(row) if role == Qt.ItemDataRole.DisplayRole else None


def queue(session: Session) -> ReviewQueue:
    found = ReviewQueue(session.project.database, PairFilter(states=()))
    found.finish()
    return found


def test_that_the_model_is_sound_while_it_grows(session: Session, qtmodeltester: ModelTester) -> None:
    table, pairs = PairsTable(), queue(session)
    table.set_source(pairs.rows, 10)
    qtmodeltester.check(table)
    table.grow_to(len(pairs))
    table.refresh(3)
    table.refresh()
    assert table.rowCount() == len(pairs) == 48
    table.set_source(pairs.rows, 0)
    assert table.rowCount() == 0


def test_that_cells_show_the_pair_in_words(session: Session) -> None:
    table, pairs = PairsTable(), queue(session)
    table.set_source(pairs.rows, len(pairs))
    shown = [table.data(table.index(0, column)) for column in Column]
    assert shown == [
        "3",
        "What is said in sentence 0 of passage 2?",
        "In field 1, rice blast was measured 3 times",
        "Copied wording",
        "Fact",
        "On rice blast",
        "1",
    ]
    assert table.headerData(int(Column.REASONS), Qt.Orientation.Horizontal) == "Why it is here"
    assert table.data(table.index(0, Column.PAPER), Qt.ItemDataRole.ToolTipRole) == "paper0.pdf"
    assert table.data(QModelIndex()) is None


def test_that_a_decision_is_seen_in_its_row_after_a_refresh(session: Session) -> None:
    table, pairs = PairsTable(), queue(session)
    table.set_source(pairs.rows, len(pairs))
    before = table.row(1)
    assert before is not None
    DecisionStore(session.project.database).decide(before.pair.id, PairState.REJECTED, Act.REJECT, utc_now())
    table.refresh(1)
    after = table.row(1)
    assert after is not None
    assert (after.pair.id, after.pair.state) == (before.pair.id, PairState.REJECTED)


def test_that_a_million_rows_are_read_in_blocks_and_forgotten() -> None:
    table = Numbers(1_000_000)
    assert table.data(table.index(999_999, 0)) == "999999"
    assert table.fetched == [(999_800, BLOCK)]
    for row in range(0, 1_000_000, 9_000):
        assert table.row(row) == row
    assert len(table._blocks) == BLOCKS_KEPT


def test_that_a_short_last_block_is_read_again_when_rows_come(qtbot: QtBot) -> None:
    table = Numbers(150)
    assert table.row(149) == 149
    with qtbot.waitSignal(table.rowsInserted) as inserted:
        table.grow_to(260)
    assert inserted.args[1:] == [150, 259]
    assert table.row(199) == 199
    assert table.row(260) is None


@pytest.mark.parametrize("row", [-1, 5])
def test_that_no_row_is_none(row: int) -> None:
    assert Numbers(5).row(row) is None
