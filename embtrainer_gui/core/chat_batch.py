"""Many requests to one server: as many at once as it takes, one policy of retries, and pauses while it is away."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import stamina

from embtrainer_gui.core.chat import ChatClient
from embtrainer_gui.core.chat_outage import FIRST_PAUSE, LONGEST_PAUSE, LONGEST_RETRY_AFTER, Outage, counts
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.chat_types import ChatReply, ChatRequest, ServerPlace
from embtrainer_gui.core.errors import AppError, Cancelled
from embtrainer_gui.core.server_problems import (
    BadReply,
    FormatRefused,
    KeyRefused,
    PlaceRefused,
    ServerAway,
    ServerBusy,
)

Key = TypeVar("Key", bound=Hashable)
Requests = Iterable[tuple[Key, ChatRequest]]
BAD_REPLIES = 3  # attempts that may end in an answer without a text
MOST_FAILURES = 8  # of one request over all outages in which the server answered: then the request is at fault
MOST_FORMATS = 8  # settings that a server can turn out not to know
HOPELESS = 10  # requests in a row that failed, and none that was answered: the rest would, too
LOOK_SECONDS = 0.05  # between two looks at the cancel flag

stamina.instrumentation.set_on_retry_hooks(())  # a line of its log for each would stand on the user's terminal


@dataclass(frozen=True, slots=True)
class Waits:
    """Of a request that failed: ``attempts`` in all within ``elapsed`` seconds, exponential waits with jitter.

    ``pause`` is the first one of an outage, each further one is twice as long up to ``longest_pause``; all in seconds.
    """

    attempts: int = 5
    elapsed: float = 900.0
    first: float = 1.0
    longest: float = 30.0
    jitter: float = 1.0
    pause: float = FIRST_PAUSE
    longest_pause: float = LONGEST_PAUSE


@dataclass(slots=True)
class Tally:
    """``requests`` counts what really went out, tries included."""

    requests: int = 0
    replies: int = 0
    problems: int = 0
    outages: int = 0
    most_in_flight: int = 0


@dataclass(slots=True)
class _Item(Generic[Key]):
    """``has_place``: it may go out now, and counts as in flight."""

    key: Key
    request: ChatRequest
    has_place: bool
    formats: int = 0  # settings refused so far
    failures: int = 0  # of all its tries, those that began in an outage included
    bad: int = 0  # answers without a text


OnReply = Callable[[Key, ChatReply], Requests[Key] | None]
OnProblem = Callable[[Key, AppError], Requests[Key] | None]
OnOutage = Callable[[AppError | None], None]
OnWait = Callable[[float], None]
"""Of the seconds until a server that is away is tried again: comes with every try that failed."""


def run_batch(
    place: ServerPlace,
    total_seconds: float,
    requests: Requests[Key],
    pace: Pace,
    on_reply: OnReply[Key],
    on_problem: OnProblem[Key],
    on_outage: OnOutage,
    cancelled: threading.Event,
    waits: Waits | None = None,
    on_wait: OnWait | None = None,
    connect: Callable[[ServerPlace, float], ChatClient] = ChatClient,
) -> Tally:
    """``ask_all`` for a caller without an event loop. ``requests`` is read and every callback comes on its thread.

    ``connect`` gives the client that asks.
    """

    async def run() -> Tally:
        async with connect(place, total_seconds) as client:
            return await ask_all(client, requests, pace, on_reply, on_problem, on_outage, cancelled, waits, on_wait)

    return asyncio.run(run())


async def ask_all(
    client: ChatClient,
    requests: Requests[Key],
    pace: Pace,
    on_reply: OnReply[Key],
    on_problem: OnProblem[Key],
    on_outage: OnOutage,
    cancelled: threading.Event,
    waits: Waits | None = None,
    on_wait: OnWait | None = None,
) -> Tally:
    """Ask everything of ``requests``, which is read as far as there is room for; each key gets exactly one callback.

    ``on_reply(key, reply)`` comes as soon as a reply is there, ``on_problem(key, problem)`` when a request has used up
    its attempts; either may return more requests. ``on_outage(problem)`` tells that the server fails and that all waits
    for it, ``on_outage(None)`` that it answers again; between the two ``on_wait`` tells when it is tried again. What
    was in flight when this raises had no callback: it can be asked again. An exception of a callback ends it, too.

    Raises:
        Cancelled: ``cancelled`` was set.
        KeyRefused, PlaceRefused: true of every request.
        RequestRefused, BadReply: of the last of ten, when not one was answered.
    """
    batch = _Batch(client, iter(requests), pace, on_reply, on_problem, on_outage, waits or Waits(), on_wait)
    return await batch.run(cancelled)


class _Batch(Generic[Key]):
    def __init__(
        self,
        client: ChatClient,
        requests: Iterator[tuple[Key, ChatRequest]],
        pace: Pace,
        on_reply: OnReply[Key],
        on_problem: OnProblem[Key],
        on_outage: OnOutage,
        waits: Waits,
        on_wait: OnWait | None = None,
    ) -> None:
        self._client, self._requests, self._pace, self._waits = client, requests, pace, waits
        self._on_reply, self._on_problem, self._on_outage = on_reply, on_problem, on_outage
        self._on_wait = on_wait
        self._outage = Outage(waits.pause, waits.longest_pause)
        self._tally = Tally()
        self._next: deque[tuple[Key, ChatRequest]] = deque()
        self._at_gate: deque[asyncio.Future[None]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight = 0
        self._hold_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        pace.patience = client.total_seconds

    async def run(self, cancelled: threading.Event) -> Tally:
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._pump()
            while not self._done.done():
                if cancelled.is_set():
                    raise Cancelled
                await asyncio.wait([self._done], timeout=LOOK_SECONDS)
            await self._done
        finally:
            await self._end()
        self._tally.outages = self._outage.count
        return self._tally

    async def _end(self) -> None:
        self._done.cancel()
        if self._timer:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # One request until its callback

    async def _serve(self, item: _Item[Key]) -> None:
        while True:
            try:
                reply = await self._with_retries(item)
            except (KeyRefused, PlaceRefused):
                raise
            except AppError as problem:
                if not self._goes_on(item, problem):
                    self._give_up(item.key, problem)
                    return
            else:
                self._tally.replies += 1
                self._next.extend(self._on_reply(item.key, reply) or ())
                return

    def _goes_on(self, item: _Item[Key], problem: AppError) -> bool:
        """Whether a request that used up its attempts is tried afresh: the fault is not its own."""
        if isinstance(problem, FormatRefused):
            item.formats += 1
            return item.formats <= MOST_FORMATS
        if isinstance(problem, ServerBusy) and not self._outage.is_open:
            self._outage.open(problem, time.monotonic())
            self._tell_outage(problem)
            self._tell_wait()
        return counts(problem) and self._outage.is_open and item.failures < MOST_FAILURES

    def _give_up(self, key: Key, problem: AppError) -> None:
        self._tally.problems += 1
        self._next.extend(self._on_problem(key, problem) or ())
        if self._tally.problems >= HOPELESS and not self._tally.replies:
            raise problem

    async def _with_retries(self, item: _Item[Key]) -> ChatReply:
        waits = self._waits
        async for attempt in stamina.retry_context(
            on=lambda problem: self._again(item, problem),
            attempts=waits.attempts,
            timeout=waits.elapsed,
            wait_initial=waits.first,
            wait_max=waits.longest,
            wait_jitter=waits.jitter,
        ):
            with attempt:
                return await self._once(item)
        raise AssertionError("the last attempt raises")

    def _again(self, item: _Item[Key], problem: Exception) -> bool | float:
        """Whether an attempt is followed by another, or after how many seconds. In an outage all wait at the gate."""
        if self._outage.is_open or item.bad >= BAD_REPLIES:
            return False
        if isinstance(problem, ServerBusy) and problem.retry_after is not None:
            return min(problem.retry_after, LONGEST_RETRY_AFTER)
        return isinstance(problem, ServerAway | ServerBusy | BadReply)

    async def _once(self, item: _Item[Key]) -> ChatReply:
        if not item.has_place:
            await self._gate()
        item.has_place = False
        level = self._pace.sent()
        self._tally.requests += 1
        try:
            reply = await self._client.ask(item.request)
            self._pace.took(level, reply.seconds, reply.completion_tokens)
            self._answered()
            return reply
        except AppError as problem:
            self._note(item, problem, level)
            raise
        finally:
            self._in_flight -= 1
            self._pump()

    def _answered(self) -> None:
        if self._outage.worked():
            self._tell_outage(None)

    def _note(self, item: _Item[Key], problem: AppError, level: int) -> None:
        """What a failure says about the request and about the server."""
        item.bad += isinstance(problem, BadReply)
        if not counts(problem):
            self._answered()
            return
        now, cause = time.monotonic(), getattr(problem, "cause", "")
        item.failures += isinstance(problem, BadReply) or cause in ("failed", "silent")
        if isinstance(problem, ServerBusy) or cause == "silent":
            self._pace.too_many(level)
        if isinstance(problem, ServerBusy) and problem.retry_after is not None:
            self._hold_until = max(self._hold_until, now + min(problem.retry_after, LONGEST_RETRY_AFTER))
        if self._outage.failed(item.key, problem, now):
            self._tell_outage(problem)
        self._tell_wait()

    def _tell_outage(self, problem: AppError | None) -> None:
        with self._ends_all():
            self._on_outage(problem)

    def _tell_wait(self) -> None:
        if self._on_wait is not None and self._outage.is_open:
            with self._ends_all():
                self._on_wait(max(0.0, self._outage.next_try - time.monotonic()))

    @contextmanager
    def _ends_all(self) -> Iterator[None]:
        """Within a request: else an error of a callback would count as one of its tries."""
        try:
            yield
        except Exception as problem:  # noqa: BLE001 - run() raises it
            if not self._done.done():
                self._done.set_exception(problem)

    # Who may send

    async def _gate(self) -> None:
        """Wait for a place in flight, which the caller then has."""
        place = asyncio.get_running_loop().create_future()
        self._at_gate.append(place)
        self._pump()
        await place

    def _may_send(self) -> bool:
        now = time.monotonic()
        if self._outage.is_open:
            return self._outage.may_try(now)
        return now >= self._hold_until and self._in_flight < self._pace.limit

    def _pump(self) -> None:
        """Let out what may go: those who wait, then new requests; end when there is nothing left."""
        if self._done.done():
            return
        while self._at_gate and self._may_send():
            self._in_flight += 1
            self._at_gate.popleft().set_result(None)
        try:
            is_over = not self._start_new() and not self._tasks
        except Exception as problem:  # noqa: BLE001 - of the caller's iterator: run() raises it
            self._done.set_exception(problem)
            return
        self._tally.most_in_flight = max(self._tally.most_in_flight, self._in_flight)
        if is_over:
            self._done.set_result(None)
        else:
            self._set_timer()

    def _start_new(self) -> bool:
        """Start what there is room for; whether there is or may be more. Those that wait to be tried again bound it."""
        most = 4 * self._pace.limit + 64 if self._tally.replies else max(self._pace.limit, HOPELESS)
        while not self._at_gate and len(self._tasks) < most:
            if not self._has_next():
                return False
            if not self._may_send():
                return True
            self._in_flight += 1
            key, request = self._next.popleft()
            task = asyncio.get_running_loop().create_task(self._serve(_Item(key, request, has_place=True)))
            self._tasks.add(task)
            task.add_done_callback(self._on_task_done)
        return True

    def _has_next(self) -> bool:
        if not self._next:
            self._next.extend(itertools.islice(self._requests, 1))
        return bool(self._next)

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        problem = None if task.cancelled() else task.exception()
        if problem is not None and not self._done.done():
            self._done.set_exception(problem)
        self._pump()

    def _set_timer(self) -> None:
        """Look again when a pause is over."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        until = self._outage.next_try if self._outage.is_open else self._hold_until
        seconds = until - time.monotonic()
        if seconds > 0:
            self._timer = asyncio.get_running_loop().call_later(seconds + 0.001, self._pump)
