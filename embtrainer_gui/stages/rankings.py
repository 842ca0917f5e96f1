"""What each compared model finds for the questions of a set: each dense model and BM25 search once, hybrids merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.compared_models import BM25, called, dense_part, is_hybrid
from embtrainer_gui.core.comparison import titles_of
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.evaluate import reciprocal_rank_fusion
from embtrainer_gui.ml.ranking import rank_passages
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.question_set import QuestionSet
from embtrainer_gui.stages.retrieval import Library, ModelChoice
from embtrainer_gui.text.bm25 import Bm25Index

RowArray = NDArray[np.int64]
BLOCK = 64  # questions that BM25 answers between two looks at the cancel flag


def rankings(
    ctx: Context,
    questions: QuestionSet,
    library: Library | None,
    models: Sequence[str],
    dense: Mapping[str, ModelChoice],
    top: int,
) -> dict[str, RowArray]:
    """``{model: rows (n_questions, top)}``, best first, -1 where fewer were found. ``dense``: ``dense_choices``."""
    titles = titles_of(ctx.project)
    found: dict[str, RowArray] = {}
    for number, (name, choice) in enumerate(dense.items(), 1):
        text = mark("Searching with {name} ({number} of {total} models)...")
        ctx.status(text.format(name=called(name, titles), number=number, total=len(dense)))
        vectors = _encoded(ctx, questions, library, choice)
        found[name] = rank_passages(vectors.questions, vectors.passages, top)
    if BM25 in models or any(map(is_hybrid, models)):
        ctx.status(mark("Searching with BM25..."))
        found[BM25] = _lexical(ctx, questions, library, top)
    for model in filter(is_hybrid, models):
        found[model] = fused(found[dense_part(model)], found[BM25], top)
    return {model: found[model] for model in models}


def fused(dense: RowArray, lexical: RowArray, top: int) -> RowArray:
    """Reciprocal rank fusion of each row, as Search merges them."""
    merged = np.full((len(dense), top), -1, dtype=np.int64)
    for number, (a, b) in enumerate(zip(dense, lexical, strict=True)):
        rows = [row for row, _ in reciprocal_rank_fusion(a.tolist(), b.tolist())][:top]
        merged[number, : len(rows)] = rows
    return merged


@dataclass(frozen=True, slots=True)
class _Vectors:
    questions: NDArray[np.float32]
    passages: NDArray[np.float32]


def _encoded(ctx: Context, questions: QuestionSet, library: Library | None, choice: ModelChoice) -> _Vectors:
    encoder = choice.encoder()
    asked = encoder.encode_queries(questions.questions, ctx)
    if library:  # the project's own passages are encoded once for all stages
        return _Vectors(asked, library.vectors(choice, ctx, encoder).vectors(library.keys))
    return _Vectors(asked, encoder.encode_passages(questions.texts, ctx))


def _lexical(ctx: Context, questions: QuestionSet, library: Library | None, top: int) -> RowArray:
    index = library.lexical() if library else Bm25Index.build(questions.texts)
    blocks, asked = [], questions.questions
    for start in range(0, len(asked), BLOCK):
        ctx.raise_if_cancelled()
        blocks.append(index.search_many(asked[start : start + BLOCK], top)[0])
        ctx.progress(min(start + BLOCK, len(asked)), len(asked))
    return np.concatenate(blocks)
