"""The newest comparison of a project as the page shows it: the figures of the models and of each question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.store import Project
from embtrainer_gui.core.workflow import comparison_fingerprint

PROJECT_SET = "test"
OWN_SET = "folder/"  # before the name of a set of the user's own, as stages.compare stores it
METRICS = ("ndcg@10", "mrr@10", "recall@1", "recall@5", "recall@10")
MODELS = ("base", "tuned", "bm25", "hybrid")
FEW_QUESTIONS = 50  # below it nothing can be said about a small gain
FEW_PAPERS = 5  # the interval comes from resampling papers
LEAKED = 0.995  # nDCG@10 of an untrained model that has nothing left to learn


@dataclass(frozen=True, slots=True)
class Question:
    """One test question. ``relevant`` and ``top`` hold passage ids, or keys of the comparison's ``texts``."""

    text: str
    scores: dict[str, float]
    relevant: tuple[int, ...]
    top: dict[str, list[int]]
    rank: dict[str, int]

    @property
    def change(self) -> float:
        return self.scores["tuned"] - self.scores["base"]


@dataclass(frozen=True, slots=True)
class Comparison:
    name: str
    result: dict[str, Any]
    questions: list[Question]
    stale: bool

    @property
    def papers(self) -> int:
        return int(self.result.get("papers", 0))

    @property
    def intervals(self) -> dict[str, list[float]]:
        return dict(self.result.get("intervals", {}))

    def text(self, hit: int) -> str | None:
        """The begin of a text of a set from a folder; None for a passage of the project."""
        found: str | None = self.result.get("texts", {}).get(str(hit))
        return found

    def ndcg(self, model: str) -> float:
        return float(self.result["models"][model]["ndcg@10"])

    @property
    def has_rankings(self) -> bool:
        """Whether the hits of each question were kept; the first version did not."""
        return any(question.top for question in self.questions)

    def improved(self) -> list[Question]:
        """Most improved first."""
        return sorted((q for q in self.questions if q.change > 0), key=lambda q: -q.change)

    def worse(self) -> list[Question]:
        """Got worse most first."""
        return sorted((q for q in self.questions if q.change < 0), key=lambda q: q.change)


def read_comparison(project: Project, name: str = PROJECT_SET) -> Comparison | None:
    """The newest comparison on a set, or None."""
    found = project.runs.latest_evaluation(name)
    if found is None:
        return None
    fingerprint, result, figures = found
    papers = {"papers": len({row["document"] for row in figures}), **result}
    questions = [_question(row) for row in figures]
    return Comparison(name, papers, questions, fingerprint != comparison_fingerprint(project))


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        text=row["question"],
        scores=row["ndcg@10"],
        relevant=tuple(row.get("relevant", ())),
        top=row.get("top", {}),
        rank=row.get("rank", {}),
    )
