"""``pairs``: list, accept, import, export."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from embtrainer_gui.cli.import_questions import import_questions
from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.beir_in import whole_set
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import open_project
from embtrainer_gui.core.translate import mark

ENDINGS = {".csv": "csv", ".json": "json", ".parquet": "parquet"}


def pairs(session: Session) -> int:
    actions = {"list": _list, "accept": _accept, "import": _import, "export": _export}
    return actions[session.options.action](session)


def _list(session: Session) -> int:
    from embtrainer_gui.stages import pair_files

    with open_project(session.options.project) as project:
        rows = pair_files.list_pairs(project, _states(session, default="all"))
        counts = project.pairs.counts()
    if session.options.checks == "clean":
        rows = [row for row in rows if not row["reasons"]]
    for row in rows:
        reasons = f"  [{', '.join(row['reasons'])}]" if row["reasons"] else ""
        session.output.say(f"{row['state']:<9} {row['question']}{reasons}\n          -> {row['answer']}")
    session.output.result({"pairs": rows, "counts": counts})
    return 0


def _accept(session: Session) -> int:
    from embtrainer_gui.stages import pair_files

    with open_project(session.options.project, write=True) as project:
        clean = session.options.checks == "clean"
        summary = pair_files.accept(session.context(project), clean_only=clean)
    session.output.say(mark("{accepted} accepted, {left} left as they are").format(**summary))
    session.output.result(summary)
    return 0


def _import(session: Session) -> int:
    return import_questions(session, whole_set(_file(session)))


def _export(session: Session) -> int:
    from embtrainer_gui.stages import pair_files

    path = _file(session)
    format_ = session.options.format or ENDINGS.get(path.suffix.lower(), "jsonl")
    with open_project(session.options.project) as project:
        count = pair_files.export_pairs(project, path, format_, _states(session, default="accepted"))
    session.output.say(mark("{items} written to {path}").format(items=count, path=path))
    session.output.result({"as": format_, "path": str(path), "items": count})
    return 0


def _states(session: Session, default: str) -> Collection[PairState]:
    name = session.options.state or default
    return set(PairState) if name == "all" else {PairState(name)}


def _file(session: Session) -> Path:
    path: Path | None = session.options.file
    if path is None:
        raise UserError(
            mark("'pairs {action}' needs a file."),
            mark("embtrainer pairs PROJECT {action} FILE"),
            action=session.options.action,
        )
    return path
