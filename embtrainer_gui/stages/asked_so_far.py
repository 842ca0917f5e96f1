"""Tells the window what a run has asked of a server so far, once a second at most, and when it waits for it."""

from __future__ import annotations

import time

from embtrainer_gui.core.chat import ChatReply, ServerPlace
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.messages import Asked, Waiting
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.store.server_runs import NOTHING_USED, Used
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.generate_pairs import cost_of

SECONDS = 1.0


class AskedSoFar:
    """``before`` and ``failed``: what the same job asked earlier, and the passages that came to nothing."""

    def __init__(
        self,
        ctx: JobContext,
        config: GenerateConfig,
        place: ServerPlace,
        pace: Pace,
        before: Used = NOTHING_USED,
        failed: int = 0,
    ) -> None:
        self._ctx, self._config, self._pace = ctx, config, pace
        self._host = host_of(place.address)
        self._calls, self._sent, self._received = before.calls, before.prompt_tokens, before.completion_tokens
        self._failed = failed
        self._told = time.monotonic()
        self._reason = ""  # of the outage that lasts

    def answered(self, reply: ChatReply) -> None:
        self._calls += 1
        self._sent += reply.prompt_tokens or 0
        self._received += reply.completion_tokens or 0
        if time.monotonic() - self._told >= SECONDS:
            self.tell()

    def failed(self) -> None:
        """A passage came to nothing."""
        self._failed += 1

    def tell(self) -> None:
        """Now."""
        self._told = time.monotonic()
        cost = cost_of(self._config, self._sent, self._received)
        self._ctx.emit(
            Asked(
                calls=self._calls,
                failed=self._failed,
                at_once=self._pace.limit,
                prompt_tokens=self._sent,
                completion_tokens=self._received,
                cost=cost,
            )
        )

    def outage(self, problem: AppError | None) -> None:
        """A server began to fail, for ``problem``, or answers again."""
        self._reason = problem.message if problem else ""
        self.waits(0.0)

    def waits(self, seconds: float) -> None:
        """A server that is away is tried again in so many seconds."""
        self._ctx.emit(Waiting(host=self._host, reason=self._reason, seconds=seconds))
