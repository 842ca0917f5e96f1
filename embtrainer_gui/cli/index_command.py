"""``index``: what makes searches of a large library quick."""

from __future__ import annotations

from embtrainer_gui.cli.cluster import context_on
from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.store import open_project
from embtrainer_gui.core.translate import mark


def index(session: Session) -> int:
    from embtrainer_gui.stages import build_index

    with open_project(session.options.project, write=True) as project, context_on(session, project) as ctx:
        summary = build_index.run(ctx)
    say = session.output.say
    say(mark("{passages} passages, {encoded} of them encoded now").format(**summary))
    for model, made in summary["indexes"].items():
        how = mark("every vector is scanned") if made["how"] == "exact" else mark("searched by codes")
        if made["recall"] is not None:
            how += mark("; finds {recall:.1%} of the ten nearest").format(recall=made["recall"])
        say(f"  {model:<8} {how}")
    session.output.result(summary)
    return 0
