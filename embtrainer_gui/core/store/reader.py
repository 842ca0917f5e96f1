"""A second, read-only look at a project that this process has open: for reading on a thread beside the window.

``open_project`` is not for that: it reads the head of the file and closes it, and on POSIX systems closing any handle
of a file drops the locks that the whole process holds on it, those of the first connection too.
"""

from __future__ import annotations

from pathlib import Path

import apsw

from embtrainer_gui.core.store.database import BUSY_MS, Database, plain_errors
from embtrainer_gui.core.store.project import DATABASE, Project


class _ReadDatabase(Database):
    def __init__(self, path: Path) -> None:
        self.path = path
        self._scratch = None
        with plain_errors(path):
            self.connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            self.connection.set_busy_timeout(BUSY_MS)


class ProjectReader(Project):
    """Reads what is committed; every write fails. Use it as a context, on one thread.

    Raises:
        EnvironmentProblem: it cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._use(folder, _ReadDatabase(folder / DATABASE), read_only=True)
