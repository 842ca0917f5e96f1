"""The state of each of the seven steps, worked out from the project alone: nothing is ever deleted, it turns stale."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from embtrainer_gui.core.records import FileState, PairState, Split
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.lock import is_held
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.translate import mark

FEWEST_TRAINING_PAIRS = 20
RUN_LOCK = "run"  # held by the process that trains, in the run's folder


class Step(StrEnum):
    PAPERS = "papers"
    QUESTIONS = "questions"
    REVIEW = "review"
    TRAIN = "train"
    COMPARE = "compare"
    SEARCH = "search"
    EXPORT = "export"


class StepState(StrEnum):
    READY = "ready"
    BLOCKED = "blocked"
    RUNNING = "running"
    DONE = "done"
    STALE = "stale"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepReport:
    """``reason`` says why a step is blocked, stale or failed."""

    state: StepState
    reason: str = ""


def data_fingerprint(project: Project) -> str:
    """Changes when the passages in use, the accepted pairs, their wording, the split or what was said of doubtful
    passages does: what a run learned from."""
    accepted = project.database.rows(
        "SELECT count(*), coalesce(sum(id), 0), coalesce(max(id), 0) FROM pairs WHERE state = ?", (PairState.ACCEPTED,)
    )[0]
    parts = [project.passages.fingerprint(), *map(str, accepted), str(project.meta.get("split_version", 0))]
    edits = project.database.one("SELECT coalesce(sum(id), 0) FROM decisions WHERE edit IS NOT NULL AND NOT undone")
    answers = project.doubts.fingerprint()
    if edits or answers:
        parts.append(str(edits))
    return "/".join([*parts, answers] if answers else parts)


def steps(project: Project) -> dict[Step, StepReport]:
    passages = project.passages.count_in_use()
    if not passages:
        return _without_passages(project)
    return {
        Step.PAPERS: StepReport(StepState.DONE),
        Step.QUESTIONS: _questions(project),
        Step.REVIEW: _review(project),
        Step.TRAIN: _train(project),
        Step.COMPARE: _compare(project),
        Step.SEARCH: StepReport(StepState.READY),
        Step.EXPORT: StepReport(StepState.READY),
    }


def _without_passages(project: Project) -> dict[Step, StepReport]:
    sources = project.documents.sources()
    blocked = StepReport(StepState.BLOCKED, mark("Import papers first."))
    found = dict.fromkeys(Step, blocked)
    failed = bool(sources) and all(source.state != FileState.DONE for source in sources)
    found[Step.PAPERS] = StepReport(StepState.FAILED, sources[0].reason) if failed else StepReport(StepState.READY)
    return found


def _questions(project: Project) -> StepReport:
    counts = project.pairs.counts()
    if not sum(counts.values()):
        return StepReport(StepState.READY)
    without = mark("There are passages without questions.")
    generated_for = project.meta.get("generated_for")
    if generated_for is None and project.pairs.any_generated():
        return StepReport(StepState.READY, without)  # the first batch was paused
    if generated_for not in (None, project.passages.fingerprint()):
        return StepReport(StepState.STALE, without)
    if project.server_runs.any_failed():
        return StepReport(StepState.READY, mark("Some passages failed; they can be tried again."))
    return StepReport(StepState.DONE)


def _review(project: Project) -> StepReport:
    counts = project.pairs.counts()
    if not sum(counts.values()):
        return StepReport(StepState.BLOCKED, mark("Make or import questions first."))
    return StepReport(StepState.READY if counts["pending"] else StepState.DONE)


def _train(project: Project) -> StepReport:
    runs = project.runs.all()
    if runs and runs[-1].state == "running" and is_held(project.models / runs[-1].name, RUN_LOCK):
        return StepReport(StepState.RUNNING)
    if runs and runs[-1].state in ("running", "stopped"):
        return StepReport(StepState.READY, mark("The last run was interrupted; it can be resumed."))
    if runs and runs[-1].state == "failed":
        return StepReport(StepState.FAILED, str(runs[-1].summary.get("error", "")))
    done = project.runs.latest()
    if done:
        return _trained(project, done)
    if not project.pairs.has_at_least(FEWEST_TRAINING_PAIRS, PairState.ACCEPTED, Split.TRAIN):
        return StepReport(StepState.BLOCKED, mark("Accept at least 20 questions on training papers first."))
    return StepReport(StepState.READY)


def _trained(project: Project, done: Run) -> StepReport:
    if done.fingerprint != data_fingerprint(project):
        changed = mark("Papers, accepted questions, doubtful passages or the split changed since.")
        return StepReport(StepState.STALE, changed)
    if project.test_sets.judged_right_since(done.started_at):
        marked = mark("Test questions were marked or imported since: the model may have learned what they ask.")
        return StepReport(StepState.STALE, marked)
    return StepReport(StepState.DONE)


def _compare(project: Project) -> StepReport:
    latest = project.runs.latest()
    if latest is None:
        return StepReport(StepState.BLOCKED, mark("Train a model first."))
    evaluation = project.runs.latest_evaluation()
    if evaluation is None:
        return StepReport(StepState.READY)
    if evaluation[0] != comparison_fingerprint(project):
        return StepReport(StepState.STALE, mark("The model or the test questions changed since."))
    return StepReport(StepState.DONE)


def comparison_fingerprint(project: Project) -> str:
    """Changes when the newest model, the test questions, the passages or the split do."""
    latest = project.runs.latest()
    return f"{latest.name if latest else '-'}/{data_fingerprint(project)}"
