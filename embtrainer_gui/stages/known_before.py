"""Whether a compared model learned what a labelled test set keeps out of training only since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from embtrainer_gui.core.compared_models import TUNED, dense_part, run_of
from embtrainer_gui.core.held_back import held_back
from embtrainer_gui.core.lineage import run_named
from embtrainer_gui.core.records import PairState, QAPair, Split
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library


def tell_what_was_known(ctx: Context, library: Library, models: Iterable[str], name: str) -> None:
    """Warn of each run of ``models`` that began before judgements of the set ``name`` held back what it learned."""
    project = ctx.project
    runs = project.runs.all()
    newest = project.test_sets.newest_right(name)
    for run in _compared(project, models, runs):
        began = _first(run, runs).started_at
        count = _known(project, library, name, began) if began < newest else 0
        if count:
            text = mark(
                "{run} learned from accepted questions that this test set keeps out by now ({count} of them), so that"
                " its scores here say little. Train again, then compare."
            )
            ctx.warn(text.format(run=run.called, count=count))


def _compared(project: Project, models: Iterable[str], runs: Sequence[Run]) -> list[Run]:
    found: dict[int, Run] = {}
    for model in models:
        run = project.runs.latest() if dense_part(model) == TUNED else run_named(run_of(model), runs)
        if run is not None:
            found[run.id] = run
    return list(found.values())


def _first(run: Run, runs: Sequence[Run]) -> Run:
    """The run that ``run`` goes on from in the end: what it learned is still known."""
    while (before := run_named(str(run.config.get("base_model", "")), runs)) and before.id < run.id:
        run = before
    return run


def _known(project: Project, library: Library, name: str, began: str) -> int:
    """Accepted pairs of other than test papers that the set holds back, which nothing did when the run began."""
    accepted = [pair for pair in project.pairs.all(state=PairState.ACCEPTED) if _learned(library, pair)]
    questions = [pair.question for pair in accepted]
    passages = {library.passages[library.row_of[pair.passage_id]] for pair in accepted}
    texts = {passage.id: passage.text for passage in passages}
    now = held_back(project, questions, lambda: texts, only=name)
    then = held_back(project, questions, lambda: texts, began)
    return sum(
        now.holds(pair.question, pair.passage_id) and not then.holds(pair.question, pair.passage_id)
        for pair in accepted
    )


def _learned(library: Library, pair: QAPair) -> bool:
    row = library.row_of.get(pair.passage_id)
    return row is not None and library.document_of[library.passages[row].document_id].split is not Split.TEST
