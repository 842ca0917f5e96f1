"""The search child: models and indexes loaded once, several rankings of one question, why a hit was found, and how
alike texts are."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import AppError, UserError
from embtrainer_gui.core.messages import (
    CompareTexts,
    Explain,
    Explanation,
    HitRow,
    Query,
    QueryHits,
    Reply,
    Request,
    TextSimilarity,
)
from embtrainer_gui.core.records import QAPair
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import data_fingerprint
from embtrainer_gui.stages.answers import AnswerLibrary
from embtrainer_gui.stages.best_sentence import BestSentence
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.explain import explanation
from embtrainer_gui.stages.rankers import Ranker, Rankers, choice_named, rows_of
from embtrainer_gui.stages.retrieval import DenseEncoder, Library, ModelChoice
from embtrainer_gui.stages.similar import cosines

MODELS_KEPT = 4  # encoders in memory at a time, about 90 MB each


class SearchService:
    """Opens everything again when the passages in use, the newest run or the accepted answers changed."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._state: tuple[str, str] | None = None
        self._encoders: dict[ModelChoice, DenseEncoder] = {}
        self._rankers: dict[tuple[str, str], Ranker] = {}
        self._answers: tuple[str, AnswerLibrary] | None = None
        self._filtered: tuple[tuple[str, SearchFilters], NDArray[np.int64] | None] | None = None

    def answer(self, request: Request) -> Reply:
        """Raises UserError for an empty question, no passages, or where no model asked for can be used."""
        match request:
            case Query():
                return self._hits(request)
            case Explain():
                self._refresh()
                return self._explanation(request)
            case CompareTexts():
                encoder = self._encoder(choice_named(self._ctx.project, request.model))
                return TextSimilarity(ticket=request.ticket, cosines=cosines(encoder, request.texts))
            case _:
                raise UserError(mark("This service searches only."))

    def _hits(self, request: Query) -> QueryHits:
        """Rank by each model asked for; one that cannot be used is named in ``problems``, the others answer."""
        question = _question(request.text)
        self._refresh()
        library = self._answer_library() if request.over == "answers" else self._library
        rows = self._rows_let_through(library, request.over, request.filters)
        milliseconds: dict[str, float] = {}
        hits: dict[str, list[HitRow]] = {}
        problems: dict[str, str] = {}
        first: AppError | None = None
        for model in request.models:
            try:
                ranker = self._ranker(request.over, model)
            except AppError as problem:
                first = first or problem
                problems[model] = str(problem)
                continue
            started = time.perf_counter()
            found = ranker(question, request.top, rows)
            milliseconds[model] = round((time.perf_counter() - started) * 1000, 1)
            hits[model] = self._rows(question, found, library)
        if first is not None and not hits:
            raise first
        return QueryHits(ticket=request.ticket, ms=milliseconds, hits=hits, problems=problems)

    def _rows_let_through(
        self, library: Library | AnswerLibrary, over: str, filters: SearchFilters
    ) -> NDArray[np.int64] | None:
        """Those of the newest filters are kept: while one types they stay the same."""
        if self._filtered is None or self._filtered[0] != (over, filters):
            self._filtered = ((over, filters), rows_of(library, filters))
        return self._filtered[1]

    def _refresh(self) -> None:
        project = self._ctx.project
        newest = project.runs.latest()
        state = (project.passages.fingerprint(), newest.name if newest else "")
        if state != self._state:
            self._library = Library(project)
            self._sentences = BestSentence(self._library.texts)
            self._rankers.clear()
            self._answers = self._filtered = None
            self._state = state

    def _answer_library(self) -> AnswerLibrary:
        state = data_fingerprint(self._ctx.project)
        if self._answers is None or self._answers[0] != state:
            self._rankers = {key: ranker for key, ranker in self._rankers.items() if key[0] != "answers"}
            self._answers, self._filtered = (state, AnswerLibrary(self._library)), None
        return self._answers[1]

    def _ranker(self, over: str, model: str) -> Ranker:
        if (over, model) not in self._rankers:
            library = self._answers[1] if over == "answers" and self._answers else self._library
            self._rankers[over, model] = Rankers(self._ctx, library, self._encoder).named(model)
        return self._rankers[over, model]

    def _encoder(self, choice: ModelChoice) -> DenseEncoder:
        if choice not in self._encoders:
            self._ctx.status(mark("Loading the model..."))
            while len(self._encoders) >= MODELS_KEPT:
                del self._encoders[next(iter(self._encoders))]
            self._encoders[choice] = choice.encoder()
        return self._encoders[choice]

    def _explanation(self, request: Explain) -> Explanation:
        row = self._library.row_of.get(request.passage)
        if row is None:
            raise UserError(mark("That passage is no longer in the project."), mark("Search again."))
        model = "tuned" if request.model == "hybrid" else request.model
        encoder = None if model == "bm25" else self._encoder(choice_named(self._ctx.project, model))
        passage = self._library.passages[row]
        title = self._library.document_of[passage.document_id].title
        found = explanation(_question(request.text), title, passage.text, row, self._library.lexical(), encoder)
        return found.model_copy(update={"ticket": request.ticket})

    def _rows(
        self, question: str, found: Sequence[tuple[int, float]], library: Library | AnswerLibrary
    ) -> list[HitRow]:
        rows = []
        for rank, (row, score) in enumerate(found, 1):
            pair = library.pairs[row] if isinstance(library, AnswerLibrary) else None
            rows.append(self._row(question, rank, score, self._library.row_of[pair.passage_id] if pair else row, pair))
        return rows

    def _row(self, question: str, rank: int, score: float, row: int, pair: QAPair | None) -> HitRow:
        passage = self._library.passages[row]
        document = self._library.document_of[passage.document_id]
        start = passage.text.find(pair.answer) if pair else -1
        sentence = (start, start + len(pair.answer)) if pair and start >= 0 else None
        return HitRow(
            rank=rank,
            score=round(score, 4),
            passage=passage.id,
            document=document.id,
            file_name=document.file_name,
            title=document.title,
            page=passage.page,
            section=passage.section,
            text=passage.text,
            boxes=list(passage.boxes),
            sentence=sentence or self._sentences.of(question, passage.text),
            question=pair.question if pair else "",
        )


def _question(text: str) -> str:
    question = " ".join(text.split())
    if not question:
        raise UserError(mark("The question is empty."))
    return question
