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
        now, sent, inside, left, limits = 0.0, 0, 0, calls, []
        while left:
            while len(ends) < min(pace.limit, left):
                number, sent = sent, sent + 1
                level = pace.sent()
                if self.refuses_at and inside >= self.refuses_at:
                    heapq.heappush(ends, (now + 0.05 * self.seconds, level, number, now, 0))
                    continue
                inside += 1
                length = math.exp(chance.gauss(0, self.spread))
                begin = max(now, heapq.heappop(free))
                end = begin + self.seconds * length * (1 + self.grows * len(ends))
                heapq.heappush(free, end)
                heapq.heappush(ends, (end, level, number, now, max(1, int(100 * length))))
            now, level, _, at, tokens = heapq.heappop(ends)
            if tokens:
                left, inside = left - 1, inside - 1
                pace.took(level, now - at, tokens if self.tells_tokens else None)
            else:
                pace.too_many(level)
            limits.append(pace.limit)
        return now, limits

    def best(self, calls: int, seed: int) -> float:
        """Seconds of the best fixed one of some around the slots."""
        return min(self.run(Pace(fixed=count), calls, seed)[0] for count in {1, self.slots, min(64, 2 * self.slots)})


PROFILES = {
    "one slot": (Simulated(1), 100),
    "four slots": (Simulated(4), 300),
    "ten slots": (Simulated(10), 600),
    "64 slots": (Simulated(64), 2000),
    "uneven answers": (Simulated(64, spread=0.5), 2500),
    "uneven answers, four slots": (Simulated(4, spread=0.5), 400),
    "uneven answers without counts": (Simulated(64, spread=0.3, tells_tokens=False), 2500),
    "slower together": (Simulated(64, grows=0.02), 2500),
    "one that only gets slower": (Simulated(64, grows=1.2), 100),
    "one slot, cold": (Simulated(1, cold=30), 200),
    "64 slots, cold": (Simulated(64, cold=30), 2500),
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", PROFILES)
def test_that_it_comes_within_ten_percent_of_the_best_fixed_one(name: str, seed: int) -> None:
    server, calls = PROFILES[name]
    seconds, _ = server.run(Pace(), calls, seed)
    assert seconds <= server.best(calls, seed) / 0.9


@pytest.mark.parametrize("name", ["one slot", "four slots", "64 slots", "uneven answers, four slots"])
def test_that_it_is_never_slower_than_one_at_a_time(name: str) -> None:
    server, calls = PROFILES[name]
    for some in (1, 2, 3, 5, 10, 30, calls):
        assert server.run(Pace(), some)[0] <= server.run(Pace(fixed=1), some)[0] * 1.01


def test_that_few_wait_at_a_server_with_one_slot() -> None:
    _, limits = Simulated(1).run(Pace(), 200)
    assert max(limits[60:]) <= 3
    _, limits = Simulated(1, cold=30).run(Pace(), 400)
    assert max(limits[300:]) <= 6


def test_that_a_server_that_says_too_many_gets_half_and_then_slowly_more() -> None:
    pace = Pace(start=16)
    old = pace.sent()
    for _ in range(10):
        pace.too_many(old)  # all that were sent before are one reason, not ten
    assert pace.limit == 8
    for _ in range(9 * 8):
        pace.took(pace.sent(), 1.0, None)
    assert 8 < pace.limit < 16


def test_that_refusals_become_rare_at_a_server_that_takes_ten() -> None:
    refusals = 0

    class Counted(Pace):
        def too_many(self, level: int) -> None:
            nonlocal refusals
            refusals += 1
            super().too_many(level)

    seconds, limits = Simulated(64, refuses_at=10).run(Counted(), 1000)
    assert seconds <= 1000 / 10 / 0.8
    assert max(limits[-300:]) <= 15
    assert refusals < 100


def test_that_a_step_waits_where_a_queue_would_use_up_the_deadline() -> None:
    pace = Pace(start=2, patience=100)
    for _ in range(2):
        pace.took(pace.sent(), 20.0, None)
    assert pace.limit == 5  # 100 s are twice what five wait for, one after the other


def test_that_a_fixed_one_stays() -> None:
    server = Simulated(64, refuses_at=3)
    assert set(server.run(Pace(fixed=7), 50)[1]) == {7}
