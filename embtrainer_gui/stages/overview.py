"""Status of a project, as ``status --json`` prints it."""

from __future__ import annotations

from typing import Any

from embtrainer_gui.core.store import Project
from embtrainer_gui.core.workflow import steps
from embtrainer_gui.stages.split import split_counts


def run(project: Project) -> dict[str, Any]:
    """Counts, the split, the runs and the state of each step."""
    return {
        "project": project.folder.resolve().name,
        "documents": project.documents.count(),
        "passages": project.passages.count_in_use(),
        "pairs": project.pairs.counts(),
        "split": split_counts(project),
        "runs": [{"run": run.name, "state": run.state, **run.summary} for run in project.runs.all()],
        "steps": {step.value: report.state.value for step, report in steps(project).items()},
    }
