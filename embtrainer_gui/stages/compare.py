"""Compare: the untrained model, the tuned one, BM25 and the hybrid on questions of papers that training never saw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import comparison_fingerprint
from embtrainer_gui.ml.evaluate import PerQuery, bootstrap, evaluate_ranking, reciprocal_rank_fusion, verdict
from embtrainer_gui.ml.ranking import rank_passages
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.figures import DIGITS, figures, intervals, kept_texts
from embtrainer_gui.stages.model_card import write_card
from embtrainer_gui.stages.question_set import QuestionSet, folder_set, project_test_set
from embtrainer_gui.stages.retrieval import Library, ModelChoice, base_choice, tuned_choice
from embtrainer_gui.text.bm25 import Bm25Index

Rankings = dict[str, NDArray[np.int64]]
OWN_SET = "folder/"  # before the name of a set that is not the project's, so that one named "test" is not taken for it


def run(ctx: Context, config: CompareConfig, folder: Path | None = None) -> dict[str, Any]:
    """Gives the object that ``compare --json`` prints; stores it with each model's interval and the figures of each
    question.

    Raises:
        UserError: no tuned model, no test questions, or a broken set.
    """
    project = ctx.project
    base, tuned = base_choice(project), tuned_choice(project)
    library = None if folder else Library(project)
    questions = project_test_set(project, library) if library else folder_set(folder or Path())
    rankings = _rankings(ctx, config, questions, library, base, tuned)
    scores = {name: evaluate_ranking(ranked, questions.relevant) for name, ranked in rankings.items()}
    run_ = project.runs.latest()
    general = run_.summary.get("general") if run_ else None
    result = summary_of(questions, scores, config) | ({"general": general} if general else {})
    if not project.read_only:
        rows = figures(questions, scores, rankings, library)
        seen = {
            **result,
            "run": run_.name if run_ else "",
            "papers": len(set(questions.documents)),
            "intervals": intervals(questions, scores, config),
            "texts": {} if library else kept_texts(questions, rows),
        }
        project.runs.add_evaluation(
            run_.id if run_ else None,
            questions.name if library else f"{OWN_SET}{questions.name}",
            comparison_fingerprint(project),
            seen,
            rows,
            utc_now(),
        )
        ctx.items_changed("evaluations", 1)
        write_card(ctx)
    return result


def summary_of(questions: QuestionSet, scores: dict[str, PerQuery], config: CompareConfig) -> dict[str, Any]:
    """The table and the verdict, from the figures of each question alone."""
    delta = scores["tuned"].ndcg10 - scores["base"].ndcg10
    low, high = bootstrap(delta, questions.documents, config.resamples, config.seed)
    mean = float(delta.mean())
    return {
        "set": questions.name,
        "queries": len(questions.questions),
        "passages": len(questions.texts),
        "models": {
            name: {metric: round(value, DIGITS) for metric, value in score.means().items()}
            for name, score in scores.items()
        },
        "delta": round(mean, DIGITS),
        "ci95": [round(low, DIGITS), round(high, DIGITS)],
        "verdict": verdict(mean, low, high),
    }


@dataclass(frozen=True, slots=True)
class _Vectors:
    questions: NDArray[np.float32]
    passages: NDArray[np.float32]


def _rankings(
    ctx: Context,
    config: CompareConfig,
    questions: QuestionSet,
    library: Library | None,
    base: ModelChoice,
    tuned: ModelChoice,
) -> Rankings:
    ranked: Rankings = {}
    for name, choice in (("base", base), ("tuned", tuned)):
        ctx.status(mark("Searching with the {name} model...").format(name=name))
        vectors = _encoded(ctx, questions, library, choice)
        ranked[name] = rank_passages(vectors.questions, vectors.passages, config.top)
    ctx.status(mark("Searching with BM25..."))
    lexical = library.lexical() if library else Bm25Index.build(questions.texts)
    ranked["bm25"] = lexical.search_many(questions.questions, config.top)[0]
    ranked["hybrid"] = _fused(ranked["tuned"], ranked["bm25"], config.top)
    return ranked


def _encoded(ctx: Context, questions: QuestionSet, library: Library | None, choice: ModelChoice) -> _Vectors:
    encoder = choice.encoder()
    asked = encoder.encode_queries(questions.questions, ctx)
    if library:  # the project's own passages are encoded once for all stages
        return _Vectors(asked, library.vectors(choice, ctx, encoder).vectors(library.keys))
    return _Vectors(asked, encoder.encode_passages(questions.texts, ctx))


def _fused(dense: NDArray[np.int64], lexical: NDArray[np.int64], top: int) -> NDArray[np.int64]:
    fused = np.full((len(dense), top), -1, dtype=np.int64)
    for number, (a, b) in enumerate(zip(dense, lexical, strict=True)):
        rows = [row for row, _ in reciprocal_rank_fusion(a.tolist(), b.tolist())][:top]
        fused[number, : len(rows)] = rows
    return fused
