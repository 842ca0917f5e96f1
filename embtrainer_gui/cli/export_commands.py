"""``export`` and ``import-run``: what leaves a project, and what comes back."""

from __future__ import annotations

from typing import Any

from embtrainer_gui.cli.consent import ensure_consent
from embtrainer_gui.cli.job_commands import refuse_train_flags, say_general
from embtrainer_gui.cli.session import Session, config_from
from embtrainer_gui.core import keys
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.server_address import host_of, is_this_machine
from embtrainer_gui.core.store import Project, open_project
from embtrainer_gui.core.translate import mark


def export(session: Session) -> int:
    kind = session.options.kind
    if kind != "bundle":
        refuse_train_flags(session.options, mark("--{flag} is a setting of the run that --as bundle packs."))
    if kind != "hub" and session.options.public:
        raise UserError(mark("--public belongs to --as hub."), mark("Leave it out."))
    if kind != "faiss" and session.options.index:
        raise UserError(mark("--index belongs to --as faiss."), mark("Leave it out."))
    if kind != "qdrant" and isinstance(session.options.out, str):
        raise UserError(
            mark("{address} is an address, and only --as qdrant writes to one."),
            mark("Name a file or folder."),
            address=session.options.out,
        )
    with open_project(session.options.project) as project:
        summary = {"bundle": _bundle, "hub": _hub, "faiss": _faiss, "qdrant": _qdrant}.get(kind, _files)(
            session, project
        )
    session.output.say(mark("{items} written to {path}").format(**summary))
    if "int8" in summary:
        session.output.say(summary["int8"])
    session.output.result(summary)
    return 0


def import_run(session: Session) -> int:
    from embtrainer_gui.stages import import_run as stage

    with open_project(session.options.project, write=True) as project:
        summary = stage.run(session.context(project), session.options.folder)
    session.output.say(mark("{run}: {steps} steps, {pairs} pairs, trained on {device}").format(**summary))
    say_general(session, summary)
    session.output.result(summary)
    return 0


def _files(session: Session, project: Project) -> dict[str, Any]:
    from embtrainer_gui.stages import export_project

    return export_project.run(session.context(project), session.options.kind, session.options.out)


def _faiss(session: Session, project: Project) -> dict[str, Any]:
    from embtrainer_gui.stages import export_index

    return export_index.export_faiss(session.context(project), session.options.out, session.options.index or "flat")


def _qdrant(session: Session, project: Project) -> dict[str, Any]:
    from embtrainer_gui.stages import export_index

    target = str(session.options.out)
    key = ""
    if "://" in target:
        key = keys.key_for(target)
        if not is_this_machine(target):
            what = mark("The text of the passages")
            ensure_consent(session.output, project, host_of(target), what, yes=session.options.yes)
    return export_index.export_qdrant(session.context(project), target, key)


def _bundle(session: Session, project: Project) -> dict[str, Any]:
    from embtrainer_gui.stages import bundle

    out = session.options.out
    items = bundle.run(session.context(project), config_from(TrainConfig, session.options), out)
    return {"as": "bundle", "path": str(out), "items": items}


def _hub(session: Session, project: Project) -> dict[str, Any]:
    from embtrainer_gui.stages import push_model

    options = session.options
    return push_model.run(session.context(project), options.out.as_posix(), public=options.public)
