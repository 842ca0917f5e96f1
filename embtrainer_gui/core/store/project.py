"""A project: one movable folder with a database, the papers, the models, the index, exports and logs."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.store.database import Database
from embtrainer_gui.core.store.documents import DocumentStore
from embtrainer_gui.core.store.doubts import DoubtStore
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.store.meta import MetaStore
from embtrainer_gui.core.store.pair_groups import PairGroupStore
from embtrainer_gui.core.store.pairs import PairStore
from embtrainer_gui.core.store.passages import PassageStore
from embtrainer_gui.core.store.read_pages import ReadPageStore
from embtrainer_gui.core.store.references import References
from embtrainer_gui.core.store.rereading import Rereading
from embtrainer_gui.core.store.runs import RunStore
from embtrainer_gui.core.store.search_scope import SearchScope
from embtrainer_gui.core.store.searches import SearchStore
from embtrainer_gui.core.store.server_runs import ServerRunStore
from embtrainer_gui.core.store.test_sets import TestSets
from embtrainer_gui.core.translate import mark

DATABASE = "project.db"
FOLDERS = ("papers", "models", "index", "exports", "logs")


class Project:
    """An open project. Use ``open_project`` or ``create_project``."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._use(folder, Database(folder / DATABASE, read_only=read_only), read_only=read_only)

    def _use(self, folder: Path, database: Database, *, read_only: bool) -> None:
        self.folder = folder
        self.read_only = read_only
        self.database = database
        self.meta = MetaStore(self.database)
        self.documents = DocumentStore(self.database)
        self.passages = PassageStore(self.database, self.meta)
        self.pairs = PairStore(self.database)
        self.pair_groups = PairGroupStore(self.database)
        self.runs = RunStore(self.database)
        self.doubts = DoubtStore(self.database)
        self.references = References(self.database)
        self.rereading = Rereading(self.database)
        self.read_pages = ReadPageStore(self.database)
        self.server_runs = ServerRunStore(self.database)
        self.searches = SearchStore(self.database)
        self.search_scope = SearchScope(self.database)
        self.test_sets = TestSets(self.database)

    @property
    def papers(self) -> Path:
        return self.folder / "papers"

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def index(self) -> Path:
        return self.folder / "index"

    def lock(self) -> FolderLock:
        """Held by the one process that writes in bulk."""
        if self.read_only:
            raise _not_writable(self.folder)
        return FolderLock(self.folder, "project")

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_project(folder: Path, *, write: bool = False) -> Project:
    """Open an existing project; one that cannot be written opens read-only unless ``write`` is asked for.

    Raises:
        UserError: there is none, it is foreign, or it is from a newer version.
        EnvironmentProblem: it is damaged, or ``write`` and not writable.
    """
    require_project(folder)
    if not os.access(folder / DATABASE, os.R_OK):
        raise EnvironmentProblem(
            mark("The project {path} cannot be read."), mark("Ask its owner for permission."), path=folder
        )
    read_only = not (os.access(folder, os.W_OK) and os.access(folder / DATABASE, os.W_OK))
    if read_only and write:
        raise _not_writable(folder)
    return Project(folder, read_only=read_only)


def require_project(folder: Path) -> None:
    """Raises UserError where ``folder`` holds no project."""
    if not (folder / DATABASE).is_file():
        raise UserError(
            mark("There is no project in {path}."),
            mark("Make one with: embtrainer import {path} FOLDER_WITH_PAPERS"),
            path=folder,
        )


def create_project(folder: Path) -> Project:
    """Open the project in ``folder`` to write, making it where the folder is missing or empty.

    Raises:
        UserError: the folder holds something else.
        EnvironmentProblem: it cannot be made.
    """
    if (folder / DATABASE).exists():
        return open_project(folder, write=True)
    if folder.is_dir() and not _is_unfinished(folder) or (folder.exists() and not folder.is_dir()):
        raise UserError(
            mark("{path} is not empty and holds no project."),
            mark("Name a new or empty folder for the project, then the papers."),
            path=folder,
        )
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        # Made under another name first: a kill in between leaves no half project.
        draft = folder / f".{DATABASE}.new"
        for leftover in folder.glob(f".{DATABASE}.new*"):
            leftover.unlink()
        Database(draft).close()
        os.replace(draft, folder / DATABASE)
    except OSError as problem:
        raise EnvironmentProblem(
            mark("The project {path} cannot be made: {detail}."),
            mark("Choose a folder that you may write, on a disk with free space."),
            path=folder,
            detail=problem.strerror or problem,
        ) from problem
    return Project(folder)


def _is_unfinished(folder: Path) -> bool:
    """Empty, or only what a killed ``create_project`` leaves."""
    return all(entry.name in FOLDERS or entry.name.startswith(f".{DATABASE}.new") for entry in folder.iterdir())


def _not_writable(folder: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        mark("The project {path} cannot be written."),
        mark("Give yourself write permission on the folder, or copy it to a place of your own."),
        path=folder,
    )
