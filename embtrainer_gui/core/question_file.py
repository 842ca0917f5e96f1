"""Questions of a file that somebody brings: a text file with a line each, CSV, TSV, or JSONL."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.csv_rows import MAX_CELL, original
from embtrainer_gui.core.interchange.json_rows import RowReader
from embtrainer_gui.core.translate import mark

NAMES = ("question", "query", "text")  # of the column or key, in whatever case
MOST_BYTES = 64 * 2**20
MOST_QUESTIONS = 100_000
LONGEST = 2000  # characters of a question


def read_questions(path: Path) -> tuple[list[str], list[str]]:
    """The questions in their order, and what is wrong with the rows that are left out, with their lines.

    Raises:
        UserError: the file cannot be read, is too large, or holds no question.
    """
    content = _content(path)
    found: list[str] = []
    problems: list[str] = []
    for line, text in _rows(path, content):
        question = " ".join(text.split())
        if not question:
            problems.append(mark("line {line}: no question").format(line=line))
        elif len(question) > LONGEST:
            problems.append(mark("line {line}: longer than {most} characters").format(line=line, most=LONGEST))
        else:
            found.append(question)
        if len(found) > MOST_QUESTIONS:
            raise UserError(
                mark("{path} holds more than {most} questions."),
                mark("Split it into several files."),
                path=path,
                most=MOST_QUESTIONS,
            )
    if not found:
        raise UserError(
            mark("{path} holds no question."),
            mark("A line each in a text file, or a column or key named question, query or text."),
            path=path,
        )
    return found, problems


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise FileNotFoundError(2, mark("there is no such file"))
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as problem:
        raise UserError(
            mark("{path} cannot be read: {reason}."), mark("Check the path."), path=path, reason=problem.strerror
        ) from problem
    if len(content) > MOST_BYTES:
        raise UserError(
            mark("{path} is larger than {most} MB."),
            mark("Split it into several files."),
            path=path,
            most=MOST_BYTES // 2**20,
        )
    return content


def _rows(path: Path, content: bytes) -> Iterator[tuple[int, str]]:
    """``(line, question)``; "" where the row has none."""
    match path.suffix.lower():
        case ".jsonl" | ".json" | ".ndjson":
            return _json_rows(content)
        case ".csv" | ".tsv" | ".tab":
            return _table_rows(path, content)
        case _:
            lines = _text(path, content).splitlines()
            return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _json_rows(content: bytes) -> Iterator[tuple[int, str]]:
    for row in RowReader().lines(io.BytesIO(content)):
        value = row.value
        if isinstance(value, dict):
            lowered = {str(key).casefold(): item for key, item in value.items()}
            value = next((lowered[name] for name in NAMES if name in lowered), "")
        yield row.line, value if isinstance(value, str) else ""


def _table_rows(path: Path, content: bytes) -> Iterator[tuple[int, str]]:
    text = _text(path, content)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        column = next((header.index(name) for name in NAMES if name in header), None)
        if column is None:
            raise UserError(
                mark("{path} has no column named question, query or text; its first line is: {line}"),
                mark("Name the column in the first line."),
                path=path,
                line=first.strip()[:200],
            )
        for cells in reader:
            if any(cells):
                yield reader.line_num, original(cells[column]) if column < len(cells) else ""
    except csv.Error as problem:
        raise UserError(
            mark("{path} is damaged at line {line}: {detail}."),
            mark("Save it again as CSV."),
            path=path,
            line=reader.line_num,
            detail=problem,
        ) from problem


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UserError(
            mark("{path} is no UTF-8 text (byte {place})."),
            mark("Save it as UTF-8 text; a workbook as CSV."),
            path=path,
            place=problem.start + 1,
        ) from problem
