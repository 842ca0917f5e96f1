"""How a stage asks one server: as much at once as it takes, again where it is busy or away for a while, and nothing
more once it is given up."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina
import stamina.instrumentation

from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_problems import ServerAway, ServerBusy

FIRST_PAUSE, LONGEST_PAUSE, JITTER = 1.0, 10.0, 1.0  # seconds between two tries
IN_LINE = 0.001  # seconds; then it waits until one of ours is served
BUSY_SECONDS = 600.0  # that a server may be busy with others and serve none of ours
AWAY_SECONDS = 60.0  # that a server which answered before may be away, for example to start again
MOST_FAILURES = 2  # of one request by the server's own fault: then it may be the request's
MOST_LOST = 3  # requests given up in a row: the server is no use
LONGEST_HOLD = 16

Result = TypeVar("Result")

stamina.instrumentation.set_on_retry_hooks([])  # else each retry is a line of its own among the errors


class Gate:
    """``down`` is why the server was given up: then every ``ask`` raises it at once.

    At most ``limit`` requests have a place: what the pace allows, and no more than were served at the same time when
    the server refused one (503, 429); one more is tried after a while. A place is kept while the server is away, so
    that it is not asked by all in turn.
    """

    def __init__(self, pace: Pace) -> None:
        self.down: AppError | None = None
        self.served_at = time.monotonic()
        self.running = 0  # requests that the server has now
        self._pace = pace
        self._taken = 0  # places
        self._line: deque[asyncio.Future[None]] = deque()
        self._ceiling = 10**6
        self._hold, self._held = 2, 0  # rounds of the ceiling to wait before one more, and requests served since
        self._lost = 0

    @property
    def limit(self) -> int:
        return min(self._pace.limit, self._ceiling)

    async def ask(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """The result of ``request``, which is made again while that may help. Cancellable at any time.

        Raises whatever it raised last, or the problem that ended the server for all.
        """
        place = _Place(self)
        patience = _Patience(self, place)
        await place.take()
        try:
            async for attempt in stamina.retry_context(
                on=patience,
                attempts=None,
                timeout=None,  # the patience knows how long
                wait_initial=FIRST_PAUSE,
                wait_max=LONGEST_PAUSE,
                wait_jitter=JITTER,
            ):
                with attempt:
                    await place.take()
                    return await self._once(request)
        finally:
            place.leave()
        raise AssertionError("stamina gives a result or raises")

    def give_up(self, problem: AppError, *, all_of_it: bool) -> None:
        """A request was given up for the server's fault; ``all_of_it``: so is the server."""
        self._lost += 1
        if all_of_it or self._lost >= MOST_LOST:
            self.down = self.down or problem

    async def enter(self) -> None:
        """Wait for a place."""
        if not self._line and self._taken < self.limit:
            self._taken += 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given just now
                self.leave()
            raise

    def leave(self) -> None:
        self._taken -= 1
        while self._line and self._taken < self.limit:
            first = self._line.popleft()
            if not first.done():
                self._taken += 1
                first.set_result(None)

    async def _once(self, request: Callable[[], Awaitable[Result]]) -> Result:
        if self.down is not None:
            raise self.down
        level, start = self._pace.sent(), time.monotonic()
        self.running += 1
        try:
            result = await request()
        except ServerBusy:
            self._pace.too_many(level)
            self._ceiling = max(1, self.running - 1)
            self._hold, self._held = min(2 * self._hold, LONGEST_HOLD), 0
            raise
        finally:
            self.running -= 1
        self._lost = 0
        self.served_at = time.monotonic()
        self._pace.took(level, self.served_at - start, None)
        self._held += 1
        if self._held >= self._hold * self._ceiling:
            self._ceiling, self._held = self._ceiling + 1, 0
        return result


class _Place:
    """Of one request at the gate; taken or not."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._is_taken = False

    async def take(self) -> None:
        if not self._is_taken:
            await self._gate.enter()
            self._is_taken = True

    def leave(self) -> None:
        if self._is_taken:
            self._is_taken = False
            self._gate.leave()


class _Patience:
    """Whether, and after how many seconds, one request is made again."""

    def __init__(self, gate: Gate, place: _Place) -> None:
        self._gate, self._place = gate, place
        self._busy_since: float | None = None
        self._away_since: float | None = None
        self._failures = 0

    def __call__(self, problem: Exception) -> bool | float:
        if self._gate.down is not None:
            return False
        if isinstance(problem, ServerBusy):
            return self._busy(problem)
        return isinstance(problem, ServerAway) and self._away(problem)

    def _busy(self, problem: ServerBusy) -> bool | float:
        now = time.monotonic()
        self._away_since, self._busy_since = None, self._busy_since or now
        if now - max(self._busy_since, self._gate.served_at) > BUSY_SECONDS:
            return False
        if problem.retry_after:
            return problem.retry_after
        if not self._gate.running:
            return True
        self._place.leave()
        return IN_LINE

    def _away(self, problem: ServerAway) -> bool:
        now = time.monotonic()
        self._away_since = self._away_since or now
        self._failures += problem.cause == "failed"
        too_long = now - self._away_since > AWAY_SECONDS
        if problem.cause != "silent" and self._failures < MOST_FAILURES and not too_long:
            return True
        self._gate.give_up(problem, all_of_it=too_long)
        return False
