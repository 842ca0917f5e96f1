"""A file system for SQLite that fails, or dies, at the n-th write, sync or truncation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import apsw

Kind = Literal["fails", "dies", "tears"]
"""``fails`` once, as a disk that was full for a moment; ``dies`` for good, as a process that is killed; ``tears``: dies
with half of the write on the disk."""


class FaultVfs(apsw.VFS):
    """Counts what SQLite does to the files; the fault comes at ``at``, never where that is 0."""

    def __init__(self, at: int, kind: Kind) -> None:
        self.at, self.kind, self.count = at, kind, 0
        self.below = apsw.vfs_names()[0]
        super().__init__("faulty", self.below, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> FaultFile:  # noqa: N802
        return FaultFile(self, name, flags)

    def step(self) -> bool:
        """Whether this operation goes wrong."""
        self.count += 1
        return self.count == self.at or (self.kind != "fails" and 0 < self.at < self.count)


class FaultFile(apsw.VFSFile):
    def __init__(self, vfs: FaultVfs, name: Any, flags: list[int]) -> None:
        self._vfs = vfs
        super().__init__(vfs.below, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._vfs.step():
            if self._vfs.kind == "tears" and self._vfs.count == self._vfs.at:
                super().xWrite(bytes(data)[: len(data) // 2], offset)
            raise apsw.FullError("injected")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self._vfs.step():
            raise apsw.IOError("injected")
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        if self._vfs.step():
            raise apsw.IOError("injected")
        super().xTruncate(size)


@contextmanager
def faulty(at: int, kind: Kind) -> Iterator[FaultVfs]:
    """All connections opened inside use it; the write-ahead log stays, with its index in memory."""
    vfs = FaultVfs(at, kind)
    apsw.connection_hooks.append(_exclusive)
    try:
        yield vfs
    finally:
        apsw.connection_hooks.remove(_exclusive)
        vfs.unregister()


def _exclusive(connection: apsw.Connection) -> None:
    if not connection.open_flags & apsw.SQLITE_OPEN_READONLY:
        connection.pragma("locking_mode", "exclusive")


def logged(folder: Path) -> bool:
    return (folder / "project.db-wal").exists()
