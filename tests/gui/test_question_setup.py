"""Which generator writes the questions: cards, servers with their test and key, kinds, and what the project keeps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import qasync
from fake_chat import FakeChat, error, fake_chat, free_port
from gui.fakes import FakeJobs
from gui.window_loop import run_until
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QRadioButton, QSpinBox
from pytestqt.qtbot import QtBot

from embtrainer_gui.core import keys
from embtrainer_gui.core.settings import Server, settings_path
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.questions_page import QuestionsPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.short_requests import requests
from embtrainer_gui.gui.widgets.kind_quotas import KindQuotas
from embtrainer_gui.gui.widgets.question_setup import QuestionSetup

FAR = "https://api.example.org/v1"
KEY = "sk-CANARY-0123456789"


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat() as server:
        yield server


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of a test go to no keyring of the person who runs it, and are gone after it."""
    monkeypatch.setattr(keys, "_session", {})
    monkeypatch.setattr(keys._keyring, "works", False)
    monkeypatch.delenv("EMBTRAINER_API_KEY", raising=False)


@pytest.fixture
def page(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot, loop: qasync.QEventLoop, no_keyring: None
) -> QuestionsPage:
    made = QuestionsPage(session, jobs, feedback)
    qtbot.addWidget(made)
    made.resize(1032, 600)
    made.show()
    made.enter()
    for form in made._setup.servers.values():
        form._key._settle.setInterval(0)  # nobody types here
    return made


def part(page: QuestionsPage, name: str, kind: Any = QPushButton) -> Any:
    found = page.findChild(kind, f"questions.{name}")
    assert found is not None, name
    return found


def click(qtbot: QtBot, page: QuestionsPage, name: str) -> None:
    qtbot.mouseClick(part(page, name), Qt.MouseButton.LeftButton)


def card(page: QuestionsPage, source: str) -> str:
    return str(part(page, f"source-{source}").accessibleName())


def choose(qtbot: QtBot, page: QuestionsPage, source: str, address: str, model: str = "") -> None:
    click(qtbot, page, f"source-{source}")
    part(page, f"{source}-address", QComboBox).setEditText(address)
    part(page, f"{source}-model", QComboBox).setEditText(model)


def told(page: QuestionsPage, source: str = "ollama") -> str:
    shown = part(page, f"{source}-told", QLabel)
    return shown.text() if shown.isVisible() else ""


# The cards


def test_that_each_card_says_where_passages_go(qtbot: QtBot, page: QuestionsPage) -> None:
    assert "Nothing leaves this computer" in card(page, "builtin")
    assert "Passages go to localhost:11434, on this computer" in card(page, "ollama")
    assert "the server that you name" in card(page, "openai")
    choose(qtbot, page, "openai", FAR)
    assert "Passages go to api.example.org, another machine" in card(page, "openai")


def test_that_a_card_brings_its_own_settings_and_the_others_go(qtbot: QtBot, page: QuestionsPage) -> None:
    assert not part(page, "prompt").isVisible()
    click(qtbot, page, "source-ollama")
    assert part(page, "ollama-address", QComboBox).isVisible()
    assert part(page, "prompt").isVisible()
    click(qtbot, page, "source-openai")
    assert not part(page, "ollama-address", QComboBox).isVisible()
    assert part(page, "openai-address", QComboBox).isVisible()
    click(qtbot, page, "source-builtin")
    assert not part(page, "openai-address", QComboBox).isVisible()


def test_that_what_is_missing_is_said_and_nothing_starts_without_it(
    qtbot: QtBot, page: QuestionsPage, loop: qasync.QEventLoop
) -> None:
    start, todo = part(page, "start"), part(page, "todo", QLabel)
    click(qtbot, page, "source-openai")
    assert "type its address" in todo.text()
    choose(qtbot, page, "openai", "api.example.org")
    assert "starts with http://" in todo.text()
    assert "starts with http://" in part(page, "openai-error", QLabel).text()
    choose(qtbot, page, "openai", FAR)
    assert "Choose a model" in todo.text()
    assert not start.isEnabled()
    assert not part(page, "preview").isEnabled()
    choose(qtbot, page, "openai", FAR, "large-model")
    run_until(loop, start.isEnabled)
    assert part(page, "preview").isEnabled()


def test_that_a_server_of_the_settings_is_chosen_by_its_name(
    qtbot: QtBot, session: Session, page: QuestionsPage
) -> None:
    ollama = Server(name="Ollama", address="http://localhost:11434", protocol="ollama")
    session.change_settings(servers=(ollama, Server(name="Institute", address=FAR)))
    click(qtbot, page, "source-openai")
    box = part(page, "openai-address", QComboBox)
    assert box.itemText(0) == f"Institute  ·  {FAR}"
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert box.currentText() == FAR


def test_that_an_unencrypted_way_to_another_machine_is_warned_about(qtbot: QtBot, page: QuestionsPage) -> None:
    def warned() -> bool:
        return any("not encrypted" in text.text() and text.isVisible() for text in page.findChildren(QLabel))

    choose(qtbot, page, "openai", "http://localhost:8000/v1")
    assert not warned()
    choose(qtbot, page, "openai", "http://gpu.example.org:8000/v1")
    assert warned()


def test_that_the_choice_stays_with_the_project_and_each_server_keeps_its_own_model(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback, page: QuestionsPage
) -> None:
    choose(qtbot, page, "openai", FAR, "large-model")
    choose(qtbot, page, "ollama", "http://localhost:1", "small-model")
    part(page, "kind-fact", QSpinBox).setValue(9)
    page._setup.more.set_values({"price_in": 2.5})
    click(qtbot, page, "source-openai")
    page.leave()
    again = QuestionsPage(session, jobs, feedback)
    qtbot.addWidget(again)
    again.enter()
    values = again._setup.values()
    assert (values["backend"], values["base_url"], values["model"]) == ("openai", FAR, "large-model")
    assert "fact=9" in values["kinds"]
    assert values["price_in"] == 2.5
    assert again._setup.servers["ollama"].model == "small-model"


def test_that_a_project_of_an_older_version_opens_with_its_settings(qtbot: QtBot) -> None:
    setup = QuestionSetup()
    qtbot.addWidget(setup)
    setup.set_kept({"config": {"backend": "builtin", "per_passage": 3, "seed": 7}})
    assert setup.values() == {"backend": "builtin", "per_passage": 3, "seed": 7, "wording": "any"}


# How the built-in ones read


def test_that_the_wording_is_a_choice_of_the_built_in_generator_alone(qtbot: QtBot, page: QuestionsPage) -> None:
    careful = part(page, "wording-careful", QRadioButton)
    assert part(page, "wording-any", QRadioButton).isChecked()
    assert page._setup.generator == "builtin"
    qtbot.mouseClick(careful, Qt.MouseButton.LeftButton, pos=QPoint(10, careful.height() // 2))
    assert page._setup.config().wording == "careful"
    assert page._setup.generator == "builtin:careful"
    choose(qtbot, page, "ollama", "http://localhost:11434", "small-model")
    assert not careful.isVisible()
    assert page._setup.generator == "ollama:small-model"
    assert page._setup.config().wording == "any"
    click(qtbot, page, "source-builtin")
    assert careful.isVisible()
    assert careful.isChecked()


def test_that_the_wording_stays_with_the_project(qtbot: QtBot) -> None:
    first, again = QuestionSetup(), QuestionSetup()
    for setup in (first, again):
        qtbot.addWidget(setup)
    first.set_kept({"config": {"backend": "ollama", "wording": "careful"}})
    again.set_kept(first.kept())
    again.set_kept({**again.kept(), "config": {**again.kept()["config"], "backend": "builtin"}})
    assert again.values()["wording"] == "careful"


# Kinds


def test_that_shares_follow_the_numbers_and_none_at_all_is_all_alike(qtbot: QtBot) -> None:
    quotas = KindQuotas()
    qtbot.addWidget(quotas)
    quotas.set_value("fact=3, method=1")
    shares = {kind.value: shown.text() for kind, shown in quotas._shares.items()}
    assert (shares["fact"], shares["method"], shares["cause"]) == ("75 %", "25 %", "0 %")
    assert quotas.value() == "method=1, fact=3"
    for spin in quotas._spins.values():
        spin.setValue(0)
    assert quotas.value() == ""
    assert {shown.text() for shown in quotas._shares.values()} == {"14 %"}


# The test of a server


def test_that_the_test_fills_the_models_and_says_what_the_server_can(
    qtbot: QtBot, page: QuestionsPage, server: FakeChat, loop: qasync.QEventLoop
) -> None:
    choose(qtbot, page, "ollama", server.address)
    assert server.asked == []  # nothing is contacted before the click
    click(qtbot, page, "ollama-test")
    assert part(page, "ollama-test").text() == "Stop"
    run_until(loop, lambda: "Choose one of its models" in told(page))
    box = part(page, "ollama-model", QComboBox)
    assert [box.itemText(number) for number in range(box.count())] == ["small-model", "large-model"]
    assert not server.chats
    box.setCurrentIndex(1)
    assert box.currentText() == "large-model"
    click(qtbot, page, "ollama-test")
    run_until(loop, lambda: requests.count == 0)
    assert "Ollama 0.12.3, 2 models: small-model, large-model." in told(page)
    assert "Context: 8\u202f192 tokens" in told(page)
    assert "tokens a second" in told(page)
    assert "JSON: " in told(page)
    assert {asked.body["model"] for asked in server.chats} == {"large-model"}
    assert not any("rice blast" in str(asked.body) for asked in server.asked)  # no text of the project


def test_that_a_server_that_fails_the_test_is_told_with_the_cure(
    qtbot: QtBot, page: QuestionsPage, server: FakeChat, loop: qasync.QEventLoop
) -> None:
    choose(qtbot, page, "ollama", f"http://127.0.0.1:{free_port()}", "small-model")
    click(qtbot, page, "ollama-test")
    run_until(loop, lambda: requests.count == 0)
    assert "127.0.0.1" in told(page)
    assert part(page, "ollama-told", QLabel).property("role") == "bad"
    server.fault = error(500)
    choose(qtbot, page, "ollama", server.address, "small-model")
    assert told(page) == ""  # what was said of another server is gone
    click(qtbot, page, "ollama-test")
    run_until(loop, lambda: requests.count == 0)
    assert part(page, "ollama-told", QLabel).property("role") == "bad"


def test_that_the_test_of_a_server_that_hangs_can_be_stopped(
    qtbot: QtBot, page: QuestionsPage, server: FakeChat, loop: qasync.QEventLoop
) -> None:
    server.latency = 60
    choose(qtbot, page, "ollama", server.address, "small-model")
    click(qtbot, page, "ollama-test")
    run_until(loop, lambda: bool(server.chats))
    click(qtbot, page, "ollama-test")
    run_until(loop, lambda: requests.count == 0)
    assert (told(page), part(page, "ollama-test").text()) == ("", "Test")


# The key


def keep_key(qtbot: QtBot, page: QuestionsPage, loop: qasync.QEventLoop, key: str) -> None:
    qtbot.keyClicks(part(page, "openai-key", QLineEdit), key)
    click(qtbot, page, "openai-key-keep")
    run_until(loop, lambda: page._setup.key == key)


def test_that_a_key_says_where_it_is_goes_to_the_job_and_is_written_nowhere(
    qtbot: QtBot, session: Session, page: QuestionsPage, jobs: FakeJobs, loop: qasync.QEventLoop
) -> None:
    choose(qtbot, page, "openai", "http://localhost:8000/v1", "large-model")
    state = part(page, "openai-key-state", QLabel)
    run_until(loop, lambda: state.text().startswith("No key is kept"))
    keep_key(qtbot, page, loop, KEY)
    assert "kept until this window closes" in state.text()
    assert part(page, "openai-key", QLineEdit).text() == ""
    click(qtbot, page, "start")
    assert jobs.secrets[-1].key == KEY
    page.leave()
    assert KEY not in jobs.specs[-1].model_dump_json() + settings_path().read_text(encoding="utf-8")
    with closing(sqlite3.connect(session.project.folder / "project.db")) as database:
        assert KEY not in "\n".join(database.iterdump())
    jobs.finish({"made": 0, "failed": 0, "calls": 0})
    click(qtbot, page, "openai-key-forget")
    run_until(loop, lambda: state.text().startswith("No key is kept"))
    assert page._setup.key == ""


def test_that_the_key_of_one_server_is_not_that_of_another(
    qtbot: QtBot, page: QuestionsPage, loop: qasync.QEventLoop
) -> None:
    choose(qtbot, page, "openai", FAR, "large-model")
    run_until(loop, lambda: not page._setup.servers["openai"]._key.is_asking)
    keep_key(qtbot, page, loop, KEY)
    choose(qtbot, page, "openai", "https://elsewhere.example.org/v1", "large-model")
    assert page._setup.key == ""  # at once, before any keyring answers
    run_until(loop, lambda: not page._setup.servers["openai"]._key.is_asking)
    assert page._setup.key == ""
    choose(qtbot, page, "openai", FAR, "large-model")
    run_until(loop, lambda: page._setup.key == KEY)


def test_that_no_key_can_be_given_for_an_unencrypted_way_to_another_machine(
    qtbot: QtBot, page: QuestionsPage, loop: qasync.QEventLoop
) -> None:
    choose(qtbot, page, "openai", "http://gpu.example.org:8000/v1", "large-model")
    run_until(loop, lambda: not page._setup.fault())
    assert not part(page, "openai-key", QLineEdit).isEnabled()
    assert "without https://" in part(page, "openai-key-state", QLabel).text()


def test_that_a_key_of_the_environment_is_used_and_cannot_be_changed_here(
    qtbot: QtBot, page: QuestionsPage, loop: qasync.QEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBTRAINER_API_KEY", KEY)
    choose(qtbot, page, "openai", FAR, "large-model")
    run_until(loop, lambda: page._setup.key == KEY)
    assert "EMBTRAINER_API_KEY" in part(page, "openai-key-state", QLabel).text()
    assert not part(page, "openai-key", QLineEdit).isEnabled()
    assert not part(page, "openai-key-forget").isEnabled()
