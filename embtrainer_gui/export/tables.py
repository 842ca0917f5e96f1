"""Pairs as CSV and Parquet tables; the keys of the exchange file's ``embtrainer`` object are columns of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from embtrainer_gui.core.files import atomic_write
from embtrainer_gui.core.interchange.csv_rows import OURS, neutralised
from embtrainer_gui.core.interchange.records_out import ACCEPTED, ExportPair, records_of
from embtrainer_gui.core.records import PairState

_PLAIN = "id run_id created_at model file_name line_number context question answer".split()
_OWN = "kind state reasons passage page split".split()
COLUMNS = (*_PLAIN, *(OURS + name for name in _OWN))
_ROWS_AT_ONCE = 2000


def write_csv(
    path: Path, pairs: Iterable[ExportPair], *, states: Collection[PairState] = ACCEPTED, now: datetime | None = None
) -> int:
    """Write the pairs in one of ``states`` as UTF-8 CSV with the header ``COLUMNS``, and return how many.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front; importing the file takes it away.
    Keys of imported records that are not ours are left out: JSONL keeps them.

    Raises:
        EnvironmentProblem: the file cannot be written.
    """
    count = 0

    def write(file: BinaryIO) -> None:
        nonlocal count
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text)
        table.writerow(COLUMNS)
        for record in records_of(pairs, states, now):
            table.writerow([neutralised(_cell(value)) for value in _values(record)])
            count += 1
        text.detach()  # flushes, and leaves the file to its owner

    atomic_write(path, write)
    return count


def write_parquet(
    path: Path, pairs: Iterable[ExportPair], *, states: Collection[PairState] = ACCEPTED, now: datetime | None = None
) -> int:
    """As ``write_csv``, as Parquet: numbers stay numbers, ``embtrainer.reasons`` is a list, nothing is neutralised."""
    import pyarrow as pa  # only here: it takes a while to load
    import pyarrow.parquet as pq

    numbers = {"line_number", f"{OURS}page"}
    lists = {f"{OURS}reasons"}
    schema = pa.schema(
        [(name, pa.int64() if name in numbers else pa.list_(pa.string()) if name in lists else pa.string())
         for name in COLUMNS]
    )  # fmt: skip
    count = 0

    def write(file: BinaryIO) -> None:
        nonlocal count
        records = records_of(pairs, states, now)
        with pq.ParquetWriter(file, schema) as writer:
            while batch := list(islice(records, _ROWS_AT_ONCE)):
                rows = [dict(zip(COLUMNS, _values(record), strict=True)) for record in batch]
                writer.write_table(pa.Table.from_pylist(rows, schema))
                count += len(batch)

    atomic_write(path, write)
    return count


def _values(record: dict[str, Any]) -> list[Any]:
    return [record[name] for name in _PLAIN] + [record["embtrainer"][name] for name in _OWN]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, list) else str(value)
