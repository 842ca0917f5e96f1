"""How a stage asks one server: as much at once as it takes, again where it is busy or away for a while, and nothing
more once it is given up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import stamina
import stamina.instrumentation

from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_problems import ServerAway, ServerBusy

FIRST_PAUSE, LONGEST_PAUSE, JITTER = 1.0, 10.0, 1.0  # seconds between two tries
BUSY_SECONDS = 600.0  # that one request is tried while the server is busy with others
AWAY_SECONDS = 60.0  # that a server which answered before may be away, for example to start again
MOST_FAILURES = 2  # of one request by the server's own fault: then it may be the request's
MOST_LOST = 3  # requests given up in a row: the server is no use

Result = TypeVar("Result")

stamina.instrumentation.set_on_retry_hooks([])  # else each retry is a line of its own among the errors


class Gate:
    """``down`` is why the server was given up: then every ``ask`` raises it at once."""

    def __init__(self, pace: Pace) -> None:
        self.down: AppError | None = None
        self._pace = pace
        self._in_flight = 0
        self._lost = 0
        self._free = asyncio.Condition()

    async def ask(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """The result of ``request``, which is made again while that may help. Cancellable at any time.

        Raises whatever it raised last, or the problem that ended the server for all.
        """
        patience = _Patience(self)
        async with self._place():  # kept while it waits: a server that is away is asked by no others meanwhile
            async for attempt in stamina.retry_context(
                on=patience,
                attempts=None,
                timeout=BUSY_SECONDS,
                wait_initial=FIRST_PAUSE,
                wait_max=LONGEST_PAUSE,
                wait_jitter=JITTER,
            ):
                with attempt:
                    return await self._once(request)
        raise AssertionError("stamina gives a result or raises")

    async def _once(self, request: Callable[[], Awaitable[Result]]) -> Result:
        if self.down is not None:
            raise self.down
        level, start = self._pace.sent(), time.monotonic()
        try:
            result = await request()
        except ServerBusy:
            self._pace.too_many(level)
            raise
        self._lost = 0
        self._pace.took(level, time.monotonic() - start, None)
        return result

    def give_up(self, problem: AppError, *, all_of_it: bool) -> None:
        """A request was given up for the server's fault; ``all_of_it``: so is the server."""
        self._lost += 1
        if all_of_it or self._lost >= MOST_LOST:
            self.down = self.down or problem

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        async with self._free:
            await self._free.wait_for(lambda: self._in_flight < self._pace.limit)
            self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1
            async with self._free:
                self._free.notify_all()


class _Patience:
    """Whether, and after how many seconds, one request is made again."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._away_since: float | None = None
        self._failures = 0

    def __call__(self, problem: Exception) -> bool | float:
        if self._gate.down is not None:
            return False
        if isinstance(problem, ServerBusy):
            self._away_since = None
            return problem.retry_after or True
        if not isinstance(problem, ServerAway):
            return False
        now = time.monotonic()
        self._away_since = self._away_since or now
        self._failures += problem.cause == "failed"
        too_long = now - self._away_since > AWAY_SECONDS
        if problem.cause != "silent" and self._failures < MOST_FAILURES and not too_long:
            return True
        self._gate.give_up(problem, all_of_it=too_long)
        return False
