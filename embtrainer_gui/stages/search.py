"""Search: one question over the passages in use, by the untrained model, the tuned one, BM25 or both."""

from __future__ import annotations

import time
from typing import Any

from embtrainer_gui.core.config import SearchConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import Hit
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.answers import AnswerLibrary
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.rankers import Rankers, rows_of
from embtrainer_gui.stages.retrieval import DenseEncoder, Library, ModelChoice


def run(ctx: Context, config: SearchConfig, question: str) -> dict[str, Any]:
    """Gives the object that ``search --json`` prints; ``ms`` is the time of the search, without loading.

    Raises:
        UserError: an empty question, no passages, nothing that a filter lets through, or no tuned model where one is
            asked for.
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
        "hits": [row_of(hit) for hit in hits],
    }


class Searcher:
    """Everything loaded for one kind of search; ``hits`` can be asked again and again."""

    def __init__(
        self, ctx: Context, config: SearchConfig, library: Library | None = None, filters: SearchFilters | None = None
    ) -> None:
        """Args: ``filters``, where they are chosen and not told by the words of ``config``."""
        self._ctx, self._config = ctx, config
        self._library = library or Library(ctx.project)
        self._searched = AnswerLibrary(self._library) if config.over == "answers" else self._library
        self._rows = rows_of(self._searched, filters or self._filters())
        self._rank = Rankers(ctx, self._searched, self._encoder).named(config.model)

    def hits(self, question: str) -> list[Hit]:
        """The best ``config.top`` passages; fewer where fewer match."""
        return [
            self._hit(rank, row, score)
            for rank, (row, score) in enumerate(self._rank(question, self._config.top, self._rows), 1)
        ]

    def _hit(self, rank: int, row: int, score: float) -> Hit:
        pair = self._searched.pairs[row] if isinstance(self._searched, AnswerLibrary) else None
        number = pair.passage_id if pair else int(self._library.ids[row])
        passage = self._ctx.project.passages.get([number])[number]
        document = self._library.document_of[passage.document_id].file_name
        return Hit(rank, score, passage, document, pair)

    def _filters(self) -> SearchFilters:
        config = self._config
        papers: tuple[int, ...] = ()
        if config.paper:
            papers = tuple(self._ctx.project.search_scope.named(config.paper))
            if not papers:
                raise UserError(
                    mark("No paper has {words!r} in its title, authors, DOI or file name."),
                    mark("Look at the names on the page Papers, or leave --paper out."),
                    words=config.paper,
                )
        return SearchFilters(papers=papers, section=config.section, year_from=config.year_from, year_to=config.year_to)

    def _encoder(self, choice: ModelChoice) -> DenseEncoder:
        self._ctx.status(mark("Loading the model..."))
        return choice.encoder()


def row_of(hit: Hit) -> dict[str, Any]:
    row: dict[str, Any] = {
        "rank": hit.rank,
        "score": round(hit.score, 4),
        "document": hit.document,
        "page": hit.passage.page,
        "section": hit.passage.section,
        "text": hit.passage.text,
        "boxes": [list(box) for box in hit.passage.boxes],
    }
    if hit.pair is not None:
        row |= {"question": hit.pair.question, "answer": hit.pair.answer}
    return row
