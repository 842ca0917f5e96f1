"""Check 9: a server marks the pending questions that have no mark yet, those of a passage in one call."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from embtrainer_gui.core.chat import ChatReply, ChatRequest
from embtrainer_gui.core.chat_batch import run_batch
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.judge_prompt import TOKENS_A_MARK, judge_prompt
from embtrainer_gui.core.records import Passage, QAPair
from embtrainer_gui.core.reply_log import log_reply
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.judge_reply import read_marks
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.server_asking import TOP_P, call_of, place_of, tell_host, tell_outage

AT_ONCE = 12  # questions of a passage in one call
CONTEXT_TOKENS = 4096  # passage and questions are about 1,500


@dataclass(frozen=True, slots=True)
class _Part:
    passage: Passage
    pairs: tuple[QAPair, ...]
    attempt: int = 1


def run(ctx: Context, config: GenerateConfig, stamp: str, key: str) -> int:
    """Gives how many questions were marked. What a server cannot mark stays without one, which is told."""
    judge = config.model_copy(update={"model": config.judge_model or config.model})
    return _Judging(ctx, judge, stamp, key).run()


class _Judging:
    def __init__(self, ctx: Context, config: GenerateConfig, stamp: str, key: str) -> None:
        self._ctx, self._config, self._stamp = ctx, config, stamp
        self._place = place_of(config, key)
        self._parts: dict[int, _Part] = {}
        self._marked = self._ended = 0

    def run(self) -> int:
        project = self._ctx.project
        wanted = project.server_runs.unjudged()
        if not wanted:
            return 0
        tell_host(self._ctx, project, self._place, len(wanted))
        self._parts = dict(enumerate(self._split(wanted)))
        pairs = sum(len(part.pairs) for part in self._parts.values())
        requests = [(number, self._request(part)) for number, part in self._parts.items()]
        run_batch(
            self._place,
            self._config.request_seconds,
            requests,
            Pace(fixed=self._config.concurrency),
            self._on_reply,
            self._on_problem,
            lambda problem: tell_outage(self._ctx, self._place, problem),
            self._ctx.cancelled,
        )
        if self._marked < pairs:
            text = mark("{count} questions got no mark; another run asks for it again.")
            self._ctx.warn(text.format(count=pairs - self._marked))
        return self._marked

    def _split(self, wanted: dict[int, list[int]]) -> Iterator[_Part]:
        project = self._ctx.project
        passages = project.passages.get(wanted)
        pairs = project.pairs.get(itertools.chain.from_iterable(wanted.values()))
        for passage_id, ids in wanted.items():
            for start in range(0, len(ids), AT_ONCE):
                yield _Part(passages[passage_id], tuple(pairs[number] for number in ids[start : start + AT_ONCE]))

    def _request(self, part: _Part) -> ChatRequest:
        filled = judge_prompt(part.passage.text, [(pair.question, pair.answer) for pair in part.pairs])
        tokens = min(self._config.reply_tokens, TOKENS_A_MARK * (len(part.pairs) + 1))
        context = (self._config.context_tokens or CONTEXT_TOKENS) if self._place.protocol == "ollama" else 0
        return ChatRequest(
            filled.system, filled.user, filled.schema, tokens, 0.0, TOP_P, part.attempt, context_tokens=context
        )

    def _on_reply(self, number: int, reply: ChatReply) -> list[tuple[int, ChatRequest]]:
        part, store = self._parts[number], self._ctx.project.server_runs
        marks = read_marks(reply.text, len(part.pairs), cut=reply.finish == "length")
        call = call_of(self._stamp, part.passage.id, self._place, "judge", reply, "done" if marks else "no mark")
        store.set_marks({part.pairs[place].id: found for place, found in marks.items()}, call)
        self._marked += len(marks)
        left = tuple(pair for place, pair in enumerate(part.pairs) if place not in marks)
        if left:
            self._log(part, mark("there is no mark in the reply"), reply.text)
        if left and part.attempt < self._config.attempts:
            self._parts[number] = again = _Part(part.passage, left, part.attempt + 1)
            return [(number, self._request(again))]
        self._end()
        return []

    def _on_problem(self, number: int, problem: AppError) -> None:
        self._log(self._parts[number], problem.message, "")
        self._end()

    def _end(self) -> None:
        self._ended += 1
        self._ctx.progress(self._ended, len(self._parts))

    def _log(self, part: _Part, reason: str, reply: str) -> None:
        folder = self._ctx.project.folder / "logs"
        log_reply(folder, utc_now(), part.passage.id, self._place.model, reason, reply)
