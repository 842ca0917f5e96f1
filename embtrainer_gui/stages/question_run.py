"""What a run of a generator comes to, whichever generator it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.question_passages import makes_questions
from embtrainer_gui.core.records import Passage
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.translate import mark

MARKED = mark("formula or table: no questions are made of it")


@dataclass(slots=True)
class QuestionRun:
    """``made`` counts questions by kind, ``failures`` passages by reason, ``left_out`` single questions by reason.
    ``problem`` is why the judge gave up."""

    made: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    judged: int = 0
    problem: AppError | None = None


def run_id() -> str:
    """UTC time stamp of a process start, as the interchange format has it."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def pass_over_marked(project: Project, generator: str, passages: Iterable[Passage]) -> None:
    """Passages that are marked as formulas or tables count as done, with no question."""
    if found := [passage.id for passage in passages if not makes_questions(passage)]:
        project.server_runs.pass_over(generator, found, MARKED, utc_now())
