"""Many requests to one server: retries that are counted, pauses, stopping, and nothing lost or doubled."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import fake_chat
import pytest
from fake_chat import HANG, FakeChat, Fault

from embtrainer_gui.core import chat_protocol
from embtrainer_gui.core.chat_batch import HOPELESS, Tally, Waits, run_batch
from embtrainer_gui.core.chat_outage import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Outage
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.chat_types import ChatReply, ChatRequest, ServerPlace
from embtrainer_gui.core.errors import AppError, Cancelled
from embtrainer_gui.core.server_problems import (
    BadReply,
    KeyRefused,
    PlaceRefused,
    RequestRefused,
    ServerAway,
    ServerBusy,
)

QUICK = Waits(first=0.02, longest=0.1, jitter=0.02, pause=0.1, longest_pause=0.2)


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat.fake_chat(latency=0.01) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_protocol, "_dialects", {})


def requests(count: int) -> Iterator[tuple[int, ChatRequest]]:
    return ((number, ChatRequest("", f"passage {number}", {"type": "object"})) for number in range(count))


@dataclass
class Batch:
    """What a batch told, and who may end it."""

    server: FakeChat
    replies: list[int] = field(default_factory=list)
    problems: dict[int, AppError] = field(default_factory=dict)
    outages: list[AppError | None] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    cancelled: threading.Event = field(default_factory=threading.Event)
    seconds: float = 5

    def run(self, asked: Iterable[tuple[int, ChatRequest]], pace: Pace | None = None, waits: Waits = QUICK) -> Tally:
        place = ServerPlace("openai", self.server.address, "small-model")
        return run_batch(
            place, self.seconds, asked, pace or Pace(), self.on_reply, self.on_problem, self.on_outage, self.cancelled,
            waits,
        )  # fmt: skip

    def on_reply(self, key: int, reply: ChatReply) -> Iterable[tuple[int, ChatRequest]] | None:
        self.replies.append(key)
        self.threads.add(threading.get_ident())
        return None

    def on_problem(self, key: int, problem: AppError) -> None:
        assert key not in self.problems
        self.problems[key] = problem

    def on_outage(self, problem: AppError | None) -> None:
        self.outages.append(problem)


def in_background(action: Any) -> threading.Thread:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


def wait_until(is_so: Any) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


# All goes well


def test_that_each_request_is_answered_once_on_the_callers_thread(server: FakeChat) -> None:
    batch = Batch(server)
    tally = batch.run(requests(60))
    assert sorted(batch.replies) == list(range(60))
    assert (tally.requests, tally.replies, tally.problems) == (60, 60, 0)
    assert batch.threads == {threading.get_ident()}
    assert sorted(asked.user for asked in server.chats) == sorted(f"passage {number}" for number in range(60))


def test_that_requests_are_read_only_as_far_as_there_is_room(server: FakeChat) -> None:
    read = 0

    def asked() -> Iterator[tuple[int, ChatRequest]]:
        nonlocal read
        for item in requests(40):
            read += 1
            assert read <= server.answered + 4 + 2
            yield item

    assert Batch(server).run(asked(), Pace(fixed=4)).most_in_flight == 4
    assert server.most_in_flight == 4


def test_that_nothing_to_ask_ends_at_once(server: FakeChat) -> None:
    assert Batch(server).run(iter(())) == Tally()


def test_that_an_answer_can_bring_more_requests(server: FakeChat) -> None:
    class More(Batch):
        def on_reply(self, key: int, reply: ChatReply) -> Iterable[tuple[int, ChatRequest]] | None:
            super().on_reply(key, reply)
            return [(key + 100, ChatRequest("", "more"))] if key < 5 else None

    batch = More(server)
    batch.run(requests(5))
    assert sorted(batch.replies) == [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]


def test_that_a_setting_a_server_refuses_costs_no_passage(server: FakeChat) -> None:
    server.refuses = ("json_schema",)
    batch = Batch(server)
    tally = batch.run(requests(20))
    assert sorted(batch.replies) == list(range(20))
    assert tally.requests <= 20 + 2


# One request fails


def test_that_a_failing_request_is_tried_again_and_counted(server: FakeChat) -> None:
    server.faults = [fake_chat.error(500), fake_chat.RESET, fake_chat.html()]
    batch = Batch(server)
    tally = batch.run(requests(1), Pace(fixed=1))
    assert (tally.requests, batch.replies) == (4, [0])
    assert batch.outages == []


def test_that_a_request_that_always_fails_uses_up_its_attempts_while_the_others_go_on(server: FakeChat) -> None:
    answer_well(server, but={3: fake_chat.error(500)})
    batch = Batch(server)
    batch.run(requests(30))
    assert set(batch.problems) == {3}
    assert isinstance(batch.problems[3], ServerAway)
    assert sum(asked.user == "passage 3" for asked in server.chats) == QUICK.attempts
    assert len(batch.replies) == 29


@pytest.mark.parametrize(
    ("fault", "kind", "times"), [(fake_chat.error(400), RequestRefused, 1), (fake_chat.NULL, BadReply, 3)]
)
def test_that_what_would_fail_again_is_asked_seldom(
    server: FakeChat, fault: Fault, kind: type[AppError], times: int
) -> None:
    answer_well(server, but={2: fault})
    batch = Batch(server)
    batch.run(requests(10))
    assert isinstance(batch.problems[2], kind)
    assert sum(asked.user == "passage 2" for asked in server.chats) == times
    assert len(batch.replies) == 9


def test_that_a_problem_can_bring_a_smaller_request(server: FakeChat) -> None:
    class Smaller(Batch):
        def on_problem(self, key: int, problem: AppError) -> Any:
            super().on_problem(key, problem)
            return [(key + 100, ChatRequest("", "half of it"))]

    answer_well(server, but={2: fake_chat.error(413)})
    batch = Smaller(server)
    batch.run(requests(5))
    assert sorted(batch.replies) == [0, 1, 3, 4, 102]


# The server fails


def test_that_a_storm_pauses_and_marks_nothing(server: FakeChat) -> None:
    server.fault = fake_chat.error(500)
    batch = Batch(server)
    thread = in_background(lambda: stopped_run(batch, requests(500), Waits(first=0.02, longest=0.1, jitter=0.02)))
    wait_until(lambda: batch.outages)
    time.sleep(0.1)
    asked = len(server.chats)
    time.sleep(0.4)
    assert len(server.chats) == asked <= 2 * FAILURES  # the next try is seconds away
    assert (batch.replies, batch.problems) == ([], {})
    batch.cancelled.set()
    thread.join(5)
    assert not thread.is_alive()


def test_that_an_outage_ends_by_itself_with_no_gap_and_no_double(server: FakeChat) -> None:
    batch = Batch(server)
    thread = in_background(lambda: batch.run(requests(150), Pace(fixed=8)))
    wait_until(lambda: len(batch.replies) >= 20)
    server.go_away()
    wait_until(lambda: batch.outages)
    before = list(batch.replies)
    time.sleep(0.5)
    assert batch.replies == before
    server.come_back()
    thread.join(20)
    assert sorted(batch.replies) == list(range(150))
    assert batch.problems == {}
    assert isinstance(batch.outages[0], ServerAway)
    assert batch.outages[-1] is None


def test_that_a_storm_ends_when_one_request_is_answered(server: FakeChat) -> None:
    server.faults = [fake_chat.error(500)] * 12
    batch = Batch(server)
    tally = batch.run(requests(40), Pace(fixed=4))
    assert sorted(batch.replies) == list(range(40))
    assert tally.requests == 52
    assert tally.outages == 1


def test_that_three_broken_requests_alone_do_not_pause_for_ever(server: FakeChat) -> None:
    answer_well(server, but=dict.fromkeys((7, 8, 9), fake_chat.error(500)))
    batch = Batch(server)
    batch.run(requests(10), waits=Waits(first=0.01, longest=0.02, jitter=0.01, pause=0.01, longest_pause=0.01))
    assert set(batch.problems) == {7, 8, 9}
    assert len(batch.replies) == 7


def test_that_silence_pauses_and_halves_what_is_in_flight(server: FakeChat) -> None:
    server.fault = HANG
    batch, pace = Batch(server, seconds=0.2), Pace(start=8)
    thread = in_background(lambda: stopped_run(batch, requests(100), QUICK, pace))
    wait_until(lambda: batch.outages)
    assert pace.limit <= 4
    batch.cancelled.set()
    thread.join(5)
    assert batch.problems == {}


# Too many


def test_that_a_wait_the_server_asks_for_is_kept_by_all(server: FakeChat) -> None:
    server.faults = [fake_chat.busy("1")]
    start = time.monotonic()
    tally = Batch(server).run(requests(30), Pace(start=2))
    assert 1 <= time.monotonic() - start < 3
    assert tally.requests == 31
    assert tally.outages == 0


def test_that_a_wait_of_an_hour_pauses_at_once(server: FakeChat) -> None:
    server.fault = fake_chat.busy("3600")
    batch = Batch(server)
    thread = in_background(lambda: stopped_run(batch, requests(50), QUICK))
    wait_until(lambda: batch.outages)
    time.sleep(0.3)
    assert len(server.chats) <= 2  # those that were in flight
    assert isinstance(batch.outages[0], ServerBusy)
    batch.cancelled.set()
    thread.join(5)
    assert (batch.replies, batch.problems) == ([], {})


def test_that_a_server_that_is_only_busy_loses_no_passage(server: FakeChat) -> None:
    server.faults = [fake_chat.busy()] * 12
    batch = Batch(server)
    batch.run(requests(10), Pace(fixed=2))
    assert sorted(batch.replies) == list(range(10))
    assert batch.problems == {}


def test_that_no_more_go_at_once_than_a_server_takes(server: FakeChat) -> None:
    server.most_at_once, server.latency = 6, 0.02
    batch, pace = Batch(server), Pace()
    tally = batch.run(requests(300), pace)
    assert len(batch.replies) == 300
    assert tally.requests < 420
    assert pace.limit <= 12


# What ends all


@pytest.mark.parametrize(("status", "kind"), [(401, KeyRefused), (404, PlaceRefused)])
def test_that_what_is_true_of_every_request_stops_at_once(server: FakeChat, status: int, kind: type[AppError]) -> None:
    batch = Batch(server)

    def asked() -> Iterator[tuple[int, ChatRequest]]:
        for number, request in requests(500):
            if number == 30:
                server.fault = fake_chat.error(status)
            yield number, request

    with pytest.raises(kind):
        batch.run(asked(), Pace(fixed=4))
    assert len(batch.replies) >= 26
    assert len(server.chats) <= 31 + 4
    assert batch.problems == {}


@pytest.mark.parametrize("fault", [fake_chat.error(400), fake_chat.NULL], ids=["refused", "null"])
def test_that_it_ends_early_where_not_one_request_is_answered(server: FakeChat, fault: Fault) -> None:
    server.fault = fault
    batch = Batch(server)
    with pytest.raises((RequestRefused, BadReply)):
        batch.run(requests(1000), Pace(fixed=4))
    assert HOPELESS <= len(batch.problems) <= HOPELESS + 4
    assert len(server.chats) <= 6 * HOPELESS


def test_that_stopping_ends_all_at_once_and_asks_nothing_more(server: FakeChat) -> None:
    server.fault = HANG
    batch = Batch(server, seconds=600)
    ended = threading.Event()

    def run() -> None:
        with pytest.raises(Cancelled):
            batch.run(requests(100), Pace(fixed=16))
        ended.set()

    thread = in_background(run)
    wait_until(lambda: len(server.chats) == 16)
    start = time.monotonic()
    batch.cancelled.set()
    thread.join(5)
    assert ended.is_set()
    assert time.monotonic() - start < 0.5
    assert len(server.chats) == 16
    assert (batch.replies, batch.problems) == ([], {})


def test_that_a_callback_that_fails_ends_it_with_its_own_problem(server: FakeChat) -> None:
    class Full(Batch):
        def on_reply(self, key: int, reply: ChatReply) -> None:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        Full(server).run(requests(100), Pace(fixed=4))
    assert len(server.chats) <= 12


def test_that_an_error_of_ours_from_the_news_of_an_outage_ends_it_at_once(server: FakeChat) -> None:
    class Impatient(Batch):
        def on_outage(self, problem: AppError | None) -> None:
            if problem is not None:
                raise problem

    server.fault = fake_chat.html()
    start = time.monotonic()
    with pytest.raises(BadReply, match="not with the JSON"):
        Impatient(server).run(requests(3), Pace(fixed=1), replace(QUICK, pause=30))  # and no pause is waited for
    assert time.monotonic() - start < 20
    assert 5 <= len(server.chats) <= 7  # as the waits of three requests fall


def test_that_requests_that_cannot_be_made_end_it_with_their_problem(server: FakeChat) -> None:
    def asked() -> Iterator[tuple[int, ChatRequest]]:
        yield from requests(3)
        raise ValueError("no such passage")

    with pytest.raises(ValueError, match="no such passage"):
        Batch(server).run(asked())


# The breaker by itself


def test_that_the_pause_doubles_up_to_a_minute() -> None:
    outage, now = Outage(), 0.0
    for key in range(FAILURES):
        assert not outage.is_open
        outage.failed(key, ServerAway("away"), now)
    pauses = []
    for _ in range(7):
        assert not outage.may_try(outage.next_try - 0.01)
        pauses.append(outage.next_try - now)
        now = outage.next_try
        assert outage.may_try(now)
        assert not outage.may_try(now)  # one at a time
        outage.failed("x", ServerAway("away"), now)
    assert pauses == [FIRST_PAUSE, 10, 20, 40, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert outage.worked()
    assert not outage.is_open


def test_that_one_broken_request_alone_opens_nothing() -> None:
    outage = Outage()
    assert not any(outage.failed("same", ServerAway("500"), 0.0) for _ in range(20))


def answer_well(server: FakeChat, but: dict[int, Fault]) -> None:
    """Only the passages of ``but`` meet their fault, each time."""
    faults = {f"passage {number}": fault for number, fault in but.items()}
    server.fault_for = lambda asked: faults.get(asked.user)


def stopped_run(batch: Batch, asked: Any, waits: Waits, pace: Pace | None = None) -> None:
    with pytest.raises(Cancelled):
        batch.run(asked, pace, waits)
