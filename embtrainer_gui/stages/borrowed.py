"""A project whose lock the window holds: the window's children work under it and take none of their own."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.store.project import Project, open_project


class BorrowedLock(FolderLock):
    """Held by the parent process, which ends this one before it lets go."""

    def __enter__(self) -> FolderLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


class BorrowedProject(Project):
    def lock(self) -> FolderLock:
        return BorrowedLock(self.folder, "project")


def open_borrowed(folder: Path, *, write: bool) -> Project:
    """As ``open_project``, with its refusals."""
    with open_project(folder, write=write) as looked_at:
        read_only = looked_at.read_only
    return BorrowedProject(folder, read_only=read_only)
