"""The search child: models and indexes loaded once, several rankings of one question, why a hit was found, and how
alike texts are."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.compared_models import dense_part
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
from embtrainer_gui.ml.code_index import FILE as CODES
from embtrainer_gui.ml.passage_index import PassageIndex, is_due
from embtrainer_gui.stages.answers import AnswerLibrary
from embtrainer_gui.stages.best_sentence import BestSentence
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.explain import explanation
from embtrainer_gui.stages.model_choice import choice_named
from embtrainer_gui.stages.rankers import Ranker, Rankers, rows_of
from embtrainer_gui.stages.retrieval import DenseEncoder, Library, ModelChoice
from embtrainer_gui.stages.similar import cosines

ENCODED_HERE = 10_000  # passages; on two slow cores the window would give up on more
TEXTS_READ = 20_000  # to know how rare a word is
MODELS_KEPT = 4  # encoders in memory at a time, about 90 MB each


class NotEncodedYet(UserError):
    """The job "index" must come first."""


class SearchService:
    """Opens everything again when the passages in use, the newest run or the accepted answers changed."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._state: tuple[object, ...] | None = None
        self._encoders: dict[ModelChoice, DenseEncoder] = {}
        self._rankers: dict[tuple[str, str], Ranker] = {}
        self._indexes: dict[tuple[str, str], PassageIndex] = {}  # what answers for the models among them
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
        unencoded = isinstance(first, NotEncodedYet)
        if first is not None and not hits and not unencoded:
            raise first
        indexes = {
            model: self._indexes[request.over, model] for model in hits if (request.over, model) in self._indexes
        }
        return QueryHits(
            ticket=request.ticket,
            ms=milliseconds,
            hits=hits,
            problems=problems,
            how={model: index.how for model, index in indexes.items()},
            due=unencoded or (request.over != "answers" and any(map(self._is_due, indexes.values()))),
        )

    def _is_due(self, index: PassageIndex) -> bool:
        return is_due(index, len(self._library))

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
        codes = ((file.parent.name, file.stat().st_mtime_ns) for file in project.index.glob(f"*/{CODES}"))
        state = (project.passages.fingerprint(), newest.name if newest else "", *sorted(codes))
        if state != self._state:
            self._library = Library(project)
            self._sentences = BestSentence(self._library.some_texts(TEXTS_READ))
            self._rankers.clear()
            self._indexes.clear()
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
            if over != "answers" and model != "bm25":
                self._refuse_unencoded(dense_part(model))
            rankers = Rankers(self._ctx, library, self._encoder)
            self._rankers[over, model] = rankers.named(model)
            for index in rankers.indexes.values():
                self._indexes[over, model] = index
        return self._rankers[over, model]

    def _refuse_unencoded(self, model: str) -> None:
        count = self._library.unencoded(choice_named(self._ctx.project, model))
        if count > ENCODED_HERE:
            raise NotEncodedYet(
                mark("{count} passages are not encoded for this model yet, which takes long."),
                mark(
                    "Build the search index first; it can be stopped, and goes on where it was: embtrainer index {path}"
                ),
                count=count,
                path=self._ctx.project.folder,
            )

    def _encoder(self, choice: ModelChoice) -> DenseEncoder:
        if choice not in self._encoders:
            self._ctx.status(mark("Loading the model..."))
            while len(self._encoders) >= MODELS_KEPT:
                del self._encoders[next(iter(self._encoders))]
            self._encoders[choice] = choice.encoder()
        return self._encoders[choice]

    def _explanation(self, request: Explain) -> Explanation:
        rows = np.flatnonzero(self._library.ids == request.passage).tolist()
        if not rows:
            raise UserError(mark("That passage is no longer in the project."), mark("Search again."))
        model = dense_part(request.model)
        encoder = self._encoder(choice_named(self._ctx.project, model)) if model else None
        passage = self._library.passages_at(rows)[0]
        title = self._library.document_of[passage.document_id].title
        found = explanation(_question(request.text), title, passage.text, rows[0], self._library.lexical(), encoder)
        return found.model_copy(update={"ticket": request.ticket})

    def _rows(
        self, question: str, found: Sequence[tuple[int, float]], library: Library | AnswerLibrary
    ) -> list[HitRow]:
        rows = []
        for rank, (row, score) in enumerate(found, 1):
            pair = library.pairs[row] if isinstance(library, AnswerLibrary) else None
            number = pair.passage_id if pair else int(self._library.ids[row])
            rows.append(self._row(question, rank, score, number, pair))
        return rows

    def _row(self, question: str, rank: int, score: float, number: int, pair: QAPair | None) -> HitRow:
        passage = self._ctx.project.passages.get([number])[number]
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
