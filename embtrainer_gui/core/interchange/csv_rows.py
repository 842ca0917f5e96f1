"""Rows of CSV and TSV tables with a header; undoes what the export does against spreadsheet injection."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.json_rows import Row, is_unicode, snippet
from embtrainer_gui.core.translate import mark

OURS = "embtrainer."  # header prefix of the columns that stand in the ``embtrainer`` object of JSONL
MAX_CELL = 32 * 2**20
MOST_COLUMNS = 200  # of a table whose names are not known beforehand
_FORMULA = "=+\\-@\t\r\n＝＋－＠"  # what a spreadsheet takes for the start of a formula
_STARTS_FORMULA = re.compile(f"'*[{_FORMULA}]")
_NEUTRALISED = re.compile(f"'+[{_FORMULA}]")


def neutralised(cell: str) -> str:
    """``cell`` as a spreadsheet shows it as text: with an apostrophe in front where it would run as a formula.

    Cells that already start so (apostrophes, then such a character) get one more, so that ``original`` undoes all.
    """
    return f"'{cell}" if _STARTS_FORMULA.match(cell) else cell


def original(cell: str) -> str:
    """What ``neutralised`` was given."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def csv_rows(text: str, columns: Mapping[str, str], *, tabs: bool) -> Iterator[Row]:
    """One row for each line of a table (quoted cells may hold line ends); values are dicts of strings.

    Header names are matched without regard to case. CSV may be separated by commas, semicolons or tabs.

    Raises:
        UserError: the header has no question and answer.
    """
    delimiter, names = _header(text, columns, tabs=tabs)
    return _rows(text, delimiter, names)


def table_rows(text: str, *, tabs: bool) -> tuple[list[str], Iterator[Row]]:
    """The names in the first line as they stand, and the rows below it; one without a name is ``column N``.

    Of comma, semicolon and tab the one counts that the first line has most of. A name that stands twice gets a number.
    """
    first = _first_line(text)
    delimiter = "\t" if tabs else max(",;\t", key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
    names = unique_names([original(cell) for cell in next(csv.reader([first], delimiter=delimiter), [])])
    return names, _rows(text, delimiter, names, plain=True)


def unique_names(cells: Sequence[object]) -> list[str]:
    """Names for columns from the cells of a table's first row. Raises UserError where there are too many."""
    names: dict[str, None] = {}
    for place, cell in enumerate(cells, 1):
        name = wanted = snippet(("" if cell is None else str(cell)).strip()) or f"column {place}"
        number = 1
        while name in names:
            number += 1
            name = f"{wanted} {number}"
        names[name] = None
    if len(names) > MOST_COLUMNS:
        raise UserError(
            mark("The table has {count} columns; at most {most} are read."),
            mark("Delete those that are not needed, or check which sign separates the columns."),
            count=len(names),
            most=MOST_COLUMNS,
        )
    return list(names)


def _rows(text: str, delimiter: str, names: list[str], *, plain: bool = False) -> Iterator[Row]:
    # The module's limit holds for the whole process and is far below the texts that are allowed here.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
    lines = _Lines(text)
    rows = csv.reader(lines, delimiter=delimiter)
    number = 0
    while True:
        lines.start()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(lines.first, number, snippet(lines.raw), problem=mark("not CSV: {what}").format(what=error))
            continue
        if not "".join(cells).strip():
            continue
        if number:
            yield _row(cells, names, number, lines, plain=plain)
        number += 1


class _Lines:
    """Lines of a table, remembering those that the current row took."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._number = 0
        self._taken: list[str] = []
        self.first = 1

    def start(self) -> None:
        self.first, self._taken = self._number + 1, []

    @property
    def raw(self) -> str:
        return "".join(self._taken)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        if self._taken or line.strip():
            self._taken.append(line)
        else:
            self.first = self._number + 1
        return line


def _first_line(text: str) -> str:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")[:MAX_CELL]
    return first.encode("utf-8", "replace").decode("utf-8")  # the names become keys, which must be storable


def _header(text: str, columns: Mapping[str, str], *, tabs: bool) -> tuple[str, list[str]]:
    """The delimiter and our names of the columns."""
    first = _first_line(text)
    theirs = {theirs.strip().casefold(): theirs for theirs in columns.values()}
    names: list[str] = []
    for delimiter in "\t" if tabs else ",;\t":
        names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
        names = [theirs.get(name.casefold(), name.casefold()) for name in names]
        if all(columns.get(needed, needed) in names for needed in ("question", "answer")):
            return delimiter, names
    raise UserError(
        mark("The table has no columns {question} and {answer}; its first line is: {line}"),
        mark("Name the columns in its first line, or say which columns hold the question and the answer."),
        question=columns.get("question", "question"),
        answer=columns.get("answer", "answer"),
        line=snippet(first.strip()),
    )


def _row(cells: list[str], names: list[str], number: int, lines: _Lines, *, plain: bool) -> Row:
    raw = lines.raw
    if raw.count('"') % 2 and raw.count("\n") > 1:
        return _bad(mark("a quotation mark that is never closed"), number, lines)
    if len(cells) > len(names):
        reason = mark("{cells} cells under {columns} columns").format(cells=len(cells), columns=len(names))
        return _bad(reason, number, lines)
    if not is_unicode(raw):
        return _bad(mark("not UTF-8"), number, lines)
    record: dict[str, Any] = {}
    ours: dict[str, str] = {}
    for name, cell in zip(names, cells, strict=False):
        if name.startswith(OURS) and not plain:
            ours[name.removeprefix(OURS)] = original(cell)
        elif name:
            record[name] = original(cell)
    return Row(lines.first, number, snippet(raw), record | ({"embtrainer": ours} if ours else {}))


def _bad(reason: str, number: int, lines: _Lines) -> Row:
    return Row(lines.first, number, snippet(lines.raw), problem=reason)
