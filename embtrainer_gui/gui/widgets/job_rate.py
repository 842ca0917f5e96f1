"""How fast a job goes and how long it still takes, from the last half minute of its progress."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 30.0
LEAST_SECONDS = 1.0  # before a rate is worth showing


class JobRate:
    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._total = 0

    def add(self, at: float, done: int, total: int) -> None:
        """``at``: seconds of a monotonic clock. A smaller count or another total is a new phase."""
        if self._seen and (total != self._total or done < self._seen[-1][1]):
            self._seen.clear()
        self._total = total
        self._seen.append((at, done))
        while len(self._seen) > 2 and at - self._seen[0][0] > WINDOW_SECONDS:
            self._seen.popleft()

    def clear(self) -> None:
        self._seen.clear()

    def per_second(self) -> float | None:
        if len(self._seen) < 2:
            return None
        (since, first), (until, last) = self._seen[0], self._seen[-1]
        if until - since < LEAST_SECONDS or last <= first:
            return None
        return (last - first) / (until - since)

    def remaining(self, now: float) -> float | None:
        """Seconds from ``now``."""
        rate = self.per_second()
        if rate is None:
            return None
        at, done = self._seen[-1]
        return max(0.0, (self._total - done) / rate - (now - at))
