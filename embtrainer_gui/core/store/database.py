"""One SQLite connection through APSW: safe settings, refusals, migrations, and errors in plain words.

APSW carries its own SQLite; the interpreter's one has the WAL-reset corruption fault (SQLite 3.7 to 3.51.2).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from embtrainer_gui.core.errors import DamagedProject, EnvironmentProblem, UserError
from embtrainer_gui.core.store import row_sums
from embtrainer_gui.core.store.own_log import (
    give_identity,
    has_our_tables_alone,
    is_logged,
    log_of,
    refuse_foreign_journal,
    unplayed,
)
from embtrainer_gui.core.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION
from embtrainer_gui.core.translate import mark

BUSY_MS = 10_000


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about disk, locks and damage into ``EnvironmentProblem``."""
    try:
        yield
    except (apsw.FullError, apsw.IOError) as problem:
        raise EnvironmentProblem(
            mark("The disk with the project {path} is full or failing ({detail})."),
            mark("Free some space and start the command again; everything confirmed so far is kept."),
            path=path.parent,
            detail=problem,
        ) from problem
    except apsw.BusyError as problem:
        raise EnvironmentProblem(
            mark("The project {path} is in use by another program."),
            mark("Wait until it is done, or close it there."),
            path=path.parent,
        ) from problem
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError) as problem:
        raise EnvironmentProblem(
            mark("The project {path} cannot be written."),
            mark("Give yourself write permission on the folder, or copy it to a place of your own."),
            path=path.parent,
        ) from problem
    except (apsw.CorruptError, apsw.NotADBError) as problem:
        raise DamagedProject(
            mark("The project file {path} is damaged ({detail})."),
            mark("Put a backup of it back: embtrainer restore {folder}"),
            path=path,
            folder=path.parent,
            detail=problem,
        ) from problem


class Database:
    """A connection with its transaction helper.

    Raises (constructor):
        UserError: the file is not a project, or from a newer version; it is left as it is.
        EnvironmentProblem: it cannot be opened, or is damaged.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        with plain_errors(path):
            if path.exists():
                refuse_foreign(path)
            self.connection = self._open_read_only() if read_only else self._open_to_write()

    def _open_to_write(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(BUSY_MS)
        with unplayed(connection, self.path, lambda: open_immutable(self.path)):
            _harden(connection)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        migrate(connection, self.path)
        row_sums.ensure(connection)
        give_identity(connection)
        return connection

    def _open_read_only(self) -> apsw.Connection:
        logged = is_logged(self.path)
        connection = open_immutable(self.path)
        if logged or connection.pragma("user_version") < SCHEMA_VERSION:
            connection.close()  # a log cannot be replayed, nor a schema changed, where nothing can be written
            self._scratch = tempfile.TemporaryDirectory(prefix="embtrainer-")
            target = Path(self._scratch.name) / self.path.name
            shutil.copyfile(self.path, target)
            if logged:
                shutil.copyfile(log_of(self.path), log_of(target))
            connection = apsw.Connection(str(target))
            with unplayed(connection, self.path, lambda: open_immutable(target)):
                row_sums.register(connection)
            migrate(connection, target)
        _harden(connection)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """All or nothing; the lock is taken at once, so that two writers queue instead of failing half way."""
        with plain_errors(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def quick_transaction(self) -> Iterator[apsw.Connection]:
        """The same, but it does not wait for the disk: the whole of it may be undone when the power goes."""
        self.connection.pragma("synchronous", "normal")
        try:
            with self.transaction() as connection:
                yield connection
        finally:
            self.connection.pragma("synchronous", "full")

    def rows(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        with plain_errors(self.path):
            return list(self.connection.execute(sql, values))

    def one(self, sql: str, values: Any = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(sql, values)
        return found[0][0] if found else None

    def close(self) -> None:
        self.connection.close()
        if self._scratch:
            self._scratch.cleanup()


def open_immutable(path: Path) -> apsw.Connection:
    """Read a file without its log, its lock and any trace beside it."""
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    return apsw.Connection(f"{path.resolve().as_uri()}?immutable=1", flags=flags)


def _harden(connection: apsw.Connection) -> None:
    """A project may come from somebody else: no trusted schema, checked cells, no writable schema."""
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.pragma("cell_size_check", True)
    connection.pragma("foreign_keys", True)
    row_sums.register(connection)


def refuse_foreign(path: Path) -> None:
    """Look at a file without changing it.

    Raises:
        UserError: no project of ours, from a newer version, with tables, triggers or views that we never make, or
            beside a journal of another database.
    """
    with path.open("rb") as file:
        head = file.read(100)
    not_ours = UserError(
        mark("{path} is not a project of Embedding Trainer."),
        mark("Name a project folder, or a new folder to start one."),
        path=path,
    )
    if not head.startswith(b"SQLite format 3\x00") or int.from_bytes(head[68:72]) != APPLICATION_ID:
        raise not_ours
    looking = open_immutable(path)
    try:
        version = looking.pragma("user_version")
        ours = has_our_tables_alone(looking)
    finally:
        looking.close()
    if version > SCHEMA_VERSION:
        raise UserError(
            mark("The project {path} was made by a newer version of Embedding Trainer."),
            mark("Update the program: pip install --upgrade embtrainer."),
            path=path.parent,
        )
    if not ours:
        raise not_ours
    refuse_foreign_journal(path, head)


def migrate(connection: apsw.Connection, path: Path) -> None:
    """Bring the schema to ``SCHEMA_VERSION``, each step in one transaction, with a copy of the file first."""
    version = connection.pragma("user_version")
    if version >= SCHEMA_VERSION:
        return
    if version > 0:
        copy = path.with_name(f"{path.name}.before-{version + 1}")
        if not copy.exists():
            connection.execute("VACUUM INTO ?", (str(copy),))
    for number in range(version, SCHEMA_VERSION):
        connection.execute("BEGIN EXCLUSIVE")
        try:
            if connection.pragma("user_version") == number:  # another process may have been first
                connection.execute(MIGRATIONS[number])
                connection.pragma("application_id", APPLICATION_ID)
                connection.pragma("user_version", number + 1)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    connection.pragma("wal_checkpoint(TRUNCATE)")  # refuse_foreign reads the header of the main file
