"""``backup``, ``restore``, ``archive``, ``unarchive`` and ``check``: the care of a project as a whole."""

from __future__ import annotations

from typing import Any

from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.errors import AppError, EnvironmentProblem
from embtrainer_gui.core.store import backups
from embtrainer_gui.core.store.archive import ENDING
from embtrainer_gui.core.store.project import DATABASE, require_project
from embtrainer_gui.core.store.restore import contents
from embtrainer_gui.core.translate import mark


def care(session: Session) -> int:
    commands = {
        "backup": _backup,
        "restore": _restore,
        "archive": _archive,
        "unarchive": _unarchive,
        "check": _check,
    }
    return commands[session.options.command](session)


def _backup(session: Session) -> int:
    from embtrainer_gui.stages import care as stage

    summary = stage.backup(session.job_context(), session.options.project, {})
    session.output.say(mark("The backup {backup} is in the folder backups of the project.").format(**summary))
    session.output.result(summary)
    return 0


def _restore(session: Session) -> int:
    from embtrainer_gui.stages import care as stage

    options = session.options
    if options.backup is None:
        return _list(session)
    name = "" if options.backup == "newest" else options.backup
    summary = stage.restore(session.job_context(), options.project, {"backup": name})
    text = mark("{restored} is in place.")
    if summary["before"]:
        text = mark("{restored} is in place. What was there before is the backup {before}: restore that to go back.")
    session.output.say(text.format(**summary))
    session.output.result(summary)
    return 0


def _list(session: Session) -> int:
    """What there is to put back, and what stands in the project now."""
    folder = session.options.project
    rows = [_row(backup) for backup in backups.all_backups(folder)]
    say = session.output.say
    for row in rows:
        say(f"{row['backup']}  {row['at']}  {_REASONS[row['reason']]}  {row['bytes'] / 1e6:,.1f} MB")
        say(f"    {_holds(row['holds'])}" if row["holds"] else f"    {row['fault']}")
    if rows:
        say(mark("Put one back with: embtrainer restore {path} NAME (or: newest)").format(path=folder))
    else:
        require_project(folder)
        say(mark("There is no backup yet: embtrainer backup {path}").format(path=folder))
    session.output.result({"backups": rows})
    return 0


def _row(backup: backups.Backup) -> dict[str, Any]:
    row: dict[str, Any] = {
        "backup": backup.path.name,
        "at": f"{backup.at:%Y-%m-%d %H:%M} UTC",
        "reason": backup.reason,
        "bytes": backup.size,
        "holds": None,
        "fault": "",
    }
    try:
        found = contents(backup.path)
    except AppError as problem:
        return {**row, "fault": problem.message}
    return {**row, "holds": {name: getattr(found, name) for name in found.__slots__}}


def _holds(found: dict[str, Any]) -> str:
    text = mark(
        "{papers} papers, {passages} passages, questions: {accepted} accepted, {rejected} rejected, {pending} pending;"
        " {decisions} decisions, {runs} runs"
    )
    return text.format(**found)


_REASONS = {
    "asked": mark("you asked for it"),
    "daily": mark("once a day"),
    "bulk": mark("before many decisions at once"),
    "reread": mark("before papers were read again"),
    "restore": mark("before a backup was put back"),
    "upgrade": mark("before the project was brought to a newer version"),
    "damaged": mark("damaged, set aside"),
}


def _archive(session: Session) -> int:
    from embtrainer_gui.stages import care as stage

    folder = session.options.project.resolve()
    out = session.options.file or folder.with_name(folder.name + ENDING)
    summary = stage.archive(session.job_context(), folder, {"out": out})
    session.output.say(mark("{files} files packed into {path}").format(**summary))
    session.output.result(summary)
    return 0


def _unarchive(session: Session) -> int:
    from embtrainer_gui.stages import care as stage

    options = session.options
    summary = stage.take_in(session.job_context(), options.project, {"file": options.file})
    session.output.say(mark("The project is in {path} ({files} files).").format(**summary))
    session.output.result(summary)
    return 0


def _check(session: Session) -> int:
    from embtrainer_gui.stages import care as stage

    folder = session.options.project
    summary = stage.check(session.job_context(), folder, {})
    if not summary["damaged"]:
        session.output.say(mark("Every row of {path} is as it was written.").format(path=folder / DATABASE))
        session.output.result(summary)
        return 0
    raise damage(folder, summary)


def damage(folder: Any, summary: dict[str, Any]) -> EnvironmentProblem:
    """What ``check`` found, by name, and the way back."""
    names = [finding["name"] for finding in summary["damaged"]]
    cure = mark("The newest backup that is whole: embtrainer restore {path} {backup}")
    none = mark("No whole backup is there; put back a copy of your own.")
    return EnvironmentProblem(
        mark("The project {path} is damaged: {what}."),
        cure if summary["backup"] else none,
        path=folder,
        what="; ".join(names[:3]) + ("; ..." if len(names) > 3 else ""),
        backup=summary["backup"],
    )
