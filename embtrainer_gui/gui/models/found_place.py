"""Where a job leaves what it found about all passages, and what is there."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from embtrainer_gui.core.found_file import FoundType, read_found, stamp_of
from embtrainer_gui.gui.session import Session


class FoundPlace:
    """``index/NAME`` of the project; of one that cannot be written, a folder that goes with the window."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name
        self._scratch: TemporaryDirectory[str] | None = None

    def path(self) -> Path:
        project = self._session.project
        if not project.read_only:
            return project.index / self._name
        if self._scratch is None:
            self._scratch = TemporaryDirectory(prefix="embtrainer-found-")
        return Path(self._scratch.name) / self._name

    def read(self, kind: type[FoundType]) -> FoundType | None:
        return read_found(self.path(), kind)

    def stamp(self) -> str:
        """What an up to date one has."""
        return stamp_of(self._session.project)

    def forget(self) -> None:
        """Another project is open."""
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None
