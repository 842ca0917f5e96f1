"""How well a server of language models is used: one JSON line.

    python tests/bench/chat_speed.py [--calls 2000] [--latency 1.0] [--only ideal|tuned]

``ideal``: calls of a fixed latency, 64 in flight; goal: 0.95 of the 64 calls a second that are possible, after Little's
law. ``tuned``: for a server with 1, 4 and 64 slots (more requests queue there; latency varies by 20 %), the seconds
that a batch takes with the self-tuned concurrency and with each fixed one; goal: within 10 % of the best fixed one, and
never slower than one at a time. The server runs in a process of its own; both share the processors.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embtrainer_gui.core.chat_batch import run_batch
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.chat_types import ChatRequest, ServerPlace

SERVER = Path(__file__).resolve().parents[1] / "fake_chat.py"
IN_FLIGHT = 64
GOAL_IDEAL, GOAL_TUNED = 0.95, 0.9
PROFILES = {1: (40, 0.1), 4: (200, 0.2), 64: (2000, 0.5)}
"""Calls and latency in seconds, by slots."""
FIXED = {1: (1, 2, 4), 4: (1, 2, 4, 8), 64: (32, 48, 64)}
"""What is tried; one at a time at 64 slots is calculated: it is 16 minutes of waiting."""


@contextmanager
def server(**options: float) -> Iterator[str]:
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, str(SERVER), "--kind", "openai", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(10)


def seconds_for(address: str, calls: int, pace: Pace) -> float:
    """Wall clock of a batch, from before the client is made to its end."""
    place = ServerPlace("openai", address, "small-model")
    requests = ((number, ChatRequest("Answer.", f"Passage {number} " + "x" * 2000)) for number in range(calls))
    replies: set[int] = set()
    start = time.perf_counter()
    run_batch(place, 120, requests, pace, lambda key, _: replies.add(key), _fail, _fail_all, threading.Event())
    assert len(replies) == calls
    return time.perf_counter() - start


def _fail(key: int, problem: Exception) -> None:
    raise problem


def _fail_all(problem: Exception | None) -> None:
    raise AssertionError(problem)


def ideal(calls: int, latency: float) -> dict[str, Any]:
    with server(latency=latency) as address:
        seconds_for(address, 1, Pace(fixed=1))  # libraries are loaded
        seconds = seconds_for(address, calls, Pace(fixed=IN_FLIGHT))
    rate, best = calls / seconds, IN_FLIGHT / latency
    return {"calls": calls, "latency": latency, "seconds": round(seconds, 2), "calls_a_second": round(rate, 2),
            "of_ideal": round(rate / best, 4), "reached": rate / best >= GOAL_IDEAL}  # fmt: skip


def tuned(slots: int) -> dict[str, Any]:
    calls, latency = PROFILES[slots]
    with server(latency=latency, slots=slots, jitter=0.2) as address:
        seconds_for(address, 1, Pace(fixed=1))
        pace = Pace()
        own = seconds_for(address, calls, pace)
        fixed = {count: round(seconds_for(address, calls, Pace(fixed=count)), 2) for count in FIXED[slots]}
    one = fixed.get(1, calls * latency)
    best = min(fixed.values())
    return {"slots": slots, "calls": calls, "latency": latency, "tuned": round(own, 2), "ended_at": pace.limit,
            "fixed": fixed, "of_best": round(best / own, 4),
            "reached": best / own >= GOAL_TUNED and own <= one * 1.02}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--latency", type=float, default=1.0)
    parser.add_argument("--only", choices=["ideal", "tuned"])
    options = parser.parse_args()
    row: dict[str, Any] = {"bench": "chat_speed"}
    if options.only != "tuned":
        row["ideal"] = ideal(options.calls, options.latency)
    if options.only != "ideal":
        row["tuned"] = [tuned(slots) for slots in PROFILES]
    print(json.dumps(row))


if __name__ == "__main__":
    main()
