"""Tables hold what JSONL holds of ours, run nothing in a spreadsheet, and are read back unchanged."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embtrainer_gui.core.interchange import ExportPair, read_pairs
from embtrainer_gui.core.interchange.csv_rows import neutralised, original
from embtrainer_gui.core.records import PairState, QuestionKind, Reason, Split
from embtrainer_gui.export.tables import COLUMNS, write_csv, write_parquet

NOW = datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
FORMULAS = ['=HYPERLINK("http://x.example","click")', "+1+1", "-2", "@SUM(A1)", "'=already", "''-twice"]


def pair(number: int, question: str, state: PairState = PairState.ACCEPTED) -> ExportPair:
    return ExportPair(
        uid=f"u{number}",
        question=question,
        answer='An answer, with "quotes"\nand µ',
        context="A context.",
        file_name="a.txt",
        line_number=number,
        model="builtin",
        kind=QuestionKind.METHOD,
        state=state,
        reasons=(Reason.COPIED, Reason.MALFORMED),
        passage="k1",
        page=3,
        split=Split.DEV,
        extra={"unknown": 1},
    )


def test_that_formulas_are_neutralised_in_csv_and_read_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    assert write_csv(path, [pair(n, text) for n, text in enumerate(FORMULAS)], now=NOW) == len(FORMULAS)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["question"] for row in rows] == [f"'{text}" for text in FORMULAS]
    found = read_pairs(path)
    assert [record.question for record in found.records] == FORMULAS
    assert [record.uid for record in found.records] == [f"u{n}" for n in range(len(FORMULAS))]
    assert {record.kind for record in found.records} == {QuestionKind.METHOD}
    assert found.records[1].answer == 'An answer, with "quotes"\nand µ'
    assert found.records[1].line_number == 1
    assert found.records[1].created_at == "2026-03-04T05:06:07.000008Z"
    assert found.records[1].raw["embtrainer"] == {
        "kind": "method", "state": "accepted", "reasons": "copied malformed", "passage": "k1", "page": "3",
        "split": "dev",
    }  # fmt: skip


@given(st.text())
def test_that_no_cell_starts_a_formula_and_every_cell_is_restored(cell: str) -> None:
    assert not neutralised(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert original(neutralised(cell)) == cell


def test_that_only_accepted_pairs_go_into_tables(tmp_path: Path) -> None:
    pairs = [pair(n, "Q?", state) for n, state in enumerate(PairState)]
    assert write_csv(tmp_path / "a.csv", pairs) == 1
    assert write_parquet(tmp_path / "a.parquet", pairs) == 1
    assert write_parquet(tmp_path / "b.parquet", pairs, states=tuple(PairState)) == 3


@pytest.mark.parametrize("count", [0, 3, 2001])
def test_that_parquet_keeps_types_and_does_not_touch_text(tmp_path: Path, count: int) -> None:
    path = tmp_path / "pairs.parquet"
    assert write_parquet(path, (pair(n, "=1+1?") for n in range(count)), now=NOW) == count
    table = pq.read_table(path)
    assert tuple(table.column_names) == COLUMNS
    assert table.num_rows == count
    if count:
        row = table.slice(count - 1).to_pylist()[0]
        assert row["question"] == "=1+1?"
        assert row["line_number"] == count - 1
        assert row["embtrainer.reasons"] == ["copied", "malformed"]
        assert row["embtrainer.page"] == 3
        assert row["embtrainer.split"] == "dev"
