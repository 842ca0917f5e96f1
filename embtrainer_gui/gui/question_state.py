"""What a project has of questions, and what is left to make: read once, told in sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.records import QuestionKind, Reason
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.pair_figures import PairFigures
from embtrainer_gui.gui.failed_passages import by_reason, failed_passages
from embtrainer_gui.gui.format import count


@dataclass(frozen=True, slots=True)
class QuestionState:
    """``left`` passages were not asked about by this source; pairs are those of all sources."""

    passages: int = 0
    left: int = 0
    failures: dict[str, int] = field(default_factory=dict)  # passages by reason
    unchecked: int = 0
    flagged: int = 0
    groups: int = 0  # of similar questions
    similar: int = 0  # pairs in one
    kinds: dict[QuestionKind, int] = field(default_factory=dict)
    reasons: dict[Reason, int] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        return sum(self.failures.values())

    @property
    def pairs(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Todo:
    """What the button would do; ``is_possible`` where there is something and nothing is missing."""

    text: str
    action: str
    is_possible: bool


def read_state(project: Project, generator: str) -> QuestionState:
    figures = PairFigures(project.database)
    groups, similar = figures.similar()
    return QuestionState(
        passages=project.passages.count_for_questions(generator),
        left=project.passages.count_without_questions(generator),
        failures=by_reason(failed_passages(project, generator)),
        unchecked=project.pairs.unchecked(),
        flagged=figures.flagged(),
        groups=groups,
        similar=similar,
        kinds=figures.by_kind(),
        reasons=figures.by_reason(),
    )


def todo_of(state: QuestionState, fault: str, most: int) -> Todo:
    """``fault``: what is missing before anything can be made; ``most`` questions of a passage."""
    make, resume = _tr("Make questions"), _tr("Resume")
    passages = count(state.passages)
    if fault:
        return Todo(fault, make, is_possible=False)
    if state.left == state.passages:
        text = _tr("{count} passages, at most {most} questions of each.").format(count=passages, most=most)
        return Todo(text, make, is_possible=bool(state.passages))
    if state.left:
        text = _tr("{done} of {count} passages are done; everything made so far is kept.")
        return Todo(text.format(done=count(state.passages - state.left), count=passages), resume, is_possible=True)
    if state.unchecked:
        return Todo(_tr("All passages are done; not all questions are checked."), resume, is_possible=True)
    if state.failed:
        text = _tr("All {count} passages were asked; {failed} of them failed.")
        return Todo(text.format(count=passages, failed=count(state.failed)), make, is_possible=False)
    text = _tr("All {count} passages are done. New papers bring new passages.")
    return Todo(text.format(count=passages), make, is_possible=False)


def outcome_words(state: QuestionState) -> str:
    """How many questions there are: flagged, not checked yet, and passages that failed."""
    text = _tr("{total} questions, {flagged} of them flagged")
    if state.unchecked:
        text = _tr("{total} questions, {unchecked} of them not checked yet")
    if state.failed:
        text += _tr("; {failed} passages failed")
    return text.format(
        total=count(state.pairs),
        flagged=count(state.flagged),
        unchecked=count(state.unchecked),
        failed=count(state.failed),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("QuestionState", text)
