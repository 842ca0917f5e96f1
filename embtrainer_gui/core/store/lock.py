"""One bulk writer a project: a lock that the system releases when its holder dies, on every platform.

It is an exclusive SQLite transaction on a file of its own; a JSON file beside it says who holds it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import apsw

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.store.database import plain_errors
from embtrainer_gui.core.translate import mark

LOOKING_MS = 300  # ``is_held`` takes the lock for an instant to look


def is_held(folder: Path, name: str) -> bool:
    """Whether a living process holds the lock ``name`` of ``folder``."""
    file = folder / f"{name}.lock"
    if not file.exists():
        return False
    try:
        connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        finally:
            connection.close()
    except apsw.BusyError:
        return True
    except apsw.Error:
        return False  # not ours to write, so no process of ours holds it
    return False


class FolderLock:
    """Held from ``__enter__`` to ``__exit__`` or the death of the process.

    Raises:
        EnvironmentProblem: another process holds it (named by its number and machine).
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / f"{name}.lock"
        self._note = folder / f"{name}.lock.json"
        self._connection: apsw.Connection | None = None

    def __enter__(self) -> FolderLock:
        with plain_errors(self._file):
            connection = apsw.Connection(str(self._file))
            try:
                connection.pragma("journal_mode", "off")
                connection.set_busy_timeout(LOOKING_MS)
                connection.execute("BEGIN EXCLUSIVE")
            except apsw.BusyError as problem:
                connection.close()
                raise self._held() from problem
        self._connection = connection
        holder = {
            "pid": os.getpid(),
            "host": platform.node(),
            "program": Path(sys.argv[0]).name,
            "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        }
        self._note.write_text(json.dumps(holder), encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._note.unlink(missing_ok=True)
            self._connection.close()
            self._connection = None

    def _held(self) -> EnvironmentProblem:
        try:
            holder = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            holder = {}
        return EnvironmentProblem(
            mark("The project {path} is in use by process {pid} on {host} ({program}, since {since})."),
            mark("Wait until that is done, or end it, and try again."),
            path=self._file.parent,
            pid=holder.get("pid", "?"),
            host=holder.get("host", "?"),
            program=holder.get("program", "?"),
            since=holder.get("since", "?"),
        )
