"""Which node a worker is started on, when it moves, and what is said while all wait. And when a cluster is gone."""

from __future__ import annotations

import socket
import time

import pytest

from embtrainer_gui.cluster.seats import GOES_ON, WAITS, Node, Seat, Seats
from embtrainer_gui.cluster.session import Session

FIRST, SECOND = Node("1", "first", 2), Node("2", "second", 2)
BOTH = [FIRST, SECOND]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def seats(said: list[str]) -> Seats:
    return Seats(said.append)


def waiting(seat: Seat) -> Seat:
    """As if it had waited long."""
    seat.since -= 60
    return seat


def test_that_workers_are_spread_over_nodes_that_are_free(seats: Seats) -> None:
    assert [seats.take(BOTH).node.name for _ in range(4)] == ["first", "second", "first", "second"]


def test_that_what_other_jobs_have_is_left_to_the_end(seats: Seats) -> None:
    seats.see({"1": 0.0, "2": 2.0})
    assert [seats.take(BOTH).node.name for _ in range(4)] == ["second", "second", "first", "first"]


def test_that_a_node_that_lost_work_comes_after_one_that_did_not(seats: Seats) -> None:
    seats.give_back(seats.take([FIRST]), lost=True)
    assert seats.take(BOTH).node is SECOND


def test_that_only_a_worker_without_a_processor_moves_to_where_one_is_free(seats: Seats) -> None:
    seats.see({"1": 0.0, "2": 0.0})
    seat = waiting(seats.take([FIRST]))
    assert not seats.should_move(seat, BOTH)
    seats.see({"1": 0.0, "2": 1.0})
    assert seats.should_move(seat, BOTH)
    seats.seated(seat)
    assert not seats.should_move(seat, BOTH)


def test_that_a_worker_that_just_starts_does_not_move(seats: Seats) -> None:
    seats.see({"1": 1.0, "2": 2.0})
    seat = seats.take([FIRST])
    seat.since -= 10  # a slow machine
    seats.see({"1": 0.0, "2": 2.0})
    assert not seats.should_move(seat, BOTH)


def test_that_waiting_is_said_once_and_so_is_its_end(seats: Seats, said: list[str]) -> None:
    seats.see({"1": 0.0, "2": 0.0})
    seat = seats.take(BOTH)
    assert not seats.somebody_waits()
    waiting(seat)
    assert seats.somebody_waits()
    assert seats.somebody_waits()
    assert said == [WAITS]
    seats.seated(seat)
    assert not seats.somebody_waits()
    assert said == [WAITS, GOES_ON]


def test_that_nothing_is_said_while_one_worker_works(seats: Seats, said: list[str]) -> None:
    seats.see({"1": 1.0, "2": 0.0})
    seats.seated(seats.take(BOTH))
    waiting(seats.take(BOTH))
    assert seats.somebody_waits()
    assert said == []


def test_that_a_cluster_where_nobody_listens_any_more_is_gone_after_seconds() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    session = Session(listener.getsockname, lambda: None, frees=True)
    session.wait(5, lambda: None)
    assert session.answers()
    listener.close()
    began = time.monotonic()
    assert not session.answers()
    assert not session.gone
    session.settle(lambda: None)
    assert session.gone
    assert 2 < time.monotonic() - began < 8
    session.end()
