"""Put a backup in the place of a project's database. The present state becomes a backup first: nothing is lost."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import apsw

from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.files import sync_folder, write_problem
from embtrainer_gui.core.found_file import BY_PASSAGE_ID
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.core.store.backups import (
    FOLDER,
    Backup,
    all_backups,
    copy_database,
    make_backup,
    removed_at_end,
)
from embtrainer_gui.core.store.database import open_immutable, plain_errors, refuse_foreign
from embtrainer_gui.core.store.integrity import examine
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.translate import mark

_COUNTS = {
    "papers": "SELECT count(*) FROM documents",
    "passages": "SELECT count(*) FROM passages",
    "pending": "SELECT count(*) FROM pairs WHERE state = 'pending'",
    "accepted": "SELECT count(*) FROM pairs WHERE state = 'accepted'",
    "rejected": "SELECT count(*) FROM pairs WHERE state = 'rejected'",
    "decisions": "SELECT count(*) FROM decisions",
    "runs": "SELECT count(*) FROM runs",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds; ``last_decision`` is ISO-8601 UTC, "" where there is none."""

    papers: int
    passages: int
    pending: int
    accepted: int
    rejected: int
    decisions: int
    runs: int
    last_decision: str


def contents(path: Path) -> Contents:
    """Of the backup ``path``, which may be of an older version; it is not changed.

    Raises:
        UserError: it is no database of ours, or a newer one's.
        EnvironmentProblem: it is damaged.
    """
    with plain_errors(path):
        refuse_foreign(path)
        connection = open_immutable(path)
        try:
            connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
            counts = {name: int(next(iter(connection.execute(sql)))[0]) for name, sql in _COUNTS.items()}
            last = next(iter(connection.execute("SELECT at FROM decisions ORDER BY id DESC LIMIT 1")), ("",))[0]
        finally:
            connection.close()
    return Contents(**counts, last_decision=str(last))


def find_backup(folder: Path, name: str = "") -> Backup:
    """The backup of that file name or number, the newest one without a name.

    Raises:
        UserError: there is none.
    """
    found = [backup for backup in all_backups(folder) if backup.reason != "damaged" or name]
    for backup in found:
        if not name or name in (backup.path.name, str(backup.number)):
            return backup
    raise UserError(
        mark("There is no backup {name} of the project {path}.") if name else mark("The project {path} has no backup."),
        mark("See what there is: embtrainer restore {path}"),
        name=name,
        path=folder,
    )


def restore(folder: Path, backup: Backup, reporter: Reporter | None = None) -> Backup | None:
    """Make ``backup`` the project's database; gives the backup of the state that was there before, if one was.

    Nobody else may have the project open. A kill at any moment leaves the old state or the new one.

    Raises:
        UserError: the backup is damaged or of a newer version.
        EnvironmentProblem: the project is in use, or the disk is full or not writable; the old state stands.
    """
    reporter = reporter or Silent()
    reporter.status(mark("Looking through the backup..."))
    _refuse_damaged(backup)
    database = folder / "project.db"
    draft = folder / ".project.db.restored"
    with FolderLock(folder, "project"):
        reporter.status(mark("Keeping the present state as a backup..."))
        before = _keep_present(folder, reporter) if database.exists() else None
        reporter.status(mark("Putting the backup in its place..."))
        try:
            with removed_at_end(draft):
                copy_database(backup.path, draft, reporter)
                _close_log(database, damaged=before is not None and before.reason == "damaged")
                for name in BY_PASSAGE_ID:
                    (folder / "index" / name).unlink(missing_ok=True)
                os.replace(draft, database)
                sync_folder(folder)
        except OSError as problem:
            raise write_problem(database, problem) from problem
    return before


def _refuse_damaged(backup: Backup) -> None:
    with plain_errors(backup.path):
        refuse_foreign(backup.path)
    found = examine(backup.path)
    if found:
        raise UserError(
            mark("The backup {name} is damaged itself: {what}."),
            mark("Choose an older one; nothing was changed."),
            name=backup.path.name,
            what=found[0].name,
        )


def _keep_present(folder: Path, reporter: Reporter) -> Backup:
    """A backup of what stands there; of a file that cannot be read any more the file itself, with its log."""
    try:
        return make_backup(folder, "restore", reporter, thorough=False)
    except EnvironmentProblem:
        if not _is_broken(folder / "project.db"):
            raise
    place, number = folder / FOLDER, max((each.number for each in all_backups(folder)), default=0) + 1
    at = datetime.now(UTC)
    target = place / f"{number:06}_{at:%Y%m%dT%H%M%SZ}_damaged.db"
    try:
        place.mkdir(exist_ok=True)
        for end in ("-wal", ""):
            source = folder / f"project.db{end}"
            if source.is_file():
                shutil.copyfile(source, target.with_name(target.name + end))
        sync_folder(place)
    except OSError as problem:
        raise write_problem(target, problem) from problem
    return Backup(target, number, at, "damaged", target.stat().st_size)


def _is_broken(database: Path) -> bool:
    """Whether its structure is damaged, so that SQLite itself cannot copy it (a full disk is no such reason)."""
    return any(not finding.table for finding in examine(database))


def _close_log(database: Path, *, damaged: bool) -> None:
    """Empty the write-ahead log and remove it: it must never meet the other file. Refused while others have it open.

    The log of a damaged file was kept with it; that of a file that is gone is set aside.
    """
    if not database.exists():
        wal = database.with_name(database.name + "-wal")
        if wal.exists():
            (database.parent / FOLDER).mkdir(exist_ok=True)
            os.replace(wal, database.parent / FOLDER / wal.name)
        return
    try:
        with plain_errors(database):
            connection = apsw.Connection(str(database))
            try:
                connection.set_busy_timeout(1000)
                connection.pragma("journal_mode", "delete")
            finally:
                connection.close()
    except AppError:
        if not damaged:
            raise
        for end in ("-wal", "-shm"):
            database.with_name(database.name + end).unlink(missing_ok=True)
