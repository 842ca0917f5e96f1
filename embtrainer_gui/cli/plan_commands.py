"""``train --check``: what a run would do, without doing it."""

from __future__ import annotations

from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.store import Project


def check(session: Session, project: Project, config: TrainConfig) -> int:
    from embtrainer_gui.stages import preflight

    summary = preflight.run(session.context(project), config)
    session.output.result(summary)
    return 0
