"""The concurrency that finds its own best, against servers that are simulated without waiting."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass

import pytest

from embtrainer_gui.core.chat_pace import Pace


@dataclass
class Simulated:
    """``slots`` requests are served at once, ``seconds`` each, more queue. ``spread`` of the lengths of answers: sigma
    of a log-normal; ``grows``: a request takes so much longer for each other one being served."""

    slots: int = 1
    seconds: float = 1.0
    spread: float = 0.0
    grows: float = 0.0
    cold: float = 0.0  # seconds before the first begins
    tells_tokens: bool = True
    refuses_at: int = 0  # 429 where so many are there already

    def run(self, pace: Pace, calls: int, seed: int = 0) -> tuple[float, list[int]]:
        """Seconds until all are answered, and the limit at each end of a request."""
        chance = random.Random(seed)
        free = [self.cold] * self.slots  # when each slot is free again
        ends: list[tuple[float, int, int, float, int]] = []  # time, level, number, sent at, tokens; 0 tokens is a 429
        now, sent, left, limits = 0.0, 0, calls, []
        while left:
            while len(ends) < min(pace.limit, left):
                number, sent = sent, sent + 1
                level = pace.sent()
                if self.refuses_at and len(ends) >= self.refuses_at:
                    heapq.heappush(ends, (now + 0.05 * self.seconds, level, number, now, 0))
                    continue
                length = math.exp(chance.gauss(0, self.spread))
                begin = max(now, heapq.heappop(free))
                end = begin + self.seconds * length * (1 + self.grows * len(ends))
                heapq.heappush(free, end)
                heapq.heappush(ends, (end, level, number, now, max(1, int(100 * length))))
            now, level, _, at, tokens = heapq.heappop(ends)
            if tokens:
                left -= 1
                pace.took(level, now - at, tokens if self.tells_tokens else None)
            else:
                pace.too_many(level)
            limits.append(pace.limit)
        return now, limits

    def best(self, calls: int, seed: int = 0) -> float:
        return min(self.run(Pace(fixed=count), calls, seed)[0] for count in (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64))


PROFILES = {
    "one slot": (Simulated(1), 100),
    "four slots": (Simulated(4), 300),
    "64 slots": (Simulated(64), 2000),
    "64 slots, long batch": (Simulated(64), 10_000),
    "ten slots": (Simulated(10), 800),
    "uneven answers": (Simulated(64, spread=0.5), 2500),
    "uneven answers, four slots": (Simulated(4, spread=0.5), 400),
    "uneven answers without counts": (Simulated(64, spread=0.3, tells_tokens=False), 2500),
    "slower together": (Simulated(64, grows=0.02), 2500),
    "one that only gets slower": (Simulated(64, grows=1.2), 100),
    "cold, one slot": (Simulated(1, cold=30), 200),
    "cold, 64 slots": (Simulated(64, cold=30), 2500),
}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("seed", range(5))
def test_that_it_comes_within_ten_percent_of_the_best_fixed_one(name: str, seed: int) -> None:
    server, calls = PROFILES[name]
    seconds, limits = server.run(Pace(), calls, seed)
    best = server.best(calls, seed)
    print(
        name,
        seed,
        round(best / seconds, 3),
        round(seconds / server.run(Pace(fixed=1), calls, seed)[0], 3),
        limits[:: max(1, len(limits) // 30)],
    )
    assert seconds <= best / 0.9
