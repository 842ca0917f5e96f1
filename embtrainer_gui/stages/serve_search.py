"""The search child: models and indexes loaded once, several rankings of one question, the sentence that answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError, UserError
from embtrainer_gui.core.messages import HitRow, Query, QueryHits, Request
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.code_index import FILE as CODES
from embtrainer_gui.ml.evaluate import reciprocal_rank_fusion
from embtrainer_gui.ml.passage_index import PassageIndex, is_due
from embtrainer_gui.stages.best_sentence import BestSentence
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import DenseEncoder, Library, ModelChoice, base_choice, tuned_choice

Ranking = list[tuple[int, float]]
Ranker = Callable[[str, int], Ranking]
FUSED_DEPTH = 100
MODELS_KEPT = 4  # encoders in memory at a time, about 90 MB each
ENCODED_HERE = 10_000  # passages; on two slow cores the window would give up on more
TEXTS_READ = 20_000  # to know how rare a word is
RUN = "run:"


class NotEncodedYet(UserError):
    """The job "index" must come first."""


class SearchService:
    """Opens everything again when the passages in use or the newest run changed."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._state: tuple[object, ...] | None = None
        self._encoders: dict[ModelChoice, DenseEncoder] = {}
        self._rankers: dict[str, Ranker] = {}
        self._indexes: dict[str, PassageIndex] = {}  # of the models among them

    def answer(self, request: Request) -> QueryHits:
        """Rank by each model asked for; one that cannot be used is named in ``problems``, the others answer.

        Raises:
            UserError: an empty question, no passages, or no model at all that can be used.
        """
        if not isinstance(request, Query):
            raise UserError(mark("This service searches only."))
        question = " ".join(request.text.split())
        if not question:
            raise UserError(mark("The question is empty."))
        self._refresh()
        milliseconds: dict[str, float] = {}
        hits: dict[str, list[HitRow]] = {}
        problems: dict[str, str] = {}
        first: AppError | None = None
        for model in request.models:
            try:
                ranker = self._ranker(model)
            except AppError as problem:
                first = first or problem
                problems[model] = str(problem)
                continue
            started = time.perf_counter()
            found = ranker(question, request.top)
            milliseconds[model] = round((time.perf_counter() - started) * 1000, 1)
            hits[model] = self._rows(question, found)
        unencoded = isinstance(first, NotEncodedYet)
        if first is not None and not hits and not unencoded:
            raise first
        indexes = {model: self._indexes[model] for model in request.models if model in self._indexes}
        return QueryHits(
            ticket=request.ticket,
            ms=milliseconds,
            hits=hits,
            problems=problems,
            how={model: index.how for model, index in indexes.items()},
            due=unencoded or any(is_due(index, len(self._library)) for index in indexes.values()),
        )

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
            self._state = state

    def _ranker(self, model: str) -> Ranker:
        if model not in self._rankers:
            self._rankers[model] = self._new_ranker(model)
        return self._rankers[model]

    def _new_ranker(self, model: str) -> Ranker:
        if model == "bm25":
            return self._library.lexical().search
        if model == "hybrid":
            rankers = (self._ranker("tuned"), self._ranker("bm25"))

            def fused(question: str, top: int) -> Ranking:
                rows = [[row for row, _ in rank(question, max(top, FUSED_DEPTH))] for rank in rankers]
                return reciprocal_rank_fusion(rows[0], rows[1])[:top]

            return fused
        choice = self._choice(model)
        count = self._library.unencoded(choice)
        if count > ENCODED_HERE:
            raise NotEncodedYet(
                mark("{count} passages are not encoded for this model yet, which takes long."),
                mark(
                    "Build the search index first; it can be stopped, and goes on where it was: embtrainer index {path}"
                ),
                count=count,
                path=self._ctx.project.folder,
            )
        encoder = self._encoder(choice)
        index = self._indexes[model] = self._library.nearest(choice, self._ctx, encoder)
        encoder.encode_queries([mark("warm up")])  # the first text that a model reads takes several times as long
        return lambda question, top: index.search(encoder.encode_queries([question])[0], top)

    def _choice(self, model: str) -> ModelChoice:
        project = self._ctx.project
        if model == "base":
            return base_choice(project)
        if not model.startswith(RUN):
            return tuned_choice(project)
        name = model.removeprefix(RUN)
        run = next((run for run in project.runs.all() if run.name == name), None)
        folder = project.models / name / "final_model"
        if run is None or not folder.is_dir():
            raise UserError(mark("The run {name} has no model."), name=name)
        return ModelChoice(folder, TrainConfig.model_validate(run.config).max_seq_length)

    def _encoder(self, choice: ModelChoice) -> DenseEncoder:
        if choice not in self._encoders:
            self._ctx.status(mark("Loading the model..."))
            while len(self._encoders) >= MODELS_KEPT:
                del self._encoders[next(iter(self._encoders))]
            self._encoders[choice] = choice.encoder()
        return self._encoders[choice]

    def _rows(self, question: str, found: Sequence[tuple[int, float]]) -> list[HitRow]:
        library = self._library
        rows = []
        passages = library.passages_at([row for row, _ in found])
        for rank, (passage, (_, score)) in enumerate(zip(passages, found, strict=True), 1):
            document = library.document_of[passage.document_id]
            rows.append(
                HitRow(
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
                    sentence=self._sentences.of(question, passage.text),
                )
            )
        return rows
