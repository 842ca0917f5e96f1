"""Preview: what a generator makes of some passages, before a whole batch; nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from embtrainer_gui.core.chat import ChatReply, ChatRequest, RequestRefused
from embtrainer_gui.core.chat_batch import run_batch
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import AppError, UserError
from embtrainer_gui.core.generate_config import generator_name
from embtrainer_gui.core.records import MadeQuestion, Passage, QuestionKind
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.builtin import load_parser
from embtrainer_gui.generate.checks import check_text
from embtrainer_gui.generate.wordings import builtin_generator
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.generate_pairs import cost_of
from embtrainer_gui.stages.server_asking import Asker, Sent, asks_of, make_asker, place_of, tell_host

Row = dict[str, Any]


def run(ctx: Context, config: GenerateConfig, passage_ids: Sequence[int], key: str = "") -> Row:
    """Gives ``{"passages": [{"passage", "questions": [{"question", "answer", "kind", "quote", "reasons"}], "problem",
    "seconds"}]}`` in the order asked for, and what it took: ``seconds`` in all, ``prompt_tokens``,
    ``completion_tokens``, ``cost``, and for ``waiting`` passages that this generator has not been through the
    ``waiting_seconds`` (one at a time) and ``waiting_cost`` that they would take at that rate. ``problem`` says why a
    passage gave none. The checks that compare a question with all the others are left to the batch.

    Raises:
        UserError: a passage is not in the project, the prompt is of no use, no consent, a refused key.
        EnvironmentProblem: the server is not there.
    """
    found = ctx.project.passages.get(passage_ids)
    missing = [number for number in passage_ids if number not in found]
    if missing:
        raise UserError(mark("Passage {number} is no longer in the project."), number=missing[0])
    chosen = [found[number] for number in passage_ids]
    started = time.monotonic()
    if config.backend == "builtin":
        rows, sent, received = _by_builtin(ctx, config, chosen), 0, 0
    else:
        server = _ServerPreview(ctx, config, chosen, key)
        rows, sent, received = server.run(), server.prompt_tokens, server.completion_tokens
    seconds = time.monotonic() - started
    each = sum(row["seconds"] for row in rows) / max(1, len(rows))
    waiting = ctx.project.passages.count_without_questions(generator_name(config))
    cost = cost_of(config, sent, received)
    return {
        "passages": rows,
        "seconds": round(seconds, 3),
        "prompt_tokens": sent,
        "completion_tokens": received,
        "cost": cost,
        "waiting": waiting,
        "waiting_seconds": round(each * waiting, 1),
        "waiting_cost": round(cost / max(1, len(rows)) * waiting, 4),
    }


def _by_builtin(ctx: Context, config: GenerateConfig, passages: Sequence[Passage]) -> list[Row]:
    ctx.status(mark("Loading the question generator (basic)..."))
    generator = builtin_generator(config)
    generator.prepare([passage.text for passage in ctx.project.passages.in_use()])
    load_parser()  # before the clock starts: a batch loads it once
    rows: list[Row] = []
    started = time.monotonic()
    for passage, made in zip(passages, generator.make([passage.text for passage in passages]), strict=True):
        ctx.raise_if_cancelled()
        now = time.monotonic()
        questions = [question_row(question, passage, "") for question in made]
        rows.append({"passage": passage.id, "questions": questions, "problem": "", "seconds": now - started})
        started = now
        ctx.progress(len(rows), len(passages))
    return rows


class _ServerPreview:
    """One passage after the other, so that the time of each is its own."""

    def __init__(self, ctx: Context, config: GenerateConfig, passages: Sequence[Passage], key: str) -> None:
        self._ctx, self._config, self._passages = ctx, config, passages
        self._place = place_of(config, key)
        self._rows: dict[int, Row] = {}
        self._sent: dict[int, Sent] = {}
        self.prompt_tokens = self.completion_tokens = 0

    def run(self) -> list[Row]:
        tell_host(self._ctx, self._ctx.project, self._place, len(self._passages))
        asks = asks_of(self._ctx.project, self._passages, self._config.per_passage)
        asker = make_asker(self._config, self._place, asks)
        requests = []
        for ask in asks:
            try:
                self._sent[ask.passage.number] = sent = asker.send(ask)
                requests.append((ask.passage.number, sent.request))
            except UserError as problem:
                self._add(ask.passage.number, [], str(problem), 0.0)
        self._ask(asker, requests)
        return [self._rows[passage.id] for passage in self._passages]

    def _ask(self, asker: Asker, requests: list[tuple[int, ChatRequest]]) -> None:
        def on_reply(number: int, reply: ChatReply) -> None:
            sent = self._sent[number]
            read = asker.read(sent, reply)
            self.prompt_tokens += reply.prompt_tokens or 0
            self.completion_tokens += reply.completion_tokens or 0
            passage = next(passage for passage in self._passages if passage.id == number)
            made = [
                question_row(MadeQuestion(each.question, each.answer, each.kind), passage, each.quote)
                for each in read.questions
            ]
            self._add(number, made, read.failure, reply.seconds)

        def on_problem(number: int, problem: AppError) -> None:
            if not isinstance(problem, RequestRefused):  # the server's fault: the others would fail alike
                raise problem
            self._add(number, [], str(problem), 0.0)

        def on_outage(problem: AppError | None) -> None:
            if problem is not None:
                raise problem  # somebody sits and waits

        seconds, cancelled = self._config.request_seconds, self._ctx.cancelled
        run_batch(self._place, seconds, requests, Pace(fixed=1), on_reply, on_problem, on_outage, cancelled)

    def _add(self, number: int, questions: list[Row], problem: str, seconds: float) -> None:
        self._rows[number] = {"passage": number, "questions": questions, "problem": problem, "seconds": seconds}
        self._ctx.progress(len(self._rows), len(self._passages))


def question_row(question: MadeQuestion, passage: Passage, quote: str) -> Row:
    reasons = check_text(question.question, question.answer, passage.text, QuestionKind(question.kind))
    return {
        "question": question.question,
        "answer": question.answer,
        "kind": question.kind.value,
        "quote": quote,
        "reasons": [reason.value for reason in reasons],
    }
