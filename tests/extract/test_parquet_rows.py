"""Parquet files of questions: nested columns as Hugging Face writes them, damaged files, and too large ones."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.extract import parquet_rows as module
from embtrainer_gui.extract.parquet_rows import parquet_rows


def saved(path: Path, number: int = 3) -> Path:
    day = datetime.date(2024, 1, 2)
    rows = [
        {"question": f"Q{n}?", "answers": {"text": [f"A{n}"], "start": [1]}, "day": day, "b": b"x"}
        for n in range(number)
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_that_rows_come_as_json_would_have_them(tmp_path: Path) -> None:
    rows = list(parquet_rows(saved(tmp_path / "a.parquet")))
    assert [row.line for row in rows] == [1, 2, 3]
    assert rows[1].value == {
        "question": "Q1?",
        "answers": {"text": ["A1"], "start": [1]},
        "day": "2024-01-02",
        "b": "x",
    }


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 40 + b"PAR1", b"no parquet at all"])
def test_that_what_is_no_parquet_file_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.parquet"):
        parquet_rows(tmp_path / "a.parquet")


def test_that_damage_in_the_middle_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.parquet", 2000)
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.parquet"):
        list(parquet_rows(path))


def test_that_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_GROUP", 100)
    with pytest.raises(UserError, match="unpacked"):
        parquet_rows(saved(tmp_path / "a.parquet", 100))
