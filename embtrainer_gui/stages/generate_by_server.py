"""Questions by a language model on a server: several in one call, each passage's stored as they come."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace

from embtrainer_gui.core.chat import BadReply, ChatReply, ChatRequest, RequestRefused, ServerPlace
from embtrainer_gui.core.chat_batch import run_batch
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.generate_config import generator_name
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.server_runs import AskState, Call
from embtrainer_gui.core.token_budget import DoesNotFit
from embtrainer_gui.generate.replies import QuotedQuestion, ReadReply
from embtrainer_gui.stages.asked_so_far import AskedSoFar
from embtrainer_gui.stages.changed_items import ChangedItems
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.question_run import QuestionRun, pass_over_marked
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.stages.server_asking import (
    Ask,
    Asker,
    Sent,
    asks_of,
    call_of,
    keep_reply,
    make_asker,
    place_of,
    tell_host,
    tell_outage,
)

Requests = list[tuple[int, ChatRequest]]


def run(
    ctx: Context, config: GenerateConfig, library: Library, stamp: str, key: str, *, retry: bool = False
) -> QuestionRun:
    """Ask about every passage in use that this model was not asked about, and those that failed before: for the
    server's fault always, for their own where ``retry`` says so."""
    place = place_of(config, key)
    project, generator = ctx.project, generator_name(config)
    pass_over_marked(project, generator, library.passages)
    done = project.server_runs.states(generator)
    passed = {AskState.DONE} if retry else {AskState.DONE, AskState.FAILED}
    asks = [
        ask
        for ask in asks_of(project, library.passages, config.per_passage)
        if done.get(ask.passage.number) not in passed
    ]
    if not asks:
        return QuestionRun()
    tell_host(ctx, project, place, len(asks))
    asker = make_asker(config, place, asks, ctx.workplace)
    project.server_runs.keep_prompt(asker.prompt.hash, asker.prompt.as_json(), utc_now())
    return _Run(ctx, asker, place, generator, stamp, asks).run()


class _Run:
    def __init__(
        self, ctx: Context, asker: Asker, place: ServerPlace, generator: str, stamp: str, asks: Sequence[Ask]
    ) -> None:
        self._ctx, self._asker, self._place, self._asks = ctx, asker, place, asks
        self._generator, self._stamp = generator, stamp
        self._store = ctx.project.server_runs
        self._sent: dict[int, Sent] = {}
        self._result = QuestionRun()
        self._changed = ChangedItems(ctx, "pairs")
        self._pace = Pace(fixed=asker.config.concurrency)
        self._asked = AskedSoFar(ctx, asker.config, place, self._pace)
        self._ended = 0

    def run(self) -> QuestionRun:
        config = self._asker.config
        self._asked.tell()
        run_batch(
            self._place,
            config.request_seconds,
            self._requests(),
            self._pace,
            self._on_reply,
            self._on_problem,
            self._on_outage,
            self._ctx.cancelled,
            on_wait=self._asked.waits,
            connect=self._ctx.workplace.chat,
        )
        self._changed.tell()
        self._asked.tell()
        return self._result

    def _requests(self) -> Iterator[tuple[int, ChatRequest]]:
        for ask in self._asks:
            yield from self._send(ask)

    def _send(self, ask: Ask) -> Requests:
        """The request for a passage; none where it does not fit, which is the passage's failure."""
        number = ask.passage.number
        try:
            sent = self._asker.send(ask)
        except DoesNotFit as problem:
            self._end(ask, (), AskState.FAILED, str(problem))
            return []
        self._sent[number] = sent
        return [(number, sent.request)]

    def _on_reply(self, number: int, reply: ChatReply) -> Requests:
        self._asked.answered(reply)
        sent = self._sent.pop(number)
        read = self._asker.read(sent, reply)
        self._result.left_out.update(read.left_out)
        if read.failure:
            self._log(sent.ask, read.failure, reply.text)
        call = self._call(number, reply, read.failure or ("salvaged" if read.salvaged else "done"))
        again = next_ask(sent.ask, read, reply, self._asker.config)
        if again is not None:
            self._store.add_call(call)
            return self._send(again)
        self._end(sent.ask, read.questions, AskState.FAILED, read.failure, call)
        return []

    def _on_problem(self, number: int, problem: AppError) -> None:
        ask = self._sent.pop(number).ask
        if isinstance(problem, BadReply):
            self._log(ask, problem.message, problem.excerpt)
        is_own = isinstance(problem, RequestRefused | BadReply)
        self._end(ask, (), AskState.FAILED if is_own else AskState.SERVER, str(problem))

    def _on_outage(self, problem: AppError | None) -> None:
        self._asked.outage(problem)
        tell_outage(self._ctx, self._place, problem)

    def _end(
        self, ask: Ask, questions: Sequence[QuotedQuestion], state: AskState, reason: str, call: Call | None = None
    ) -> None:
        """Store what came of a passage: its questions, those of an earlier reply that was cut among them, or else
        ``state`` and ``reason``."""
        number, found = ask.passage.number, (*ask.kept, *questions)
        if not found:
            self._store.add_failure(self._generator, number, state, reason, utc_now(), call)
            self._result.failures[reason] += 1
            self._asked.failed()
        elif self._store.add_answer(self._generator, number, [self._pair(number, each) for each in found], call):
            self._result.made.update(question.kind.value for question in found)
            self._changed.add(len(found))
        self._ended += 1
        self._ctx.progress(self._ended, len(self._asks), ask.file_name)

    def _log(self, ask: Ask, reason: str, reply: str) -> None:
        keep_reply(self._ctx.project, self._place, ask.passage.number, reason, reply)

    def _call(self, number: int, reply: ChatReply, outcome: str) -> Call:
        return call_of(self._stamp, number, self._place, "questions", reply, outcome)

    def _pair(self, passage_id: int, question: QuotedQuestion) -> NewPair:
        return NewPair(
            uid=str(uuid.uuid4()),
            passage_id=passage_id,
            question=question.question,
            answer=question.answer,
            kind=question.kind,
            source=self._place.model,
            created_at=utc_now(),
            run_id=self._stamp,
            extra={},
            prompt=self._asker.prompt.hash,
            model=self._place.model,
            seed=question.seed,
            quote=question.quote,
        )


def next_ask(ask: Ask, read: ReadReply, reply: ChatReply, config: GenerateConfig) -> Ask | None:
    """What to ask next of a passage; None where it is done or failed.

    A reply that was cut is asked again with fewer questions, for those that are still wanted.
    """
    if ask.attempt >= config.attempts:
        return None
    kept = (*ask.kept, *read.questions)
    if reply.finish == "length":
        wanted = ask.count - len(read.questions)
        count = min(wanted, ask.count // 2)
        return replace(ask, count=count, attempt=ask.attempt + 1, kept=kept) if count else None
    return None if kept else replace(ask, attempt=ask.attempt + 1)
