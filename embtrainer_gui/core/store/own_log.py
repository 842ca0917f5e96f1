"""Whether the log beside a project's file is of that project.

SQLite plays a log back whatever database it comes from: its pages take the place of the project's. So a log that a
crash or a copy left is looked through first, while nothing of it is in the file.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store.schema import APPLICATION_ID, TABLES
from embtrainer_gui.core.translate import mark

_OF_SQLITE = ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")
IDENTITY = "identity"  # in meta: a copy of a project has that of the project
_WAL_MODE = b"\x02\x02"  # bytes 18 and 19 of a file that keeps a write-ahead log, and so never a rollback journal


def has_our_tables_alone(connection: apsw.Connection) -> bool:
    """Whether there are no tables, triggers or views that we never make."""
    there = connection.execute("SELECT type, name FROM sqlite_schema WHERE type != 'index'")
    return all(kind == "table" and (name in TABLES or name in _OF_SQLITE) for kind, name in there)


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def is_logged(path: Path) -> bool:
    """Whether a write-ahead log with something in it lies beside the database ``path``."""
    wal = log_of(path)
    return wal.exists() and wal.stat().st_size > 0


def refuse_foreign_journal(path: Path, head: bytes) -> None:
    """Refuse a rollback journal beside a file with the header ``head`` that keeps none: it would be played back."""
    journal = path.with_name(path.name + "-journal")
    if head[18:20] == _WAL_MODE and journal.exists() and journal.stat().st_size > 0:
        raise _not_of_it(path, journal)


@contextmanager
def unplayed(connection: apsw.Connection, path: Path, main: Callable[[], apsw.Connection]) -> Iterator[None]:
    """Look through the log of ``connection``, just opened; on a refusal nothing of it gets into the file.

    ``path`` is the project's file, which ``connection`` may have as a copy; ``main`` opens it without its log.

    Raises:
        UserError: the log is of another database.
    """
    if not is_logged(path):
        yield
        return
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    try:
        if _is_foreign(connection, main):
            raise _not_of_it(path, log_of(path))
        yield
    except BaseException:
        connection.close()
        raise
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)


def give_identity(connection: apsw.Connection) -> None:
    """Let a project have a name of its own, once for all."""
    if identity_of(connection) is None:
        sql = "INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)"
        connection.execute(sql, (IDENTITY, f'"{uuid.uuid4().hex}"'))


def identity_of(connection: apsw.Connection) -> str | None:
    """None for a project that was never opened since projects have one, or a file without its first table."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
        return None
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (IDENTITY,)).fetchone()
    return str(found[0]) if found else None


def _is_foreign(connection: apsw.Connection, main: Callable[[], apsw.Connection]) -> bool:
    """Whether the file is a project, but as the log makes it none, or another one."""
    file = main()
    try:
        if not has_our_tables_alone(file):
            return False
        identity = identity_of(file)
    except apsw.Error:
        return False  # damaged itself, or another process is writing its log into it at this moment
    finally:
        file.close()
    try:
        ours = connection.pragma("application_id") == APPLICATION_ID and has_our_tables_alone(connection)
        return not ours or identity not in (None, identity_of(connection))
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError):
        return True


def _not_of_it(path: Path, log: Path) -> UserError:
    return UserError(
        mark("{log} in the project {path} comes from another database; played back, it would destroy the project."),
        mark("Nothing was changed. Move {log} out of the folder, then open the project again."),
        path=path.parent,
        log=log.name,
    )
