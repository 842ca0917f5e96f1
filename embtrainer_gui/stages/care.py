"""Backup, restore, archive, move and check of a project: work on its folder, which need not be open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.store import backups, integrity, moving, unarchive
from embtrainer_gui.core.store import restore as restoring
from embtrainer_gui.core.store.archive import write_archive
from embtrainer_gui.core.store.project import DATABASE, require_project
from embtrainer_gui.core.store.risky_place import risk_of
from embtrainer_gui.core.translate import mark

Summary = dict[str, Any]
DAILY = timedelta(hours=20)


def backup(ctx: Reporter, folder: Path, options: Summary) -> Summary:
    """``{"backup": its file name, "bytes"}``."""
    require_project(folder)
    ctx.status(mark("Copying and checking the database..."))
    made = backups.make_backup(folder, "asked", ctx)
    return {"backup": made.path.name, "bytes": made.size}


def restore(ctx: Reporter, folder: Path, options: Summary) -> Summary:
    """``options["backup"]``: name or number, "" the newest whole one; gives ``{"restored", "before"}``, two names;
    ``before`` is "" where no database stood there."""
    folder = Path(options.get("folder") or folder)
    if options.get("backup"):
        chosen = restoring.find_backup(folder, str(options["backup"]))
    else:
        ctx.status(mark("Looking for the newest backup that is whole..."))
        chosen = backups.newest_whole(folder) or restoring.find_backup(folder)
    before = restoring.restore(folder, chosen, ctx)
    return {"restored": chosen.path.name, "before": before.path.name if before else ""}


def archive(ctx: Reporter, folder: Path, options: Summary) -> Summary:
    """``options["out"]``: the file to write; gives ``{"path", "files", "bytes", "left_out"}``."""
    require_project(folder)
    out = Path(str(options["out"]))
    made = write_archive(folder, out, ctx)
    for name in made.left_out:
        ctx.warn(mark("{name} is left out: not every system can take its name.").format(name=name))
    return {"path": str(out), "files": made.files, "bytes": made.size, "left_out": list(made.left_out)}


def take_in(ctx: Reporter, folder: Path, options: Summary) -> Summary:
    """``options["file"]`` into the new folder ``options["folder"]``; gives ``{"path", "files"}``."""
    out = Path(options.get("folder") or folder)
    files = unarchive.unarchive(Path(str(options["file"])), out, ctx)
    return {"path": str(out), "files": files}


def move(ctx: Reporter, folder: Path, options: Summary) -> Summary:
    """``options["folder"]`` to ``options["target"]``; gives ``{"path"}``."""
    folder, target = Path(str(options["folder"])), Path(str(options["target"]))
    require_project(folder)
    moving.move_project(folder, target, ctx)
    return {"path": str(target)}


def check(ctx: Reporter, folder: Path, options: Summary) -> Summary:
    """``{"damaged": findings, "backup": the newest whole one or ""}``; a whole project gets its backup of the day."""
    require_project(folder)
    ctx.status(mark("Checking every row..."))
    risk = risk_of(folder)
    if risk:
        ctx.warn(risk)
    findings = integrity.examine(folder / DATABASE)
    good = backups.newest_whole(folder) if findings else None
    if not findings and options.get("daily"):
        _back_up_daily(folder)
    return {"damaged": [asdict(finding) for finding in findings], "backup": good.path.name if good else ""}


def _back_up_daily(folder: Path) -> None:
    newest = next((each for each in backups.all_backups(folder) if each.number), None)
    if newest is None or not timedelta(0) <= backups.now_utc() - newest.at < DAILY:
        for _ in backups.steps_before(folder, "daily"):
            pass
        backups.rotate(folder)


STAGES: dict[str, Callable[[Reporter, Path, Summary], Summary]] = {
    "backup": backup,
    "restore": restore,
    "archive": archive,
    "unarchive": take_in,
    "move": move,
    "check-project": check,
}
