"""What a run tells about a server: tokens and cost as they come, and how long it waits while the server is away."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from fake_chat import FakeChat, fake_chat

from embtrainer_gui.core.chat import ChatReply, ChatRequest, ServerPlace
from embtrainer_gui.core.chat_batch import Waits, run_batch
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.messages import Asked, Event, Waiting
from embtrainer_gui.stages.asked_so_far import AskedSoFar
from embtrainer_gui.stages.context import JobContext

CONFIG = GenerateConfig(price_in=10, price_out=30)
QUICK = Waits(attempts=2, elapsed=5, first=0.01, longest=0.02, jitter=0, pause=0.05)


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat(models=("m",)) as server:
        yield server


def asked_so_far(events: list[Event], place: ServerPlace, pace: Pace) -> AskedSoFar:
    return AskedSoFar(JobContext(events.append, threading.Event()), CONFIG, place, pace)


def test_that_tokens_and_cost_add_up_and_failures_are_counted() -> None:
    events: list[Event] = []
    so_far = asked_so_far(events, ServerPlace("ollama", "http://localhost:1", "m"), Pace(fixed=3))
    for _ in range(2):
        so_far.answered(ChatReply("{}", "stop", 1000, 200, 0.1))
    so_far.answered(ChatReply("{}", "stop", None, None, 0.1))  # a server that does not count
    so_far.failed()
    so_far.tell()
    assert events == [Asked(calls=3, failed=1, at_once=3, prompt_tokens=2000, completion_tokens=400, cost=0.032)]


def test_that_it_is_told_at_most_once_a_second() -> None:
    events: list[Event] = []
    so_far = asked_so_far(events, ServerPlace("ollama", "http://localhost:1", "m"), Pace())
    for _ in range(1000):
        so_far.answered(ChatReply("{}", "stop", 1, 1, 0.1))
    assert len(events) <= 1


def test_that_an_outage_tells_each_wait_and_its_end(server: FakeChat) -> None:
    events: list[Event] = []
    place, pace = ServerPlace("ollama", server.address, "m"), Pace(fixed=1)
    so_far = asked_so_far(events, place, pace)
    answered: list[int] = []
    server.go_away()

    def on_wait(seconds: float) -> None:
        so_far.waits(seconds)
        if len(events) == 4:
            server.come_back()

    requests = ((number, ChatRequest("", "hello")) for number in range(20))
    run_batch(
        place, 5, requests, pace, lambda number, _: answered.append(number), lambda *_: None, so_far.outage,
        threading.Event(), QUICK, on_wait,
    )  # fmt: skip
    assert len(answered) == 20
    begin, *waits, end = [event for event in events if isinstance(event, Waiting)]
    assert len(waits) >= 3
    assert all(wait.host == place.address.removeprefix("http://") and wait.reason for wait in (begin, *waits))
    assert begin.seconds == 0
    assert 0 < waits[0].seconds <= waits[2].seconds  # longer and longer
    assert (end.reason, end.seconds) == ("", 0)
