"""A key is sent to its server and shows nowhere else: not in logs, problems, tracebacks, reprs or files."""

from __future__ import annotations

import asyncio
import logging
import threading
import traceback
from pathlib import Path

import fake_chat
import pytest
from fake_chat import FakeChat, Fault

from embtrainer_gui.core import chat_protocol, keys
from embtrainer_gui.core.chat import ChatClient
from embtrainer_gui.core.chat_batch import Waits, run_batch
from embtrainer_gui.core.chat_facts import Met, meet_server, speed_of, unload
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.chat_types import ChatRequest, ServerPlace
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.logs import set_up_logging
from embtrainer_gui.core.settings import Server, Settings, log_folder, save_settings, settings_path

CANARY = "sk-CANARY0123456789"
QUICK = Waits(first=0.01, longest=0.02, jitter=0.01, pause=0.05)
LEAKY: dict[str, Fault] = {
    "refused key": fake_chat.error(401, f"Incorrect API key provided: {CANARY}"),
    "refused": fake_chat.error(400, f"header was Bearer {CANARY}"),
    "failed": fake_chat.error(500, CANARY),
    "busy": fake_chat.error(429, CANARY),
    "an error in 200": Fault(body=f'{{"error": "{CANARY}"}}'.encode()),
    "no JSON": Fault(body=f"<p>{CANARY}".encode()),
    "a redirect": fake_chat.redirect("http://127.0.0.1:9/"),
    "reset": fake_chat.RESET,
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_protocol, "_dialects", {})
    monkeypatch.setattr(keys, "_session", {})


def work_with(server: FakeChat, told: list[str]) -> None:
    """All that a key goes through, well and badly."""
    assert keys.keep_key(server.address, CANARY) is keys.KeyPlace.SESSION
    met: Met = asyncio.run(meet_server(server.address, model="small-model"))
    asyncio.run(speed_of(met.place))
    asyncio.run(unload(met.place))
    told.append(repr(met) + str(met))
    for fault in LEAKY.values():
        server.fault = fault
        told.append(problem_of(met.place))
    server.fault, server.faults = None, [fake_chat.error(500, CANARY), fake_chat.RESET, fake_chat.busy("0")]
    asked = [(number, ChatRequest("", f"passage {number}")) for number in range(10)]
    ignore = lambda *_: None  # noqa: E731
    run_batch(met.place, 5, asked, Pace(), ignore, ignore, ignore, threading.Event(), QUICK)


def problem_of(place: ServerPlace) -> str:
    """Of one request: everything that a report could say."""

    async def ask() -> None:
        async with ChatClient(place, 5) as client:
            await client.ask(ChatRequest("", "Hello"))

    with pytest.raises(AppError) as caught:
        asyncio.run(ask())
    trace = "".join(traceback.format_exception(caught.value))
    return f"{caught.value!r} {caught.value} {getattr(caught.value, 'excerpt', '')} {trace} {place!r}"


def test_that_a_key_shows_nowhere_but_at_its_server(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    told: list[str] = []
    set_up_logging()
    with caplog.at_level(logging.DEBUG), fake_chat.fake_chat(kind="openai", key=CANARY) as server:
        work_with(server, told)
        save_settings(Settings(servers=(Server(name="here", address=server.address),)))
        assert all(asked.headers["authorization"] == f"Bearer {CANARY}" for asked in server.asked)
    written = [path for path in (settings_path(), *log_folder().rglob("*")) if path.is_file()]
    assert settings_path() in written
    assert caplog.records
    everything = [*told, caplog.text, *capfd.readouterr(), *(path.read_text("utf-8", "replace") for path in written)]
    everything += [repr(record.__dict__) for record in caplog.records]
    assert not [text for text in everything if CANARY in text]
