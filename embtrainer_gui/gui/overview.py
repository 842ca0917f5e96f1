"""The figures of a project that the sidebar and the list of recent projects show."""

from __future__ import annotations

from dataclasses import dataclass

from embtrainer_gui.core.settings import ProjectNote
from embtrainer_gui.core.store import Project, utc_now


@dataclass(frozen=True, slots=True)
class Overview:
    papers: int
    pending: int
    accepted: int
    rejected: int
    runs: int
    best: float | None  # nDCG@10 of the tuned model in the newest comparison
    change: float | None  # of the tuned model against the untrained one

    @property
    def pairs(self) -> int:
        return self.pending + self.accepted + self.rejected


def overview(project: Project) -> Overview:
    """Raises EnvironmentProblem where the project cannot be read any more."""
    pairs = project.pairs.counts()
    evaluation = project.runs.latest_evaluation()
    result = evaluation[1] if evaluation else {}
    return Overview(
        papers=project.documents.count(),
        pending=pairs["pending"],
        accepted=pairs["accepted"],
        rejected=pairs["rejected"],
        runs=len(project.runs.all()),
        best=result.get("models", {}).get("tuned", {}).get("ndcg@10"),
        change=result.get("delta"),
    )


def note_of(project: Project) -> ProjectNote:
    found = overview(project)
    return ProjectNote(papers=found.papers, pairs=found.pairs, best=found.best, at=utc_now())
