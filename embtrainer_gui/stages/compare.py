"""Compare: any two or more models on questions that training never saw, on a labelled set, or on the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embtrainer_gui.core.compared_models import TUNED, USUAL, dense_part, run_of
from embtrainer_gui.core.comparison import (
    LABELLED_SET,
    OWN_SET,
    PAIR_SET,
    PROJECT_SET,
    evaluation_fingerprint,
    selection,
)
from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.lineage import run_named
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.evaluate import evaluate_ranking
from embtrainer_gui.stages.compare_similarity import compare_similarity, of_vectors
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.figures import Measured, breakdown, figures, kept_texts
from embtrainer_gui.stages.known_before import tell_what_was_known
from embtrainer_gui.stages.model_card import write_card
from embtrainer_gui.stages.model_choice import canonical, dense_choices
from embtrainer_gui.stages.question_set import QuestionSet, folder_set, project_test_set, test_set
from embtrainer_gui.stages.rankings import rankings
from embtrainer_gui.stages.recipe import note
from embtrainer_gui.stages.retrieval import Library, ModelChoice
from embtrainer_gui.stages.sentence_pairs import read_sentence_pairs

Rows = list[dict[str, Any]]
SHOWN = ("set", "queries", "passages", "models", "delta", "ci95", "verdict", "pairs", "bounds", "by_kind", "general")
"""What ``compare --json`` prints of the result; the rest is kept for the window and the reports."""


def run(ctx: Context, config: CompareConfig, source: Path | str | None = None) -> dict[str, Any]:
    """Gives the object that ``compare --json`` prints; stores it with the figures of each question.

    ``source``: None for the project's test papers, the name of a labelled test set, a folder in the BEIR layout, or a
    file of sentence pairs with scores.

    Raises:
        UserError: a model or a set that is not there, no test questions, or a broken set.
    """
    project = ctx.project
    models = canonical(project, config.models)
    dense = dense_choices(project, models)  # before anything that takes time
    name = set_name(project, source)
    asked = models
    if name.startswith(PAIR_SET):
        models = of_vectors(models)
    newest = project.runs.latest()
    told = _general(project, models) | {"run": newest.name if newest else ""}
    print_ = evaluation_fingerprint(project, name, models)  # before the work: what changes meanwhile makes it stale
    if name.startswith(PAIR_SET):
        result, rows = compare_similarity(ctx, read_sentence_pairs(Path(str(source))), asked, dense, config)
    else:
        result, rows = _retrieval(ctx, config, models, dense, name, source)
    result |= told
    if not project.read_only:
        at = utc_now()
        newest_id = newest.id if newest and TUNED in map(dense_part, models) else None
        seen = {**result, "at": at}
        project.runs.add_evaluation(newest_id, name, print_, seen, rows, at, selection(models))
        ctx.items_changed("evaluations", 1)
        if name == PROJECT_SET and models == USUAL:
            note(project, "compare", config)
            write_card(ctx)
    return {**{key: result[key] for key in SHOWN if key in result}, "name": name, "compared": list(models)}


def set_name(project: Project, source: Path | str | None) -> str:
    """What a comparison on ``source`` is stored under. A test set of the project comes before a folder of that name:
    write ``./NAME`` for the folder.

    Raises:
        UserError: there is no such set.
    """
    if source is None or str(source) == PROJECT_SET:
        return PROJECT_SET
    sets = [each.name for each in project.test_sets.all()]
    asked = str(source)
    for wanted in (asked, asked.removeprefix(LABELLED_SET)):  # the window says which it means
        if wanted in sets:
            return LABELLED_SET + wanted
    path = Path(source)
    if path.is_dir():
        return OWN_SET + path.resolve().name
    if path.is_file():
        return PAIR_SET + path.stem
    raise UserError(
        mark("There is no test set, folder or file {source}."),
        mark("Name test, one of the test sets ({names}), a folder in the BEIR layout, or a file of sentence pairs."),
        source=source,
        names=", ".join(sets) or "-",
    )


def _retrieval(
    ctx: Context,
    config: CompareConfig,
    models: tuple[str, ...],
    dense: Mapping[str, ModelChoice],
    name: str,
    source: Path | str | None,
) -> tuple[dict[str, Any], Rows]:
    library = None if name.startswith(OWN_SET) else Library(ctx.project)
    questions = _questions(ctx.project, library, name, source)
    if questions.left_out:
        text = mark("{count} questions have no right passage among those that are searched: they are left out.")
        ctx.warn(text.format(count=questions.left_out))
    if library and name.startswith(LABELLED_SET):
        tell_what_was_known(ctx, library, models, questions.name)
    ranked = rankings(ctx, questions, library, models, dense, config.top)
    ctx.status(mark("Working out the intervals..."))
    scores = {model: evaluate_ranking(rows, questions.relevant) for model, rows in ranked.items()}
    measured = Measured.of(scores, questions.documents, config)
    rows = figures(questions, scores, ranked, library)
    result = {
        "set": questions.name,
        "queries": len(questions.questions),
        "passages": len(questions.texts),
        "papers": len(set(questions.documents)),
        **measured.record(),
        **breakdown(questions, measured),
        "texts": {} if library else kept_texts(questions, rows),
        "titles": {str(number): title for number, title in questions.titles.items()},
    }
    return result, rows


def _questions(project: Project, library: Library | None, name: str, source: Path | str | None) -> QuestionSet:
    if library is None:
        return folder_set(Path(str(source)))
    if name == PROJECT_SET:
        return project_test_set(project, library)
    return test_set(project, library, name.removeprefix(LABELLED_SET))


def _general(project: Project, models: tuple[str, ...]) -> dict[str, Any]:
    """The forgetting check of each run that is compared: ``forgetting`` by model, and ``general`` of the tuned one."""
    runs, newest = project.runs.all(), project.runs.latest()
    found: dict[str, Any] = {}
    for model in models:
        run = run_named(run_of(model), runs) if run_of(model) else newest if dense_part(model) == TUNED else None
        if run and run.summary.get("general"):
            found[model] = run.summary["general"]
    return ({"forgetting": found} if found else {}) | ({"general": found[TUNED]} if TUNED in found else {})
