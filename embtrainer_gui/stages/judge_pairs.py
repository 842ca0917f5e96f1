"""Check 9: a server marks the pending questions that have no mark yet, those of a passage in one call."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from embtrainer_gui.core.chat import ChatReply, ChatRequest
from embtrainer_gui.core.chat_batch import run_batch
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.judge_prompt import TOKENS_A_MARK, judge_prompt
from embtrainer_gui.core.question_prompt import Filled
from embtrainer_gui.core.records import Passage, QAPair
from embtrainer_gui.core.store.server_runs import NOTHING_USED, Used
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.judge_reply import read_marks
from embtrainer_gui.stages.asked_so_far import AskedSoFar
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.server_asking import (
    TOP_P,
    call_of,
    keep_reply,
    make_budget,
    place_of,
    tell_host,
    tell_outage,
    text_of,
)

AT_ONCE = 12  # questions of a passage in one call
NO_MARK = mark("There is no mark in the reply of the model.")
NO_ROOM = mark("They do not fit into the context of the model.")


@dataclass(frozen=True, slots=True)
class _Part:
    passage: Passage
    pairs: tuple[QAPair, ...]
    attempt: int = 1

    @property
    def prompt(self) -> Filled:
        return judge_prompt(self.passage.text, [(pair.question, pair.answer) for pair in self.pairs])

    @property
    def reply_tokens(self) -> int:
        return TOKENS_A_MARK * (len(self.pairs) + 1)


def run(
    ctx: Context, config: GenerateConfig, stamp: str, key: str, before: Used = NOTHING_USED, failed: int = 0
) -> int:
    """Gives how many questions were marked. What a server cannot mark stays without one, which is told.

    ``before`` and ``failed`` as of ``AskedSoFar``: what is told of tokens and cost goes on from there.
    """
    judge = config.model_copy(update={"model": config.judge_model or config.model})
    return _Judging(ctx, judge, stamp, key, before, failed).run()


class _Judging:
    def __init__(self, ctx: Context, config: GenerateConfig, stamp: str, key: str, before: Used, failed: int) -> None:
        self._ctx, self._config, self._stamp = ctx, config, stamp
        self._place, self._pace = place_of(config, key), Pace(fixed=config.concurrency)
        self._asked = AskedSoFar(ctx, config, self._place, self._pace, before, failed)
        self._parts: dict[int, _Part] = {}
        self._reasons: Counter[str] = Counter()
        self._marked = self._ended = 0

    def run(self) -> int:
        project = self._ctx.project
        wanted = project.server_runs.unjudged()
        if not wanted:
            return 0
        tell_host(self._ctx, project, self._place, len(wanted))
        parts = list(self._split(wanted))
        pairs = sum(len(part.pairs) for part in parts)
        self._budget = make_budget(
            self._config, self._place, (text_of(part.prompt) for part in parts), self._ctx.workplace
        )
        self._parts = dict(enumerate(fitting for part in parts for fitting in self._fitting(part)))
        requests = [(number, self._request(part)) for number, part in self._parts.items()]
        run_batch(
            self._place,
            self._config.request_seconds,
            requests,
            self._pace,
            self._on_reply,
            self._on_problem,
            self._on_outage,
            self._ctx.cancelled,
            on_wait=self._asked.waits,
            connect=self._ctx.workplace.chat,
        )
        self._asked.tell()
        if self._marked < pairs:
            text = mark("{count} questions got no mark; another run asks for it again. {reason}")
            why = self._reasons.most_common(1)[0][0] if self._reasons else NO_ROOM
            self._ctx.warn(text.format(count=pairs - self._marked, reason=why))
        return self._marked

    def _split(self, wanted: dict[int, list[int]]) -> Iterator[_Part]:
        project = self._ctx.project
        passages = project.passages.get(wanted)
        pairs = project.pairs.get(itertools.chain.from_iterable(wanted.values()))
        for passage_id, ids in wanted.items():
            for start in range(0, len(ids), AT_ONCE):
                yield _Part(passages[passage_id], tuple(pairs[number] for number in ids[start : start + AT_ONCE]))

    def _fitting(self, part: _Part) -> list[_Part]:
        """A part in so many pieces that each fits into the context; a single question that does not is left out."""
        if self._budget.prompt_tokens(text_of(part.prompt)) + part.reply_tokens <= self._budget.context:
            return [part]
        middle = len(part.pairs) // 2
        halves = (part.pairs[:middle], part.pairs[middle:]) if middle else ()
        return [piece for half in halves for piece in self._fitting(replace(part, pairs=half))]

    def _request(self, part: _Part) -> ChatRequest:
        filled, budget, tokens = part.prompt, self._budget, part.reply_tokens
        if part.attempt > 1:  # perhaps it thinks before it writes
            room = budget.context - budget.prompt_tokens(text_of(filled))
            tokens = max(tokens, min(self._config.reply_tokens, room))
        context = budget.context if self._place.protocol == "ollama" else 0
        return ChatRequest(
            filled.system, filled.user, filled.schema, tokens, 0.0, TOP_P, part.attempt, context_tokens=context
        )

    def _on_outage(self, problem: AppError | None) -> None:
        self._asked.outage(problem)
        tell_outage(self._ctx, self._place, problem)

    def _on_reply(self, number: int, reply: ChatReply) -> list[tuple[int, ChatRequest]]:
        self._asked.answered(reply)
        part, store = self._parts[number], self._ctx.project.server_runs
        marks = read_marks(reply.text, len(part.pairs), cut=reply.finish == "length")
        call = call_of(self._stamp, part.passage.id, self._place, "judge", reply, "done" if marks else "no mark")
        store.set_marks({part.pairs[place].id: found for place, found in marks.items()}, call)
        self._marked += len(marks)
        left = tuple(pair for place, pair in enumerate(part.pairs) if place not in marks)
        if left:
            self._log(part, NO_MARK, reply.text)
        if left and part.attempt < self._config.attempts:
            self._parts[number] = again = _Part(part.passage, left, part.attempt + 1)
            return [(number, self._request(again))]
        self._end()
        return []

    def _on_problem(self, number: int, problem: AppError) -> None:
        self._log(self._parts[number], str(problem), "")
        self._end()

    def _end(self) -> None:
        self._ended += 1
        self._ctx.progress(self._ended, len(self._parts))

    def _log(self, part: _Part, reason: str, reply: str) -> None:
        self._reasons[reason] += 1
        keep_reply(self._ctx.project, self._place, part.passage.id, reason, reply)
