"""What the Project page shows of the backups and of the room that a project takes, read off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.store.backups import Backup, all_backups
from embtrainer_gui.core.store.moving import sizes
from embtrainer_gui.core.store.restore import Contents, contents
from embtrainer_gui.core.store.risky_place import risk_of


@dataclass(frozen=True, slots=True)
class BackupRow:
    """``holds`` is None, and ``fault`` says why, where the copy cannot be read."""

    backup: Backup
    holds: Contents | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    sizes: dict[str, int]  # bytes of each kind
    backups: tuple[BackupRow, ...]
    risk: str = ""  # of the place


def project_facts(folder: Path) -> ProjectFacts:
    """Opens only the copies, never the project's own file: closing that would drop the window's locks on it."""
    return ProjectFacts(sizes(folder), tuple(map(_row, all_backups(folder))), risk_of(folder))


def _row(backup: Backup) -> BackupRow:
    try:
        return BackupRow(backup, contents(backup.path))
    except AppError as problem:
        return BackupRow(backup, None, problem.message)
