"""Short requests on the window's loop: owned, cancelled, gathered; the test of a server is one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import fake_chat
import pytest
import qasync
from fake_chat import FakeChat
from gui.fakes import FakeJobs
from gui.window_loop import run_until
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.errors import AppError, EnvironmentProblem
from embtrainer_gui.core.settings import Server
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.settings_page import SettingsPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.short_requests import ShortRequests, requests

MODELS = tuple(f"model-{number}" for number in range(11))


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat.fake_chat(models=MODELS) as server:
        yield server


# The owner of them


def test_that_results_problems_and_bugs_go_where_they_belong(loop: qasync.QEventLoop) -> None:
    done: list[Any] = []
    problems: list[AppError] = []
    bugs: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: bugs.append(context))
    no_answer = EnvironmentProblem("refused")

    async def answer() -> int:
        await asyncio.sleep(0)
        return 4

    async def refuse() -> int:
        raise no_answer

    async def fail() -> int:
        raise ValueError("bug")

    own = ShortRequests()
    for work in (answer(), refuse(), fail()):
        own.start(work, done.append, problems.append)
    run_until(loop, lambda: own.count == 0)
    assert (done, problems) == ([4], [no_answer])
    assert [str(context["exception"]) for context in bugs] == ["bug"]


def test_that_the_end_cancels_all_and_waits_for_them(loop: qasync.QEventLoop) -> None:
    ended: list[str] = []
    done: list[Any] = []

    async def wait() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            ended.append("cancelled")
            raise
        return "late"

    own = ShortRequests()
    own.start(wait(), done.append, done.append)
    own.start(wait(), done.append, done.append)
    loop.run_until_complete(asyncio.sleep(0.01))
    loop.run_until_complete(own.end())
    assert own.count == 0
    assert (ended, done) == (["cancelled"] * 2, [])


# The test of a server


@pytest.fixture
def page(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot, server: FakeChat, loop: qasync.QEventLoop
) -> SettingsPage:
    session.change_settings(servers=(Server(name="here", address=server.address),))
    page = SettingsPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.enter()
    page.show()
    page._server_list._table.selectRow(0)
    return page


def button_of(page: SettingsPage) -> QPushButton:
    button = page.findChild(QPushButton, "settings.server-test")
    assert button is not None
    return button


def answer(page: SettingsPage) -> str:
    found = page.findChild(QLabel, "settings.server-answer")
    assert found is not None
    return found.text() if found.isVisible() else ""


def model_box(page: SettingsPage) -> QComboBox:
    found = page.findChild(QComboBox, "settings.server-model")
    assert found is not None
    return found


def errors(page: SettingsPage) -> str:
    texts = page.findChildren(QLabel)
    return " ".join(text.text() for text in texts if text.property("role") == "error" and text.isVisible())


def click(page: SettingsPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(button_of(page), Qt.MouseButton.LeftButton)


def test_that_a_server_that_answers_is_shown_with_its_models_and_no_model_is_started(
    page: SettingsPage, server: FakeChat, loop: qasync.QEventLoop, qtbot: QtBot
) -> None:
    assert server.asked == []  # nothing is contacted before the click
    click(page, qtbot)
    assert answer(page).startswith("Asking 127.0.0.1:")
    assert button_of(page).text() == "Stop"
    run_until(loop, lambda: answer(page).startswith("It answers after "))
    assert "Ollama 0.12.3, 11 models: model-0, " in answer(page)
    assert " and 3 more." in answer(page)
    assert "Choose one of its models" in answer(page)
    assert button_of(page).text() == "Test"
    assert server.chats == []
    assert model_box(page).count() == 11


def test_that_the_chosen_model_is_measured_and_what_was_sent_is_told(
    page: SettingsPage, server: FakeChat, loop: qasync.QEventLoop, qtbot: QtBot
) -> None:
    server.answer = lambda asked: '{"colour": "green"}'
    model_box(page).setEditText("model-3")
    click(page, qtbot)
    run_until(loop, lambda: "tokens a second" in answer(page))
    told = answer(page)
    assert "Context: 8\u202f192 tokens, of which it uses 4\u202f096 unless asked for more." in told
    assert "it keeps to a schema" in told
    assert told.endswith("Sent: two short questions of this program; no text of yours.")
    assert {asked.body["model"] for asked in server.chats} == {"model-3"}
    assert button_of(page).text() == "Test"


def test_that_ollama_frees_the_memory_of_the_tested_model_when_asked(
    page: SettingsPage, server: FakeChat, loop: qasync.QEventLoop, qtbot: QtBot
) -> None:
    free = page.findChild(QPushButton, "settings.server-unload")
    assert free is not None
    assert not free.isVisible()
    model_box(page).setEditText("model-3")
    click(page, qtbot)
    run_until(loop, lambda: "tokens a second" in answer(page))
    qtbot.mouseClick(free, Qt.MouseButton.LeftButton)
    run_until(loop, lambda: "model-3 is out of the server's memory" in answer(page))
    assert server.asked[-1].body == {"model": "model-3", "keep_alive": 0}


def test_that_a_model_that_is_not_there_is_told_beside_what_is_known(
    page: SettingsPage, server: FakeChat, loop: qasync.QEventLoop, qtbot: QtBot
) -> None:
    server.fault = fake_chat.error(404, "model not found")
    model_box(page).setEditText("missing")
    click(page, qtbot)
    run_until(loop, lambda: requests.count == 0)
    assert "model not found" in errors(page)
    assert answer(page).startswith("It answers after ")


def test_that_a_server_that_is_none_is_told_with_the_cure(
    page: SettingsPage, server: FakeChat, loop: qasync.QEventLoop, qtbot: QtBot
) -> None:
    server.kind = "none"
    click(page, qtbot)
    run_until(loop, lambda: requests.count == 0)
    assert "answers, but not as Ollama" in errors(page)
    assert "Look at the address" in errors(page)
    assert answer(page) == ""


@pytest.mark.parametrize("how", ["stop", "leave"])
@pytest.mark.parametrize("what", ["server", "model"])
def test_that_a_slow_server_can_be_left_alone(
    page: SettingsPage, server: FakeChat, loop: qasync.QEventLoop, qtbot: QtBot, how: str, what: str
) -> None:
    if what == "server":
        server.silent = True
    else:
        server.fault = fake_chat.HANG
        model_box(page).setEditText("model-1")
    click(page, qtbot)
    run_until(loop, lambda: bool(server.asked if what == "server" else server.chats))
    if how == "stop":
        click(page, qtbot)
    else:
        page.hide()
    run_until(loop, lambda: requests.count == 0)
    page.show()
    assert answer(page) == "" if what == "server" else answer(page).startswith("It answers after ")
    assert "Asking" not in answer(page)
    assert button_of(page).text() == "Test"
