"""Work off the GUI thread."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.gui.background import Background, threads


@pytest.fixture
def background(qtbot: QtBot) -> Background:
    return Background()


def test_that_the_result_comes_back_on_the_gui_thread(background: Background, qtbot: QtBot) -> None:
    found: list[Any] = []
    background.run("a", threading.get_ident, lambda where: found.append((where, threading.get_ident())))
    assert background.is_busy
    qtbot.waitUntil(lambda: not background.is_busy)
    ((worker, receiver),) = found
    assert receiver == threading.get_ident() != worker


def test_that_only_the_newest_of_a_slot_counts(background: Background, qtbot: QtBot) -> None:
    found: list[str] = []
    let_go = threading.Event()

    def slow() -> str:
        let_go.wait(10)
        return "old"

    background.run("a", slow, found.append)
    background.run("a", lambda: "new", found.append)
    background.run("b", lambda: "other", found.append)
    qtbot.waitUntil(lambda: len(found) == 2)
    let_go.set()
    background.run("b", lambda: "last", found.append)
    qtbot.waitUntil(lambda: not background.is_busy)
    assert sorted(found) == ["last", "new", "other"]


def test_that_hundreds_at_once_all_come_back(background: Background, qtbot: QtBot) -> None:
    found: list[int] = []
    for number in range(300):
        background.run(str(number), lambda number=number: number, found.append)
    qtbot.waitUntil(lambda: not background.is_busy, timeout=20_000)
    assert sorted(found) == list(range(300))


def test_that_one_thread_does_one_work_after_another(background: Background, qtbot: QtBot) -> None:
    """To start a thread waits until it runs: 45 ms of the window's time beside a training."""
    threads.end()  # those of other tests
    found: list[int] = []
    for number in range(1, 6):
        background.run("a", threading.get_ident, found.append)
        qtbot.waitUntil(lambda number=number: len(found) == number)
        qtbot.waitUntil(lambda: threads._pool._idle_semaphore._value > 0)
    assert len(set(found)) == 1


def test_that_ended_threads_are_gone_and_new_ones_come_when_there_is_work(background: Background, qtbot: QtBot) -> None:
    found: list[int] = []
    background.run("a", threading.get_ident, found.append)
    threads.end()
    assert not [each for each in threading.enumerate() if each.name.startswith("read")]
    background.run("b", threading.get_ident, found.append)
    qtbot.waitUntil(lambda: len(found) == 2)


def test_that_an_error_of_ours_is_told(background: Background, qtbot: QtBot) -> None:
    def refuse() -> None:
        raise UserError("No.", "Do otherwise.")

    with qtbot.waitSignal(background.failed) as told:
        background.run("a", refuse, lambda _: None)
    assert told.args[0].message == "No."
    assert not background.is_busy


def test_that_a_bug_is_raised_where_the_window_sees_it(background: Background, qtbot: QtBot) -> None:
    with qtbot.captureExceptions() as raised:
        background.run("a", lambda: 1 / 0, lambda _: None)
        qtbot.waitUntil(lambda: bool(raised))
    assert isinstance(raised[0][1], ZeroDivisionError)
    assert not background.is_busy
