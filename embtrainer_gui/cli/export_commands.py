"""``export`` and ``import-run``: what leaves a project, and what comes back."""

from __future__ import annotations

from typing import Any

from embtrainer_gui.cli.job_commands import refuse_train_flags, say_general
from embtrainer_gui.cli.session import Session, config_from
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store import Project, open_project
from embtrainer_gui.core.translate import mark


def export(session: Session) -> int:
    kind = session.options.kind
    if kind != "bundle":
        refuse_train_flags(session.options, mark("--{flag} is a setting of the run that --as bundle packs."))
    if kind != "hub" and session.options.public:
        raise UserError(mark("--public belongs to --as hub."), mark("Leave it out."))
    with open_project(session.options.project) as project:
        summary = {"bundle": _bundle, "hub": _hub}.get(kind, _files)(session, project)
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


def _bundle(session: Session, project: Project) -> dict[str, Any]:
    from embtrainer_gui.stages import bundle

    out = session.options.out
    items = bundle.run(session.context(project), config_from(TrainConfig, session.options), out)
    return {"as": "bundle", "path": str(out), "items": items}


def _hub(session: Session, project: Project) -> dict[str, Any]:
    from embtrainer_gui.stages import push_model

    options = session.options
    return push_model.run(session.context(project), options.out.as_posix(), public=options.public)
