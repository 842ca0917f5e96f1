"""Whether a project's file is what was written: SQLite's own check, with the hash of every row (``row_sums``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import apsw

from embtrainer_gui.core.store import row_sums
from embtrainer_gui.core.store.database import open_immutable, plain_errors
from embtrainer_gui.core.store.own_log import log_of, unplayed
from embtrainer_gui.core.translate import mark

MOST_FINDINGS = 20
NAMED_TEXT = 60  # characters of a question or passage in a finding
_MISSING = re.compile(r"row (\d+) missing from index " + row_sums.PREFIX + r"(\w+)")
_NAMES = {
    "sources": (mark("the file {name}"), "file_name"),
    "documents": (mark("the paper {name}"), "title"),
    "passages": (mark("the passage {name}"), "text"),
    "pairs": (mark("the question {name}"), "question"),
    "doubts": (mark("the doubtful passage for {name}"), "question"),
    "runs": (mark("the training run {name}"), "name"),
    "test_questions": (mark("the test question {name}"), "question"),
}
_KINDS = {
    "decisions": mark("a decision of the review (number {row})"),
    "doubt_answers": mark("an answer about a doubtful passage (number {row})"),
    "evaluations": mark("a comparison (number {row})"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One damage. ``row`` of ``table``, or 0 and "" where it is none of a row; ``name`` is in words."""

    table: str
    row: int
    name: str


def examine(path: Path) -> tuple[Finding, ...]:
    """Everything that is damaged in the database ``path``, the first ``MOST_FINDINGS``; empty where it is whole.

    Reads it all: about 5 s a gigabyte. The file is not written.

    Raises:
        EnvironmentProblem: it cannot be looked at: it is locked, or its log cannot be read without writing.
        UserError: the log beside it is of another database.
    """
    # A file at rest is looked at as it is; one in use, which has a log, through that: it may change meanwhile.
    suffix = "" if log_of(path).exists() else "?immutable=1"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    with plain_errors(path):
        connection = apsw.Connection(f"{path.resolve().as_uri()}{suffix}", flags=flags)
        try:
            connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
            connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
            connection.pragma("cell_size_check", True)
            with unplayed(connection, path, lambda: open_immutable(path)):
                row_sums.register(connection)
            return _findings(connection)
        except (apsw.BusyError, apsw.CantOpenError, apsw.ReadOnlyError):
            raise
        except (apsw.Error, UnicodeError) as problem:
            return (Finding("", 0, str(problem)),)
        finally:
            connection.close()


def is_whole(path: Path) -> bool:
    return path.is_file() and not examine(path)


def _findings(connection: apsw.Connection) -> tuple[Finding, ...]:
    said = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({MOST_FINDINGS})")]
    if said == ["ok"]:
        _read_names(connection)
        return ()
    rows = {(match[2], int(match[1])): None for text in said if (match := _MISSING.fullmatch(text))}
    if rows:  # what the index says of its own size follows from them
        return tuple(Finding(table, row, _name(connection, table, row)) for table, row in rows)
    return tuple(Finding("", 0, text) for text in said)


def _read_names(connection: apsw.Connection) -> None:
    """Raises UnicodeError where the name of a column is none any more, which SQLite's check does not look at."""
    for (table,) in list(connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")):
        list(connection.execute("SELECT name FROM pragma_table_info(?)", (table,)))


def _name(connection: apsw.Connection, table: str, row: int) -> str:
    if table in _NAMES:
        words, column = _NAMES[table]
        text = _text(connection, f"SELECT {column} FROM {table} WHERE id = ?", row)
        return words.format(name=f'"{text}"' if text else row)
    return _KINDS.get(table, mark("a row of the table {table} (number {row})")).format(table=table, row=row)


def _text(connection: apsw.Connection, sql: str, row: int) -> str:
    try:
        found = str(next(iter(connection.execute(sql, (row,))), ("",))[0])
    except (apsw.Error, UnicodeError):
        return ""
    flat = "".join(letter for letter in " ".join(found.split()) if letter.isprintable())
    return flat if len(flat) <= NAMED_TEXT else flat[: NAMED_TEXT - 1] + "…"
