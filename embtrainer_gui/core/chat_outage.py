"""When a server fails again and again: pause, try one request from time to time, and go on when one is answered."""

from __future__ import annotations

from collections.abc import Hashable

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_problems import BadReply, ServerAway, ServerBusy

FAILURES, KEYS = 5, 3  # in a row, of so many different requests: one alone can be at fault itself
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0  # seconds between two tries
LONGEST_RETRY_AFTER = 300.0  # seconds that are waited as the server asks; more is an outage


class Outage:
    """A circuit breaker. ``now`` of every call is one monotonic clock in seconds.

    Closed while the server answers. It opens after ``FAILURES`` in a row; then ``may_try`` lets one request through
    when the pause is over, and each that fails doubles the pause.
    """

    def __init__(self, first_pause: float = FIRST_PAUSE) -> None:
        self.problem: AppError | None = None  # why it is open
        self.next_try = 0.0
        self.count = 0  # of outages so far
        self._first_pause = self._pause = first_pause
        self._failures, self._keys = 0, set[Hashable]()
        self._trying = False

    @property
    def is_open(self) -> bool:
        return self.problem is not None

    def may_try(self, now: float) -> bool:
        """Whether one request may go out to see; the next may when this one has ended."""
        if not self._trying and now >= self.next_try:
            self._trying = True
            return True
        return False

    def worked(self) -> bool:
        """The server answered, if only to refuse. Whether this ended an outage."""
        was_open = self.is_open
        self.problem, self._failures, self._pause, self._trying = None, 0, self._first_pause, False
        self._keys.clear()
        return was_open

    def failed(self, key: Hashable, problem: AppError, now: float) -> bool:
        """A request failed by the server's fault (``counts``). Whether this opened an outage."""
        self._failures += 1
        self._keys.add(key)
        if self.is_open:
            if self._trying:
                self._trying = False
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
                self.next_try = now + self._wait(problem)
            return False
        is_unreachable = isinstance(problem, ServerAway) and problem.cause == "unreachable"
        if _asks_for_long(problem) or (self._failures >= FAILURES and (is_unreachable or len(self._keys) >= KEYS)):
            self.open(problem, now)
            return True
        return False

    def open(self, problem: AppError, now: float) -> None:
        self.problem = problem
        self.count += 1
        self._trying = False
        self.next_try = now + self._wait(problem)

    def _wait(self, problem: AppError) -> float:
        asked = problem.retry_after if isinstance(problem, ServerBusy) and problem.retry_after else 0.0
        return max(self._pause, min(asked, LONGEST_RETRY_AFTER))


def counts(problem: AppError) -> bool:
    """Whether a problem is the server's, not that of what was asked."""
    return isinstance(problem, ServerAway | ServerBusy) or (isinstance(problem, BadReply) and problem.is_foreign)


def _asks_for_long(problem: AppError) -> bool:
    return isinstance(problem, ServerBusy) and (problem.retry_after or 0) > LONGEST_RETRY_AFTER
