"""The rankings of one question over the rows of a library: BM25, a dense model, or both fused; over some rows only
where a filter asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.compared_models import BM25, dense_part, is_hybrid
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.evaluate import reciprocal_rank_fusion
from embtrainer_gui.ml.passage_index import PassageIndex
from embtrainer_gui.ml.ranking import top_rows
from embtrainer_gui.stages.answers import AnswerLibrary
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.model_choice import choice_named
from embtrainer_gui.stages.retrieval import DenseEncoder, Library, ModelChoice

Rows = NDArray[np.int64]
Ranking = list[tuple[int, float]]
Ranker = Callable[[str, int, Rows | None], Ranking]
"""``(question, top, rows)`` gives ``(row of the library, score)``, best first; ``rows`` None are all."""

FUSED_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Rankers:
    """``encoder`` gives the loaded encoder of a choice; it is asked once a ranking. ``indexes`` are those in use, by
    model."""

    ctx: Context
    library: Library | AnswerLibrary
    encoder: Callable[[ModelChoice], DenseEncoder]
    indexes: dict[str, PassageIndex] = field(default_factory=dict)

    def named(self, model: str) -> Ranker:
        """Raises UserError where the project has no such model."""
        if model == BM25:
            return self._lexical()
        if is_hybrid(model):
            return _fused(self._dense(dense_part(model)), self._lexical())
        return self._dense(model)

    def _lexical(self) -> Ranker:
        index = self.library.lexical()

        def ranked(question: str, top: int, rows: Rows | None) -> Ranking:
            if rows is None:
                return index.search(question, top)
            scores = index.scores(question)[rows]
            return [(int(rows[place]), float(scores[place])) for place in top_rows(scores, top) if scores[place] > 0]

        return ranked

    def _dense(self, model: str) -> Ranker:
        choice = choice_named(self.ctx.project, model)
        encoder = self.encoder(choice)
        index = self.indexes[model] = self.library.nearest(choice, self.ctx, encoder)
        encoder.encode_queries([mark("warm up")])  # the first text that a model reads takes several times as long

        def ranked(question: str, top: int, rows: Rows | None) -> Ranking:
            return index.search(encoder.encode_queries([question])[0], top, rows)

        return ranked


def _fused(dense: Ranker, lexical: Ranker) -> Ranker:
    def ranked(question: str, top: int, rows: Rows | None) -> Ranking:
        depth = max(top, FUSED_DEPTH)
        found = [[row for row, _ in rank(question, depth, rows)] for rank in (dense, lexical)]
        return reciprocal_rank_fusion(found[0], found[1])[:top]

    return ranked


def rows_of(library: Library | AnswerLibrary, filters: SearchFilters) -> Rows | None:
    """The rows that ``filters`` let through, in order; None for all.

    Raises:
        UserError: they name years, and no paper has one.
    """
    if not filters:
        return None
    if filters.names_years() and library.project.search_scope.years() is None:
        raise UserError(mark("No paper of this project has a year."), mark("Search without --year-from and --year-to."))
    passages = library.project.search_scope.passages(filters)
    if isinstance(library, AnswerLibrary):
        return library.rows_of(passages)
    return np.flatnonzero(np.isin(library.ids, np.fromiter(passages, np.int64)))
