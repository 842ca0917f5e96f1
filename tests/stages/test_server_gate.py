"""How a server is asked: no more at once than it takes, with patience while it is busy or away, and then no more."""

from __future__ import annotations

import asyncio
import time

import pytest

from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.errors import AppError, UserError
from embtrainer_gui.core.server_problems import ServerAway, ServerBusy
from embtrainer_gui.stages import server_gate
from embtrainer_gui.stages.server_gate import Gate


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_gate, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(server_gate, "JITTER", 0.0)
    monkeypatch.setattr(server_gate, "LONGEST_PAUSE", 0.02)


class Server:
    """Gives ``answers`` one after the other, then "done"."""

    def __init__(self, *answers: Exception, seconds: float = 0.0) -> None:
        self.answers, self.seconds = list(answers), seconds
        self.asked = self.working = self.most = 0

    async def __call__(self) -> str:
        self.asked += 1
        self.working += 1
        self.most = max(self.most, self.working)
        await asyncio.sleep(self.seconds)
        self.working -= 1
        if self.answers:
            raise self.answers.pop(0)
        return "done"


def busy(retry_after: float | None = None) -> ServerBusy:
    problem = ServerBusy("busy")
    problem.retry_after = retry_after
    return problem


def away(cause: str) -> ServerAway:
    problem = ServerAway("away")
    problem.cause = cause  # type: ignore[assignment]
    return problem


def ask(server: Server, pace: Pace | None = None, times: int = 1) -> tuple[list[object], Gate]:
    async def run() -> tuple[list[object], Gate]:
        gate = Gate(pace or Pace(fixed=1))
        found = await asyncio.gather(*(gate.ask(server) for _ in range(times)), return_exceptions=True)
        return list(found), gate

    return asyncio.run(run())


def test_that_a_busy_server_is_asked_again_when_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    server, start = Server(busy(0.3), busy()), time.monotonic()
    assert ask(server)[0] == ["done"]
    assert time.monotonic() - start >= 0.3
    monkeypatch.setattr(server_gate, "BUSY_SECONDS", 0.1)
    found, gate = ask(Server(*[busy()] * 1000))
    assert isinstance(found[0], ServerBusy)
    assert gate.down is None


def test_that_no_more_are_asked_at_once_than_the_pace_allows_and_a_refusal_halves_it() -> None:
    server = Server(seconds=0.01)
    ask(server, Pace(fixed=3), times=12)
    assert server.most == 3
    pace = Pace(most=16, start=8)
    ask(Server(busy(), seconds=0.01), pace, times=8)
    assert pace.limit <= 4


def test_that_a_request_that_ends_the_server_twice_is_given_up_alone() -> None:
    server = Server(away("failed"), away("failed"))
    found, gate = ask(server)
    assert isinstance(found[0], ServerAway)
    assert (server.asked, gate.down) == (2, None)


def test_that_a_server_that_stays_away_is_given_up_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_gate, "AWAY_SECONDS", 0.05)
    server = Server(*[away("unreachable")] * 1000)
    found, gate = ask(server, times=20)
    assert all(isinstance(problem, ServerAway) for problem in found)
    assert gate.down is not None
    assert server.asked < 10


def test_that_a_server_that_comes_back_goes_on() -> None:
    assert ask(Server(*[away("unreachable")] * 5))[0] == ["done"]


def test_that_three_requests_without_an_answer_are_enough_and_one_is_not() -> None:
    server = Server(*[away("silent")] * 1000)
    found, gate = ask(server, times=10)
    assert server.asked == 3
    assert gate.down is not None
    assert all(isinstance(problem, AppError) for problem in found)
    assert ask(Server(away("silent")), times=2)[0][1] == "done"


def test_that_a_problem_of_the_request_is_not_asked_again() -> None:
    server = Server(UserError("no"))
    assert isinstance(ask(server)[0][0], UserError)
    assert server.asked == 1
