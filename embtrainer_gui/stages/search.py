"""Search: one question over the passages in use, by the untrained model, the tuned one, BM25 or both."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from embtrainer_gui.core.config import SearchConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import Hit
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.evaluate import reciprocal_rank_fusion
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library, choice_of

Ranking = list[tuple[int, float]]
FUSED_DEPTH = 100


def run(ctx: Context, config: SearchConfig, question: str) -> dict[str, Any]:
    """Gives the object that ``search --json`` prints; ``ms`` is the time of the search, without loading.

    Raises:
        UserError: an empty question, no passages, or no tuned model where one is asked for.
    """
    if not question.strip():
        raise UserError(mark("The question is empty."), mark('Write it in quotes: embtrainer search PROJECT "..."'))
    searcher = Searcher(ctx, config)
    started = time.perf_counter()
    hits = searcher.hits(question)
    milliseconds = (time.perf_counter() - started) * 1000
    return {
        "query": question,
        "model": config.model,
        "ms": round(milliseconds, 1),
        "hits": [_row(hit) for hit in hits],
    }


class Searcher:
    """Everything loaded for one kind of search; ``hits`` can be asked again and again."""

    def __init__(self, ctx: Context, config: SearchConfig, library: Library | None = None) -> None:
        self._config = config
        self._library = library or Library(ctx.project)
        self._rank = self._ranker(ctx)

    def hits(self, question: str) -> list[Hit]:
        """The best ``config.top`` passages; fewer where fewer match."""
        found = self._rank(question, self._config.top)
        passages, documents = self._library.passages_at([row for row, _ in found]), self._library.document_of
        return [
            Hit(rank, score, passage, documents[passage.document_id].file_name)
            for rank, (passage, (_, score)) in enumerate(zip(passages, found, strict=True), 1)
        ]

    def _ranker(self, ctx: Context) -> Callable[[str, int], Ranking]:
        model = self._config.model
        if model == "bm25":
            return self._library.lexical().search
        dense = self._dense_ranker(ctx)
        if model != "hybrid":
            return dense
        lexical = self._library.lexical().search

        def fused(question: str, top: int) -> Ranking:
            rows = [[row for row, _ in rank(question, max(top, FUSED_DEPTH))] for rank in (dense, lexical)]
            return reciprocal_rank_fusion(rows[0], rows[1])[:top]

        return fused

    def _dense_ranker(self, ctx: Context) -> Callable[[str, int], Ranking]:
        choice = choice_of(ctx.project, self._config.model)
        ctx.status(mark("Loading the model..."))
        encoder = choice.encoder()
        index = self._library.nearest(choice, ctx, encoder)
        return lambda question, top: index.search(encoder.encode_queries([question])[0], top)


def _row(hit: Hit) -> dict[str, Any]:
    return {
        "rank": hit.rank,
        "score": round(hit.score, 4),
        "document": hit.document,
        "page": hit.passage.page,
        "section": hit.passage.section,
        "text": hit.passage.text,
        "boxes": [list(box) for box in hit.passage.boxes],
    }
