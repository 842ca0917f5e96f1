"""A content hash of every row, kept by SQLite itself, so that damage to a text is found as well as to the structure.

Each table has an index over a hash of all its columns, so every insert and update keeps it, and SQLite's own
``integrity_check`` compares it with the rows: one changed bit in a row makes that row missing from the index.
"""

from __future__ import annotations

import hashlib
from typing import Any

import apsw

from embtrainer_gui.core.store.schema import TABLES

FUNCTION = "embtrainer_row_sum"
PREFIX = "sum_"


def register(connection: apsw.Connection) -> None:
    """Every connection that writes, or checks, needs the function."""
    connection.create_scalar_function(FUNCTION, row_sum, deterministic=True, flags=apsw.SQLITE_INNOCUOUS)


def row_sum(*values: Any) -> int:
    """64 bits of BLAKE2 over the values of a row. Never change it: it stands in the projects of all users."""
    data = b"\x00".join([v if (kind := type(v)) is bytes else b"%d" % v if kind is int else _bytes(v) for v in values])
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), signed=True)


def _bytes(value: Any) -> bytes:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # SQLite stores 1.0 as 1
    return str(value).encode("utf-8", "surrogatepass")


def ensure(connection: apsw.Connection) -> None:
    """Give every table of ours its index over all the columns that it has now; needs a transaction only where one
    lacks."""
    wanted = {f"{PREFIX}{table}": sql for table, sql in _indexes(connection).items()}
    there = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND name GLOB 'sum_*'"))
    if there.keys() == wanted.keys() and all(_alike(there[name], sql) for name, sql in wanted.items()):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name, sql in wanted.items():
            if not _alike(there.get(name), sql):
                connection.execute(f"DROP INDEX IF EXISTS {_quoted(name)}")
                connection.execute(sql)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _indexes(connection: apsw.Connection) -> dict[str, str]:
    found = {}
    for table, without_rowid in connection.execute(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    ):
        if table not in TABLES:
            continue
        columns = dict(connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,)))
        first = "" if without_rowid or "id" not in columns else "id, "  # new rows come last: cheap to add
        # As bytes: a text that was damaged may be no UTF-8 any more.
        values = [
            f"CAST({_quoted(name)} AS BLOB)" if kind == "TEXT" else _quoted(name) for name, kind in columns.items()
        ]
        found[table] = f"CREATE INDEX {PREFIX}{table} ON {table}({first}{FUNCTION}({', '.join(values)}))"
    return found


def _alike(one: str | None, other: str) -> bool:
    """Earlier versions wrote the names without quotes; those indexes stay, or every project would be hashed anew."""
    return one is not None and one.replace('"', "") == other.replace('"', "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
