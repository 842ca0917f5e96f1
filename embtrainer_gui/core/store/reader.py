"""A second, read-only look at a project that this process has open: for reading on a thread beside the window.

``open_project`` is not for that: it reads the head of the file and closes it, and on POSIX systems closing any handle
of a file drops the locks that the whole process holds on it, those of the first connection too.
"""

from __future__ import annotations

from pathlib import Path

import apsw

from embtrainer_gui.core.store.database import BUSY_MS, Database, plain_errors
from embtrainer_gui.core.store.documents import DocumentStore
from embtrainer_gui.core.store.doubts import DoubtStore
from embtrainer_gui.core.store.meta import MetaStore
from embtrainer_gui.core.store.pairs import PairStore
from embtrainer_gui.core.store.passages import PassageStore
from embtrainer_gui.core.store.project import DATABASE, Project
from embtrainer_gui.core.store.runs import RunStore
from embtrainer_gui.core.store.search_scope import SearchScope
from embtrainer_gui.core.store.server_runs import ServerRunStore


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
        self.folder, self.read_only = folder, True
        self.database = _ReadDatabase(folder / DATABASE)
        self.meta = MetaStore(self.database)
        self.documents = DocumentStore(self.database)
        self.passages = PassageStore(self.database, self.meta)
        self.pairs = PairStore(self.database)
        self.runs = RunStore(self.database)
        self.doubts = DoubtStore(self.database)
        self.server_runs = ServerRunStore(self.database)
        self.search_scope = SearchScope(self.database)
