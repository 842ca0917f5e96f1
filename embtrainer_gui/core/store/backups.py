"""Copies of a project's database in its folder ``backups``, made by SQLite's backup call before risky work.

Their names carry a number that only grows, so that their order survives a clock that jumps. Papers and models are
not copied: a restore leaves those files as they are, and nothing deletes a paper.
"""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

import apsw

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.files import sync_folder, write_problem
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.core.store.database import open_immutable, plain_errors
from embtrainer_gui.core.store.integrity import is_whole
from embtrainer_gui.core.store.own_log import is_logged, unplayed
from embtrainer_gui.core.translate import mark

Reason = Literal["asked", "daily", "bulk", "reread", "restore", "upgrade", "damaged"]
"""What a backup was made before; ``asked`` by the user. ``damaged`` is the file that a restore took away."""

FOLDER = "backups"
PAGES_AT_ONCE = 2000
NEWEST_KEPT, DAYS_KEPT, WEEKS_KEPT, MONTHS_KEPT = 5, 7, 4, 12
ALWAYS_KEPT = 2  # however large they are
LARGEST_SHARE = 20  # of the newest one: what all backups together may take
LEAST_ROOM = 2**30
FRESH = timedelta(minutes=10)
"""Work that can be taken back anyway makes no new backup while the newest is younger than this."""

DRAFT_SECONDS = 24 * 3600.0
_NAME = re.compile(r"(\d{6})_(\d{8}T\d{6}Z)_([a-z]+)\.db")
_TIME = "%Y%m%dT%H%M%SZ"
_BEFORE = re.compile(r"project\.db\.before-(\d+)")

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Backup:
    """``number`` gives the order in which they were made; 0 for the copy that an upgrade of the schema kept."""

    path: Path
    number: int
    at: datetime  # UTC
    reason: Reason
    size: int  # bytes


def now_utc() -> datetime:
    return datetime.now(UTC)


def all_backups(folder: Path) -> list[Backup]:
    """Of the project in ``folder``, the newest first; files of other names are none of ours."""
    found = [backup for path in _files(folder / FOLDER) if (backup := _parsed(path))]
    upgrades = [_upgrade(path) for path in _files(folder) if _BEFORE.fullmatch(path.name)]
    found.sort(key=lambda backup: -backup.number)
    return found + sorted(upgrades, key=lambda backup: backup.at, reverse=True)


def make_backup(
    folder: Path, reason: Reason, reporter: Reporter | None = None, *, thorough: bool = True, clock: Clock = now_utc
) -> Backup:
    """Copy the database as it is committed now; gives the newest backup where nothing has changed since that.

    Args:
        thorough: examine every row of the copy (5 s a gigabyte) and, if it is whole, let older ones go by the rules.
            Else only its structure is looked at and none is let go.

    Raises:
        EnvironmentProblem: the disk is full or not writable, or the database is damaged; no part of a copy is left.
        Cancelled: the reporter said so.
    """
    reporter = reporter or Silent()
    for done, total in backup_steps(folder, reason, thorough=thorough, clock=clock):
        reporter.progress(done, total)
        reporter.raise_if_cancelled()
    return next(backup for backup in all_backups(folder) if backup.number)


def backup_steps(
    folder: Path, reason: Reason, *, thorough: bool = False, clock: Clock = now_utc
) -> Iterator[tuple[int, int]]:
    """As ``make_backup``, some megabytes a step, for a caller that has other things to do between them.

    Yields ``(pages copied, pages)``. One that is dropped half way leaves no part of a copy.
    """
    place, source = folder / FOLDER, folder / "project.db"
    older = [backup for backup in all_backups(folder) if backup.number]
    number = older[0].number + 1 if older else 1
    target = place / f"{number:06}_{clock().strftime(_TIME)}_{reason}.db"
    draft = place / f".{target.name}.part"
    try:
        place.mkdir(exist_ok=True)
        with removed_at_end(draft):
            yield from copy_steps(source, draft)
            if older and filecmp.cmp(draft, older[0].path, shallow=False):
                return
            whole = thorough and is_whole(draft)
            os.replace(draft, target)
            sync_folder(place)
    except OSError as problem:
        raise write_problem(target, problem) from problem
    if whole:
        rotate(folder, clock)


def steps_before(folder: Path, reason: Reason, clock: Clock = now_utc) -> Iterator[tuple[int, int]]:
    """``backup_steps`` before work that can be taken back: none where there is a fresh one, and where there is no room
    for a copy the work goes on without it."""
    newest = next((backup for backup in all_backups(folder) if backup.number), None)
    if newest is None or not timedelta(0) <= clock() - newest.at < FRESH:
        with suppress(EnvironmentProblem):
            yield from backup_steps(folder, reason, clock=clock)


def copy_database(source: Path, target: Path, reporter: Reporter | None = None) -> None:
    """As ``copy_steps``, whole. Raises Cancelled besides, where the reporter says so."""
    reporter = reporter or Silent()
    for done, total in copy_steps(source, target):
        reporter.progress(done, total)
        reporter.raise_if_cancelled()


def copy_steps(source: Path, target: Path) -> Iterator[tuple[int, int]]:
    """Copy what is committed in ``source``, also while others write, by SQLite's backup call.

    Raises:
        EnvironmentProblem: the disk is full or not writable, or ``source`` is damaged in its structure.
    """
    with plain_errors(target):
        reading = _reader(source)
        writing = apsw.Connection(str(target))
        try:
            with writing.backup("main", reading, "main") as backup:
                while not backup.done:
                    backup.step(PAGES_AT_ONCE)
                    yield backup.page_count - backup.remaining, backup.page_count
            writing.pragma("journal_mode", "delete")  # the copy is one file, without a log
            fault = next(iter(writing.execute("PRAGMA quick_check(1)")))[0]
        finally:
            writing.close()
            reading.close()
    if fault != "ok":
        raise EnvironmentProblem(
            mark("The project file {path} is damaged ({detail})."),
            mark("Put a backup of it back: embtrainer restore {folder}"),
            path=source,
            folder=source.parent,
            detail=fault,
        )


def _reader(source: Path) -> apsw.Connection:
    """A connection that sees ``source`` as it is now, whoever writes. Where the folder may only be read, and so no
    index of a log can be made, the file is taken as it is, unless a log belongs to it.

    Raises:
        UserError: the log beside it is of another database.
    """
    connection = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        with unplayed(connection, source, lambda: open_immutable(source)):
            connection.execute("BEGIN")
        connection.pragma("user_version")
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        connection.close()
        if is_logged(source):
            raise
        connection = open_immutable(source)
    return connection


def newest_whole(folder: Path) -> Backup | None:
    """The newest backup without any damage; reads them one after the other until it finds one."""
    return next(
        (backup for backup in all_backups(folder) if backup.reason != "damaged" and is_whole(backup.path)), None
    )


def rotate(folder: Path, clock: Clock = now_utc) -> list[Path]:
    """Let older backups go by ``kept``; gives those that went. Copies of upgrades always stay."""
    ours = [backup for backup in all_backups(folder) if backup.number]
    keep = {backup.path for backup in kept(ours, clock())}
    gone = [backup.path for backup in ours if backup.path not in keep]
    for path in gone:
        with suppress(OSError):
            path.unlink()
    _sweep(folder / FOLDER, clock())
    return gone


def kept(backups: Sequence[Backup], now: datetime) -> list[Backup]:
    """Those of ``backups`` (the newest first) that stay: the newest 5; of older ones the newest of each of the last
    7 days, 4 weeks and 12 months; all that a clock in the future has stamped; as far as together they take no more
    than 20 times the newest one (or 1 GB). What a restore set aside as damaged stays like any other."""
    chosen = list(backups[:NEWEST_KEPT])
    taken: set[tuple[str, str]] = set()
    for backup in backups:
        spans = _spans(backup.at, now)
        if backup.at > now or any(span not in taken for span in spans):
            chosen += [] if backup in chosen else [backup]
        taken.update(spans)
    room = max(LEAST_ROOM, LARGEST_SHARE * backups[0].size) if backups else 0
    found: list[Backup] = []
    total = 0
    for backup in sorted(chosen, key=lambda each: -each.number):
        total += backup.size
        if total <= room or len(found) < ALWAYS_KEPT:
            found.append(backup)
    return found


def _spans(at: datetime, now: datetime) -> list[tuple[str, str]]:
    """The day, week and month that ``at`` is the newest of, as far back as those are kept."""
    age = now - at
    limits = (
        ("day", "%Y-%m-%d", timedelta(days=DAYS_KEPT)),
        ("week", "%G-%V", timedelta(weeks=WEEKS_KEPT)),
        ("month", "%Y-%m", timedelta(days=31 * MONTHS_KEPT)),
    )
    return [(name, at.strftime(format_)) for name, format_, limit in limits if age <= limit]


@contextmanager
def removed_at_end(draft: Path) -> Iterator[None]:
    """``draft``, and what SQLite may leave beside it, neither comes from an earlier try nor outlives the block."""
    _remove(draft)
    try:
        yield
    finally:
        _remove(draft)


def _remove(draft: Path) -> None:
    for path in (draft, *(draft.with_name(draft.name + end) for end in ("-wal", "-shm", "-journal"))):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _sweep(place: Path, now: datetime) -> None:
    """Remove what a killed backup left; a young draft may be another process's work."""
    for draft in place.glob(".*.part*"):
        with suppress(OSError):
            if now.timestamp() - draft.stat().st_mtime > DRAFT_SECONDS:
                draft.unlink()


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    except OSError:
        return []


def _parsed(path: Path) -> Backup | None:
    match = _NAME.fullmatch(path.name)
    if not match or match[3] not in get_args(Reason):
        return None
    try:
        at = datetime.strptime(match[2], _TIME).replace(tzinfo=UTC)
        return Backup(path, int(match[1]), at, _reason(match[3]), path.stat().st_size)
    except (ValueError, OSError):
        return None


def _reason(text: str) -> Reason:
    return next(reason for reason in get_args(Reason) if reason == text)


def _upgrade(path: Path) -> Backup:
    facts = path.stat()
    return Backup(path, 0, datetime.fromtimestamp(facts.st_mtime, UTC), "upgrade", facts.st_size)
