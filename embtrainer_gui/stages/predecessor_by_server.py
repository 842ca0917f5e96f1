"""``generate --config`` with the server that it names: one statement after the other, ``api_delay`` between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import get_args

from embtrainer_gui.core.chat import ChatReply, ChatRequest, ServerPlace
from embtrainer_gui.core.chat_batch import Waits, run_batch
from embtrainer_gui.core.chat_facts import protocol_at
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.chat_types import Protocol
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.consent import consent_needed
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.legacy.statements import Statement
from embtrainer_gui.core.question_prompt import PassageToAsk
from embtrainer_gui.core.records import MadeQuestion
from embtrainer_gui.core.server_address import host_of, is_this_machine
from embtrainer_gui.core.token_budget import DoesNotFit
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.replies import QuotedQuestion
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.generate_by_server import next_ask
from embtrainer_gui.stages.predecessor_files import OutputFiles, StatementRun
from embtrainer_gui.stages.question_run import run_id
from embtrainer_gui.stages.server_asking import Ask, Asker, Sent, make_asker, place_of, tell_outage

Requests = list[tuple[int, ChatRequest]]


def run(
    ctx: JobContext,
    files: OutputFiles,
    options: GenerateConfig,
    backend: str | None,
    key_of: Callable[[str], str],
    *,
    may_send: bool,
) -> StatementRun:
    """Ask about every statement that is not done.

    Raises:
        ConsentNeeded: the server is another machine, and ``may_send`` is not set.
        UserError, EnvironmentProblem: the server refuses the key or is not there; nothing is marked as done by it.
    """
    todo, legacy = files.todo(), files.legacy
    if not todo:
        return StatementRun()
    host = host_of(legacy.base_url)
    if not (may_send or is_this_machine(legacy.base_url)):
        raise consent_needed(host, mark("The text of the statements"))
    key = key_of(legacy.base_url)
    protocol = backend if backend in get_args(Protocol) else asyncio.run(protocol_at(legacy.base_url, key))
    config = options.model_copy(update={"backend": protocol, "base_url": legacy.base_url, "model": legacy.model})
    place = place_of(config, key)
    asks = [_ask_of(number, statement, config.per_passage) for number, statement in enumerate(todo)]
    asker = make_asker(config, place, asks)
    ctx.status(
        mark("The text of {count} statements goes to {model} at {host}.").format(
            count=len(todo), model=place.model, host=host
        )
    )
    return _Run(ctx, files, asker, place, todo, asks).run()


def _ask_of(number: int, statement: Statement, count: int) -> Ask:
    title = PurePath(statement.file_name).stem
    return Ask(PassageToAsk(number, statement.text, title), count, file_name=statement.file_name)


class _Run:
    def __init__(
        self,
        ctx: JobContext,
        files: OutputFiles,
        asker: Asker,
        place: ServerPlace,
        todo: list[Statement],
        asks: list[Ask],
    ) -> None:
        self._ctx, self._files, self._asker, self._place, self._todo = ctx, files, asker, place, todo
        self._waiting: Iterator[Ask] = iter(asks)
        self._sent: Sent | None = None
        self._result = StatementRun()
        self._stamp = run_id()
        self._ended = 0

    def run(self) -> StatementRun:
        run_batch(
            self._place,
            self._asker.config.request_seconds,
            self._next(),
            Pace(fixed=1),
            self._on_reply,
            self._on_problem,
            lambda problem: tell_outage(self._ctx, self._place, problem),
            self._ctx.cancelled,
            Waits(attempts=max(1, self._files.legacy.max_retries)),
        )
        return self._result

    def _next(self) -> Requests:
        """The request for the next statement that fits; none at the end."""
        for ask in self._waiting:
            if found := self._send(ask):
                return found
        return []

    def _send(self, ask: Ask) -> Requests:
        try:
            self._sent = self._asker.send(ask)
        except DoesNotFit as problem:
            self._end(ask, (), str(problem))
            return []
        return [(ask.passage.number, self._sent.request)]

    def _on_reply(self, number: int, reply: ChatReply) -> Requests:
        assert self._sent is not None
        sent, result = self._sent, self._result
        read = self._asker.read(sent, reply)
        result.left_out.update(read.left_out)
        result.calls += 1
        result.prompt_tokens += reply.prompt_tokens or 0
        result.completion_tokens += reply.completion_tokens or 0
        again = next_ask(sent.ask, read, reply, self._asker.config)
        if again is None:
            self._end(sent.ask, read.questions, read.failure)
        self._pause()
        return (self._send(again) if again else []) or self._next()

    def _on_problem(self, number: int, problem: AppError) -> Requests:
        assert self._sent is not None
        self._end(self._sent.ask, (), str(problem))
        self._pause()
        return self._next()

    def _end(self, ask: Ask, questions: tuple[QuotedQuestion, ...], reason: str) -> None:
        statement, found = self._todo[ask.passage.number], (*ask.kept, *questions)
        if found:
            made = [MadeQuestion(each.question, each.answer, each.kind) for each in found]
            self._files.add(statement, made, self._place.model, self._stamp)
            self._result.made.update(question.kind.value for question in found)
        else:
            self._files.fail(statement, reason)
            self._result.failures[reason] += 1
        self._ended += 1
        self._ctx.progress(self._ended, len(self._todo), statement.file_name)

    def _pause(self) -> None:
        """Nothing is on its way now: waiting here holds nothing up, and a cancel ends it."""
        self._ctx.cancelled.wait(self._files.legacy.api_delay)
        self._ctx.raise_if_cancelled()
