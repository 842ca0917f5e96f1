"""Rows of Parquet files, a batch at a time, with limits on what they unpack to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.csv_rows import MOST_COLUMNS
from embtrainer_gui.core.interchange.json_rows import Row, is_unicode, snippet
from embtrainer_gui.core.translate import mark

PARQUET = frozenset({".parquet", ".pq"})
MB = 2**20
MAX_GROUP = 1024 * MB  # unpacked, of one group of rows: it is in memory at once
MAX_UNPACKED = 4096 * MB
MAX_NAMES = 10 * MB  # of what describes the file
_ROWS_AT_ONCE = 500


def parquet_rows(path: Path) -> Iterator[Row]:
    """A row for each row of the file; its line is its number. Columns after the first 200 are not read.

    Raises:
        UserError: it is no Parquet file, is damaged, or is more than the limits allow; the rows raise it too.
    """
    import pyarrow as pa  # only here: it takes a while to load
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, thrift_string_size_limit=MAX_NAMES, thrift_container_size_limit=1_000_000)
        _refuse_bombs(path, file.metadata)
        names = [str(name) for name in file.schema_arrow.names[:MOST_COLUMNS]]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as problem:
        raise _unreadable(path, problem) from problem
    return _rows(path, file, names)


def _rows(path: Path, file: Any, names: list[str]) -> Iterator[Row]:
    import pyarrow as pa

    number = 0
    try:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=names, use_threads=False):
            for record in batch.to_pylist():
                number += 1
                yield _row(number, {name: _plain(value) for name, value in record.items()})
    except (pa.ArrowException, OSError, ValueError, OverflowError) as problem:
        raise _unreadable(path, problem) from problem
    finally:
        file.close()


def _row(number: int, record: dict[str, Any]) -> Row:
    text = "\t".join(str(value) for value in record.values() if value is not None)
    problem = "" if is_unicode(text) else mark("text that is not valid Unicode")
    return Row(number, number, snippet(text), None if problem else record, problem=problem)


def _plain(value: Any) -> Any:
    """As JSON would have it: dates as text, bytes as text where they are."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if isinstance(value, datetime | date) else value


def _refuse_bombs(path: Path, about: Any) -> None:
    sizes = [about.row_group(number).total_byte_size for number in range(about.num_row_groups)]
    if sum(sizes) > MAX_UNPACKED or max(sizes, default=0) > MAX_GROUP or min(sizes, default=0) < 0:
        raise UserError(
            mark("{path} is not read: unpacked it takes {size} MB."),
            mark("Save it in smaller groups of rows, with only the columns that are needed."),
            path=path.name,
            size=sum(sizes) // MB,
        )


def _unreadable(path: Path, problem: Exception) -> UserError:
    return UserError(
        mark("{path} is not a Parquet file that can be read ({detail})."),
        mark("Write it again, or save it as CSV or JSONL."),
        path=path.name,
        detail=snippet(str(problem).split("\n")[0]),
    )
