"""Rows of Excel workbooks (.xlsx, .xlsm). A workbook is an archive of XML that nobody vouches for: limits first.

Formulas are read as the values that were stored with them; nothing in a workbook is run or fetched.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.csv_rows import MOST_COLUMNS, original, unique_names
from embtrainer_gui.core.interchange.json_rows import Row, snippet
from embtrainer_gui.core.translate import mark

WORKBOOKS = frozenset({".xlsx", ".xlsm"})
MB = 2**20
MAX_FILE = 200 * MB
MAX_ENTRIES = 2000
MAX_UNPACKED = 512 * MB
MAX_LARGE_PART = 256 * MB  # a sheet or the shared texts, which are read in a stream
MAX_SMALL_PART = 16 * MB  # any other, of which a tree is built
MAX_RATIO = 200  # of a part over 1 MB: sheets reach 30
MAX_TAGS = 30_000_000
MAX_ROW = 16 * MB  # of XML: a row's elements are in memory at once
MAX_ROWS = 1_048_576  # Excel's own
_LARGE = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_CHUNK = MB
_BROKEN = (
    zipfile.BadZipFile, ParseError, DefusedXmlException, ValueError, KeyError, IndexError, TypeError, AttributeError,
    OverflowError, RecursionError, NotImplementedError, EOFError, MemoryError, RuntimeError,
)  # fmt: skip


def workbook_sheets(path: Path) -> list[str]:
    """The names of the sheets that are not hidden, in their order.

    Raises:
        UserError: it is no workbook, is damaged, or is more than the limits allow.
    """
    with _opened(path) as book:
        return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def workbook_rows(path: Path, sheet: str = "") -> tuple[list[str], Iterator[Row]]:
    """The names in the first row that is not empty, and the rows below it; of the first sheet where none is named.

    Raises:
        UserError: as ``workbook_sheets``; there is no such sheet; the rows raise it too.
    """
    rows = _rows(path, sheet)
    _, cells = next(rows, (0, ()))
    width = max((place for place, cell in enumerate(cells, 1) if cell not in (None, "")), default=0)
    names = unique_names(cells[:width])
    return names, _records(names, rows)


def _records(names: list[str], rows: Iterator[tuple[int, tuple[Any, ...]]]) -> Iterator[Row]:
    for number, (line, cells) in enumerate(rows, 1):
        texts = [_text(cell) for cell in cells[: len(names)]]
        record = {name: original(text) for name, text in zip(names, texts, strict=False)}
        yield Row(line, number, snippet("\t".join(texts)), record)


def _rows(path: Path, sheet: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The line and cells of each row that is not empty."""
    with _opened(path) as book:
        found = [one for one in book.worksheets if one.title == sheet or (not sheet and one.sheet_state == "visible")]
        if not found:
            raise UserError(
                mark("{path} has no sheet {sheet}."),
                mark("Its sheets are: {names}."),
                path=path.name,
                sheet=repr(sheet),
                names=", ".join(one.title for one in book.worksheets) or "-",
            )
        found[0].reset_dimensions()  # what a file claims of its size is not believed
        every = found[0].iter_rows(values_only=True, max_col=MOST_COLUMNS)
        for line, cells in enumerate(islice(every, MAX_ROWS), 1):
            if cells.count(None) < len(cells):  # rows that a file skips come as empty ones, a million of them quickly
                yield line, cells


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import openpyxl  # only here: it takes a while to load

    try:
        _refuse_bombs(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of features that it leaves out when it reads
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except _BROKEN as problem:
        raise UserError(
            mark("{path} is not a workbook that can be read ({detail})."),
            mark("Open it in your spreadsheet program and save it again as .xlsx or CSV."),
            path=path.name,
            detail=snippet(str(problem) or type(problem).__name__),
        ) from problem


def _refuse_bombs(path: Path) -> None:
    """Raises UserError where a part would take too much memory or time, or defines XML entities."""
    _check(path, path.stat().st_size <= MAX_FILE, mark("it is larger than {limit} MB").format(limit=MAX_FILE // MB))
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        _check(path, len(parts) <= MAX_ENTRIES, mark("it has too many parts"))
        unpacked = sum(part.file_size for part in parts)
        too_large = mark("unpacked it takes {size} MB").format(size=unpacked // MB)
        _check(path, unpacked <= MAX_UNPACKED, too_large)
        for part in parts:
            is_large = bool(_LARGE.fullmatch(part.filename))
            is_xml = part.filename.lower().endswith((".xml", ".rels"))
            most = MAX_LARGE_PART if is_large or not is_xml else MAX_SMALL_PART
            _check(path, part.file_size <= most, mark("its part {name} is too large").format(name=part.filename))
            packed = max(1, part.compress_size)
            is_bomb = part.file_size > MB and part.file_size / packed > MAX_RATIO
            _check(path, not is_bomb, mark("its part {name} is packed too tightly").format(name=part.filename))
            if is_xml:
                _scan(path, archive, part)


def _scan(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look through one part of XML without building anything of it."""
    tags, offset, last_row, before = 0, 0, 0, b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            if not offset:
                plain = b"\0" not in chunk[:4] and not chunk.startswith((b"\xff\xfe", b"\xfe\xff"))
                _check(path, plain, mark("its XML is not UTF-8"))
            text = before + chunk
            _check(path, b"<!DOCTYPE" not in text and b"<!ENTITY" not in text, mark("its XML defines entities"))
            tags += chunk.count(b"<")
            _check(path, tags <= MAX_TAGS, mark("it has too many cells"))
            for found in _ROW.finditer(text):
                last_row = offset - len(before) + found.start()
            offset += len(chunk)
            _check(path, offset - last_row <= MAX_ROW, mark("a single row takes too much room"))
            before = text[-32:]


def _check(path: Path, holds: bool, why: str) -> None:
    if not holds:
        raise UserError(
            mark("{path} is not read: {why}."),
            mark("Save the sheet that you need as CSV, or as a workbook of its own."),
            path=path.name,
            why=why,
        )


def _text(cell: Any) -> str:
    """A cell as a table of text would have it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)
