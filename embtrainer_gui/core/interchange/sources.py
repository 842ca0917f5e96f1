"""Which files hold the pairs, and what kind of file each is, judged by its content."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.csv_rows import csv_rows, table_rows
from embtrainer_gui.core.interchange.json_rows import Row, RowReader, snippet
from embtrainer_gui.core.translate import mark

MAX_WHOLE_FILE = 2**30  # a JSON array or a table is read as a whole
TABLES = frozenset({".csv", ".tsv", ".tab"})
_LINE_OF_OBJECT = re.compile(r"\n[ \t]*{")

_FOREIGN = {
    b"\x1f\x8b": mark("a gzip archive, not text: unpack it first"),
    b"PK\x03\x04": mark("a zip archive, or a workbook under another name: unpack it, or let it end in .xlsx"),
    b"\xd0\xcf\x11\xe0": mark("an old or a locked workbook: save it as .xlsx without a password, or as CSV"),
    b"\xff\xfe": mark("UTF-16 text: save it as UTF-8"),
    b"\xfe\xff": mark("UTF-16 text: save it as UTF-8"),
    b"PAR1": mark("a Parquet file under another name: let it end in .parquet"),
    b"%PDF": mark("a PDF, not a file of pairs: import it as a paper"),
}


def pair_files(path: Path) -> list[tuple[Path, str, str]]:
    """``(file, label, stem)`` of each file to read; label and stem are "" for a single file.

    Raises:
        UserError: no such file, a folder without pairs, or something that is neither (a pipe would block).
    """
    if path.is_file():
        return [(path, "", "")]
    if not path.is_dir():
        raise UserError(
            mark("There is no file of pairs at {path}."),
            mark("Check the path: a JSONL, JSON or CSV file, or the folder qa_by_file."),
            path=path,
        )
    for pattern in ("*/qa.jsonl", "qa_by_file/*/qa.jsonl", "qa.jsonl"):
        if files := sorted(file for file in path.glob(pattern) if file.is_file()):
            return [(file, f"{file.parent.name}/{file.name}", file.parent.name) for file in files]
    for name in ("questions_answers.jsonl", "consolidated_qa.jsonl"):
        if (path / name).is_file():
            return [(path / name, "", "")]
    raise UserError(
        mark("The folder {path} holds no pairs: there is no <paper>/qa.jsonl and no questions_answers.jsonl in it."),
        mark("Choose the file of pairs itself, or the folder qa_by_file."),
        path=path,
    )


def open_rows(path: Path, file: BinaryIO, reader: RowReader, columns: Mapping[str, str]) -> Iterable[Row]:
    """The rows of an open file. One that is no text at all gives one bad row that says what it is."""
    head = file.read(2**16)
    file.seek(0)
    if foreign := _foreign(head):
        return [foreign]
    if path.suffix.lower() in TABLES:
        return csv_rows(_whole(path, file), columns, tabs=path.suffix.lower() != ".csv")
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        return reader.lines(file)
    return _array_or_lines(_whole(path, file), file, reader)


def open_table(path: Path, file: BinaryIO, reader: RowReader) -> tuple[list[str], Iterable[Row]]:
    """The names of the columns, and the rows under them, whatever they are called.

    Those of a file of JSON are not known beforehand: [].

    Raises:
        UserError: a table is too large, or has too many columns.
    """
    if path.suffix.lower() not in TABLES:
        return [], open_rows(path, file, reader, {})
    head = file.read(2**16)
    file.seek(0)
    if foreign := _foreign(head):
        return [], [foreign]
    return table_rows(_whole(path, file), tabs=path.suffix.lower() != ".csv")


def _foreign(head: bytes) -> Row | None:
    """One bad row that says what a file is that is no text at all."""
    problem = next((problem for start, problem in _FOREIGN.items() if head.startswith(start)), "")
    return Row(1, 1, snippet(head.decode("utf-8", "replace")), problem=problem) if problem else None


def _array_or_lines(text: str, file: BinaryIO, reader: RowReader) -> Iterable[Row]:
    """A file that starts with ``[``: an array, or lines of which the first happens to be a list."""
    rows, end, closed = reader.array(text)
    file.seek(0)
    if not closed:
        if not _LINE_OF_OBJECT.search(text, end + 1):
            return rows  # cut off in the last element
        # Damaged, or not an array at all: whichever reading finds most records.
        return max(rows, reader.array(text, damaged=True)[0], list(reader.lines(file)), key=_records)
    behind = text[end:]
    if not behind.strip():
        return rows
    if not _records(rows):
        return reader.lines(file)
    file.seek(-len(behind.encode("utf-8", "surrogateescape")), os.SEEK_END)
    return [*rows, *reader.lines(file, first=text.count("\n", 0, end) + 1)]


def _records(rows: list[Row]) -> int:
    return sum(isinstance(row.value, dict) for row in rows)


def _whole(path: Path, file: BinaryIO) -> str:
    content = file.read(MAX_WHOLE_FILE + 1)
    if len(content) > MAX_WHOLE_FILE:
        raise UserError(
            mark("{path} is larger than {limit} MB, which is too much for an array or a table."),
            mark("Save it as JSONL, one record a line: that has no limit."),
            path=path,
            limit=MAX_WHOLE_FILE // 2**20,
        )
    # Bytes that are not UTF-8 become lone surrogates here, and their row is refused for them.
    return content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
